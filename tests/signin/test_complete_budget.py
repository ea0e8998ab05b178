"""What a complete phone sign-in may ask of the database, over all its requests."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask

from idp import create_app
from idp.keys.sealing import sha256
from idp.store.clients import add_client
from idp.store.models import Client
from tests.conftest import BASE_URL, make_settings, provider_of
from tests.signin.test_statements import counted
from tests.wallet.helpers import PERSON, PIN, enrol
from wallet_sim.phone import Phone

STATEMENTS = 40
COMMITS = 9
CALLBACK = "http://localhost:9/callback"
CLIENT = ("budget", "budget-secret-budget-secret")


@pytest.fixture
def served(database_url: str, master_key: str) -> Iterator[Flask]:
    """The application on either database, with one confidential client."""
    app = create_app(make_settings(database_url, master_key, dev=False))
    provider = provider_of(app)
    with provider.store.begin() as db:
        add_client(
            db,
            Client(
                client_id=CLIENT[0],
                name="Service de démonstration",
                secret_hash=sha256(CLIENT[1]),
                redirect_uris=[CALLBACK],
                post_logout_redirect_uris=[],
                auth_method="client_secret_basic",
                scope="openid scope_all",
                profile="psc",
                means=["MOBILE"],
                options={},
                created_at=provider.clock.now(),
            ),
        )
    yield app
    provider.store.close()


def test_a_complete_phone_sign_in_keeps_to_its_budget(served: Flask, tmp_path: Path) -> None:
    """At most 40 statements and 9 commits, as served for good, without what `--dev` adds.

    Each further poll of the waiting page is one statement (`test_statements.py`).
    """
    with enrol(served, tmp_path / "phone") as phone:
        complete_sign_in(served, phone)
        with counted(provider_of(served)) as count:
            complete_sign_in(served, phone)
    assert count.commits <= COMMITS
    assert count.statements <= STATEMENTS


def test_the_first_sign_in_of_a_person_opens_the_account_besides(
    served: Flask, tmp_path: Path
) -> None:
    with (
        enrol(served, tmp_path / "phone") as phone,
        counted(provider_of(served)) as count,
    ):
        complete_sign_in(served, phone)
    assert count.commits <= COMMITS
    assert count.statements <= STATEMENTS + 1


def complete_sign_in(app: Flask, phone: Phone) -> None:
    """A new browser, the phone, and all that the relying service does then."""
    realm = provider_of(app).settings.realm_path + "/protocol/openid-connect"
    browser = httpx.Client(base_url=BASE_URL, transport=httpx.WSGITransport(app=app))
    service = httpx.Client(base_url=BASE_URL, transport=httpx.WSGITransport(app=app), auth=CLIENT)
    request = {
        "client_id": CLIENT[0],
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": secrets.token_hex(8),
        "nonce": secrets.token_hex(8),
    }
    page = browser.get("/auth", params=request).headers["Location"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token is not None
    form = {"csrf_token": token[1], "national_id": PERSON}
    assert browser.post(page, data=form).status_code == httpx.codes.SEE_OTHER
    number = re.search(r'id="challenge-number"[^>]*>\s*(\d\d)', browser.get(page).text)
    assert number is not None
    phone.approve(PIN, number=number[1])
    assert browser.get(f"{page}/status").json() == {"state": "approved"}
    returned = browser.get(f"{page}/finish").headers["Location"]
    grant = {
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(returned).query)["code"][0],
        "redirect_uri": CALLBACK,
    }
    tokens = service.post(f"{realm}/token", data=grant).raise_for_status().json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get(f"{realm}/userinfo", headers=bearer).is_success
    asked = {"token": tokens["access_token"]}
    assert service.post(f"{realm}/token/introspect", data=asked).json()["active"]
