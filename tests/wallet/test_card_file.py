"""The card's one file, how it is made, and what its holder does with it."""

import json
import multiprocessing
import ssl
import stat
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from flask import Flask
from flask.testing import FlaskClient

from idp.cards.opposition import oppose, order_replacement
from idp.cards.states import CardState
from idp.store.world import move_clock
from tests.cards.helpers import of_another_version
from tests.conftest import BASE_URL, DEV_SECRET, provider_of
from tests.wallet.cards import ACTIVE, RECEIVED, MadeCard, block, make
from wallet_sim.card import lock
from wallet_sim.card.errors import (
    CardAbsent,
    CardFileRefused,
    CardInUse,
    CardNotToBeMade,
    ContentRefused,
    SignatureRefused,
    TransitionRefused,
)
from wallet_sim.card.file import CardFile, Kind, Seal, look
from wallet_sim.card.maker import make_card
from wallet_sim.card.signed_file import sign_file, verify_file
from wallet_sim.dev_provider import DevProvider
from wallet_sim.encoding import b64url
from wallet_sim.errors import NoAnswer

NEW_CODE = "2580"
LETTER = b"Ordonnance : une semaine de repos."


@pytest.fixture
def made(app: Flask, tmp_path: Path) -> MadeCard:
    return make(app, tmp_path / "cards")


@pytest.fixture
def authority(browser: FlaskClient) -> bytes:
    """What anybody gets of the authority of the cards."""
    response = browser.get("/pki/persons.crt")
    assert response.status_code == 200
    return bytes(response.data)


def test_file_and_folder_are_the_owners_alone(made: MadeCard) -> None:
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_file_that_others_can_read_is_refused(made: MadeCard) -> None:
    made.path.chmod(0o644)
    with pytest.raises(CardFileRefused, match="chmod 600"), made.insert():
        pass


def test_damaged_file_is_refused_without_showing_what_it_holds(made: MadeCard) -> None:
    """Attack 45."""
    content = json.loads(made.path.read_text())
    content["code"]["tries_left"] = -1
    made.path.write_text(json.dumps(content))
    with pytest.raises(CardFileRefused) as refused, made.insert():
        pass
    assert content["card_key"]["d"] not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_card_is_said_to_be_absent(made: MadeCard, tmp_path: Path) -> None:
    missing = MadeCard(made.app, tmp_path / "none.card", "", "")
    with pytest.raises(CardAbsent), missing.insert():
        pass


def _try_to_hold(path: Path, told: "multiprocessing.Queue[str]") -> None:
    try:
        with CardFile(path, patience=0).hold():
            told.put("held")
    except CardInUse:
        told.put("in use")


def test_a_card_is_in_one_reader_at_a_time(made: MadeCard) -> None:
    """Decision 31: two processes would count the same try once."""
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[str] = context.Queue()
    with made.insert():
        other = context.Process(target=_try_to_hold, args=(made.path, told))
        other.start()
        assert told.get(timeout=30) == "in use"
        other.join()


def test_the_file_never_holds_a_code_or_what_would_tell_one(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 31: no `K`, no proof, no evaluation, after right, wrong and new codes."""
    drawn: list[bytes] = []
    told: list[bytes] = []
    new_key, make_seal, prove = lock.new_key, lock.make_seal, lock.prove

    def keep_key() -> bytes:
        drawn.append(new_key())
        return drawn[-1]

    def keep_proof(kind: Kind, code: str, salt: str) -> bytes:
        told.append(prove(kind, code, salt))
        return told[-1]

    def keep_evaluation(key: bytes, evaluation: bytes, **more: object) -> Seal:
        told.append(evaluation)
        return make_seal(key, evaluation, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(lock, "new_key", keep_key)
    monkeypatch.setattr(lock, "prove", keep_proof)
    monkeypatch.setattr(lock, "make_seal", keep_evaluation)
    made = make(app, tmp_path / "cards")
    states = [made.path.read_text()]
    block(made)
    states.append(made.path.read_text())
    with made.insert() as card:
        card.unblock(made.unblock_code, NEW_CODE)
        card.enter_code(NEW_CODE)
    states.append(made.path.read_text())
    assert drawn
    assert len(told) >= 7
    for text in states:
        for secret in (*drawn, *told):
            assert b64url(secret) not in text
            assert secret.hex() not in text
        for code in (made.code, made.unblock_code, NEW_CODE):
            assert f'"{code}"' not in text
        assert "BEGIN PRIVATE KEY" not in text
    assert {each.name for each in made.path.parent.iterdir()} == {
        f"{ACTIVE}.card",
        f"{ACTIVE}.lock",
    }


def test_a_card_is_made_once(app: Flask, made: MadeCard, tmp_path: Path) -> None:
    with pytest.raises(TransitionRefused):
        make(app, tmp_path / "other")
    with pytest.raises(CardFileRefused):
        make(app, made.path.parent)


class Cut(httpx.BaseTransport):
    """Leads to an application, and loses the answer to one address after it was carried out."""

    def __init__(self, app: Flask, lost: str) -> None:
        self._inner = httpx.WSGITransport(app=app)
        self._lost = lost

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        if request.url.path.endswith(self._lost):
            raise httpx.ReadError("the line was cut", request=request)
        return response


def making(app: Flask, path: Path, number: str, transport: httpx.BaseTransport) -> None:
    dev = DevProvider(BASE_URL, DEV_SECRET, transport=transport)
    make_card(path, number, dev, transport=transport)


def test_a_card_whose_making_was_cut_is_replaced_by_another(app: Flask, tmp_path: Path) -> None:
    """CP-13: what the maker lost nobody has; the card is opposed, and its successor is made."""
    path, provider = tmp_path / "cards" / f"{ACTIVE}.card", provider_of(app)
    with pytest.raises(NoAnswer):
        making(app, path, ACTIVE, Cut(app, "personalisation"))
    assert not path.exists()
    with pytest.raises(CardNotToBeMade, match=f"ecps-idp card replace {ACTIVE}"):
        making(app, path, ACTIVE, httpx.WSGITransport(app=app))
    with provider.store.begin() as db:
        oppose(provider, db, ACTIVE, reason="dysfonctionnement")
        successor = order_replacement(provider, db, ACTIVE).card_number
    other = path.with_stem(successor)
    making(app, other, successor, httpx.WSGITransport(app=app))
    assert look(other).face["national_id"] == "899700990015"


def test_a_provider_that_cannot_be_pinned_makes_no_card(app: Flask, tmp_path: Path) -> None:
    """What can fail comes before the card is made: the same number can be made again."""
    path = tmp_path / "cards" / f"{ACTIVE}.card"
    with pytest.raises(NoAnswer):
        making(app, path, ACTIVE, Cut(app, "configuration"))
    making(app, path, ACTIVE, httpx.WSGITransport(app=app))


def test_a_number_that_nobody_ordered_is_said_to_be_none(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(CardNotToBeMade, match="no card 9999999999 was ordered"):
        make(app, tmp_path, "9999999999")


def test_a_card_that_arrived_is_activated_by_its_holder_alone(app: Flask, tmp_path: Path) -> None:
    """CP-07: with the code of the letter; once."""
    made = make(app, tmp_path / "cards", RECEIVED)
    assert made.row().state == CardState.RECUE_NON_ACTIVEE
    with made.insert() as card:
        opened = card.enter_code(made.code)
        assert opened.activate() == CardState.ACTIVE
        with pytest.raises(TransitionRefused) as refused:
            opened.activate()
    assert refused.value.state == CardState.ACTIVE
    assert made.row().state == CardState.ACTIVE


def test_a_card_in_another_time_follows_the_providers_clock(app: Flask, made: MadeCard) -> None:
    """Decision 5: a day later the card still opens, without being told."""
    provider = provider_of(app)
    with provider.store.begin() as db:
        move_clock(db, timedelta(days=1))
    with made.insert() as card:
        card.enter_code(made.code)


def test_the_chip_holds_what_its_authority_signed_for_it(
    app: Flask, made: MadeCard, tmp_path: Path
) -> None:
    """CP-12: and takes over nothing else."""
    with made.insert() as card:
        content = card.refresh_content()
    assert content["holder"]["national_id"] == made.state.face["national_id"]
    assert content["activities"]
    other = make(app, tmp_path / "cards", RECEIVED)
    text = json.loads(made.path.read_text())
    for foreign in (other.state.content, f"{made.state.content}A", "content"):
        made.path.write_text(json.dumps(text | {"content": foreign}))
        with made.insert() as card, pytest.raises(ContentRefused):
            card.content()


def test_a_signature_names_the_holder_and_holds_over_these_bytes_alone(
    app: Flask, made: MadeCard, authority: bytes
) -> None:
    """CP-14: electronic signature, with the key that signs nobody in."""
    with made.insert() as card:
        opened = card.enter_code(made.code)
        signed = sign_file(opened, LETTER).encode()
        over_authentication = opened.sign_digest(b"d" * 32)
    now = provider_of(app).clock.timestamp()
    certificate = verify_file(LETTER, signed, authority, now)
    assert made.state.face["national_id"] in certificate.subject.rfc4514_string()
    with pytest.raises(SignatureRefused, match="does not hold"):
        verify_file(LETTER + b".", signed, authority, now)
    with pytest.raises(InvalidSignature):
        _public(certificate).verify(over_authentication, b"d" * 32, ec.ECDSA(SHA256()))


@pytest.mark.parametrize("change", ["use", "authority", "time", "algorithm", "version", "form"])
def test_a_signature_by_anything_else_is_refused(
    app: Flask, made: MadeCard, authority: bytes, change: str
) -> None:
    """CP-14: the authentication certificate signs no document."""
    with made.insert() as card:
        signed = json.loads(sign_file(card.enter_code(made.code), LETTER))
    now = provider_of(app).clock.timestamp()
    match change:
        case "use":
            signed["certificate"] = made.state.certificates.authentication
        case "authority":
            authority = made.state.certificates.signature.encode()
        case "time":
            now = made.state.face["ends_at"] + 1
        case "algorithm":
            signed["alg"] = "none"
        case "version":
            der = x509.load_pem_x509_certificate(signed["certificate"].encode())
            another = of_another_version(der.public_bytes(Encoding.DER))
            signed["certificate"] = ssl.DER_cert_to_PEM_cert(another)
        case _:
            signed["more"] = ""
    with pytest.raises(SignatureRefused):
        verify_file(LETTER, json.dumps(signed).encode(), authority, now)


def test_the_private_keys_lie_under_a_password(made: MadeCard) -> None:
    backend = made.state.backend
    assert backend.kind == "file"
    for pem in backend.keys.values():
        with pytest.raises(TypeError):
            load_pem_private_key(pem.encode(), None)


def _public(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key
