"""Tokens of a trusted issuer, judged here: signature, times and policy (decision 40).

Its keys are read by a job and kept, so that no request waits for another server. Whether its
session still lives is asked at once after the exchange, and again and again (`liveness.py`).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from idp.exchange.rules.errors import KeysNotRead, TokenRefused
from idp.oauth.clients.signatures import ALGORITHMS, verified
from idp.provider import Provider
from idp.settings.exchange import TrustedIssuer
from idp.store.api_sessions import is_subject_over
from idp.store.trusted_keys import find_trusted_keys

_NEEDED = ("iss", "sub", "azp", "sid", "jti")


@dataclass(frozen=True)
class TrustedToken:
    """An access token of a trusted issuer, whose signature, times and parties hold."""

    issuer_name: str
    text: str
    claims: dict[str, Any]

    @property
    def sid(self) -> str:
        """The session there."""
        return str(self.claims["sid"])


def read_trusted(
    provider: Provider, db: Session, text: str, *, name: str, client_id: str
) -> TrustedToken:
    """An access token of the issuer of that name, for a client that may exchange it.

    Raises:
        TokenRefused: the issuer is not trusted, or the token does not hold here.
        KeysNotRead: it cannot be verified at present.
    """
    trusted = provider.settings.trusted_issuers.get(name)
    if trusted is None:
        raise TokenRefused("The issuer is not one that is trusted here.")
    claims = _verified(provider, db, text, name)
    _check_kind(claims, trusted)
    _check_times(provider, claims)
    _check_audience(provider, claims)
    if client_id not in trusted.clients.get(claims["azp"], ()):
        raise TokenRefused("This client may not exchange tokens of the client it was issued to.")
    if is_subject_over(db, subject_issuer=name, subject_sid=claims["sid"]):
        raise TokenRefused("The session of the token is over.")
    return TrustedToken(name, text, claims)


def _verified(provider: Provider, db: Session, text: str, name: str) -> dict[str, Any]:
    keys = find_trusted_keys(db, name)
    oldest = provider.clock.now() - provider.settings.trusted_keys_limit
    if keys is None or keys.fetched_at <= oldest:
        raise KeysNotRead
    token = verified(text, keys.jwks, ALGORITHMS)
    if token is None or not isinstance(token.claims, dict):
        raise TokenRefused("The token is not signed by the issuer.")
    return token.claims


def _check_kind(claims: dict[str, Any], trusted: TrustedIssuer) -> None:
    if any(not isinstance(claims.get(name), str) or not claims[name] for name in _NEEDED):
        raise TokenRefused("The token is not an access token of a session.")
    if claims["iss"] != trusted.issuer:
        raise TokenRefused("The token is of another issuer.")
    if claims.get("typ") != "Bearer":
        raise TokenRefused("The token is not an access token.")


def _check_times(provider: Provider, claims: dict[str, Any]) -> None:
    now = provider.clock.now().timestamp()
    latest = now + provider.settings.subject_skew.total_seconds()
    expires, begins = _number(claims.get("exp")), _number(claims.get("nbf", claims.get("iat")))
    if expires is None or begins is None:
        raise TokenRefused("The token does not tell its times.")
    if expires <= now or begins > latest:
        raise TokenRefused("The token lapsed, or does not begin yet.")


def _check_audience(provider: Provider, claims: dict[str, Any]) -> None:
    """A token that names whom it is for must name this issuer; Pro Santé Connect's name nobody."""
    if "aud" not in claims:
        return
    named = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if provider.settings.issuer not in named:
        raise TokenRefused("The token is for somebody else.")


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
