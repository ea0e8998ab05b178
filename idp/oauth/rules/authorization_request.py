"""An authorization request that passed every check."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from idp.oauth.rules.redirect_uris import origin_of


@dataclass(frozen=True)
class AuthorizationRequest:
    """What the client asked, once valid (OpenID Connect Core 3.1.2.1)."""

    client_id: str
    redirect_uri: str
    response_mode: str
    """`query` or `form_post`, or one of these with `.jwt` (JARM)."""
    scope: str
    """The scope that will be granted: asked, registered, and known here."""
    state: str
    nonce: str
    """Empty when none was sent."""
    prompt: list[str]
    max_age: int | None
    """Seconds since the last authentication that still satisfy the client."""
    login_hint: str
    hinted_sub: str | None
    """`sub` of the only person the client expects (`id_token_hint`, or `claims`)."""
    claims: dict[str, Any]
    means: list[str]
    """Means of authentication that satisfy the client, among MOBILE, CARD, WEBAUTHN."""
    ui_locales: str
    display: str
    code_challenge: str | None
    """PKCE S256 challenge (RFC 7636)."""
    resources: list[str] = field(default_factory=list)
    """Where its access tokens are for (RFC 8707); empty: here."""
    dpop_jkt: str | None = None
    """Thumbprint of the key that must redeem the code (RFC 9449, 10)."""
    pushed_as: str = ""
    """Digest of the `request_uri` it was pushed under (RFC 9126), in hexadecimal; else empty."""
    device: str = ""
    """Digest of the `device_code` of a device that is told the answer (RFC 8628), in hexadecimal;
    else empty."""
    user_code_sealed: str = ""
    """The code that such a device shows, sealed, in hexadecimal."""

    @property
    def redirect_origin(self) -> str:
        """Origin that CSP `form-action` must name (decision 14)."""
        return origin_of(self.redirect_uri)

    @property
    def is_silent(self) -> bool:
        """`prompt=none`: answer at once, or with an error."""
        return "none" in self.prompt

    def to_json(self) -> dict[str, Any]:
        """A JSON object, kept while a person signs in."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The request that :meth:`to_json` gave."""
        return cls(**kept)
