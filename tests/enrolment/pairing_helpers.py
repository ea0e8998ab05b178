"""A card session on the portal and a phone that scans its QR, without pages or cookies."""

import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from joserfc import jws
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from idp.cards.opposition import oppose
from idp.directory.people import account_of
from idp.enrolment.pairing import confirm, start_pairing, token_of
from idp.provider import Provider
from idp.store.models import BrowserSession, Card, Device, JournalEvent, Pairing
from idp.store.pairings import find_pairing
from idp.store.people import write_correction
from idp.store.sessions import add_session
from idp.store.sessions import end_session as close_session
from idp.store.world import move_clock
from tests.cards.helpers import order_card
from tests.enrolment.helpers import KNOWN, Handset, handset, registration

PAIRINGS = "/wallet/v1/pairings"


@dataclass
class Portal:
    """A person signed in by card, before the page that shows the QR."""

    provider: Provider
    national_id: str = KNOWN
    family: str = "CPS"
    card_number: str = ""
    sid: str = field(default_factory=lambda: str(uuid.uuid4()))
    pairing_id: str = ""

    def __post_init__(self) -> None:
        provider = self.provider
        self.card_number = self.card_number or order_card(
            provider, self.national_id, family=self.family, state="active"
        )
        now = provider.clock.now()
        with provider.store.begin() as db:
            session = BrowserSession(
                sid=self.sid,
                cookie_hash=secrets.token_bytes(32),
                national_id=self.national_id,
                account_id=account_of(db, self.national_id, now).account_id,
                auth_time=now,
                means={"CARD": int(now.timestamp())},
                device_id=None,
                card_number=self.card_number,
                card_family=self.family,
                last_activity_at=now,
                created_at=now,
                expires_at=now + provider.settings.session_lifetime,
            )
            add_session(db, session)

    def show_qr(self) -> str:
        """Ask for a QR; gives what it holds as token."""
        with self.provider.store.begin() as db:
            started = start_pairing(
                self.provider,
                db,
                sid=self.sid,
                card_number=self.card_number,
                national_id=self.national_id,
            )
        self.pairing_id = started.pairing_id
        return token_of(self.provider, started.pairing_id)

    def type_code(self, code: str, *, sid: str = "") -> str | None:
        """What the pairing becomes; None where nothing was confirmed."""
        with self.provider.store.begin() as db:
            pairing = find_pairing(db, self.pairing_id)
            assert pairing is not None
            taken = confirm(self.provider, db, pairing, sid=sid or self.sid, typed=code)
        return None if taken is None else taken.state

    def close(self) -> None:
        with self.provider.store.begin() as db:
            close_session(db, self.sid, now=self.provider.clock.now())

    def oppose(self, reason: str = "vol") -> None:
        with self.provider.store.begin() as db:
            oppose(self.provider, db, self.card_number, reason=reason)

    @property
    def pairing(self) -> Pairing:
        with self.provider.store.read() as db:
            found = find_pairing(db, self.pairing_id)
        assert found is not None
        return found


@dataclass
class Scanner:
    """A phone before the QR."""

    phone: Handset
    pairing_id: str = ""
    code: str = ""

    def scan(self, token: str) -> TestResponse:
        answer = self.phone.post(PAIRINGS, token=token, name="Téléphone")
        if answer.status_code == 201:
            self.pairing_id = answer.get_json()["pairing_id"]
            self.code = answer.get_json()["code"]
        return answer

    def ask(self) -> TestResponse:
        return self.phone.post(f"{PAIRINGS}/{self.pairing_id}/confirmation")

    def document(self) -> dict[str, Any]:
        answer = self.ask()
        assert answer.get_json()["state"] == "confirmed", answer.get_json()
        signed = jws.extract_compact(answer.get_json()["document"].encode())
        document: dict[str, Any] = json.loads(signed.payload)
        return document

    def activate(self, document: dict[str, Any], **members: Any) -> TestResponse:
        given = {"registration": registration(document), "policy_version": 1, "push": None}
        return self.phone.post(f"{PAIRINGS}/{self.pairing_id}/activate", **(given | members))


def scanner(app: Flask) -> Scanner:
    return Scanner(handset(app))


def pair(portal: Portal, phone: Scanner) -> TestResponse:
    """The whole of it, as an honest person does it."""
    assert phone.scan(portal.show_qr()).status_code == 201
    assert portal.type_code(phone.code) == "confirmed"
    return phone.activate(phone.document())


def code_of(answer: TestResponse) -> str:
    code: str = answer.get_json()["code"]
    return code


def devices(provider: Provider) -> list[Device]:
    with provider.store.read() as db:
        return list(db.scalars(select(Device).order_by(Device.created_at)))


def refusals(provider: Provider) -> list[str]:
    """The reasons of the refusals that the journal holds."""
    with provider.store.read() as db:
        rows = db.scalars(
            select(JournalEvent)
            .where(JournalEvent.event == "enrolment:pairing:refused")
            .order_by(JournalEvent.seq)
        )
        return [row.data["reason"] for row in rows]


def strike_off(provider: Provider, national_id: str = KNOWN) -> None:
    with provider.store.begin() as db:
        write_correction(
            db,
            national_id=national_id,
            struck_off=True,
            civil_identity=None,
            now=provider.clock.now(),
        )


def set_card(provider: Provider, card_number: str, **values: Any) -> None:
    with provider.store.begin() as db:
        db.execute(update(Card).where(Card.card_number == card_number).values(**values))


def advance(provider: Provider, seconds: float) -> None:
    with provider.store.begin() as db:
        move_clock(db, timedelta(seconds=seconds))
    with provider.store.read() as db:
        provider.synchronise_clock(db)
