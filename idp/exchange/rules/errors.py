"""How an exchange is refused (RFC 8693, 2.2.2)."""

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError


class TokenRefused(InvalidRequestError):
    """The subject or actor token does not hold, or policy refuses it."""


class KeysNotRead(OAuth2Error):
    """The trusted issuer's keys are not known, or were read too long ago."""

    error = "temporarily_unavailable"
    description = "The keys of the trusted issuer cannot be had at present."
    status_code = 503

    def get_headers(self) -> list[tuple[str, str]]:
        """When to try again, in seconds."""
        headers: list[tuple[str, str]] = super().get_headers()
        return [*headers, ("Retry-After", "5")]
