"""The card reader and its agent, against the real listener (docs/cards.md 4)."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from idp.serving.authority import ServerCertificate
from idp.serving.card_listener import only_cards
from idp.settings import Settings
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client, begin, returned
from tests.wallet.cards import ACTIVE, RECEIVED, MadeCard, block, make
from tests.wallet.helpers import new_phone
from tests.wallet.listener import certificate_for, listen, point
from wallet_sim.card.errors import (
    CardAbsent,
    CardInUse,
    CodeMissing,
    HandleMalformed,
    RedirectRefused,
    SignInRefused,
)
from wallet_sim.card.reader import Reader, handle_of
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import SECRET_HEADER, Door
from wallet_sim.errors import NoAnswer
from wallet_sim.receiver import Receiver

SECRET = "start-up-secret-of-the-reader"
ORIGIN = "http://localhost:8002"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(
        sqlite_url,
        master_key,
        card_base_url="https://localhost:8005",
        card_reader_url=f"{ORIGIN}/reader",
    )


@pytest.fixture(autouse=True)
def service(app: Flask) -> None:
    add_client(provider_of(app), name="Logiciel de cabinet")


@pytest.fixture
def certificate(tmp_path: Path) -> ServerCertificate:
    return certificate_for(tmp_path / "tls")


@pytest.fixture
def listener(app: Flask, certificate: ServerCertificate, settings: Settings) -> Iterator[str]:
    with listen(only_cards(app), certificate, settings) as address:
        yield address


@pytest.fixture
def made(app: Flask, tmp_path: Path, listener: str) -> MadeCard:
    """A card in use, which knows where the listener is."""
    return _made(app, tmp_path, listener, ACTIVE)


def _made(app: Flask, tmp_path: Path, listener: str, number: str) -> MadeCard:
    made = make(app, tmp_path / "cards", number)
    point(made, listener)
    return made


@pytest.fixture
def reader(app: Flask, tmp_path: Path, certificate: ServerCertificate) -> Iterator[Reader]:
    def hold(path: Path) -> Any:
        return MadeCard(app, path, "", "").insert()

    trust = ServerTrust(certificate.authority)
    with closing(Reader(tmp_path / "cards", hold, trust)) as switched_on:
        yield switched_on


@pytest.fixture
def client(app: Flask, tmp_path: Path, reader: Reader) -> Client:
    phone = new_phone(app, tmp_path / "phone")
    door = Door(SECRET, HOSTS)
    return Client(ControlApp(phone, Receiver(phone, ORIGIN), door, reader))


def handle_in(page: str) -> str:
    return page.rpartition("/")[2]


# -- the agent -----------------------------------------------------------------------------------


def test_a_card_signs_its_holder_in(browser: FlaskClient, made: MadeCard, reader: Reader) -> None:
    """Docs/cards.md 4: real TLS, and the browser that began finishes."""
    page = begin(browser)
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    done = reader.sign_in(handle_in(page))
    assert done.service == "Logiciel de cabinet"
    assert done.redirect.startswith(f"http://localhost:8000{page}/card?completion=")
    assert "code" in returned(browser.get(done.redirect.removeprefix("http://localhost:8000")))


def test_no_card_and_no_code_sign_nobody_in(made: MadeCard, reader: Reader) -> None:
    with pytest.raises(CardAbsent):
        reader.sign_in("h" * 43)
    with pytest.raises(CardAbsent):
        reader.insert("9799999999")
    reader.insert(ACTIVE)
    with pytest.raises(CodeMissing):
        reader.sign_in("h" * 43)


def test_a_removed_card_asks_for_its_code_again(
    browser: FlaskClient, made: MadeCard, reader: Reader
) -> None:
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    reader.remove()
    reader.insert(ACTIVE)
    with pytest.raises(CodeMissing):
        reader.sign_in(handle_in(begin(browser)))


def test_an_inserted_card_is_in_no_other_reader(made: MadeCard, reader: Reader) -> None:
    """Decision 31."""
    reader.insert(ACTIVE)
    with pytest.raises(CardInUse), made.insert():
        pass
    reader.remove()
    with made.insert():
        pass


def test_a_refusal_keeps_its_code_and_its_french_words(
    app: Flask, browser: FlaskClient, tmp_path: Path, listener: str, reader: Reader
) -> None:
    """CP-07, decision 31: before activation the card opens, and signs nobody in."""
    made = _made(app, tmp_path, listener, RECEIVED)
    page = begin(browser)
    reader.insert(RECEIVED)
    reader.enter_code(made.code)
    with pytest.raises(SignInRefused) as refused:
        reader.sign_in(handle_in(page))
    assert refused.value.reason == "card_not_activated"
    assert "activ" in refused.value.detail
    assert reader.activate() == "active"
    assert reader.sign_in(handle_in(page)).redirect


@pytest.mark.parametrize("handle", ["", "../static/x", "a b", "h?x=1", "é"])
def test_what_is_no_handle_goes_nowhere(made: MadeCard, reader: Reader, handle: str) -> None:
    reader.insert(ACTIVE)
    reader.enter_code(made.code)
    with pytest.raises(HandleMalformed):
        reader.sign_in(handle)


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.test/signin/h/card",
        "http://localhost:8000.evil.test/signin",
        "http://localhost:8000@evil.test/signin",
        "http://user@localhost:8000/signin",
        "https://localhost:8000/signin",
        "http://localhost:8001/signin",
        "http://localhost:8000",
        "//evil.test/",
        "/signin",
        "javascript:alert(1)",
        "http://localhost:8000/\\evil.test",
        "",
    ],
)
def test_a_redirect_away_from_the_provider_is_refused(
    made: MadeCard,
    reader: Reader,
    certificate: ServerCertificate,
    settings: Settings,
    redirect: str,
) -> None:
    """Docs/cards.md 4: it must lie under the provider's address."""

    def lead_away(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        del environ
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"redirect": redirect, "service": "x"}).encode()]

    with listen(lead_away, certificate, settings) as address:
        point(made, address)
        reader.insert(ACTIVE)
        reader.enter_code(made.code)
        with pytest.raises(RedirectRefused):
            reader.sign_in("h" * 43)


@pytest.mark.parametrize(
    "answer",
    [
        ("500 Oops", "application/json", b"{}"),
        ("200 OK", "text/html", b"<p>"),
        ("200 OK", "application/json", b"[]"),
        ("303 See Other", "text/html", b""),
    ],
)
def test_an_answer_of_another_form_is_no_answer(
    made: MadeCard,
    reader: Reader,
    certificate: ServerCertificate,
    settings: Settings,
    answer: tuple[str, str, bytes],
) -> None:
    status, kind, body = answer

    def odd(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        del environ
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    with listen(odd, certificate, settings) as address:
        point(made, address)
        reader.insert(ACTIVE)
        reader.enter_code(made.code)
        with pytest.raises(NoAnswer):
            reader.sign_in("h" * 43)


def test_the_handle_is_found_in_both_addresses() -> None:
    assert handle_of(f"{ORIGIN}/reader?h=abc") == "abc"
    assert handle_of("https://localhost:8005/card/abc") == "abc"
    for address in (ORIGIN, f"{ORIGIN}/reader?h=", "https://localhost/card/a%20b"):
        with pytest.raises(HandleMalformed):
            handle_of(address)


# -- for programs --------------------------------------------------------------------------------


def call(client: Client, name: str, members: dict[str, Any] | None = None) -> TestResponse:
    headers = {SECRET_HEADER: SECRET}
    path = f"/control/v1/{name}"
    if members is None:
        return client.get(path, base_url=ORIGIN, headers=headers)
    return client.post(path, base_url=ORIGIN, headers=headers, data=json.dumps(members))


@pytest.mark.parametrize(
    "action", ["card-insert", "card-code", "card-sign-in", "card-remove", "card-activate"]
)
def test_action_without_the_secret_is_refused(client: Client, action: str) -> None:
    """Decision 2."""
    assert client.post(f"/control/v1/{action}", base_url=ORIGIN, data="{}").status_code == 403
    assert client.get("/control/v1/card-status", base_url=ORIGIN).status_code == 403


def test_a_program_uses_the_reader(browser: FlaskClient, made: MadeCard, client: Client) -> None:
    page = begin(browser)
    status = json.loads(call(client, "card-status").data)
    assert status["inserted"] is None
    assert [each["number"] for each in status["cards"]] == [ACTIVE]
    call(client, "card-insert", {"card": ACTIVE})
    wrong = call(client, "card-code", {"code": made.wrong_code})
    assert wrong.status_code == 409
    told = json.loads(wrong.data)
    assert (told["code"], told["tries_left"]) == ("wrong_code", 2)
    assert json.loads(call(client, "card-code", {"code": made.code}).data)["open"] is True
    done = json.loads(call(client, "card-sign-in", {"handle": handle_in(page)}).data)
    assert done["redirect"].startswith("http://localhost:8000/signin/")
    assert json.loads(call(client, "card-remove", {}).data)["open"] is False


def test_a_program_unblocks_a_card(made: MadeCard, client: Client) -> None:
    block(made)
    call(client, "card-insert", {"card": ACTIVE})
    blocked = json.loads(call(client, "card-code", {"code": made.code}).data)
    assert (blocked["code"], blocked["unblock_tries_left"]) == ("code_blocked", 3)
    members = {"unblock_code": made.unblock_code, "new_code": "2580"}
    assert json.loads(call(client, "card-unblock", members).data)["open"] is True


# -- for people ----------------------------------------------------------------------------------


def open_reader(client: Client, handle: str = "") -> str:
    """Type the secret where a link led, and give the token of the page's forms."""
    here = f"/reader?h={handle}" if handle else "/reader"
    assert "Secret de démarrage" in client.get(here, base_url=ORIGIN).text
    went = client.post("/login", base_url=ORIGIN, data={"secret": SECRET, "came_for": here})
    assert went.headers["Location"] == here
    page = client.get(here, base_url=ORIGIN)
    found = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def press(client: Client, action: str, **form: str) -> TestResponse:
    return client.post(f"/reader/{action}", base_url=ORIGIN, data=form)


def test_a_person_signs_in_on_the_page(
    browser: FlaskClient, made: MadeCard, client: Client
) -> None:
    handle = handle_in(begin(browser))
    token = open_reader(client, handle)
    form = {"csrf_token": token, "h": handle, "card": ACTIVE}
    refused = press(client, "use", **form, code=made.wrong_code)
    assert refused.status_code == 409
    assert "Code faux. Essais restants : 2." in refused.text
    assert made.wrong_code not in refused.text
    done = press(client, "use", **form, code=made.code)
    assert done.status_code == 303
    assert done.headers["Location"].startswith(f"http://localhost:8000/signin/{handle}/card?")
    page = client.get("/reader", base_url=ORIGIN)
    assert "Logiciel de cabinet" in page.text
    assert press(client, "remove", csrf_token=token).status_code == 303
    page = client.get("/reader?done=remove", base_url=ORIGIN)
    assert "La carte est retirée." in page.text
    assert "Logiciel de cabinet" not in page.text


def test_a_card_that_arrived_is_refused_in_french_and_activated_on_the_page(
    app: Flask, browser: FlaskClient, tmp_path: Path, listener: str, client: Client
) -> None:
    """CP-07."""
    made = _made(app, tmp_path, listener, RECEIVED)
    handle = handle_in(begin(browser))
    form = {"csrf_token": open_reader(client, handle), "h": handle}
    refused = press(client, "use", **form, card=RECEIVED, code=made.code)
    assert refused.status_code == 409
    assert '<p class="error" role="alert">' in refused.text
    assert "activ" in refused.text.split('role="alert">')[1].split("</p>")[0]
    assert "<details open>" in refused.text
    assert press(client, "activate", **form).headers["Location"] == (
        f"/reader?h={handle}&done=activate"
    )
    assert press(client, "use", **form).headers["Location"].startswith("http://localhost:8000/")


def test_a_person_unblocks_a_card_on_the_page(made: MadeCard, client: Client) -> None:
    block(made)
    form = {"csrf_token": open_reader(client), "card": ACTIVE}
    assert "La carte est bloquée" in press(client, "use", **form, code=made.code).text
    wrong = press(client, "unblock", **form, unblock_code=made.wrong_unblock_code, new_code="2580")
    assert "Code de déblocage faux. Essais restants : 2." in wrong.text
    right = press(client, "unblock", **form, unblock_code=made.unblock_code, new_code="2580")
    assert right.headers["Location"] == "/reader?done=unblock"


@pytest.mark.parametrize("forged", [{}, {"csrf_token": "0" * 64}])
@pytest.mark.parametrize("action", ["use", "activate", "unblock", "remove"])
def test_a_form_of_another_page_is_refused(
    made: MadeCard, client: Client, action: str, forged: dict[str, str]
) -> None:
    """Decision 2."""
    open_reader(client)
    form = {"card": ACTIVE, "code": made.wrong_code, **forged}
    assert press(client, action, **form).status_code == 403
    assert made.state.code.tries_left == 3


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_link_of_the_sign_in_page_leads_to_the_reader_and_nothing_else_does(
    client: Client, site: str
) -> None:
    """Decision 2: a link that a person follows shows the page; no frame, script or form does."""
    linked = {"Sec-Fetch-Site": site, **NAVIGATION}
    assert client.get("/reader?h=abc", base_url=ORIGIN, headers=linked).status_code == 200
    for headers in (
        {"Sec-Fetch-Site": site},
        {**linked, "Sec-Fetch-Dest": "iframe"},
        {**linked, "Sec-Fetch-Mode": "cors"},
        {**linked, "Origin": "http://localhost:8000"},
    ):
        answer = client.get("/reader?h=abc", base_url=ORIGIN, headers=headers)
        assert answer.status_code == 403, headers
    assert client.post("/reader/use", base_url=ORIGIN, headers=linked).status_code == 403
    assert client.get("/", base_url=ORIGIN, headers=linked).status_code == 403


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test", "/do/delete", "/reader?x"])
def test_the_login_leads_to_our_pages_only(client: Client, target: str) -> None:
    form = {"secret": SECRET, "came_for": target}
    assert client.post("/login", base_url=ORIGIN, data=form).headers["Location"] == "/"


def test_the_page_may_post_to_itself_and_lead_to_the_provider(
    made: MadeCard, client: Client
) -> None:
    """Decision 14: and to nowhere else; no script, no frame."""
    open_reader(client)
    policy = client.get("/reader", base_url=ORIGIN).headers["Content-Security-Policy"]
    assert "form-action 'self' http://localhost:8000" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_reader_without_cards_says_so(client: Client) -> None:
    client.post("/login", base_url=ORIGIN, data={"secret": SECRET})
    assert "Aucune carte" in client.get("/reader", base_url=ORIGIN).text


def test_the_page_speaks_english_too(made: MadeCard, client: Client) -> None:
    token = open_reader(client)
    english = {"Accept-Language": "en"}
    assert "Use this card" in client.get("/reader", base_url=ORIGIN, headers=english).text
    form = {"csrf_token": token, "card": ACTIVE, "code": made.wrong_code}
    refused = client.post("/reader/use", base_url=ORIGIN, headers=english, data=form)
    assert "Wrong code. Tries left: 2." in refused.text


def test_cards_that_are_unreadable_are_left_out(made: MadeCard, reader: Reader) -> None:
    (made.path.parent / "broken.card").write_text("{}")
    assert [each.number for each in reader.cards()] == [ACTIVE]
