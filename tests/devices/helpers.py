"""A provider with one enrolled phone, talked to over HTTP as a phone would."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from idp import create_app
from idp.challenges.push import PushBudget
from idp.challenges.start import start_signin
from idp.devices.documents import registration_document
from idp.devices.registration import activate
from idp.provider import Provider
from idp.store.models import Challenge, Client, Device, JournalEvent, OutboxMessage
from idp.store.world import move_clock
from tests.devices.phone_driver import BASE, Driver, b64, payload_of

OWNER = "899700990015"
STRANGER = "899799999999"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:142.0) Gecko/20100101 Firefox/142.0"


@dataclass
class Bench:
    """One provider, its application, and what tests do with them."""

    provider: Provider
    app: Flask = field(init=False)
    http: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.provider.settings, provider=self.provider)
        self.http = self.app.test_client()

    def driver(self) -> Driver:
        return Driver(self.provider.settings.issuer, self.provider.clock.timestamp())

    def enrol(
        self, national_id: str = OWNER, phone: Driver | None = None, **changes: Any
    ) -> Driver:
        """Activate a phone through the rule that enrolment uses."""
        phone = phone or self.driver()
        now = self.provider.clock.now()
        document = registration_document(
            self.provider.settings,
            challenge_id="ticket",
            nonce=bytes(32),
            device_thumbprint=phone.key.thumbprint(),
            issued_at=now,
            expires_at=now + timedelta(minutes=5),
        )
        arguments: dict[str, Any] = {
            "national_id": national_id,
            "device_jwk": phone.jwk,
            "device_thumbprint": phone.key.thumbprint(),
            "document": document,
            "registration": phone.registration(document),
            "policy_version": 1,
            "push": None,
            "name": "Téléphone d’essai",
        }
        with self.provider.store.begin() as db:
            device, phone.roll = activate(self.provider, db, **(arguments | changes))
        phone.device_id = device.device_id
        return phone

    def post(self, path: str, body: str, **options: Any) -> TestResponse:
        options.setdefault("content_type", "application/jose")
        return self.http.post(BASE + path, data=body, **options)

    def send(self, phone: Driver, path: str, members: dict[str, Any] | None = None) -> TestResponse:
        phone.now = self.provider.clock.timestamp()
        response = self.post(path, phone.sign(path, members))
        body = response.get_json()
        if isinstance(body, dict) and isinstance(body.get("roll"), str):
            phone.roll = body["roll"]
        return response

    def start(self, national_id: str = OWNER, *, same_device: bool = False) -> Challenge:
        with self.app.test_request_context(), self.provider.store.begin() as db:
            return start_signin(
                self.provider,
                db,
                national_id=national_id,
                client=a_client(),
                address="192.0.2.7",
                user_agent=FIREFOX,
                same_device=same_device,
                budget=PushBudget.PERSON,
            )

    def pending(self, phone: Driver) -> list[dict[str, Any]]:
        response = self.send(phone, "/pending")
        assert response.status_code == 200, response.get_json()
        return [payload_of(token) for token in response.get_json()["challenges"]]

    def answer(
        self, phone: Driver, document: dict[str, Any], number: str | None, **approval: Any
    ) -> TestResponse:
        members = phone.approval(document, number, **approval)
        return self.send(phone, f"/challenges/{document['challenge_id']}/answer", members)

    def sign_in(self, phone: Driver, *, pin: str | None = None) -> TestResponse:
        """Start, look at what is pending, and answer the newest with the number shown."""
        challenge = self.start()
        document = self.pending(phone)[0]
        assert document["challenge_id"] == challenge.challenge_id
        return self.answer(phone, document, str(challenge.number), pin=pin)

    def advance(self, by: timedelta) -> None:
        with self.provider.store.begin() as db:
            move_clock(db, by)
        with self.provider.store.read() as db:
            self.provider.synchronise_clock(db)

    def device(self, phone: Driver) -> Device:
        with self.provider.store.read() as db:
            return db.scalars(select(Device).where(Device.device_id == phone.device_id)).one()

    def challenge(self, challenge_id: str) -> Challenge:
        with self.provider.store.read() as db:
            return db.scalars(select(Challenge).where(Challenge.challenge_id == challenge_id)).one()

    def last_challenge_id(self) -> str:
        newest = select(Challenge.challenge_id).order_by(Challenge.created_at.desc())
        with self.provider.store.read() as db:
            return str(db.scalars(newest.limit(1)).one())

    def events(self) -> list[str]:
        with self.provider.store.read() as db:
            return list(db.scalars(select(JournalEvent.event).order_by(JournalEvent.seq)))

    def messages(self, kind: str) -> list[OutboxMessage]:
        with self.provider.store.read() as db:
            return list(db.scalars(select(OutboxMessage).where(OutboxMessage.kind == kind)))


def a_client(name: str = "EspacePro de démonstration") -> Client:
    return Client(client_id="demo", name=name)


def push_subscription(endpoint: str = "http://127.0.0.1:8002/push") -> dict[str, Any]:
    return {
        "endpoint": endpoint,
        "keys": {"p256dh": b64(b"\x04" + secrets.token_bytes(64)), "auth": b64(bytes(16))},
    }


class Statements:
    """Counts what is said to the database while it is open."""

    def __init__(self, provider: Provider) -> None:
        self.engine = provider.store.engine
        self.statements: list[str] = []
        self.commits = 0

    def __enter__(self) -> Self:
        event.listen(self.engine, "before_cursor_execute", self._statement)
        event.listen(self.engine, "commit", self._commit)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._statement)
        event.remove(self.engine, "commit", self._commit)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            self.statements.append(statement)

    def _commit(self, _connection: Any) -> None:
        self.commits += 1
