"""An exchange between a relying service, or its browser, and the provider, as it was recorded."""

from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

AUTHORIZE = "authorize"
CALLBACK = "callback"
"""The answer to an authorization request, as the browser takes it to the service."""
PAR = "par"
TOKEN = "token"  # noqa: S105 - the name of a step
USERINFO = "userinfo"
INTROSPECTION = "introspection"
REVOCATION = "revocation"
CIBA = "ciba"
DEVICE = "device"
LOGOUT = "logout"
JWKS = "jwks"
DISCOVERY = "discovery"

BACK_CHANNEL = (PAR, CIBA, DEVICE, TOKEN, USERINFO, INTROSPECTION, REVOCATION)
"""Steps that the service's own server takes, without a browser."""


@dataclass(frozen=True)
class Exchange:
    """One request and what was answered; no secret of either stands in it."""

    id: int
    at: datetime
    client_id: str | None
    """Nobody's, where a public document was fetched."""
    step: str
    method: str
    status: int
    parameters: dict[str, str] = field(default_factory=dict)
    """Query and form; what is secret is a fingerprint, `sha256:…`, or `(hidden)`."""
    in_query: tuple[str, ...] = ()
    """Names of the parameters that came in the address."""
    repeated: tuple[str, ...] = ()
    """Names of the parameters that came more than once."""
    request_object: dict[str, Any] | None = None
    """What the signed request object said, of a request that carried one."""
    headers: dict[str, str] = field(default_factory=dict)
    """The headers that matter, by their names in lower case."""
    authentication: str = ""
    """How the client proved itself: a registered method, `none`, or empty where none is asked."""
    certificate: bool = False
    """Whether a client certificate was shown."""
    caller: str = ""
    """Fingerprint of address and `User-Agent`: who fetches the public documents."""
    presented: dict[str, str] = field(default_factory=dict)
    """What the token that was presented says of itself: `token` (its fingerprint), `azp`, `exp`,
    `sid`, `typ`."""
    answer: dict[str, Any] = field(default_factory=dict)
    """What was answered, as far as a check needs it."""
    sid: str | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the provider answered with an error."""
        return self.status >= HTTPStatus.BAD_REQUEST or "error" in self.answer
