"""Refresh tokens as JWTs: made, read back, and what their stored row says (decision 9)."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from sqlalchemy.orm import Session

from idp.oauth.rules.jws_headers import CheckedHeaders
from idp.provider import Provider
from idp.store.grants import GrantInUse, add_refresh_token, find_refresh_token
from idp.store.models import RefreshToken

ALGORITHM = "HS256"


@dataclass(frozen=True)
class KnownRefreshToken(TokenMixin):
    """A refresh token of ours with its stored row; whether it may be used is the row's word."""

    claims: dict[str, Any]
    row: RefreshToken
    granted: GrantInUse

    def check_client(self, client: Any) -> bool:
        """Whether it was issued to that client."""
        return bool(self.granted.grant.client_id == client.client_id)

    def get_scope(self) -> str:
        """The whole scope of the grant: narrowing one answer does not narrow the next."""
        return self.granted.grant.scope

    def is_expired(self) -> bool:
        """Judged by the provider's clock where the token is used."""
        return False

    def is_revoked(self) -> bool:
        """Whether it was rotated, so that only a retry may still use it."""
        return self.row.rotated_at is not None


def refresh_key(provider: Provider) -> OctKey:
    """The key of refresh tokens: only this provider reads them, so it is symmetric.

    It follows from the master key: `key rewrap` ends every refresh token (30 minutes of life).
    """
    return OctKey.import_key(provider.sealer.keyed_hash(b"", purpose="refresh-token"))


def new_refresh_token(
    provider: Provider, *, grant_id: str, now: datetime, session_ends: datetime, jti: str = ""
) -> RefreshToken:
    """A row for a refresh token, which lapses with the session at the latest."""
    return RefreshToken(
        jti=jti or secrets.token_hex(16),
        grant_id=grant_id,
        issued_at=now,
        expires_at=min(now + provider.settings.refresh_token_lifetime, session_ends),
        rotated_at=None,
        successor=None,
    )


def issue_refresh_token(
    provider: Provider,
    db: Session,
    *,
    grant_id: str,
    now: datetime,
    session_ends: datetime,
    jti: str = "",
) -> RefreshToken:
    """A new refresh token, kept."""
    refresh = new_refresh_token(
        provider, grant_id=grant_id, now=now, session_ends=session_ends, jti=jti
    )
    add_refresh_token(db, refresh)
    return refresh


def find_known(
    provider: Provider, db: Session, key: OctKey, token: str
) -> KnownRefreshToken | None:
    """The refresh token that this provider made, unless it lapsed."""
    claims = read_refresh_claims(provider, key, token)
    found = find_refresh_token(db, claims["jti"]) if claims else None
    if claims is None or found is None or found[0].expires_at <= provider.clock.now():
        return None
    return KnownRefreshToken(claims, *found)


def read_refresh_claims(provider: Provider, key: OctKey, token: str) -> dict[str, Any] | None:
    """The claims of a refresh token that this issuer made, whatever became of it."""
    try:
        claims = jwt.decode(token, key, [ALGORITHM], CheckedHeaders(algorithms=[ALGORITHM])).claims
    except (JoseError, ValueError):
        return None
    mine = claims.get("iss") == provider.settings.issuer and claims.get("typ") == "Refresh"
    return claims if mine else None
