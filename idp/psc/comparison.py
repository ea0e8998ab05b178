"""A captured document of Pro Santé Connect beside ours, member by member.

What depends on the person, the service or the moment is compared by name and type alone; where a
value is the platform's own, by value. No value of the capture is told but those.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from idp.psc.captured import Captured
from idp.psc.specimens import specimen
from idp.psc.vintages import VINTAGES
from idp.settings import Settings

DifferenceKind = Literal["missing", "added", "type", "value", "order", "repeated"]
_MEANS = ("MOBILE", "CARD", "WEBAUTHN")
_SHORTEN_AT = 60
# Members whose value is the platform's, whoever signs in.
_CONSTANT = frozenset(
    {
        "Acces_Regulation_Medicale",
        "Mode_Acces_Raison",
        "PSI_Locale",
        "Palier_Authentification",
        "UITVersion",
        "acr",
        "alg",
        "email_verified",
        "expires_in",
        "not-before-policy",
        "token_type",
        "typ",
    }
)
_HEADER = {"alg": "RS256", "typ": "JWT", "kid": "x"}
"""Of a token here, for a client that registered no other algorithm; in no order."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not alike."""

    path: str
    """Names joined by dots; `[]` for each of a list."""
    kind: DifferenceKind
    theirs: Any = None
    ours: Any = None


@dataclass(frozen=True)
class Comparison:
    """All that is not alike."""

    kind: str
    differences: list[Difference]
    vintage: str
    """The shape that it was compared with: `claims_vintage`."""
    vintages: dict[str, int]
    """Of userinfo: how many differences each shape would have."""
    is_token: bool
    """It came as a JWT, whose signature was not verified."""

    @property
    def best(self) -> str | None:
        """The newest of the shapes that fit best."""
        if not self.vintages:
            return None
        least = min(self.vintages.values())
        return [name for name, count in self.vintages.items() if count == least][-1]


def compare(settings: Settings, captured: Captured) -> Comparison:
    """What differs between a capture and ours, under these settings."""
    vintages: dict[str, int] = {}
    if captured.kind == "userinfo":
        vintages = {name: len(_differences(settings, captured, name)) for name in VINTAGES}
    differences = _differences(settings, captured, settings.claims_vintage)
    return Comparison(
        captured.kind,
        differences,
        settings.claims_vintage,
        vintages,
        is_token=captured.header is not None,
    )


def _differences(settings: Settings, captured: Captured, vintage: str) -> list[Difference]:
    theirs = captured.members
    if captured.kind == "introspection" and theirs.get("active") is False:
        return list(_of_objects("", theirs, {"active": False}))
    means = theirs.get("authMode")
    ours = specimen(
        settings,
        captured.kind,
        means=means if means in _MEANS else _means_of(theirs),
        vintage=vintage,
        short="SubjectRefPro" not in theirs,
    )
    found = [Difference(name, "repeated") for name in captured.repeated]
    if captured.header is not None:
        heads = _of_objects("header", captured.header, _HEADER)
        found += [difference for difference in heads if difference.kind != "order"]
    if captured.kind == "discovery":
        return [*found, *_of_discovery(theirs, ours)]
    found += _of_objects("", theirs, ours)
    return found + _of_lifetime(theirs, ours)


def _means_of(theirs: dict[str, Any]) -> str:
    """By its level, of a document from before `authMode` was told."""
    return "CARD" if theirs.get("acr") == "eidas3" else "MOBILE"


def _of_objects(path: str, theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[Difference]:
    def at(name: str) -> str:
        return f"{path}.{name}" if path else name

    for name in [name for name in ours if name not in theirs]:
        yield Difference(at(name), "missing", ours=_type_of(ours[name]))
    for name in [name for name in theirs if name not in ours]:
        yield Difference(at(name), "added", theirs=_type_of(theirs[name]))
    for name in [name for name in ours if name in theirs]:
        yield from _of_values(at(name), name, theirs[name], ours[name])
    theirs_order = [name for name in theirs if name in ours]
    ours_order = [name for name in ours if name in theirs]
    if theirs_order != ours_order:
        yield Difference(path or "(the members)", "order", theirs_order, ours_order)


def _of_values(path: str, name: str, theirs: Any, ours: Any) -> Iterator[Difference]:
    if _type_of(theirs) != _type_of(ours):
        yield Difference(path, "type", _type_of(theirs), _type_of(ours))
    elif isinstance(theirs, dict):
        yield from _of_objects(path, theirs, ours)
    elif isinstance(theirs, list):
        yield from _of_items(f"{path}[]", name, theirs, ours)
    elif name in _CONSTANT and theirs != ours:
        yield Difference(path, "value", _shortened(theirs), ours)


def _of_items(path: str, name: str, theirs: list[Any], ours: list[Any]) -> Iterator[Difference]:
    """Each item beside our first: one difference of several items is told once."""
    told: list[Difference] = []
    for item in theirs if ours else ():
        told += [found for found in _of_values(path, name, item, ours[0]) if found not in told]
    yield from told


def _of_discovery(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[Difference]:
    """Addresses by what stands below issuer or host; lists as sets, for their order says nothing.

    The certificate aliases stand on a host of the operator's choice.
    """
    yield from (d for d in _of_objects("", theirs, ours) if d.kind != "value")
    for name in [name for name in ours if name in theirs and name != "issuer"]:
        one = _comparable(theirs[name], theirs)
        other = _comparable(ours[name], ours)
        if type(one) is type(other) and one != other:
            yield Difference(name, "value", one, other)


def _comparable(value: Any, document: dict[str, Any]) -> Any:
    issuer = str(document.get("issuer", ""))
    if isinstance(value, str) and value.startswith(("https://", "http://")):
        is_below = bool(issuer) and value.startswith(issuer)
        return "{issuer}" + value[len(issuer) :] if is_below else urlsplit(value).path
    if isinstance(value, list):
        return sorted({str(item) for item in value})
    if isinstance(value, dict):
        return {name: _comparable(inner, document) for name, inner in sorted(value.items())}
    return value


def _of_lifetime(theirs: dict[str, Any], ours: dict[str, Any]) -> list[Difference]:
    lifetimes = [_lifetime(document) for document in (theirs, ours)]
    if None in lifetimes or lifetimes[0] == lifetimes[1]:
        return []
    return [Difference("exp - iat", "value", *lifetimes)]


def _lifetime(document: dict[str, Any]) -> int | None:
    times = [document.get(name) for name in ("exp", "iat")]
    if not all(isinstance(time, int) and not isinstance(time, bool) for time in times):
        return None
    return int(times[0]) - int(times[1])  # type: ignore[arg-type]  # both were looked at


def _shortened(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _SHORTEN_AT:
        return f"{value[:8]}… ({len(value)} characters)"
    return value


def _type_of(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")
