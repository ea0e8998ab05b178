"""Two people, every address that names a thing: who knows the id of another's reaches nothing."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.portal.entrance import PAGES
from idp.provider import Provider
from idp.store.holdings import phones_of_holders
from tests.cards.helpers import issued_card
from tests.portal.helpers import ACCOUNT, SOMEBODY_ELSE, Visit, sessions, to
from tests.signin.helpers import add_client, begin, post, token_in
from tests.wallet.helpers import enrol
from wallet_sim.phone import Phone

PHONES = "/portail/telephones"


@pytest.fixture
def theirs(app: Flask, tmp_path: Path) -> Phone:
    """The phone of somebody else."""
    return enrol(app, tmp_path / "theirs", SOMEBODY_ELSE)


def device_id(provider: Provider) -> str:
    with provider.store.read() as db:
        (device,) = phones_of_holders(db, [SOMEBODY_ELSE])
    return device.device_id


@pytest.mark.parametrize("act", ["nom", "revocation"])
def test_nobody_reaches_the_phone_of_another(
    visit: Visit, provider: Provider, theirs: Phone, act: str
) -> None:
    visit.sign_in(ACCOUNT)
    address = f"{PHONES}/{device_id(provider)}/{act}"
    assert to(visit.browser.get(address)) == PHONES
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    fields = {"csrf_token": token, "name": "À moi", "reason": "lost"}
    assert to(visit.browser.post(address, data=fields)) == PHONES
    with provider.store.read() as db:
        (device,) = phones_of_holders(db, [SOMEBODY_ELSE])
    assert device.name != "À moi"
    assert theirs.status().provider["state"] == "active"


def test_nobody_takes_the_revocation_code_of_another(
    visit: Visit, provider: Provider, theirs: Phone
) -> None:
    visit.sign_in("/portail/code-de-revocation")
    with provider.store.read() as db:
        before = phones_of_holders(db, [SOMEBODY_ELSE])[0].revocation_hash
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    fields = {"csrf_token": token, "phone": device_id(provider)}
    address = "/portail/code-de-revocation"
    assert to(visit.browser.post(address, data=fields)) == address
    with provider.store.read() as db:
        assert phones_of_holders(db, [SOMEBODY_ELSE])[0].revocation_hash == before


def test_nobody_ends_the_session_of_another(app: Flask, visit: Visit, provider: Provider) -> None:
    stranger = Visit(app.test_client(), issued_card(provider, SOMEBODY_ELSE))
    stranger.sign_in(ACCOUNT)
    visit.sign_in(ACCOUNT)
    (sid,) = (row.sid for row in sessions(provider) if row.national_id == SOMEBODY_ELSE)
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    visit.browser.post(f"/portail/sessions/{sid}/fin", data={"csrf_token": token})
    assert stranger.browser.get(ACCOUNT).status_code == 200


def test_signing_out_everywhere_leaves_others_alone(
    app: Flask, visit: Visit, provider: Provider
) -> None:
    stranger = Visit(app.test_client(), issued_card(provider, SOMEBODY_ELSE))
    stranger.sign_in(ACCOUNT)
    visit.sign_in(ACCOUNT)
    page = "/portail/sessions/partout"
    token = token_in(visit.browser.get(page))
    assert visit.browser.post(page, data={"csrf_token": token}).status_code == 200
    assert stranger.browser.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize("page", ["compte", "telephones", "sessions", "historique", "donnees"])
def test_no_page_shows_anything_of_another(
    app: Flask, visit: Visit, provider: Provider, theirs: Phone, page: str
) -> None:
    stranger = Visit(app.test_client(), issued_card(provider, SOMEBODY_ELSE))
    stranger.sign_in(ACCOUNT)
    shown = visit.sign_in(f"/portail/{page}").text
    others = {row.sid for row in sessions(provider) if row.national_id == SOMEBODY_ELSE}
    for told in (SOMEBODY_ELSE, stranger.card.card_number, device_id(provider), *others):
        assert told not in shown


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"test"}))
def test_every_page_sends_who_is_not_signed_in_to_the_entrance(
    app: Flask, browser: FlaskClient, page: str
) -> None:
    """One table of what each page demands."""
    rule = next(r for r in app.url_map.iter_rules() if r.endpoint == PAGES[page].endpoint)
    assert to(browser.get(rule.rule)) == f"/portail/connexion?pour={page}"


@pytest.mark.parametrize("page", ["compte", "sessions", "historique"])
def test_the_name_of_a_service_does_not_turn_the_words_around_it(
    visit: Visit, provider: Provider, page: str
) -> None:
    """Attack 47: services register their names themselves."""
    add_client(provider, name="Logiciel \u202e<b>\u2066")
    visit.present(begin(visit.browser))
    shown = visit.sign_in(f"/portail/{page}").text
    assert "Logiciel &lt;b&gt;" in shown
    assert not {"\u202e", "\u2066"} & set(shown)


def test_the_name_of_a_service_is_plain_in_the_export(visit: Visit, provider: Provider) -> None:
    add_client(provider, name="Logiciel \u202e")
    visit.present(begin(visit.browser))
    visit.sign_in("/portail/donnees/export")
    assert "u202e" not in post(visit.browser, "/portail/donnees/export").text


ACTS = (
    "/telephones/some/nom",
    "/telephones/some/revocation",
    "/code-de-revocation",
    "/sessions/some/fin",
    "/sessions/partout",
    "/code-logiciels",
    "/code-logiciels/retrait",
    "/donnees/export",
)


@pytest.mark.parametrize("path", ACTS)
def test_no_act_is_taken_from_another_site(visit: Visit, path: str) -> None:
    """CSRF: the form must come from a page of ours, with its token."""
    visit.sign_in(ACCOUNT)
    assert visit.browser.post(f"/portail{path}").status_code == 403
    token = token_in(visit.browser.get("/portail/sessions/partout"))
    headers = {"Sec-Fetch-Site": "cross-site"}
    refused = visit.browser.post(f"/portail{path}", data={"csrf_token": token}, headers=headers)
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ACTS)
def test_no_act_is_taken_from_who_is_not_signed_in(browser: FlaskClient, path: str) -> None:
    token = token_in(browser.get("/portail/revocation"))
    sent = browser.post(f"/portail{path}", data={"csrf_token": token})
    assert to(sent).startswith("/portail/connexion?pour=")
