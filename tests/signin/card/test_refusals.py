"""Cards that sign nobody in, each refused in its own words."""

from datetime import timedelta
from urllib.parse import quote

from flask.testing import FlaskClient

from idp import create_app
from idp.cards.opposition import oppose
from idp.provider import Provider
from idp.store.models import CardApproval
from tests.cards.helpers import IssuedCard, of_another_version
from tests.conftest import make_settings, provider_of
from tests.signin.card.helpers import JSON, back, journal, show
from tests.signin.helpers import (
    add_client,
    all_of,
    begin,
    returned,
    wait,
)


def test_without_a_certificate_the_page_says_what_to_do(
    browser: FlaskClient, provider: Provider, reader: FlaskClient
) -> None:
    """Decision 31."""
    page = begin(browser)
    told = show(reader, page, b"")
    assert told.status_code == 403
    assert "Aucune carte n’a été présentée" in told.text
    assert f'href="http://localhost:8000{page}?moyen=carte"' in told.text
    assert "Set-Cookie" not in told.headers
    assert journal(provider, "cards:signin:refused")[0].data["reason"] == "card_missing"


def test_links_of_a_refusal_lead_away_from_the_listener(
    browser: FlaskClient, reader: FlaskClient
) -> None:
    """Nothing but the card's address is served there."""
    told = show(reader, begin(browser), b"")
    assert 'href="http://localhost:8000/"' in told.text
    assert 'href="/"' not in told.text


def test_a_refusal_is_a_problem_document_for_a_program(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard
) -> None:
    told = show(reader, begin(browser), card.signature_der, headers=JSON)
    assert (told.status_code, told.content_type) == (403, "application/problem+json")
    body = told.get_json()
    assert body["code"] == "signature_certificate"
    assert "certificat de signature" in body["detail"]


def test_what_is_no_certificate_at_all_is_unreadable(
    browser: FlaskClient, provider: Provider, reader: FlaskClient
) -> None:
    """Decision 31: fails closed, and is recorded."""
    told = show(reader, begin(browser), b"\x30\x03abc", headers=JSON)
    assert told.get_json()["code"] == "card_unreadable"
    assert journal(provider, "cards:signin:refused")[0].data["reason"] == "card_unreadable"


def test_a_certificate_of_another_version_is_unreadable(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard
) -> None:
    """Decision 31: whatever the handshake let through has an answer."""
    told = show(reader, begin(browser), of_another_version(card.der), headers=JSON)
    assert (told.status_code, told.get_json()["code"]) == (403, "card_unreadable")


def test_a_header_makes_no_certificate(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard
) -> None:
    """Attack 39: a forged `X-SSL-Client-Cert`, and names that look like the environ's key."""
    handle = begin(browser).rpartition("/")[2]
    pem = quote(card.pem_files()[0].decode())
    for name in ("X-SSL-Client-Cert", "Ecps.Client-Certificate", "ecps.client_certificate"):
        told = reader.get(f"/card/{handle}", headers=JSON | {name: pem})
        assert told.get_json()["code"] == "card_missing"


def test_an_expired_card_is_refused_in_its_own_words(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """CP-10."""
    wait(provider, seconds=(provider.settings.card_lifetime + timedelta(days=1)).total_seconds())
    told = show(reader, begin(browser), card.der)
    assert told.status_code == 403
    assert "Carte expirée" in told.text


def test_an_opposed_card_is_rejected_at_once(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """CP-13."""
    page = begin(browser)
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="perte")
    told = show(reader, page, card.der, headers=JSON)
    assert told.get_json()["code"] == "card_opposed"
    assert all_of(provider, CardApproval) == []


def test_an_unknown_handle_is_gone_for_people_and_programs(
    reader: FlaskClient, card: IssuedCard
) -> None:
    assert show(reader, "/signin/nowhere", card.der).status_code == 410
    told = show(reader, "/signin/nowhere", card.der, headers=JSON)
    assert (told.status_code, told.get_json()["code"]) == (410, "gone")


def test_where_no_listener_is_configured_no_card_is_taken(sqlite_url: str, master_key: str) -> None:
    """Decision 1."""
    app = create_app(make_settings(sqlite_url, master_key))
    browser = app.test_client()
    assert "Carte CPS" not in browser.get(begin(browser)).text
    assert browser.get(f"/card/{'h' * 43}").status_code == 404
    provider_of(app).store.close()


def test_a_real_database_takes_no_card(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """Decision 1: its cards would be simulated ones."""
    page = begin(browser)
    provider.kind = "real"
    assert show(reader, page, card.der).status_code == 404
    assert "Carte CPS" not in browser.get(page).text


def test_a_look_ahead_neither_shows_a_card_nor_spends_one(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    page = begin(browser)
    assert show(reader, page, card.der, method="HEAD").status_code == 405
    assert all_of(provider, CardApproval) == []
    target = back(show(reader, page, card.der))
    assert browser.head(target).status_code == 405
    assert returned(browser.get(target))["code"]


def test_a_service_that_takes_no_card_is_given_none(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    add_client(provider, "phones", means=["MOBILE"])
    page = begin(browser, client_id="phones")
    assert show(reader, page, card.der, headers=JSON).get_json()["code"] == "family_refused"
