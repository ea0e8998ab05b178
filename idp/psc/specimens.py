"""Documents as this provider gives them, about somebody invented, to compare others with.

Made by the code that serves them, on a provider whose database is never opened, so that a specimen
cannot differ from what is served.
"""

import secrets
import uuid
from datetime import timedelta
from typing import Any

from idp.clock import Clock
from idp.directory.exercices import expand
from idp.directory.people import Person
from idp.keys.keyring import Keyring
from idp.keys.sealing import Sealer
from idp.oauth.tokens.access_token import ActiveAccessToken
from idp.oauth.tokens.introspection import Introspection
from idp.provider import Provider
from idp.psc.claims import userinfo, without_identifiers
from idp.psc.discovery import discovery_document
from idp.psc.subject import releases_national_id, subject_of
from idp.psc.tokens import (
    Issue,
    access_token_claims,
    add_id_token,
    id_token_claims,
    token_response,
)
from idp.settings import Settings
from idp.store.database import Store
from idp.store.grants import GrantInUse
from idp.store.models import BrowserSession, Client, Grant, RefreshToken

_NATIONAL_ID = "899700990015"
_MASTER_KEY_BYTES = 32


def specimen(settings: Settings, kind: str, *, means: str, vintage: str, short: bool) -> Any:
    """A document of a kind; `short`: userinfo of a person without any exercise.

    Raises:
        KeyError: there is no such kind.
    """
    store = Store("sqlite://")
    clock, sealer = Clock(), Sealer(secrets.token_bytes(_MASTER_KEY_BYTES))
    provider = Provider(settings, store, clock, sealer, Keyring(store, sealer, clock), "simulation")
    issue = _issue(provider, means, with_exercices=not short)
    makers = {
        "discovery": lambda: discovery_document(settings),
        "id-token": lambda: id_token_claims(provider, issue, at_hash="x"),
        "access-token": lambda: access_token_claims(provider, issue),
        "introspection": lambda: _introspection(provider, issue),
        "token": lambda: _token(provider, issue),
        "userinfo": lambda: _userinfo(provider, issue, vintage),
    }
    return makers[kind]()


def _introspection(provider: Provider, issue: Issue) -> dict[str, Any]:
    token = ActiveAccessToken(access_token_claims(provider, issue), issue.granted)
    return Introspection(None).introspect_token(token)


def _token(provider: Provider, issue: Issue) -> dict[str, Any]:
    answer = token_response(provider, issue, access_token="x", refresh_token="x")  # noqa: S106 - none
    add_id_token(answer, "x")
    return answer


def _userinfo(provider: Provider, issue: Issue, vintage: str) -> dict[str, Any]:
    grant, client = issue.grant, issue.granted.client
    sub = subject_of(provider, client, account_id=grant.account_id, national_id=grant.national_id)
    claims = userinfo(issue.person, sub=sub, auth_mode=grant.means, vintage=vintage)
    if releases_national_id(provider, client):
        return claims
    return without_identifiers(claims, issue.person)


def _issue(provider: Provider, means: str, *, with_exercices: bool) -> Issue:
    now = provider.clock.now()
    client = Client(client_id="specimen", redirect_uris=["https://service.test/"], options={})
    grant = Grant(
        grant_id="specimen",
        client_id=client.client_id,
        national_id=_NATIONAL_ID,
        account_id=str(uuid.uuid4()),
        sid=str(uuid.uuid4()),
        scope="openid scope_all",
        nonce="specimen",
        claims={},
        means=means,
        selected_activity=None,
        auth_time=now,
        created_at=now,
        expires_at=now + provider.settings.session_lifetime,
    )
    granted = GrantInUse(grant, BrowserSession(), client, device_lost=False, person=None)
    refresh = RefreshToken(jti="x", issued_at=now, expires_at=now + timedelta(minutes=30))
    return Issue(granted, _person(with_exercices), refresh, grant.scope, now)


def _person(with_exercices: bool) -> Person:
    exercice = {"codeProfession": "10", "activities": [{"codeSecteurDactivite": "SA07"}]}
    return Person(
        national_id=_NATIONAL_ID,
        identifier_type="8",
        family_name="SPECIMEN",
        given_name="Camille",
        civilite="MME",
        other_ids=[{"identifiant": _NATIONAL_ID, "origine": "RPPS", "qualite": 1}],
        exercices=expand([exercice]) if with_exercices else [],
        closed=False,
    )
