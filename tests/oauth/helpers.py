"""Clients, sessions and codes made through the store, so that endpoints are tested alone."""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.datastructures import MultiDict

from idp.directory.people import account_of
from idp.keys.sealing import sha256
from idp.oauth.authorization.authorize import AuthorizationRequest, succeed, validate
from idp.oauth.clients.metadata import read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.settings import REALM_PATH
from idp.store.models import BrowserSession, JournalEvent
from idp.store.world import move_clock

PROTOCOL = f"{REALM_PATH}/protocol/openid-connect"
PERSON = "899700990015"
SECRET = "a secret: with+plus & %25"
REDIRECT = "https://service.test/callback"
VERIFIER = "v" * 43


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def add_client(provider: Provider, client_id: str = "service", **changes: Any) -> str:
    method = changes.get("token_endpoint_auth_method", "client_secret_basic")
    values = {
        "client_id": client_id,
        "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": ["https://service.test/bye"],
        "client_secret": SECRET if method.startswith("client_secret") else None,
    }
    with provider.store.begin() as db:
        metadata = read_metadata(values | changes)
        register(db, metadata, kind=provider.kind, sealer=provider.sealer, now=provider.clock.now())
    return client_id


def open_session(
    provider: Provider, *, national_id: str = PERSON, means: str = "MOBILE"
) -> BrowserSession:
    now = provider.clock.now()
    with provider.store.begin() as db:
        session = BrowserSession(
            sid=str(uuid.uuid4()),
            cookie_hash=sha256(secrets.token_urlsafe()),
            national_id=national_id,
            account_id=account_of(db, national_id, now).account_id,
            auth_time=now,
            means={means: int(now.timestamp())},
            device_id=None,
            last_activity_at=now,
            created_at=now,
            expires_at=now + provider.settings.session_lifetime,
            ended_at=None,
        )
        db.add(session)
    return session


def parameters(client_id: str | None = "service", **changes: Any) -> MultiDict[str, str]:
    given = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": REDIRECT,
        "scope": "openid scope_all",
        "state": "s1",
        "nonce": "n1",
        "acr_values": "eidas1",
    }
    return MultiDict(
        {name: value for name, value in (given | changes).items() if value is not None}
    )


def check(provider: Provider, given: MultiDict[str, str]) -> AuthorizationRequest:
    with provider.store.read() as db:
        return validate(provider, db, given)


def advance(provider: Provider, seconds: float) -> None:
    with provider.store.begin() as db:
        move_clock(db, timedelta(seconds=seconds))
    with provider.store.read() as db:
        provider.synchronise_clock(db)


def events(provider: Provider) -> list[str]:
    with provider.store.read() as db:
        return [row.event for row in db.query(JournalEvent).order_by(JournalEvent.seq)]


@dataclass
class Service:
    """A relying service that speaks to the endpoints of one application."""

    app: Flask
    provider: Provider
    client_id: str = "service"
    secret: str = SECRET

    def __post_init__(self) -> None:
        # Untyped: answers are read as the JSON that they should be.
        self.http: Any = self.app.test_client()

    @property
    def basic(self) -> dict[str, str]:
        pair = f"{self.client_id}:{self.secret}".encode()
        return {"Authorization": "Basic " + base64.b64encode(pair).decode()}

    def as_client(self, client_id: str) -> "Service":
        return replace(self, client_id=client_id)

    def authorize(
        self,
        session: BrowserSession | None = None,
        *,
        activity_id: str | None = None,
        **changes: Any,
    ) -> dict[str, str]:
        """The members of the authorization response, as the browser brings them."""
        session = session or open_session(self.provider)
        request = check(self.provider, parameters(self.client_id, **changes))
        with self.app.test_request_context(), self.provider.store.begin() as db:
            means = next(iter(session.means))
            response = succeed(self.provider, db, request, session, means, activity_id=activity_id)
        query = parse_qs(urlsplit(response.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def post(self, path: str, form: dict[str, Any], *, basic: bool = True) -> Any:
        headers = self.basic if basic else {}
        return self.http.post(f"{PROTOCOL}/{path}", data=form, headers=headers)

    def exchange(self, code: str, *, basic: bool = True, **changes: Any) -> Any:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
        sent = {name: value for name, value in (form | changes).items() if value is not None}
        return self.post("token", sent, basic=basic)

    def sign_in(self, session: BrowserSession | None = None, **changes: Any) -> dict[str, Any]:
        answer = self.exchange(self.authorize(session, **changes)["code"])
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def refresh(self, token: str, **changes: Any) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("token", form | changes)

    def introspect(self, token: str) -> dict[str, Any]:
        answer = self.post("token/introspect", {"token": token})
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def userinfo(self, access_token: str) -> Any:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.http.get(f"{PROTOCOL}/userinfo", headers=headers)

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, verified with the published keys."""
        keys = KeySet.import_key_set(self.http.get(f"{PROTOCOL}/certs").json)
        return jwt.decode(token, keys, ["RS256"]).claims
