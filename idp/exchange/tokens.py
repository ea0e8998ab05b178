"""What an exchange gives: tokens of four hours, in the shape Pro Santé Connect's partners read.

Source: a real token of an API's issuer (pro-sante-connect, 6.4); RFC 8693, 2.2.1.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin
from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy.orm import Session

from idp.exchange.rules.exchange_request import ACCESS_TOKEN
from idp.exchange.sessions import is_live
from idp.oauth.rules.certificate_thumbprint import CONFIRMATION
from idp.oauth.tokens.encryption import encrypt_to
from idp.oauth.tokens.refresh_tokens import ALGORITHM as REFRESH_ALGORITHM
from idp.oauth.tokens.refresh_tokens import read_refresh_claims
from idp.oauth.tokens.signing import Use, algorithm_for, sign_access_token, sign_for, verify
from idp.provider import Provider
from idp.store.api_sessions import (
    ApiSessionInUse,
    find_session_of_refresh_token,
    find_session_of_token,
)
from idp.store.models import ApiSession, Client, RefreshToken


@dataclass(frozen=True)
class ApiIssue:
    """All that one answer of the token endpoint is made from."""

    session: ApiSession
    client: Client
    refresh: RefreshToken
    scope: str
    now: datetime


@dataclass(frozen=True)
class ApiToken(TokenMixin):
    """A token of this issuer that holds; with a row where it is a refresh token."""

    claims: dict[str, Any]
    granted: ApiSessionInUse
    row: RefreshToken | None = None

    def check_client(self, client: Any) -> bool:
        """Whether it was issued to that client."""
        return bool(self.granted.session.client_id == client.client_id)

    def get_scope(self) -> str:
        """The scope of the session: narrowing one answer does not narrow the next."""
        return self.granted.session.scope

    def is_expired(self) -> bool:
        """Never: one that lapsed is not found."""
        return False

    def is_revoked(self) -> bool:
        """Never: one that was revoked is not found."""
        return False


class ApiTokenGenerator:
    """What Authlib calls for both grants; the issue stands in place of the user."""

    def __init__(self, provider: Provider, refresh_key: OctKey) -> None:
        self._provider = provider
        self._refresh_key = refresh_key

    def __call__(self, *, user: ApiIssue, **_authlib: Any) -> dict[str, Any]:
        """The answer of the token endpoint."""
        claims = _access_token_claims(self._provider, user)
        access_token = sign_access_token(self._provider, user.client, claims)
        now = int(user.now.timestamp())
        answer = {
            "access_token": access_token,
            "expires_in": claims["exp"] - now,
            "refresh_expires_in": int(user.refresh.expires_at.timestamp()) - now,
            "refresh_token": self._refresh_token(user),
            "token_type": "Bearer",
        }
        if "openid" in user.scope.split():
            answer["id_token"] = self._id_token(user, access_token)
        return answer | {
            "not-before-policy": 0,
            "session_state": user.session.sid,
            "scope": user.scope,
            "issued_token_type": ACCESS_TOKEN,
        }

    def _refresh_token(self, issue: ApiIssue) -> str:
        row, issuer = issue.refresh, self._provider.settings.issuer
        claims = {
            "exp": int(row.expires_at.timestamp()),
            "iat": int(row.issued_at.timestamp()),
            "jti": row.jti,
            "iss": issuer,
            "aud": issuer,
            "sub": issue.session.sub,
            "typ": "Refresh",
            "azp": issue.client.client_id,
            "session_state": issue.session.sid,
            "scope": issue.session.scope,
            "sid": issue.session.sid,
        }
        return jwt.encode(
            {"alg": REFRESH_ALGORITHM}, claims, self._refresh_key, [REFRESH_ALGORITHM]
        )

    def _id_token(self, issue: ApiIssue, access_token: str) -> str:
        alg = algorithm_for(issue.client, Use.ID_TOKEN)
        claims = _common_claims(self._provider, issue, typ="ID") | {
            "jti": str(uuid.uuid4()),
            "aud": issue.client.client_id,
            "at_hash": create_half_hash(access_token, alg).decode(),
        }
        signed = sign_for(self._provider, issue.client, claims, Use.ID_TOKEN)
        return encrypt_to(issue.client, signed, Use.ID_TOKEN)


def find_access_token(provider: Provider, db: Session, text: str) -> ApiToken | None:
    """The access token, or nothing for whatever reason it does not hold."""
    claims = verify(provider, text, typ="Bearer")
    if claims is None or claims["exp"] <= provider.clock.timestamp():
        return None
    found = find_session_of_token(db, claims["sid"], claims["jti"])
    if found is None or found[0] or not is_live(provider, found[1]):
        return None
    return ApiToken(claims, found[1])


def find_refresh_token(provider: Provider, db: Session, key: OctKey, text: str) -> ApiToken | None:
    """The refresh token that this issuer made, rotated or not, unless it lapsed."""
    claims = read_refresh_claims(provider, key, text)
    found = find_session_of_refresh_token(db, claims["jti"]) if claims else None
    if claims is None or found is None or found[0].expires_at <= provider.clock.now():
        return None
    return ApiToken(claims, found[1], found[0])


def _access_token_claims(provider: Provider, issue: ApiIssue) -> dict[str, Any]:
    session = issue.session
    claims = _common_claims(provider, issue, typ="Bearer") | {
        "jti": secrets.token_hex(16),
        "aud": session.audience,
        "scope": issue.scope,
    }
    if session.act is not None:
        claims["act"] = session.act
    if session.certificate is not None:
        claims["cnf"] = {CONFIRMATION: session.certificate}
    return claims


def _common_claims(provider: Provider, issue: ApiIssue, *, typ: str) -> dict[str, Any]:
    session = issue.session
    ends = min(issue.now + provider.settings.api_token_lifetime, session.expires_at)
    return {
        "exp": int(ends.timestamp()),
        "iat": int(issue.now.timestamp()),
        "auth_time": int(session.auth_time.timestamp()),
        "iss": provider.settings.issuer,
        "sub": session.sub,
        "typ": typ,
        "azp": session.client_id,
        "session_state": session.sid,
        "sid": session.sid,
        **session.identity,
    }
