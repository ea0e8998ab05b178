"""The provider's development addresses at the same address, behind the same secret."""

import re

from werkzeug.wrappers import Request, Response

from wallet_sim.control_server.desk import Desk
from wallet_sim.control_server.problems import AskHere

_TOLD = ("Content-Type", "Allow", "Retry-After")
_OURS = (
    ("POST", re.compile("reset"), "POST /control/v1/reset"),
    ("PUT", re.compile("snapshots/([^/]+)"), "PUT /control/v1/snapshots/{}"),
    (
        "POST",
        re.compile("snapshots/([^/]+)/restoration"),
        "POST /control/v1/snapshots/{}/restoration",
    ),
    ("DELETE", re.compile("realms/([^/]+)"), "DELETE /control/v1/realms/{}"),
)
"""What concerns phones and cards too, and where it is asked for."""


def hand_on(desk: Desk, request: Request, variables: dict[str, str]) -> Response:
    """Ask the provider's `/dev/v1/<path>`, and give its answer as it came.

    Raises:
        AskHere: phones and cards would be left behind: another address does all of it.
        NoAnswer: the provider is out of reach.
    """
    path = variables["path"]
    _require_theirs(request.method, path)
    answer = desk.psc.provider.relay(
        request.method,
        path,
        query=request.query_string.decode(),
        body=request.get_data(),
        content_type=request.headers.get("Content-Type", ""),
    )
    told = Response(answer.content, answer.status_code)
    del told.headers["Content-Type"]
    for name in _TOLD:
        if name in answer.headers:
            told.headers[name] = answer.headers[name]
    return told


def _require_theirs(method: str, path: str) -> None:
    for ours, pattern, address in _OURS:
        found = pattern.fullmatch(path.strip("/"))
        if method == ours and found:
            raise AskHere(
                "phones and cards would not follow: ask " + address.format(*found.groups())
            )
