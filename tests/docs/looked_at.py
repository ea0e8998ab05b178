"""Which pages were looked at, and in how many states: written to `docs/looked-at.md`.

python -m tests.docs.looked_at
"""

from collections import Counter
from pathlib import Path

from tests.e2e.pages import listed

PAGE = Path(__file__).parents[2] / "docs" / "looked-at.md"

_APPLICATIONS = {
    "idp": "provider: sign-in, portal, console",
    "wallet_sim": "phones and card reader",
    "relying_services": "services",
    "design": "the components themselves",
}
_HEAD = """# Pages looked at

Every page, and the states of it that a real browser showed and axe-core judged, in light and dark;
each fits a screen of 320 px. Generated from `tests/e2e/pages.toml`, which tests hold to be complete
and true: do not edit.

| application | pages | states |
|---|---|---|
"""


def render() -> str:
    """The whole page."""
    pages = listed()
    counts = Counter(_application(page) for page in pages)
    states: Counter[str] = Counter()
    for page, names in pages.items():
        states[_application(page)] += len(names)
    lines = [
        f"| {words} | {counts[name]} | {states[name]} |" for name, words in _APPLICATIONS.items()
    ]
    lines.append(f"| **all** | **{counts.total()}** | **{states.total()}** |")
    rows = [f"| `{page}` | {', '.join(pages[page])} |" for page in sorted(pages)]
    return _HEAD + "\n".join([*lines, "", "| page | states |", "|---|---|", *rows]) + "\n"


def _application(page: str) -> str:
    return page.partition("/")[0]


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
