"""Access tokens, read back: signature and lifetime from the JWT, the rest from the stored grant."""

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin
from sqlalchemy.orm import Session

from idp.oauth.grants.issuing import is_live
from idp.oauth.tokens.signing import verify
from idp.provider import Provider
from idp.psc.tokens import grant_of_access_token
from idp.store.grants import GrantInUse, find_grant_of_access_token


@dataclass(frozen=True)
class ActiveAccessToken(TokenMixin):
    """An access token that holds: signed here, not lapsed, its grant and session live."""

    claims: dict[str, Any]
    granted: GrantInUse

    def check_client(self, client: Any) -> bool:
        """Whether it was issued to that client."""
        return bool(self.granted.grant.client_id == client.client_id)

    def get_scope(self) -> str:
        """The scope of this token, which a refresh may have narrowed."""
        return str(self.claims["scope"])

    def is_expired(self) -> bool:
        """Never: one that lapsed is not found."""
        return False

    def is_revoked(self) -> bool:
        """Never: one that was revoked is not found."""
        return False


def find_active(provider: Provider, db: Session, token: str) -> ActiveAccessToken | None:
    """The access token, or nothing for whatever reason it does not hold."""
    claims = verify(provider, token, typ="Bearer")
    if claims is None or claims["exp"] <= provider.clock.timestamp():
        return None
    return _find_live(provider, db, claims)


def session_lives(provider: Provider, db: Session, token: str) -> bool:
    """Whether what an access token was issued under stands, though the token itself lapsed."""
    claims = verify(provider, token, typ="Bearer")
    return claims is not None and _find_live(provider, db, claims) is not None


def _find_live(provider: Provider, db: Session, claims: dict[str, Any]) -> ActiveAccessToken | None:
    found = find_grant_of_access_token(db, grant_of_access_token(claims["jti"]), claims["jti"])
    if found is None:
        return None
    is_revoked, granted = found
    if is_revoked or not is_live(provider, granted):
        return None
    return ActiveAccessToken(claims, granted)
