"""A service that signs people in without a browser, and the phone that they hold."""

import base64
import json
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from idp.directory.identifiers import luhn_key
from idp.oauth.clients.registered import CIBA, USUAL_GRANT_TYPES
from idp.provider import Provider
from idp.store.models import BackchannelRequest, Challenge, OutboxMessage
from tests.conftest import provider_of
from tests.oauth.helpers import PERSON, PROTOCOL, SECRET, Service, add_client
from tests.wallet.helpers import PIN, enrol
from wallet_sim.phone import Phone

ENDPOINT = f"{PROTOCOL}/ext/ciba/auth"
STRANGER = "8" + "9979999999" + luhn_key("9979999999")
"""An identifier of the right form that nobody holds."""
NUMBER = "42"
NOTIFICATION_TOKEN = "n" * 32
NOTIFIED_AT = "https://service.test/ciba"


def add_ciba_client(provider: Provider, client_id: str = "ciba", **changes: Any) -> str:
    """A client registered for CIBA; poll, unless ``changes`` say otherwise."""
    values = {"grant_types": [*USUAL_GRANT_TYPES, CIBA], "client_name": "Logiciel de cabinet"}
    return add_client(provider, client_id, **(values | changes))


def add_notified_client(provider: Provider, mode: str, client_id: str = "ciba") -> str:
    """A client that is told by ping or push."""
    return add_ciba_client(
        provider,
        client_id,
        backchannel_token_delivery_mode=mode,
        backchannel_client_notification_endpoint=NOTIFIED_AT,
    )


@dataclass
class CibaService(Service):
    """A relying service that begins sign-ins by CIBA."""

    client_id: str = "ciba"

    def as_client(self, client_id: str) -> "CibaService":
        return replace(self, client_id=client_id)

    def ask(self, *, basic: bool = True, **changes: Any) -> Any:
        """The answer of the backchannel authentication endpoint; None leaves a parameter out."""
        given = {"scope": "openid scope_all", "login_hint": PERSON, "binding_message": NUMBER}
        sent = {name: value for name, value in (given | changes).items() if value is not None}
        return self.post("ext/ciba/auth", sent, basic=basic)

    def begin(self, **changes: Any) -> dict[str, Any]:
        """The members of an answer that began a sign-in."""
        answer = self.ask(**changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def ask_signed(self, claims: dict[str, Any], **form: Any) -> Any:
        """Ask by a request object signed with the key of `SIGNER`."""
        return self.post("ext/ciba/auth", {"request": sign(claims)} | form)

    def poll(self, auth_req_id: str, **changes: Any) -> Any:
        """One question to the token endpoint."""
        return self.post("token", {"grant_type": CIBA, "auth_req_id": auth_req_id} | changes)


SIGNER = RSAKey.generate_key(2048, {"kid": "r1"})
OTHER_SIGNER = ECKey.generate_key("P-256", {"kid": "e1"})


def public_keys(*keys: RSAKey | ECKey) -> dict[str, Any]:
    """A key set to register."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def sign(
    claims: dict[str, Any],
    *,
    key: RSAKey | ECKey = SIGNER,
    alg: str = "PS256",
    typ: str | None = None,
) -> str:
    """A JWT by a client's key."""
    header = {"alg": alg, "kid": key.kid} | ({"typ": typ} if typ else {})
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, [alg])


def signed_members(provider: Provider, **changes: Any) -> dict[str, Any]:
    """The claims of a signed authentication request; None leaves one out."""
    now = int(provider.clock.now().timestamp())
    claims = {
        "iss": "ciba",
        "aud": provider.settings.issuer,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": secrets.token_urlsafe(16),
        "scope": "openid",
        "login_hint": PERSON,
        "binding_message": NUMBER,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def service(app: Flask, client_id: str = "ciba") -> CibaService:
    return CibaService(app, provider_of(app), client_id)


def requests(provider: Provider) -> list[BackchannelRequest]:
    """Every request that is kept, oldest first."""
    with provider.store.read() as db:
        newest_last = select(BackchannelRequest).order_by(BackchannelRequest.created_at)
        return list(db.scalars(newest_last))


def challenges(provider: Provider) -> list[Challenge]:
    """Every question asked, oldest first."""
    with provider.store.read() as db:
        return list(db.scalars(select(Challenge).order_by(Challenge.created_at)))


def queued(provider: Provider, kind: str) -> list[OutboxMessage]:
    """What the outbox holds of one kind."""
    with provider.store.read() as db:
        return list(db.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def phone_of(app: Flask, home: Path, national_id: str = PERSON) -> Phone:
    """A real phone with an e-CPS."""
    return enrol(app, home / f"phone-{national_id}", national_id)


def approve(phone: Phone, number: str | None = NUMBER) -> None:
    """The person approves the newest question, with the PIN and the number shown elsewhere."""
    phone.approve(PIN, number)


def basic(client_id: str, secret: str = SECRET) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}
