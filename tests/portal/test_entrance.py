"""Signing in to the portal, a client of its own provider."""

import json
import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from idp import create_app
from idp.portal.client import CLIENT_ID, register_portal
from idp.provider import Provider
from idp.settings import Settings
from idp.store.models import AuthorizationCode, Client, Grant, RefreshToken
from tests.cards.helpers import IssuedCard, issued_card
from tests.conftest import BASE_URL, make_settings, provider_of
from tests.portal.helpers import (
    ACCOUNT,
    PAIRING,
    SOMEBODY_ELSE,
    Visit,
    query_of,
    sign_in_by_phone,
    to,
)
from tests.signin.helpers import wait

RETURN = "/portail/retour"


def test_an_answer_to_nothing_enters_nobody(browser: FlaskClient) -> None:
    for query in ("", "?code=x&state=y", "?error=access_denied"):
        assert browser.get(RETURN + query).status_code == 403


def test_an_answer_with_another_state_is_refused(visit: Visit, provider: Provider) -> None:
    """Forged sign-ins (RFC 9700, 4.7): the answer belongs to what this browser asked."""
    back = to(visit.present(visit.ask()))
    for forged in ({"state": "other"}, {"state": ""}, {"iss": "https://other.test"}):
        response = visit.browser.get(f"{RETURN}?{urlencode(query_of(back) | forged)}")
        assert response.status_code == 403
    assert visit.browser.get(back).status_code == 303


def test_another_persons_code_enters_nobody(app: Flask, visit: Visit, provider: Provider) -> None:
    """Forged sign-ins: a stranger's code, brought with the right state, opens nothing here."""
    stranger = Visit(app.test_client(), issued_card(provider, SOMEBODY_ELSE))
    stolen = query_of(to(stranger.present(stranger.ask())))["code"]
    mine = query_of(to(visit.present(visit.ask())))
    response = visit.browser.get(f"{RETURN}?{urlencode(mine | {'code': stolen})}")
    assert response.status_code == 403


def test_a_code_enters_once_and_leaves_no_grant(visit: Visit, provider: Provider) -> None:
    """RFC 6749, 4.1.2: the portal needs no token, so nothing outlives the code."""
    back = to(visit.present(visit.ask()))
    assert visit.browser.get(back).status_code == 303
    assert visit.browser.get(back).status_code == 403
    with provider.store.read() as db:
        (code,) = db.scalars(select(AuthorizationCode))
        (grant,) = db.scalars(select(Grant))
        assert list(db.scalars(select(RefreshToken))) == []
    assert code.spent_at is not None
    assert grant.revoked_at is not None


def test_looking_ahead_spends_no_code(visit: Visit) -> None:
    back = to(visit.present(visit.ask()))
    assert visit.browser.head(back).status_code == 405
    assert visit.browser.get(back).status_code == 303


def test_the_token_endpoint_takes_no_code_of_the_portal(visit: Visit, settings: Settings) -> None:
    code = query_of(to(visit.present(visit.ask())))["code"]
    answer = visit.browser.post(
        f"{settings.realm_path}/protocol/openid-connect/token",
        data={
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": code,
            "redirect_uri": BASE_URL + RETURN,
            "code_verifier": "v" * 43,
        },
    )
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "unauthorized_client"


def test_pairing_demands_a_card_used_lately(browser: FlaskClient) -> None:
    """EC-05, decision 7."""
    asked = query_of(to(browser.get(to(browser.get(PAIRING)))))
    wanted = {"essential": True, "values": ["CARD"]}
    assert json.loads(asked["claims"]) == {"id_token": {"authMode": wanted}}
    assert asked["max_age"] == "900"
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= set(asked)


def test_a_phones_session_does_not_open_the_pairing(
    browser: FlaskClient, provider: Provider, card: IssuedCard
) -> None:
    """Decision 7: it is asked to step up."""
    assert sign_in_by_phone(browser, provider, card).status_code == 200
    page = Visit(browser, card).ask(PAIRING)
    assert page.startswith("/signin/")
    assert Visit(browser, card).follow(Visit(browser, card).present(page)).status_code == 200
    assert "Afficher le QR code" in browser.get(PAIRING).text


def test_a_card_used_too_long_ago_is_asked_for_again(visit: Visit, provider: Provider) -> None:
    assert visit.sign_in().status_code == 200
    wait(provider, minutes=15, seconds=1)
    assert to(visit.browser.get(PAIRING)) == "/portail/connexion?pour=e-cps"
    assert "Afficher le QR code" in visit.sign_in().text


def test_where_no_card_is_taken_the_person_is_told(sqlite_url: str, master_key: str) -> None:
    """Decision 1: a provider without the listener."""
    app = create_app(make_settings(sqlite_url, master_key))
    page = app.test_client().get(PAIRING, follow_redirects=True)
    assert page.status_code == 403
    assert "n’est pas proposée ici" in page.text
    provider_of(app).store.close()


@pytest.mark.parametrize("page", ["", "inconnue", "//evil.test"])
def test_an_unknown_page_leads_nowhere_else(visit: Visit, page: str) -> None:
    address = visit.ask(f"/portail/connexion?{urlencode({'pour': page})}")
    assert to(visit.browser.get(to(visit.present(address)))) == ACCOUNT


def test_the_portal_is_registered_at_its_entrance_and_follows_its_address(
    provider: Provider, browser: FlaskClient
) -> None:
    with provider.store.read() as db:
        assert db.get(Client, CLIENT_ID) is None
    assert browser.get("/portail/connexion").status_code == 303
    moved = provider.settings.model_copy(update={"wallet_base_url": "https://wallet.test"})
    with provider.store.begin() as db:
        register_portal(replace(provider, settings=moved), db)
    with provider.store.read() as db:
        portal = db.get(Client, CLIENT_ID)
    assert portal is not None
    assert portal.redirect_uris == ["https://wallet.test/portail/retour"]
    assert portal.options["card_families"] == ["CPS", "CPF", "CPE", "CPA"]


def test_every_page_of_the_portal_says_that_it_is_the_account(browser: FlaskClient) -> None:
    """Its tab is told from those of a sign-in and of the console."""
    for address in ("/portail", "/portail/aide"):
        page = browser.get(address).text
        assert re.search("<title>[^<]+ – Mon compte – [^<]+</title>", page)
        assert '<span class="part">Mon compte</span>' in page
    assert 'class="part"' not in browser.get("/").text
