"""A doctor's desk: the workstation, a reader with whichever card is in it, a list, browsers."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from flask.testing import FlaskClient
from requests.adapters import BaseAdapter
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from idp.cards.authority import Authority
from relying_services.billing import BillingSettings, create_app
from relying_services.billing.desk import Desk
from relying_services.billing.store.models import ReplacementRow
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.service import HANDLE
from relying_services.service.store.models import TraceRow
from relying_services.service.store.sessions import open_session
from tests.relying_services.billing.cards import SUBSTITUTING, TestCard, make_authority
from tests.relying_services.compiled import COMPILED
from tests.relying_services.signed_in import post

READER, LIST = "http://reader.test", "http://authority.test/pki/persons.crl"
SECRET = "start-up-secret-of-the-reader"
DOCTOR, SUBSTITUTE, OTHER = "899700990015", "899700990023", "899700990031"

_HOLD = x509.CRLReason(x509.ReasonFlags.certificate_hold)


class Wire(BaseAdapter):
    """Reader and authority, as the workstation reaches them."""

    def __init__(self, authority: Authority, clock: Clock) -> None:
        super().__init__()
        self.authority, self.clock = authority, clock
        self.card: TestCard | None = None
        self.is_open = True
        self.tries_left = 3
        self.refuses = ""
        """Why the reader refuses, where it says so itself."""
        self.tells: dict[str, Any] = {}
        """What the reader tells otherwise than the card does."""
        self.signer: TestCard | None = None
        """Who signs, where it is not the card that was read."""
        self.meanwhile: Callable[[], object] | None = None
        """What happens while the card signs, once."""
        self.revoked: list[TestCard] = []
        self.on_hold: list[TestCard] = []
        """Those on the list that their holders have not activated yet."""
        self.list: bytes | None = None
        """The list that is published, where it is not made for the present."""
        self.is_list_served = True
        self.asked: list[str] = []

    def send(
        self, request: requests.PreparedRequest, *_given: Any, **_more: Any
    ) -> requests.Response:
        url = request.url or ""
        self.asked.append(url)
        if url == LIST:
            if not self.is_list_served:
                raise requests.ConnectionError(url)
            return answer(200, self.list or self.make_list())
        assert request.headers["Ecps-Control-Secret"] == SECRET
        return self._reader(url.rpartition("/")[2], request.body)

    def close(self) -> None:
        pass

    def make_list(self, lasts: timedelta = timedelta(hours=1)) -> bytes:
        now = self.clock.now().replace(microsecond=0)
        number = int(now.timestamp())
        builder = x509.CertificateRevocationListBuilder().last_update(now).next_update(now + lasts)
        for cards, reason in ((self.revoked, None), (self.on_hold, _HOLD)):
            for serial in (
                each.serial_number for card in cards for each in card.certificates.values()
            ):
                entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
                if reason is not None:
                    entry = entry.add_extension(reason, critical=False)
                builder = builder.add_revoked_certificate(entry.build())
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
        return self.authority.sign_list(builder).public_bytes(Encoding.DER)

    def _reader(self, name: str, body: Any) -> requests.Response:
        if name == "card-status":
            number = self.card.number if self.card else None
            return told({"inserted": number, "open": self.is_open, "cards": [
                {"number": number, "tries_left": self.tries_left}
            ]})  # fmt: skip
        if self.refuses:
            return told({"code": self.refuses}, 409)
        if self.card is None:
            return told({"code": "card_absent"}, 409)
        if not self.is_open:
            return told({"code": "code_missing"}, 409)
        if name == "card-content":
            return told(self.card.told() | self.tells)
        assert name == "card-sign"
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        content = base64.b64decode(json.loads(body)["content"])
        return told({"signed": (self.signer or self.card).sign(content)})


def told(members: dict[str, Any], status: int = 200) -> requests.Response:
    return answer(status, json.dumps(members).encode())


def answer(status: int, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code, response.raw = status, BytesIO(body)
    return response


class Surgery:
    """Everything around one workstation.

    Args:
        folder: where files lie.
        url: of the database.
        clock: of the workstation.
    """

    def __init__(self, folder: Path, url: str, clock: Clock, **settings: Any) -> None:
        self.folder, self.clock = folder, clock
        self.authority = make_authority(clock.now())
        self.trust = folder / "persons.crt"
        self.trust.write_bytes(self.authority.certificate.public_bytes(Encoding.DER))
        self.wire = Wire(self.authority, clock)
        self.settings = BillingSettings(
            issuer="http://nowhere.test/auth/realms/esante-wallet",
            client_id="billing",
            client_secret="secret",
            base_url="http://localhost:8011",
            database_url=url,
            reader_url=READER,
            reader_secret=SECRET,
            authority_file=str(self.trust),
            list_url=LIST,
            **settings,
        )
        self.app: Flask = self.started_again()
        self.desk: Desk = service_of(self.app).more["desk"]
        self.desk.http.mount("http://", self.wire)
        self.doctor = self.card()
        self.substitute = self.card(
            national_id=SUBSTITUTE,
            family_name="ALTERNE",
            given_name="Basile",
            number="9700000002",
            activities=[SUBSTITUTING],
        )

    def started_again(self) -> Flask:
        """The workstation, on its database as it is."""
        app = create_app(self.settings, self.clock)
        app.jinja_env.bytecode_cache = COMPILED
        return app

    def card(self, **members: Any) -> TestCard:
        return TestCard(self.authority, self.clock.now(), **members)

    def insert(self, card: TestCard | None) -> None:
        self.wire.card = card

    def sign_in(self, card: TestCard, *, authenticated: datetime | None = None) -> FlaskClient:
        """A browser whose person authenticated with this card, and put it in the reader."""
        service = service_of(self.app)
        at = authenticated or self.clock.now()
        with service.store.begin() as db:
            handle = open_session(
                db,
                service.settings.limits,
                self.clock.now(),
                actor=card.national_id,
                name=f"{card.given_name} {card.family_name}",
                means="CARD",
                sub=f"f:simulation:{card.national_id}",
                sid=f"sid-{card.number}",
                id_token=id_token(at),
                activity={},
            )
        browser = self.app.test_client()
        with browser.session_transaction() as session:
            session[HANDLE] = handle
        self.insert(card)
        return browser

    def prepare(self, **changes: Any) -> str:
        """The doctor prepares a session; gives its name."""
        browser = self.sign_in(self.doctor)
        went = post(browser, "/replacements/new", **(wish() | changes))
        assert went.status_code == 302, went.text
        return str(went.location).rpartition("/")[2]

    def activate(
        self, name: str, card: TestCard | None = None, **changes: Any
    ) -> tuple[FlaskClient, TestResponse]:
        """A substitute activates a session."""
        browser = self.sign_in(card or self.substitute)
        form = {"presented": "A-remplacement", "replaced": "A-cabinet"} | changes
        return browser, post(browser, f"/activation/{name}", **form)

    def working(self, **changes: Any) -> tuple[str, FlaskClient]:
        """A session that is active, and the substitute's browser."""
        name = self.prepare(**changes)
        browser, went = self.activate(name)
        assert went.status_code == 302, went.text
        return name, browser

    def bill(self, browser: FlaskClient, token: str, **changes: Any) -> TestResponse:
        form = {"replacement": token, "patient": "Nadia FICTIVE", "act_G": "1"} | changes
        return post(browser, "/invoices/new", **form)

    def act(self, name: str, act: str) -> TestResponse:
        """The doctor does something to a session, with the card."""
        return post(self.sign_in(self.doctor), f"/replacements/{name}/{act}")

    def state(self, name: str) -> str:
        return self.row(name).state

    def row(self, name: str) -> ReplacementRow:
        with service_of(self.app).store.read() as db:
            found = db.scalar(select(ReplacementRow).where(ReplacementRow.id == name))
        assert found is not None
        return found

    def while_it_signs(self, name: str, **values: Any) -> None:
        """A session becomes another one while a card signs: another window was quicker."""

        def changed() -> None:
            with service_of(self.app).store.begin() as db:
                db.execute(update(ReplacementRow).where(ReplacementRow.id == name).values(**values))

        self.wire.meanwhile = changed

    def traced(self) -> list[TraceRow]:
        with service_of(self.app).store.read() as db:
            return list(db.scalars(select(TraceRow).order_by(TraceRow.id)))

    def last(self) -> tuple[str, str, str]:
        """Action, outcome and reason of what was done last."""
        entry = self.traced()[-1]
        return entry.action, entry.outcome, entry.reason


def wish() -> dict[str, Any]:
    return {
        "substitute": SUBSTITUTE.removeprefix("8"),
        "name": "Basile ALTERNE",
        "kind": "one_off",
        "situations": "A-cabinet",
        "mailbox": "granted",
    }


def id_token(at: datetime) -> str:
    claims = json.dumps({"auth_time": int(at.timestamp())}).encode()
    return f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.AA"


def error_of(page: TestResponse) -> str:
    """The code that a page of refusal tells."""
    begin = page.text.find('<code id="error">')
    assert begin > 0, page.text
    return page.text[begin:].partition(">")[2].partition("<")[0]
