"""The catalogues and the identities for programs, as JSON, and for people, as Markdown.

    python -m wallet_sim.behaviours.tables docs/testing/phones.md docs/testing/identities.md

writes the tables anew into these pages, each behind its mark.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wallet_sim.behaviours.card_catalogue import CARD_CATALOGUE
from wallet_sim.behaviours.catalogue import CATALOGUE, Entry, Parameter
from wallet_sim.behaviours.identities import IDENTITIES
from wallet_sim.behaviours.tampering import FIELDS

_MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def behaviours_json(catalogue: Mapping[str, Entry] = CATALOGUE) -> list[dict[str, Any]]:
    """A catalogue for programs, a phone's or a card's."""
    return [
        {
            "name": name,
            "does": entry.does,
            "provider": entry.provider,
            "service": entry.service,
            "parameters": {
                called: {
                    "meaning": parameter.meaning,
                    "default": parameter.default,
                    "type": _type(parameter),
                    **({"one_of": list(parameter.among)} if parameter.among else {}),
                }
                for called, parameter in entry.parameters.items()
            },
        }
        for name, entry in catalogue.items()
    ]


def identities_json() -> list[dict[str, Any]]:
    """The table of identities for programs."""
    return [
        {
            "national_id": each.national_id,
            "family_name": each.family_name,
            "outcome": each.outcome,
            "behaviour": each.behaviour.as_json() if each.behaviour else None,
            "holds": each.holds,
            "service": each.service,
            "note": each.note,
        }
        for each in IDENTITIES
    ]


def behaviours_table(catalogue: Mapping[str, Entry], actor: str) -> str:
    """A catalogue in Markdown; `actor` is whose behaviours they are."""
    rows = (
        (_called(name, entry.parameters), entry.does, entry.provider, entry.service)
        for name, entry in catalogue.items()
    )
    return _table(("behaviour", actor, "the provider", "the service"), rows)


def parameters_table() -> str:
    """The parameters of the behaviours in Markdown."""
    rows = (
        (f"`{name}`", f"`{called}`", parameter.meaning, _default(parameter))
        for name, entry in CATALOGUE.items()
        for called, parameter in entry.parameters.items()
    )
    return _table(("behaviour", "parameter", "meaning", "if left out"), rows)


def fields_table() -> str:
    """What may be tampered with, in Markdown."""
    rows = ((f"`{field}`", f"`{outcome}`") for field, outcome in FIELDS.items())
    return _table(("field", "outcome when signed anew"), rows)


def identities_table() -> str:
    """The identities in Markdown."""
    rows = (
        (f"`{each.national_id}`", each.family_name, each.outcome, each.service, each.note)
        for each in IDENTITIES
    )
    return _table(("type", "family name", "whose holder", "the service", "mind"), rows)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _called(name: str, parameters: Iterable[str]) -> str:
    given = ", ".join(parameters)
    return f"`{name}({given})`" if given else f"`{name}`"


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return ""
    return f"`{parameter.default}`" if parameter.among else f"{parameter.default:g}"


def _type(parameter: Parameter) -> str:
    if parameter.kind is int:
        return "integer"
    if parameter.kind is float:
        return "number"
    return "string" if parameter.among else "object"


def fill(page: str) -> str:
    """A page of the documentation with its tables as they are now."""
    tables = {
        "behaviours": behaviours_table(CATALOGUE, "the phone and its person"),
        "parameters": parameters_table(),
        "fields": fields_table(),
        "cards": behaviours_table(CARD_CATALOGUE, "the card's holder"),
        "identities": identities_table(),
    }
    return _MARKED.sub(lambda found: found[1] + tables[found[2]] + found[3], page)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(fill(path.read_text("utf-8")), "utf-8")
