"""Activation on the phone, against the real provider in this process."""

import io
from pathlib import Path
from urllib.parse import quote

import pytest
import qrcode
from flask import Flask
from PIL import Image

from idp.provider import Provider
from tests.conftest import BASE_URL
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    advance,
    mailed_qr,
    new_phone,
    outbox,
    sms_code,
)
from wallet_sim.errors import (
    AddressRefused,
    AlreadyEnrolled,
    CodeRefused,
    DocumentRefused,
    IdentifierLacksType,
    IdentifierMalformed,
    NotEnrolled,
    PinRefused,
    QrRefused,
    TokenRefused,
)
from wallet_sim.phone import Phone
from wallet_sim.qr import normalise_token, parse_activation, read_image


def draw(text: str) -> bytes:
    file = io.BytesIO()
    qrcode.make(text).save(file)
    return file.getvalue()


def activation(url: str = BASE_URL, kid: str = "k", token: str = "0" * 26) -> str:
    return f"ecps://enrol?v=1&u={quote(url, safe='')}&t={token}&k={kid}&x=4000000000"


@pytest.fixture
def started(app: Flask, tmp_path: Path) -> Phone:
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    return phone


@pytest.mark.parametrize(
    "address",
    [
        "ftp://localhost",
        "http://provider.test",
        "http://user:pw@localhost",
        "localhost:8000",
        "",
        "http://[",
        "http://localhost:abc",
        "http://localhost:8000\r\nX: y",
        f"https://{'a' * 64}.test",
        f"https://provider.test/{'a' * 70_000}",
    ],
    ids=lambda address: address[:30],
)
def test_address_that_is_not_safe_is_refused(app: Flask, tmp_path: Path, address: str) -> None:
    with pytest.raises(AddressRefused):
        new_phone(app, tmp_path).start_enrolment(address, PERSON)


def test_missing_8_is_told_to_who_types(app: Flask, tmp_path: Path) -> None:
    """EC-03, decision 17: format errors are the only ones told before possession is proved."""
    with pytest.raises(IdentifierLacksType):
        new_phone(app, tmp_path / "a").start_enrolment(BASE_URL, PERSON[1:])
    with pytest.raises(IdentifierMalformed):
        new_phone(app, tmp_path / "b").start_enrolment(BASE_URL, "bonjour")


@pytest.mark.parametrize("what", ["no picture", "no QR", "two QRs"])
def test_picture_without_exactly_one_qr_is_refused(what: str) -> None:
    blank, file = Image.new("L", (800, 400), 255), io.BytesIO()
    if what == "two QRs":
        for place in (0, 400):
            blank.paste(Image.open(io.BytesIO(draw(f"x{place}"))).convert("L"), (place, 0))
    blank.save(file, format="PNG")
    with pytest.raises(QrRefused):
        read_image(b"no picture" if what == "no picture" else file.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        "https://example.test/",
        activation("https://other.test"),
        activation().replace("v=1", "v=2"),
        activation().replace("enrol", "pair"),
        activation() + "&t=" + "1" * 26,
        activation().replace("&k=k", ""),
        activation().replace("x=4000000000", "x=soon"),
        activation().replace("x=4000000000", "x=1"),
        activation(token="U" * 26),
    ],
)
def test_qr_of_another_kind_provider_or_time_is_refused(text: str) -> None:
    """The phone only trusts its configured origin."""
    with pytest.raises(QrRefused):
        parse_activation(text, base_url=BASE_URL, now=1_800_000_000)


def test_typed_token_may_be_written_in_any_way() -> None:
    assert normalise_token(" o1il-abcd efgh\njkmn pqrs tvwx yz ") == "0111ABCDEFGHJKMNPQRSTVWXYZ"


def test_qr_that_names_another_key_is_refused_before_the_token_is_shown(
    app: Flask, tmp_path: Path
) -> None:
    network = Network(app)
    phone = new_phone(app, tmp_path / "phone", network)
    phone.start_enrolment(BASE_URL, PERSON)
    with pytest.raises(DocumentRefused):
        phone.scan(draw(activation(kid="A" * 43)))
    assert not [path for path in network.paths if path.endswith("/redeem")]


def test_mailed_qr_of_another_phones_ticket_is_refused(
    app: Flask, started: Phone, tmp_path: Path
) -> None:
    """Attack 38: the token serves the device key that asked."""
    picture = mailed_qr(app, PERSON)
    other = new_phone(app, tmp_path / "other")
    other.start_enrolment(BASE_URL, "899700990023")
    with pytest.raises(TokenRefused):
        other.scan(picture)
    started.scan(picture)


def test_late_qr_is_refused_by_the_phone(app: Flask, started: Phone, provider: Provider) -> None:
    picture = mailed_qr(app, PERSON)
    advance(provider, 901)
    with pytest.raises(QrRefused):
        started.scan(picture)


def test_wrong_sms_code_tells_the_tries_left(app: Flask, started: Phone) -> None:
    started.scan(mailed_qr(app, PERSON))
    code = sms_code(app, PERSON)
    wrong = "000000" if code != "000000" else "111111"
    with pytest.raises(CodeRefused) as refused:
        started.enter_sms_code(wrong)
    assert refused.value.tries_left == 2
    started.enter_sms_code(f" {code[:3]} {code[3:]} ")


def test_pin_comes_after_the_sms_code(started: Phone) -> None:
    with pytest.raises(NotEnrolled):
        started.choose_pin(PIN)
    with pytest.raises(NotEnrolled):
        started.pending()


@pytest.mark.parametrize(
    ("pin", "reason"),
    [("258", "length"), ("258025802", "length"), ("0000", "repeated"), ("1234", "sequence")],
)
def test_weak_pin_is_refused_when_chosen(app: Flask, started: Phone, pin: str, reason: str) -> None:
    """Decision 22."""
    started.scan(mailed_qr(app, PERSON))
    started.enter_sms_code(sms_code(app, PERSON))
    with pytest.raises(PinRefused) as refused:
        started.choose_pin(pin)
    assert refused.value.reason == reason
    assert started.choose_pin(PIN).national_id == PERSON


def test_an_active_phone_is_deleted_before_it_is_enrolled_again(phone: Phone) -> None:
    with pytest.raises(AlreadyEnrolled):
        phone.start_enrolment(BASE_URL, PERSON)
    phone.delete()
    phone.start_enrolment(BASE_URL, PERSON)
    assert phone.stage() == "mail"


def test_typed_token_activates_as_the_qr_does(app: Flask, started: Phone) -> None:
    """Decision 17: each QR has a typed alternative."""
    text = read_image(mailed_qr(app, PERSON))
    token = parse_activation(text, base_url=BASE_URL, now=0).token
    started.redeem("-".join(token[i : i + 4] for i in range(0, 26, 4)).lower())
    started.enter_sms_code(sms_code(app, PERSON))
    started.choose_pin(PIN)
    assert started.stage() == "active"


@pytest.mark.parametrize("path", ["/enrolments", "/redeem", "/verify", "/activate"])
def test_one_lost_answer_is_asked_again_with_the_same_bytes(
    app: Flask, tmp_path: Path, path: str
) -> None:
    """Section 2: the same bytes again get the same answer, so a short cut costs nothing."""
    network = Network(app)
    phone = new_phone(app, tmp_path / "phone", network)
    network.lose_once(path)
    phone.start_enrolment(BASE_URL, PERSON)
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    phone.choose_pin(PIN)
    assert phone.status().provider["state"] == "active"
    assert len([m for m in outbox(app, PERSON) if m["kind"] == "sms" and m["payload"]["code"]]) == 1
