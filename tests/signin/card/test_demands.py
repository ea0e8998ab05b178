"""What a service demands of cards, and what the page offers."""

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from idp import create_app
from idp.cards.opposition import oppose
from idp.cli import main
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.psc.means import families_of
from idp.store.clients import find_client
from idp.store.models import Grant
from tests.cards.helpers import HOLDER, IssuedCard, issued_card
from tests.conftest import make_settings, provider_of
from tests.signin.card.helpers import JSON, LISTENER, READER, back, show, sign_in_by_card
from tests.signin.helpers import (
    PERSON,
    add_client,
    all_of,
    answer,
    authorize,
    begin,
    events,
    live_sessions,
    newest_challenge,
    post,
    returned,
    sign_in,
    start,
    wait,
)


def test_a_service_that_demands_the_card_offers_nothing_else(
    browser: FlaskClient, provider: Provider
) -> None:
    """EP-16: as Mailiz, which takes the CPS only."""
    add_client(provider, "mailiz", means=["CARD"])
    page = begin(browser, client_id="mailiz")
    shown = browser.get(page).text
    assert 'name="national_id"' not in shown
    assert "Utiliser ma carte CPS" in shown
    assert post(browser, page, national_id=PERSON).headers["Location"] == page
    assert "challenges:challenge:started" not in events(provider)


def test_a_phone_session_is_asked_to_step_up(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """Decision 7, EP-16."""
    add_client(provider, "mailiz", means=["CARD"])
    sign_in(browser, provider, HOLDER)
    silent = returned(authorize(browser, client_id="mailiz", prompt="none"))
    assert silent["error"] == "login_required"
    assert returned(sign_in_by_card(browser, reader, card, client_id="mailiz"))["code"]
    (session,) = live_sessions(provider)
    assert set(session.means) == {"MOBILE", "CARD"}
    assert "signin:session:stepped-up" in events(provider)
    assert returned(authorize(browser, client_id="mailiz", prompt="none"))["code"]


def test_the_essential_auth_mode_demands_the_card_too(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """Decision 7."""
    claims = '{"id_token":{"authMode":{"essential":true,"value":"CARD"}}}'
    sign_in(browser, provider, HOLDER)
    assert returned(sign_in_by_card(browser, reader, card, claims=claims))["code"]


def test_a_card_of_a_family_that_a_service_refuses_does_not_count_there(
    browser: FlaskClient, provider: Provider, reader: FlaskClient
) -> None:
    """Decision 30: neither at sign-in nor from a session that it opened elsewhere."""
    add_client(provider, "staff", means=["CARD"], options={"card_families": ["CPE"]})
    add_client(provider, "doctors", means=["CARD"])
    add_client(provider, "either", means=["MOBILE", "CARD"])
    cpe = issued_card(provider, HOLDER, family="CPE")
    assert returned(sign_in_by_card(browser, reader, cpe, client_id="staff"))["code"]
    for client_id in ("doctors", "either"):
        told = returned(authorize(browser, client_id=client_id, prompt="none"))
        assert told["error"] == "login_required"
    page = begin(browser, client_id="doctors")
    assert show(reader, page, cpe.der, headers=JSON).get_json()["code"] == "family_refused"


def test_tokens_tell_of_no_means_that_the_service_refuses(
    browser: FlaskClient, provider: Provider, reader: FlaskClient
) -> None:
    """Decisions 7 and 30: the phone counts where the later card does not."""
    add_client(provider, "staff", means=["CARD"], options={"card_families": ["CPE"]})
    sign_in(browser, provider, HOLDER)
    cpe = issued_card(provider, HOLDER, family="CPE")
    wait(provider, seconds=5)
    assert returned(sign_in_by_card(browser, reader, cpe, client_id="staff"))["code"]
    assert returned(authorize(browser, prompt="none"))["code"]
    assert sorted(grant.means for grant in all_of(provider, Grant)) == ["CARD", "MOBILE", "MOBILE"]


def test_the_card_of_somebody_else_ends_the_session_before_it(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    sign_in(browser, provider, PERSON)
    page = begin(browser, prompt="login")
    assert returned(browser.get(back(show(reader, page, card.der))))["code"]
    (session,) = live_sessions(provider)
    assert (session.national_id, set(session.means)) == (HOLDER, {"CARD"})


def test_another_card_of_the_same_person_ends_the_session_before_it(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """Decision 32: what began with a card must end with its opposition, whatever came after."""
    assert returned(sign_in_by_card(browser, reader, card))["code"]
    second = issued_card(provider, HOLDER)
    assert returned(sign_in_by_card(browser, reader, second, prompt="login"))["code"]
    (session,) = live_sessions(provider)
    assert session.card_number == second.card_number
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="vol")
    by_first, by_second = sorted(
        all_of(provider, Grant), key=lambda grant: grant.sid == session.sid
    )
    assert (by_first.revoked_at is not None, by_second.revoked_at) == (True, None)


def test_a_card_takes_the_place_of_a_phone_that_was_asked(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """The phone's challenge is closed: approving it later finishes nothing."""
    add_client(provider, "asks")
    page = begin(browser, client_id="asks", prompt="consent")
    start(browser, page, HOLDER)
    assert browser.get(back(show(reader, page, card.der))).headers["Location"] == page
    assert newest_challenge(provider).state == "cancelled"
    assert "Confirmer l’accès" in browser.get(page).text
    with pytest.raises(AssertionError):
        answer(provider)


def test_a_service_registers_the_families_it_takes(provider: Provider, master_key: str) -> None:
    """Decision 30: nominative CPS and CPF, where it names none."""
    given = {"client_id": "staff", "redirect_uris": ["https://staff.test/"], "client_secret": "s"}
    with pytest.raises(ClientMetadataRefused, match="card_families"):
        read_metadata(given | {"card_families": ["CDE"]})
    command = ["client", "add", "hospital", "--redirect-uri", "https://hospital.test/back"]
    command += ["--card-family", "CPE", "--card-family", "CPA"]
    command += ["--database-url", provider.settings.database_url]
    done = CliRunner().invoke(main, command, env={"ECPS_MASTER_KEY": master_key})
    assert done.exit_code == 0, done.output
    with provider.store.begin() as db:
        register(
            db,
            read_metadata(given),
            kind="simulation",
            sealer=provider.sealer,
            now=provider.clock.now(),
        )
        staff, hospital = find_client(db, "staff"), find_client(db, "hospital")
        assert staff is not None
        assert hospital is not None
        assert families_of(provider, staff) == ["CPS", "CPF"]
        assert families_of(provider, hospital) == ["CPE", "CPA"]


def test_the_page_offers_the_card_and_says_that_lending_it_is_fraud(
    browser: FlaskClient,
) -> None:
    """EP-15."""
    page = begin(browser)
    handle = page.rpartition("/")[2]
    assert 'name="national_id"' in browser.get(page).text
    shown = browser.get(page + "?moyen=carte").text
    assert post(browser, page, "/card").headers["Location"] == f"{LISTENER}/card/{handle}"
    by_reader = post(browser, page, "/card", reader="1")
    assert by_reader.headers["Location"] == f"{READER}?h={handle}"
    assert "usurpation d’identité" in shown


def test_without_a_simulated_reader_the_page_offers_none(sqlite_url: str, master_key: str) -> None:
    app = create_app(make_settings(sqlite_url, master_key, card_base_url=LISTENER))
    browser = app.test_client()
    shown = browser.get(begin(browser) + "?moyen=carte").text
    assert "Utiliser ma carte CPS" in shown
    assert "lecteur de carte simulé" not in shown
    provider_of(app).store.close()
