"""The settings of the services that trust the provider, and their rules that are data."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from typing import Any

from relying_services.billing import states as replacements
from relying_services.espacepro import matrix
from relying_services.espacepro import states as delegations
from relying_services.service.settings import LIMITS, ServiceSettings, SessionLimits
from tests.docs.test_service_settings_in_use import OF_SERVICES

_HEAD = """# Settings and rules of the services

Generated from `relying_services/` by `make docs`: edit there. A service is made by code
(`create_app(settings)`) or by `python -m relying_services.<service> serve`, whose `--help` names
what can be told by option or environment. What has no default must be told. Empty texts mean: none.
What a service has from all of them stands under its own name only where the default differs.
"""
_MATRIX = """## EspacePro: which service goes to which delegate
`full`: the whole act. `prepare`: prepared, and validated by the delegator. `masked`: without the
patients. Where nothing stands, the service is refused (EP-03, EP-04).
"""
_TRANSITIONS = """
What is not in this table is refused.

| act | state | leads to |
|---|---|---|
"""


def page() -> str:
    """The whole page, in English but for what the pages of the services say in French."""
    return "\n".join(
        [
            _HEAD,
            *_settings("Every service", ServiceSettings, inherited=frozenset()),
            *_limits(),
            *(line for name in OF_SERVICES for line in _of_service(name)),
            _MATRIX + "\n".join(_matrix()) + "\n",
            "## EspacePro: the states of a delegation" + _TRANSITIONS + "\n".join(_delegations()),
            "\n## Billing: the states of a replacement (SV-13)"
            + _TRANSITIONS
            + "\n".join(_replacements()),
            "",
        ]
    )


def _of_service(name: str) -> Iterator[str]:
    yield from _settings(f"`{name}`", OF_SERVICES[name], inherited=_unchanged(OF_SERVICES[name]))


def _limits() -> Iterator[str]:
    yield "## When a sign-in is cut (MA-07)\n| `limits` | idle | absolute | warning before |"
    yield "|---|---|---|---|"
    for name, limits in LIMITS.items():
        idle = _shown(limits.idle) if limits.idle else "none"
        yield f"| `{name}` | {idle} | {_shown(limits.absolute)} | {_shown(limits.warning)} |"
    yield ""


def _unchanged(settings: type[ServiceSettings]) -> AbstractSet[str]:
    """The settings that a service has from all services, with the same default."""
    own = inspect.get_annotations(settings)
    return {field.name for field in fields(ServiceSettings)} - set(own)


def _settings(
    title: str, settings: type[ServiceSettings], inherited: AbstractSet[str]
) -> Iterator[str]:
    meanings = meanings_of(settings)
    yield f"## {title}\n| setting | default | meaning |\n|---|---|---|"
    for field in fields(settings):
        if field.name not in inherited:
            yield f"| `{field.name}` | {_default(field)} | {meanings.get(field.name, '')} |"
    yield ""


def meanings_of(settings: type[ServiceSettings]) -> Mapping[str, str]:
    """What stands below each setting in the code, on one line."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(settings))).body
    assert isinstance(tree, ast.ClassDef)
    told: dict[str, str] = {}
    for statement, below in zip(tree.body, tree.body[1:], strict=False):
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            told[statement.target.id] = " ".join(str(below.value.value).split())
    return told


def _default(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"`{_shown(field.default)}`"
    if field.default_factory is not MISSING:
        return f"`{_shown(field.default_factory())}`"
    return "must be told"


def _shown(value: object) -> str:
    if isinstance(value, SessionLimits):
        return next(name for name, limits in LIMITS.items() if limits == value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}={_shown(each)}" for key, each in value.items()) or "{}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "{}"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != "" else '""'


def _matrix() -> Iterator[str]:
    statuses = matrix.STATUSES
    yield "| service | stands in | " + " | ".join(f"`{status}`" for status in statuses) + " |"
    yield "|---|---|" + "---|" * len(statuses)
    for code, label in matrix.SERVICES.items():
        place = "Mon compte" if code in matrix.IN_MON_COMPTE else "EspacePro"
        levels = " | ".join(matrix.MATRIX[status].get(code, "") for status in statuses)
        yield f"| {label} (`{code}`) | {place} | {levels} |"
    means = " | ".join(", ".join(sorted(matrix.MEANS[status])) for status in statuses)
    yield f"| means by which such a delegate acts | | {means} |"


def _delegations() -> Iterator[str]:
    for (act, state), after in delegations.TRANSITIONS.items():
        yield f"| {act} | {state} | {after} |"


def _replacements() -> Iterator[str]:
    for (state, act), after in replacements.TRANSITIONS.items():
        whose = "substitute" if act in replacements.OF_SUBSTITUTE else "replaced doctor"
        yield f"| {act} (card of the {whose}) | {state} | {after} |"
