"""Activation by card on the phone, against the real provider, portal and picture (EC-05)."""

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner
from flask import Flask
from PIL import Image
from werkzeug.test import Client

from idp.provider import Provider
from idp.settings import Settings
from tests.cards.helpers import issued_card
from tests.conftest import BASE_URL, make_settings
from tests.enrolment.helpers import wrong
from tests.portal.helpers import Visit, qr_in, token_on
from tests.wallet.helpers import (
    PERSON,
    PIN,
    Network,
    advance,
    ask_signin,
    enrol,
    new_phone,
    tells_pin,
)
from tests.wallet.screen.helpers import Browser, serve_one
from tests.wallet.test_control import call, control
from tests.wallet.test_enrolment import draw
from wallet_sim.cli import main
from wallet_sim.cli.common import Shell
from wallet_sim.errors import (
    AddressRefused,
    AlreadyEnrolled,
    DeviceInactive,
    DocumentRefused,
    NotEnrolled,
    PairingRefused,
    PostureRefused,
    QrRefused,
    TokenRefused,
)
from wallet_sim.phone import Phone
from wallet_sim.qr import parse_pairing, read_image

NOW = 1_800_000_000


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url="https://localhost:8005")


@pytest.fixture
def portal(app: Flask, provider: Provider) -> Visit:
    return Visit(app.test_client(), issued_card(provider, PERSON))


@pytest.fixture
def empty(app: Flask, tmp_path: Path) -> Phone:
    return new_phone(app, tmp_path / "empty")


def pairing(url: str = BASE_URL, kid: str = "k", token: str = "0" * 26) -> str:
    return f"ecps://pair?v=1&u={quote(url, safe='')}&t={token}&k={kid}&x=4000000000"


def pair(portal: Visit, phone: Phone) -> None:
    shown = phone.pair(BASE_URL, qr_in(portal.show_qr()))
    portal.type_code(shown.code)
    assert phone.pairing_state().state == "confirmed"
    phone.choose_pin(PIN)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.test/",
        pairing("https://other.test"),
        pairing().replace("v=1", "v=2"),
        pairing().replace("pair", "enrol"),
        pairing() + "&t=" + "1" * 26,
        pairing().replace("&k=k", ""),
        pairing().replace("x=4000000000", "x=1"),
        pairing(token="U" * 26),
    ],
)
def test_qr_of_another_kind_provider_or_time_is_refused(text: str) -> None:
    """Decision 33: the phone only trusts its configured origin."""
    with pytest.raises(QrRefused):
        parse_pairing(text, base_url=BASE_URL, now=NOW)


def test_qr_of_another_provider_is_answered_to_nobody(app: Flask, tmp_path: Path) -> None:
    """Decision 33: not even the token is shown."""
    network = Network(app)
    phone = new_phone(app, tmp_path / "phone", network)
    for foreign, refusal in (
        (pairing("https://other.test"), QrRefused),
        (pairing(kid="A" * 43), DocumentRefused),
    ):
        with pytest.raises(refusal):
            phone.pair(BASE_URL, draw(foreign))
    assert not [path for path in network.paths if "pairings" in path]
    assert phone.stage() == "empty"


def test_unsafe_address_is_refused(empty: Phone) -> None:
    with pytest.raises(AddressRefused):
        empty.pair("http://provider.test", "0" * 26)


def test_phone_that_holds_an_e_cps_is_deleted_first(phone: Phone, portal: Visit) -> None:
    """EC-28."""
    with pytest.raises(AlreadyEnrolled):
        phone.pair(BASE_URL, qr_in(portal.show_qr()))


def test_qr_that_another_phone_scanned_is_refused(
    app: Flask, empty: Phone, portal: Visit, tmp_path: Path
) -> None:
    """Attack 37: by its photo; the phone that was first is told too."""
    picture = qr_in(portal.show_qr())
    empty.pair(BASE_URL, picture)
    with pytest.raises(TokenRefused):
        new_phone(app, tmp_path / "stranger").pair(BASE_URL, picture)
    with pytest.raises(PairingRefused):
        empty.pairing_state()


def test_late_qr_is_refused_by_the_phone(empty: Phone, portal: Visit, provider: Provider) -> None:
    """EC-22."""
    picture = qr_in(portal.show_qr())
    advance(provider, 91)
    with pytest.raises(QrRefused):
        empty.pair(BASE_URL, picture)


def test_pin_comes_after_the_code_on_the_portal(empty: Phone, portal: Visit) -> None:
    """EC-23."""
    shown = empty.pair(BASE_URL, qr_in(portal.show_qr()))
    assert empty.stage() == "pairing"
    assert empty.pairing_code() == shown.code
    assert empty.pairing_state().state == "scanned"
    with pytest.raises(NotEnrolled):
        empty.choose_pin(PIN)
    portal.type_code(shown.code)
    assert empty.pairing_state().state == "confirmed"
    assert empty.stage() == "pin"


def test_wrong_code_on_the_portal_ends_it_for_the_phone(empty: Phone, portal: Visit) -> None:
    """Decision 33."""
    shown = empty.pair(BASE_URL, qr_in(portal.show_qr()))
    portal.type_code(wrong(shown.code))
    with pytest.raises(PairingRefused):
        empty.pairing_state()


def test_phone_that_activates_by_mail_waits_for_no_portal(app: Flask, tmp_path: Path) -> None:
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    with pytest.raises(NotEnrolled):
        phone.pairing_state()
    assert phone.pairing_code() == ""


def test_rooted_phone_is_refused(empty: Phone, portal: Visit) -> None:
    """EC-28: by card as by identifier."""
    shown = empty.pair(BASE_URL, qr_in(portal.show_qr()))
    empty.set_posture(rooted=True)
    portal.type_code(shown.code)
    empty.pairing_state()
    with pytest.raises(PostureRefused):
        empty.choose_pin(PIN)


def test_real_picture_code_and_pin_make_a_phone_that_signs_in(
    app: Flask, empty: Phone, portal: Visit
) -> None:
    """EC-05, EC-21: nothing faked; the picture as a screen shows it."""
    shown = empty.pair(BASE_URL, qr_in(portal.show_qr()), "Mon téléphone")
    portal.type_code(shown.code)
    empty.pairing_state()
    identity = empty.choose_pin(PIN)
    assert (identity.national_id, empty.stage()) == (PERSON, "active")
    empty.approve(PIN, ask_signin(app).number)


def test_paired_phone_takes_the_place_of_the_old_one(
    app: Flask, empty: Phone, portal: Visit, tmp_path: Path
) -> None:
    """Decision 16, EC-28: at its last step only."""
    old = enrol(app, tmp_path / "old")
    shown = empty.pair(BASE_URL, qr_in(portal.show_qr()))
    portal.type_code(shown.code)
    empty.pairing_state()
    assert old.status().provider["state"] == "active"
    empty.choose_pin(PIN)
    with pytest.raises(DeviceInactive):
        old.status()


@pytest.mark.parametrize("how", ["text", "token"])
def test_text_of_the_qr_and_typed_token_do_as_the_picture(
    empty: Phone, portal: Visit, how: str
) -> None:
    """Decision 17: each QR has a typed alternative."""
    page = portal.show_qr()
    given = read_image(qr_in(page)) if how == "text" else token_on(page).lower()
    portal.type_code(empty.pair(BASE_URL, given).code)
    assert empty.pairing_state().state == "confirmed"


def test_small_photo_of_the_screen_is_read(portal: Visit, tmp_path: Path) -> None:
    picture = Image.open(io.BytesIO(qr_in(portal.show_qr()))).convert("L")
    half, file = picture.resize((picture.width // 2, picture.height // 2)), io.BytesIO()
    half.save(file, format="PNG")
    assert read_image(file.getvalue()).startswith("ecps://pair?")


@pytest.mark.parametrize("path", ["/pairings", "/confirmation", "/activate"])
def test_one_lost_answer_is_asked_again_with_the_same_bytes(
    app: Flask, tmp_path: Path, portal: Visit, path: str
) -> None:
    """Section 2: a short cut of the network burns nothing."""
    network = Network(app)
    network.lose_once(path)
    phone = new_phone(app, tmp_path / "phone", network)
    pair(portal, phone)
    assert phone.status().provider["state"] == "active"


# -- the command and the served phone -------------------------------------------------------------


class _Hands(Network):
    """Types the phone's code on the portal when the phone first asks about it."""

    def __init__(self, app: Flask, type_code: Callable[[], object]) -> None:
        super().__init__(app)
        self._type_code: Callable[[], object] | None = type_code

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/confirmation") and self._type_code is not None:
            type_code, self._type_code = self._type_code, None
            type_code()
        return super().handle_request(request)


@pytest.mark.parametrize("how", ["--image", "--qr", "--token"])
def test_command_pairs_in_one_go(
    portal: Visit,
    provider: Provider,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    page, home = portal.show_qr(), tmp_path / "phone"
    file = tmp_path / "qr.png"
    file.write_bytes(qr_in(page))
    given = {"--image": str(file), "--qr": read_image(qr_in(page)), "--token": token_on(page)}[how]

    def type_code() -> None:
        state = json.loads((home / "phone.json").read_text())
        portal.type_code(state["enrolment"]["code"])

    shell = partial(
        Shell, transport=_Hands(portal.browser.application, type_code), clock=provider.clock
    )
    monkeypatch.setattr("wallet_sim.cli.Shell", shell)
    arguments = ["--home", str(home), "pair", "--idp", BASE_URL, how, given, "--pin", PIN]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["national_id"] == PERSON
    assert not tells_pin(result.output)


def test_command_takes_the_qr_in_one_way(tmp_path: Path) -> None:
    arguments = ["--home", str(tmp_path), "pair", "--idp", BASE_URL, "--qr", "x", "--token", "y"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "one of" in result.output


def test_program_pairs_through_the_control_api(empty: Phone, portal: Visit) -> None:
    client: Client = control(empty)
    members = {"idp": BASE_URL, "token": token_on(portal.show_qr())}
    shown = json.loads(call(client, "pair", members).data)
    assert shown["state"] == "scanned"
    portal.type_code(shown["code"])
    assert json.loads(call(client, "pairing", {}).data)["state"] == "confirmed"
    assert json.loads(call(client, "pin", {"pin": PIN}).data)["national_id"] == PERSON


def test_person_pairs_on_the_phones_page(empty: Phone, portal: Visit) -> None:
    """Decision 33; the phone passes to the PIN by itself once its code is typed."""
    browser = Browser(serve_one(empty)).unlock()
    assert "Étape 1 sur 4" in browser.look("activate/card").text
    picture = (io.BytesIO(qr_in(portal.show_qr())), "qr.png")
    assert browser.press("pair", idp=BASE_URL, picture=picture).status_code == 303
    code = empty.pairing_code()
    assert f"{code[:3]} {code[3:]}" in browser.look().text
    portal.type_code(code)
    assert browser.look("state").status_code == 200
    page = browser.look().text
    assert "Choisir le code e-CPS" in page
    assert "Étape 3 sur 4" in page
    assert "Étape 4 sur 4" in browser.press("pin", pin=PIN, again=PIN).text


def test_a_pairing_that_is_dead_is_told_on_the_page(empty: Phone, portal: Visit) -> None:
    """EC-23."""
    browser = Browser(serve_one(empty)).unlock()
    form = {"idp": BASE_URL, "token": token_on(portal.show_qr())}
    assert browser.press("pair", **form).status_code == 303
    portal.type_code(f"{(int(empty.pairing_code()) + 1) % 1_000_000:06}")
    told = browser.press("pairing")
    assert told.status_code == 409
    assert "terminée ou a expiré" in told.text
