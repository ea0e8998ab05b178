"""`python -m tests.dev.faults.page`: the catalogue in docs/testing/faults.md, from the code."""

from collections.abc import Iterator

from idp.dev.faults.catalogue import CATALOGUE
from idp.dev.faults.endpoints import ENDPOINTS, OF_NOBODY
from idp.dev.faults.fault import Fault
from tests.architecture.imports import ROOT

PAGE = ROOT / "docs" / "testing" / "faults.md"
BEGIN = "<!-- catalogue: written by `make docs` -->\n"
END = "<!-- end -->\n"
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "maxLength": "characters at most",
}


def render(page: str) -> str:
    """The page with the catalogue of the code in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n".join([*_endpoints(), *_faults()]) + END + after


def _endpoints() -> Iterator[str]:
    yield "| endpoint | what it is |"
    yield "| --- | --- |"
    for name, text in ENDPOINTS.items():
        for_all = " A fault here is for all clients." if name in OF_NOBODY else ""
        yield f"| `{name}` | {text}{for_all} |"
    yield ""


def _faults() -> Iterator[str]:
    for fault in CATALOGUE.values():
        yield f"### `{fault.name}`"
        yield ""
        yield f"- **On the wire:** {fault.does}"
        yield f"- **A correct client must:** {_uncapitalised(fault.client_must)}"
        yield f"- **Source:** {fault.source}"
        yield f"- **At:** {_places(fault)}"
        yield from _parameters(fault)
        yield ""


def _places(fault: Fault) -> str:
    return ", ".join(
        f"`{name}` (if nothing is said)" if name == fault.usual_endpoint else f"`{name}`"
        for name in fault.endpoints
    )


def _parameters(fault: Fault) -> Iterator[str]:
    schema = fault.parameters.model_json_schema()
    for name, member in schema.get("properties", {}).items():
        if "default" not in member:
            default = "required"
        elif member["default"] in {None, ""}:
            default = "optional"
        else:
            default = f"`{member['default']}` by default"
        yield f"- **`{name}`** ({_kind(member)}, {default}): {member['description']}"


def _kind(member: dict[str, object]) -> str:
    kinds = member.get("anyOf")
    described = kinds[0] if isinstance(kinds, list) else member
    bounds = [
        f"{described[name]} {text}" if name == "maxLength" else f"{text} {described[name]}"
        for name, text in _BOUNDS.items()
        if name in described
    ]
    return ", ".join([str(described["type"]), *bounds])


def _uncapitalised(text: str) -> str:
    return text[0].lower() + text[1:]


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
