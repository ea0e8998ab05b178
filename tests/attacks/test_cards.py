"""Cards and the phones they pair, under attack (attacks 37, 39, 40, 41)."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from idp import create_app
from idp.cards.names import PERSONS, CardSubject, compose_subject
from idp.cards.opposition import oppose
from idp.cards.states import CardState
from idp.provider import Provider
from idp.serving.authority import ServerCertificate
from idp.serving.card_listener import only_cards
from idp.settings import Settings
from idp.store.models import BrowserSession, CardApproval, Device, DirectoryPerson
from tests.attacks.helpers import browse_to_number, browser_at, send_raw, sign_in_with, state_on
from tests.cards.helpers import IssuedCard, issued_card, order_card
from tests.conftest import BASE_URL, make_settings, provider_of
from tests.enrolment.helpers import wrong
from tests.oauth.helpers import PROTOCOL
from tests.portal.helpers import PAIRING, Visit, qr_in, token_on
from tests.signin.helpers import (
    CALLBACK,
    add_client,
    all_of,
    authorize,
    begin,
    post,
    returned,
)
from tests.wallet.cards import ACTIVE, MadeCard, block, make
from tests.wallet.helpers import PERSON, PIN, Network, advance, ask_signin, new_phone, outbox
from tests.wallet.listener import certificate_for, listen, point
from wallet_sim.card import tls
from wallet_sim.card.card import OpenedCard
from wallet_sim.card.errors import (
    CodeBlocked,
    SignInRefused,
    UnblockBlocked,
    WrongCode,
    WrongUnblockCode,
)
from wallet_sim.card.reader import sign_in
from wallet_sim.card.tls import ClientCertificate
from wallet_sim.card.trust import ServerTrust
from wallet_sim.encoding import parse_object
from wallet_sim.errors import (
    DeviceInactive,
    NoAnswer,
    NotEnrolled,
    PairingRefused,
    QrRefused,
    TokenRefused,
)
from wallet_sim.phone import Phone

SERVICE = ("service", "secret")
JSON = {"Accept": "application/json"}


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture(autouse=True)
def service(app: Flask) -> None:
    add_client(provider_of(app))


def refresh(browser: FlaskClient, token: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE)


# -- the QR of the portal (attack 37) ------------------------------------------------------------


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, PERSON)


@pytest.fixture
def portal(app: Flask, card: IssuedCard) -> Visit:
    """The victim before the portal, card in the reader."""
    return Visit(app.test_client(), card)


@pytest.fixture
def own(app: Flask, tmp_path: Path) -> Phone:
    return new_phone(app, tmp_path / "own")


@pytest.fixture
def thief(app: Flask, tmp_path: Path) -> Phone:
    """The phone of whoever looks over the shoulder."""
    return new_phone(app, tmp_path / "thief")


def pair(portal: Visit, phone: Phone) -> str:
    """As an honest person does it; gives the revocation code."""
    portal.type_code(phone.pair(BASE_URL, qr_in(portal.show_qr())).code)
    phone.pairing_state()
    return phone.choose_pin(PIN).revocation_code


def devices(provider: Provider) -> list[Device]:
    return all_of(provider, Device)


@pytest.mark.parametrize("first", ["own", "thief"])
def test_a_qr_that_two_phones_scan_pairs_neither(
    app: Flask, portal: Visit, own: Phone, thief: Phone, first: str
) -> None:
    """Attack 37 (scanned twice): whoever was first, the code typed then confirms nobody."""
    scanner, late = (own, thief) if first == "own" else (thief, own)
    picture = qr_in(portal.show_qr())
    shown = scanner.pair(BASE_URL, picture)
    with pytest.raises(TokenRefused):
        late.pair(BASE_URL, picture)
    portal.type_code(shown.code)
    with pytest.raises(PairingRefused):
        scanner.pairing_state()
    assert "Deux téléphones ont lu ce QR code" in portal.browser.get(PAIRING).text
    assert any("deux téléphones" in m["payload"]["text"].lower() for m in outbox(app, PERSON))
    assert devices(provider_of(app)) == []


def test_a_qr_older_than_90_seconds_pairs_nobody(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (after 90 s), EC-22: refused by the phone, and by the provider besides."""
    page = portal.show_qr()
    advance(provider, 91)
    with pytest.raises(QrRefused):
        thief.pair(BASE_URL, qr_in(page))
    with pytest.raises(TokenRefused):
        thief.pair(BASE_URL, token_on(page))


@pytest.mark.parametrize("when", ["while the code is awaited", "confirmed", "active"])
def test_a_photo_of_the_qr_never_makes_a_second_phone(
    provider: Provider, portal: Visit, own: Phone, thief: Phone, when: str
) -> None:
    """Attack 37 (replayed from a photo): at no point; a phone that is active stays."""
    page = portal.show_qr()
    shown = own.pair(BASE_URL, qr_in(page))
    if when != "while the code is awaited":
        portal.type_code(shown.code)
        assert own.pairing_state().state == "confirmed"
    if when == "active":
        own.choose_pin(PIN)
    with pytest.raises(TokenRefused):
        thief.pair(BASE_URL, qr_in(page))
    assert [device.state for device in devices(provider)] == ["active"] * (when == "active")


def test_a_phone_whose_code_was_not_typed_is_never_active(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (code not confirmed): not by patience, nor past its own application."""
    thief.pair(BASE_URL, qr_in(portal.show_qr()))
    with pytest.raises(NotEnrolled):
        thief.choose_pin(PIN)
    with thief._exchange() as exchange:
        begun = exchange.state.enrolment
    assert begun is not None
    forged = {"registration": {}, "policy_version": 1, "push": None}
    for seconds in (0, 60, 3600):
        advance(provider, seconds)
        with pytest.raises(PairingRefused):
            send_raw(thief, f"{begun.address}/activate", forged)
    assert devices(provider) == []


def test_the_thiefs_phone_is_not_confirmed_by_the_code_of_another(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (code not confirmed), decision 33: one try, of what that very phone shows."""
    shown = thief.pair(BASE_URL, qr_in(portal.show_qr()))
    portal.type_code(wrong(shown.code))
    portal.type_code(shown.code)
    with pytest.raises(PairingRefused):
        thief.pairing_state()
    assert devices(provider) == []


# -- certificates, by the real card and the real listener (attack 39) ----------------------------


@dataclass
class Wire:
    """A listener that really listens, and what is shown to it."""

    app: Flask
    address: str
    trust: ServerTrust
    folder: Path

    @property
    def provider(self) -> Provider:
        return provider_of(self.app)

    def make(self, number: str = ACTIVE) -> MadeCard:
        made = make(self.app, self.folder, number)
        point(made, self.address)
        return made

    def handle(self) -> str:
        return begin(self.app.test_client()).rpartition("/")[2]

    def reason(self, card: OpenedCard) -> str:
        """Why the reader's agent is refused with an open card."""
        with pytest.raises(SignInRefused) as refused:
            sign_in(card, self.handle(), self.trust, "fr")
        return refused.value.reason

    def reason_of(self, shown: ClientCertificate) -> str:
        """Why another certificate is, whose key the attacker has."""
        answer = tls.get(f"{self.address}/card/{self.handle()}", shown, self.trust, JSON)
        assert answer.status == 403
        return str(parse_object(answer.body)["code"])


@pytest.fixture
def certificate(tmp_path: Path) -> ServerCertificate:
    return certificate_for(tmp_path / "tls")


@pytest.fixture
def wire(
    app: Flask, tmp_path: Path, certificate: ServerCertificate, settings: Settings
) -> Iterator[Wire]:
    with listen(only_cards(app), certificate, settings) as address:
        yield Wire(app, address, ServerTrust(certificate.authority), tmp_path / "cards")
        # Whatever was shown: nobody came in, and nothing waits to be finished.
        assert all_of(provider_of(app), BrowserSession) == []
        assert all_of(provider_of(app), CardApproval) == []


def test_an_expired_card_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (expired): by the provider's clock, though the chip still opens."""
    made = wire.make()
    life = wire.provider.settings.card_lifetime + timedelta(days=1)
    advance(wire.provider, life.total_seconds())
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "card_expired"


def test_a_revoked_card_signs_nobody_in_though_it_was_open_before(wire: Wire) -> None:
    """Attack 39 (revoked): from the next handshake on."""
    made = wire.make()
    with made.insert() as card:
        opened = card.enter_code(made.code)
        with wire.provider.store.begin() as db:
            oppose(wire.provider, db, ACTIVE, reason="vol")
        assert wire.reason(opened) == "card_opposed"


@pytest.mark.parametrize(
    "issuer",
    [
        PERSONS,
        x509.Name.from_rfc4514_string("CN=AC IGC-SANTE FORT PERSONNES,O=ASIP-SANTE,C=FR"),
    ],
    ids=["other CA of our name", "real-looking name without TEST"],
)
def test_a_certificate_of_another_authority_signs_nobody_in(wire: Wire, issuer: x509.Name) -> None:
    """Attack 39 (other CA; real-looking name without TEST): the signature decides."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    counterfeit = (
        x509.CertificateBuilder()
        .subject_name(compose_subject("CPS", CardSubject(PERSON, "MARGELLE", "Solène")))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .sign(ec.generate_private_key(ec.SECP256R1()), SHA256())
    )
    shown = ClientCertificate(
        counterfeit.public_bytes(Encoding.PEM).decode(),
        lambda digest: key.sign(digest, ec.ECDSA(Prehashed(SHA256()))),
    )
    assert wire.reason_of(shown) == "authority_unknown"


def test_the_certificate_to_sign_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (signature-only): with its own key, which the open card holds."""
    made = wire.make()
    with made.insert() as card:
        opened = card.enter_code(made.code)
        shown = ClientCertificate(
            opened.state.certificates.signature,
            lambda digest: opened.keys.sign_digest("signature", digest),
        )
        assert wire.reason_of(shown) == "signature_certificate"


def test_a_cpe_signs_nobody_in_where_a_cps_is_demanded(wire: Wire) -> None:
    """Attack 39 (CPE card)."""
    made = wire.make(order_card(wire.provider, PERSON, family="CPE", state=CardState.ACTIVE))
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "family_refused"


def test_a_card_whose_holder_is_in_no_register_signs_nobody_in(wire: Wire) -> None:
    """Attack 39 (identifier not in register)."""
    made = wire.make()
    holder = str(made.row().national_id)
    with wire.provider.store.begin() as db:
        db.execute(delete(DirectoryPerson).where(DirectoryPerson.national_id == holder))
    with made.insert() as card:
        assert wire.reason(card.enter_code(made.code)) == "holder_unknown"


@pytest.mark.parametrize("where", ["the card's listener", "the provider's own port"])
def test_a_forged_header_is_no_card(wire: Wire, certificate: ServerCertificate, where: str) -> None:
    """Attack 39 (forged `X-SSL-Client-Cert`): the certificate of a card in use, without its key."""
    pem = wire.make().state.certificates.authentication
    forged = JSON | {
        "X-SSL-Client-Cert": f"guessed {quote(pem)}",
        "ecps.card_certificate": "".join(pem.split()),
    }
    path = f"/card/{wire.handle()}"
    if where == "the card's listener":
        trusting = ssl.create_default_context(cafile=str(certificate.authority))
        told = httpx.get(wire.address + path, headers=forged, verify=trusting, trust_env=False)
        code = told.json()["code"]
    else:
        code = wire.app.test_client().get(path, headers=forged).get_json()["code"]
    assert code == "card_missing"


# -- the code of the card (attack 40) ------------------------------------------------------------


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> MadeCard:
    return make(app, tmp_path / "cards")


def restarted(made: MadeCard, settings: Settings) -> MadeCard:
    """The card before a provider that was started anew on its database."""
    return MadeCard(create_app(settings), made.path, made.code, made.unblock_code)


def test_three_wrong_codes_block_the_card_across_restarts(
    made: MadeCard, settings: Settings
) -> None:
    """Attack 40 (3 wrong; restart): of the card, and of the provider."""
    for left in (2, 1, 0):
        made = restarted(made, settings)
        with made.insert() as card, pytest.raises(WrongCode) as refused:
            card.enter_code(made.wrong_code)
        assert refused.value.tries_left == left
    made = restarted(made, settings)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)
    assert made.row().state == CardState.BLOQUEE


def test_pulling_the_plug_before_each_comparison_gives_no_fourth_try(
    app: Flask, made: MadeCard
) -> None:
    """Attack 40 (power cut between count and comparison): each cost a try, seen or not.

    `tests/wallet/test_card_lock.py` kills the process at every point.
    """
    network = Network(app)
    made.transport = network
    for _ in range(3):
        with (
            network.cut("/presentations", request_lost=False),
            made.insert() as card,
            pytest.raises(NoAnswer),
        ):
            card.enter_code(made.wrong_code)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)
    assert made.row().state == CardState.BLOQUEE


def test_a_copy_of_the_card_has_no_tries_of_its_own(made: MadeCard, tmp_path: Path) -> None:
    """Attack 40, decision 31: a file put back as it was."""
    copies = [made.copy(tmp_path / f"copy-{n}") for n in range(3)]
    for copy in copies:
        with copy.insert() as card, pytest.raises(WrongCode):
            card.enter_code(made.wrong_code)
    with made.insert() as card, pytest.raises(CodeBlocked):
        card.enter_code(made.code)


def test_the_unblocking_code_is_limited_across_restarts_and_copies(
    made: MadeCard, settings: Settings, tmp_path: Path
) -> None:
    """Attack 40 (unblock code limited): afterwards the card is good for nothing."""
    copy = made.copy(tmp_path / "copy")
    block(made)
    for left in (2, 1, 0):
        made = restarted(made, settings)
        with made.insert() as card, pytest.raises(WrongUnblockCode) as refused:
            card.unblock(made.wrong_unblock_code, "4826")
        assert refused.value.tries_left == left
    for each in (restarted(made, settings), restarted(copy, settings)):
        with each.insert() as card, pytest.raises(UnblockBlocked):
            card.unblock(each.unblock_code, "4826")


def test_a_card_blocked_by_its_copy_signs_nobody_in_where_it_is_open(
    wire: Wire, tmp_path: Path
) -> None:
    """Attack 40, decision 31: the provider's count decides."""
    made = wire.make()
    copy = made.copy(tmp_path / "copy")
    with made.insert() as card:
        opened = card.enter_code(made.code)
        block(copy)
        assert wire.reason(opened) == "card_blocked"


# -- phones that ended (attack 41) ---------------------------------------------------------------


def end_by_revocation_code(app: Flask, portal: Visit, code: str) -> None:
    del portal
    told = post(browser_at(app), "/portail/revocation", code=code, confirmed="1")
    assert told.status_code == 200


def end_by_opposing_its_card(app: Flask, portal: Visit, code: str) -> None:
    del code
    provider = provider_of(app)
    since = provider.clock.now() - timedelta(hours=1)
    with provider.store.begin() as db:
        oppose(provider, db, portal.card.card_number, reason="vol", lost_since=since)


@pytest.mark.parametrize("end", [end_by_revocation_code, end_by_opposing_its_card])
def test_a_phone_that_ended_is_refused_within_one_request(
    app: Flask, portal: Visit, own: Phone, end: object
) -> None:
    """Attack 41 (revoked, suspended by an opposed card; decision 32): polls, answers, refreshes.

    What it approved a moment before, and what it opened, ends with it.
    """
    assert callable(end)
    provider = provider_of(app)
    code = pair(portal, own)
    browser, approved, waiting = browser_at(app), browser_at(app), browser_at(app)
    given = returned(sign_in_with(browser, own))["code"]
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK}
    tokens = browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE).get_json()
    page, number = browse_to_number(approved)
    own.approve(PIN, number)
    other_page, number = browse_to_number(waiting)
    (asked,) = own.pending()

    end(app, portal, code)

    for act in (
        own.pending,
        own.status,
        lambda: own.approve(PIN, number, asked),
        lambda: own.refuse("cancelled", asked),
        lambda: own.subscribe_push(None),
        lambda: own.change_pin(PIN, "7913"),
    ):
        with pytest.raises(DeviceInactive):
            act()
    assert urlsplit(approved.get(page + "/finish").headers.get("Location", "")).query == ""
    assert state_on(waiting, other_page) != "approved"
    refused = refresh(browser, tokens["refresh_token"])
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 401
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"
    phones = [s for s in all_of(provider, BrowserSession) if s.device_id is not None]
    assert [session.ended_at is None for session in phones] == [False]


def test_a_phone_suspended_by_an_opposed_card_answers_no_new_question(
    app: Flask, portal: Visit, own: Phone
) -> None:
    """Attack 41, decision 32: nor does it go on when time passes."""
    end_by_opposing_its_card(app, portal, pair(portal, own))
    ask_signin(app)
    for seconds in (0, 86_400):
        advance(provider_of(app), seconds)
        with pytest.raises(DeviceInactive) as refused:
            own.pending()
        assert refused.value.members["state"] == "suspended"
