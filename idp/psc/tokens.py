"""The members of Pro Santé Connect's tokens and token response, in its order.

Source: real tokens of the sandbox (2021 to 2023) and decision 7. `aud` of an ID token is a
string; `nonce` stands in the access token even when the request had none.
"""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.directory.people import Person
from idp.provider import Provider
from idp.psc.selected_activity import selected_activity
from idp.psc.subject import releases_national_id, subject_of
from idp.store.grants import GrantInUse
from idp.store.models import Grant, RefreshToken

ACR = "eidas1"
"""In every ID token, whatever the means (decision 7)."""
ACR_OF_CARD = "eidas3"
"""In access tokens and introspection of a card sign-in."""

RESPONSE_MEMBERS = (
    "access_token",
    "expires_in",
    "refresh_expires_in",
    "refresh_token",
    "token_type",
    "id_token",
    "not-before-policy",
    "session_state",
    "scope",
)


@dataclass(frozen=True)
class Issue:
    """All that one answer of the token endpoint is made from."""

    granted: GrantInUse
    person: Person
    refresh: RefreshToken
    scope: str
    now: datetime
    confirmation: Mapping[str, str] = field(default_factory=dict)
    """Members of `cnf` (RFC 7800): the key that the access token is bound to, if any."""
    audience: Sequence[str] = ()
    """Where the access token is for (RFC 8707); empty: here, and it says nothing of it."""
    auth_req_id: str | None = None
    """Of tokens that are sent unasked: their ID token names it (CIBA Core 10.3.1)."""

    @property
    def grant(self) -> Grant:
        """The grant everything is issued under."""
        return self.granted.grant

    @property
    def scopes(self) -> set[str]:
        """The scope as a set."""
        return set(self.scope.split())


def new_grant_id() -> str:
    """A name for a grant; it is in the `jti` of its access tokens and no secret."""
    return secrets.token_hex(16)


def grant_of_access_token(jti: str) -> str:
    """The grant an access token names by its `jti`."""
    return jti.partition(".")[0]


def access_token_claims(provider: Provider, issue: Issue) -> dict[str, Any]:
    """The access token: a JWT, as PSC's (the APIs of its trust space read it)."""
    grant = issue.grant
    claims = _times(issue, provider.settings.access_token_lifetime)
    claims |= {
        "jti": f"{grant.grant_id}.{secrets.token_hex(8)}",
        "iss": provider.settings.issuer,
        "sub": _subject(provider, issue),
        "typ": "Bearer",
        "azp": grant.client_id,
        "nonce": grant.nonce,
        "session_state": grant.sid,
        "acr": ACR_OF_CARD if grant.means == "CARD" else ACR,
        "scope": issue.scope,
        "sid": grant.sid,
        "authMode": grant.means,
    }
    if releases_national_id(provider, issue.granted.client):
        if "scope_all" in issue.scopes:
            claims["otherIds"] = issue.person.other_ids
        claims["preferred_username"] = grant.national_id
    if issue.confirmation:
        claims["cnf"] = dict(issue.confirmation)
    if issue.audience:
        claims["aud"] = issue.audience[0] if len(issue.audience) == 1 else list(issue.audience)
    return claims


def id_token_claims(provider: Provider, issue: Issue, *, at_hash: str) -> dict[str, Any]:
    """The ID token; `auth_time` is that of the authentication, also after a refresh."""
    grant = issue.grant
    claims = _times(issue, provider.settings.id_token_lifetime)
    claims |= {
        "jti": str(uuid.uuid4()),
        "iss": provider.settings.issuer,
        "aud": grant.client_id,
        "sub": _subject(provider, issue),
        "typ": "ID",
        "azp": grant.client_id,
    }
    if grant.nonce:
        claims["nonce"] = grant.nonce
    claims |= {
        "session_state": grant.sid,
        "at_hash": at_hash,
        "sid": grant.sid,
        "authMode": grant.means,
        "acr": ACR,
    }
    if releases_national_id(provider, issue.granted.client):
        claims |= {"SubjectNameID": grant.national_id, "preferred_username": grant.national_id}
    if issue.scopes & {"scope_all", "profile"}:
        claims["given_name"] = issue.person.given_name
        claims["family_name"] = issue.person.family_name
    return claims | selected_activity(provider, issue.granted, issue.person, issue.scope)


def refresh_token_claims(provider: Provider, issue: Issue) -> dict[str, Any]:
    """The refresh token: the same for the same row, so that a retry gets the same bytes."""
    grant, row = issue.grant, issue.refresh
    return {
        "exp": int(row.expires_at.timestamp()),
        "iat": int(row.issued_at.timestamp()),
        "jti": row.jti,
        "iss": provider.settings.issuer,
        "aud": provider.settings.issuer,
        "sub": _subject(provider, issue),
        "typ": "Refresh",
        "azp": grant.client_id,
        "nonce": grant.nonce,
        "session_state": grant.sid,
        "scope": grant.scope,
        "sid": grant.sid,
    }


def token_response(
    provider: Provider, issue: Issue, *, access_token: str, refresh_token: str
) -> dict[str, Any]:
    """The answer of the token endpoint, but for an ID token."""
    remaining = issue.refresh.expires_at - issue.now
    return {
        "access_token": access_token,
        "expires_in": int(provider.settings.access_token_lifetime.total_seconds()),
        "refresh_expires_in": int(remaining.total_seconds()),
        "refresh_token": refresh_token,
        "token_type": "DPoP" if "jkt" in issue.confirmation else "Bearer",
        "not-before-policy": 0,
        "session_state": issue.grant.sid,
        "scope": issue.scope,
    }


def add_id_token(token: dict[str, Any], id_token: str) -> None:
    """Put the ID token in its place among the members."""
    members = token | {"id_token": id_token}
    token.clear()
    token.update((name, members[name]) for name in RESPONSE_MEMBERS)


def _times(issue: Issue, lifetime: timedelta) -> dict[str, Any]:
    now = int(issue.now.timestamp())
    return {
        "exp": now + int(lifetime.total_seconds()),
        "iat": now,
        "auth_time": int(issue.grant.auth_time.timestamp()),
    }


def _subject(provider: Provider, issue: Issue) -> str:
    grant = issue.grant
    return subject_of(
        provider,
        issue.granted.client,
        account_id=grant.account_id,
        national_id=grant.national_id,
    )
