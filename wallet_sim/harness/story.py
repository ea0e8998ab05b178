"""What happened during a login, a line an answer."""

from dataclasses import dataclass
from urllib.parse import urlsplit

_LONGEST = 40
"""Characters of a part of a path; what is longer is the handle of a sign-in."""


@dataclass(frozen=True, repr=False)
class Step:
    """One request of the browser, and its answer."""

    method: str
    url: str
    status: int
    location: str = ""
    """Where it was sent on."""
    page: str = ""
    """Which page of the provider came, such as `signin/waiting.html`."""
    said: str = ""
    """What that page told the person."""

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        line = f"{self.method} {shown(self.url)} -> {self.status}"
        if self.location:
            line += f" to {shown(self.location)}"
        if self.page:
            line += f" [{self.page}]"
        return f"{line} {self.said!r}" if self.said else line


def shown(url: str) -> str:
    """An address without secrets: of its query the names alone."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(no address)"
    names = [pair.partition("=")[0] for pair in parts.query.split("&") if pair]
    query = f"?{'&'.join(names)}" if names else ""
    path = "/".join(s if len(s) <= _LONGEST else "…" for s in parts.path.split("/"))
    return f"{parts.scheme}://{parts.netloc}{path}{query}"


def told(steps: list[Step]) -> str:
    """The story, for a message: one line a step."""
    return "\n".join(f"  {number}. {step}" for number, step in enumerate(steps, 1))
