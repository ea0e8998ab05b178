"""What others chose to be shown, and what nobody may write down (attacks 45 and 47)."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from idp.provider import Provider
from idp.signin import endpoints
from idp.store.models import JournalEvent
from tests.attacks.helpers import browse_to_number, browser_at
from tests.conftest import BASE_URL, DEV_SECRET
from tests.oauth.helpers import PROTOCOL
from tests.signin.helpers import (
    CALLBACK,
    PERSON,
    add_client,
    authorize,
    begin,
    returned,
    token_in,
)
from tests.wallet.helpers import enrol, mailed_qr, new_phone, outbox, sms_code
from wallet_sim.display import render
from wallet_sim.errors import Malformed, NotRecognised, WrongPin
from wallet_sim.qr import parse_activation, read_image

DECEPTIVE = "\u202e\u202d\u2066\u2069\u200b\u200d\u2028\u2029\u00ad\ufeff\x07\n\r\t\U000e0041"
NAMES = (
    "Banque\u202eetnas",
    "Service\nLieu : CHU de Saint-Aubin",
    "Espace\u2028Pro\u200b\u2066caché\u2069",
    "<b onmouseover=alert(1)>Espace</b>{{ 7*7 }}",
    "Nom" + "\u202e" * 40 + "\U000e0041",
    "É" * 500,
    "'; DROP TABLE clients; --",
)
PIN = "740926"


@pytest.mark.parametrize("name", NAMES)
def test_a_services_name_cannot_turn_hide_or_add_words(
    app: Flask, browser: FlaskClient, provider: Provider, tmp_path: Path, name: str
) -> None:
    """Attack 47 (tricks in the name): on the phone, and on every page that names the service."""
    add_client(provider, name=name)
    add_client(provider, "second", name=name)
    phone = enrol(app, tmp_path / "phone", pin=PIN)
    pages = [browser.get(begin(browser)).text]
    page, number = browse_to_number(browser)
    pages.append(browser.get(page).text)
    (asked,) = phone.pending()
    shown = render(asked)
    assert len([line for line in shown if line.startswith("Service : ")]) == 1
    assert len([line for line in shown if line.startswith("Lieu : ")]) == 1
    assert len(shown[0]) <= 80
    assert not [character for line in shown for character in line if character in DECEPTIVE]
    with pytest.raises(WrongPin):
        phone.approve("130579", number)
    phone.approve(PIN, number)
    assert returned(browser.get(page + "/finish"))["code"]
    confirm = authorize(browser, client_id="second").headers["Location"]
    pages.append(browser.get(confirm).text)
    assert "Confirmer" in pages[-1]
    out = browser.get(f"{PROTOCOL}/logout", query_string={"client_id": "second"})
    pages.append(out.text)
    for text_of_page in pages:
        hidden = set(DECEPTIVE) - {"\n", "\r", "\t"}
        assert not hidden & set(text_of_page)
        assert "<b onmouseover" not in text_of_page
        assert "\nLieu : CHU" not in text_of_page
        assert "É" * 100 not in text_of_page


def test_a_phones_name_cannot_carry_tricks_to_the_contacts(app: Flask, tmp_path: Path) -> None:
    """Attack 47 (tricks in a name): what an attacker calls their phone is written to the owner."""
    for number, name in enumerate(("a\nb", "a\u202eb", "a\u2028b", "a\x00b", "", "a" * 65)):
        phone = new_phone(app, tmp_path / str(number))
        with pytest.raises((Malformed, NotRecognised)):
            phone.start_enrolment(BASE_URL, PERSON, name)
    assert outbox(app, PERSON) == []


def test_no_secret_of_a_whole_life_is_logged_or_journalled(
    *,
    app: Flask,
    browser: FlaskClient,
    provider: Provider,
    tmp_path: Path,
    master_key: str,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Attack 45 (secrets in logs): each one that came by is searched for, failures included."""
    caplog.set_level("DEBUG")
    add_client(provider)
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    token = parse_activation(read_image(mailed_qr(app, PERSON)), base_url=BASE_URL, now=0).token
    phone.scan(mailed_qr(app, PERSON))
    code = sms_code(app, PERSON)
    phone.enter_sms_code(code)
    phone.choose_pin(PIN)
    page, number = browse_to_number(browser, same_device="1")
    with pytest.raises(WrongPin):
        phone.approve("130579", number)
    approved = phone.approve(PIN, number)
    assert approved.completion
    end = browser.get(f"{page}/finish?completion={approved.completion}")
    if end.headers["Location"] == page:
        end = browser.post(page + "/proceed", data={"csrf_token": token_in(browser.get(page))})
        end = browser.get(page)
    grant = returned(end)["code"]
    form = {"grant_type": "authorization_code", "code": grant, "redirect_uri": CALLBACK}
    tokens = browser.post(f"{PROTOCOL}/token", data=form, auth=("service", "secret")).get_json()
    browser.post(f"{PROTOCOL}/token", data=form, auth=("service", "wrong-secret-canary"))
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 200
    browser.get("/dev/v1/outbox", headers={"Ecps-Dev-Secret": DEV_SECRET})
    handle = page.removeprefix("/signin/")
    with monkeypatch.context() as patched:
        patched.setattr(endpoints, "find_client", fail_with(tokens["id_token"]))
        assert browser.get("/auth?state=canary-of-a-query").status_code == 500
    break_database(provider)
    assert browser.get(page).status_code == 503
    other = browser_at(app)
    assert other.get("/auth?code=canary-of-a-query&client_id=service").status_code == 503
    contacts = {"solene.margelle@exemple.test", "33639980001"}
    cookies = [browser.get_cookie(name) for name in ("ecps_session", "ecps_browser", "ecps_known")]
    secrets = {
        PIN,
        "130579",
        token,
        code,
        handle,
        grant,
        approved.completion,
        "wrong-secret-canary",
        "canary-of-a-query",
        base64.b64encode(b"service:secret").decode(),
        DEV_SECRET,
        master_key,
        *contacts,
        *(cookie.value for cookie in cookies if cookie is not None),
        *(tokens[name] for name in ("access_token", "refresh_token", "id_token")),
    }
    assert len(secrets) == 20
    written = capsys.readouterr()
    logged = written.out + written.err + caplog.text
    assert '"event": "exception"' in logged
    assert not [secret for secret in secrets if secret in logged]
    with provider.store.read() as db:
        rows = [json.dumps(row.data) for row in db.scalars(select(JournalEvent))]
    assert len(rows) > 10
    assert not [secret for secret in secrets if secret in "\n".join(rows)]
    kept = (tmp_path / "phone" / "phone.json").read_text("utf-8")
    assert not [secret for secret in (PIN, "130579", code, token) if f'"{secret}"' in kept]


def fail_with(token: str) -> Callable[..., None]:
    """A defect of ours, with a secret in its message."""

    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot use {token} for client secret={DEV_SECRET}")

    return fail


def break_database(provider: Provider) -> None:
    """The next request that reads a client fails in SQL, with its values in the exception."""
    with provider.store.begin() as db:
        db.execute(text("ALTER TABLE clients RENAME TO clients_away"))
