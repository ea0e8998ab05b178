"""A whole sign-in with every secret it knows: none stands in logs, journal or metrics."""

import json
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import generate_latest

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.models import JournalEvent
from tests.conftest import BASE_URL, DEV_SECRET
from tests.oauth.helpers import PROTOCOL
from tests.robustness.routes import DEVELOPER
from tests.signin.helpers import add_client, all_of, authorize, newest_challenge, returned, start
from tests.wallet.helpers import PERSON, mailed_qr, new_phone, outbox, sms_code

CLIENT_SECRET = "canary-secret-of-the-client-0123456789"
PIN = "73915064"


def test_no_secret_of_a_whole_sign_in_is_written_anywhere(
    app: Flask, provider: Provider, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_client(provider, secret_hash=sha256(CLIENT_SECRET), auth_method="client_secret_post")
    secrets = {"client secret": CLIENT_SECRET, "pin": PIN, "dev secret": DEV_SECRET}
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    qr = next(m["payload"]["qr"] for m in outbox(app, PERSON) if m["payload"].get("qr"))
    secrets["mail token"] = qr.partition("&t=")[2].partition("&")[0]
    phone.scan(mailed_qr(app, PERSON))
    secrets["sms code"] = sms_code(app, PERSON)
    phone.enter_sms_code(secrets["sms code"])
    secrets["revocation code"] = phone.choose_pin(PIN).revocation_code

    browser = app.test_client()
    page = authorize(browser).headers["Location"]
    secrets["handle"] = page.rpartition("/")[2]
    start(browser, page)
    phone.approve(PIN, number=newest_challenge(provider).number)
    secrets["code"] = returned(browser.get(page + "/finish"))["code"]
    for name in ("ecps_session", "ecps_browser", "ecps_known"):
        cookie = browser.get_cookie(name)
        assert cookie is not None
        secrets[name] = cookie.value
    form = {"client_id": "service", "client_secret": CLIENT_SECRET}
    grant = {"grant_type": "authorization_code", "code": secrets["code"]}
    back = {"redirect_uri": "https://service.test/callback"}
    given = browser.post(f"{PROTOCOL}/token", data=form | grant | back)
    assert given.status_code == 200, given.text
    assert given.json is not None
    secrets |= {n: given.json[n] for n in ("access_token", "refresh_token", "id_token")}
    bearer = {"Authorization": f"Bearer {secrets['access_token']}"}
    assert browser.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 200
    for path, values in (
        ("token", {"grant_type": "refresh_token", "refresh_token": secrets["refresh_token"]}),
        ("token", grant | back),  # spent: an alert in the journal
        ("token/introspect", {"token": secrets["access_token"]}),
        ("revoke", {"token": secrets["refresh_token"]}),
    ):
        browser.post(f"{PROTOCOL}/{path}", data=form | values)
    browser.get("/dev/v1/clock", headers=DEVELOPER)
    browser.get(f"/dev/v1/clock?secret={DEV_SECRET}", headers={"Ecps-Dev-Secret": DEV_SECRET + "x"})
    browser.get(page)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) > 20
    for line in lines:
        said = json.loads(line)
        assert said["request_id"], line
    written = {
        "logs": "\n".join(lines),
        "journal": "\n".join(
            json.dumps({c.key: str(getattr(row, c.key)) for c in row.__table__.columns})
            for row in all_of(provider, JournalEvent)
        ),
        "metrics": generate_latest().decode(),
    }
    found = [
        (place, name)
        for place, text in written.items()
        for name, secret in secrets.items()
        if secret in text
    ]
    assert found == []
