"""How a backchannel authentication request is refused."""

from typing import Any


def refused(answer: Any, error: str, status: int = 400) -> str:
    """The description of an error that stands as CIBA Core 13 says."""
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json.get("error_description"))
