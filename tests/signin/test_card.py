"""Signing in with the card: shown at the listener's address, finished where it began."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from idp import create_app
from idp.cards.approvals import ApprovalGone, approve, take_approval
from idp.cards.judge import judge
from idp.cards.opposition import oppose
from idp.cards.refusals import CardBlocked
from idp.cards.states import CardState
from idp.cli import main
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.settings import Settings
from idp.signin.means import families_of
from idp.signin.sessions import open_session
from idp.store.clients import find_client
from idp.store.expiry import delete_lapsed, lapsing_tables
from idp.store.models import Card, CardApproval, DirectoryPerson, Grant, JournalEvent
from tests.cards.helpers import HOLDER, IssuedCard, issued_card, of_another_version
from tests.conftest import make_settings, provider_of
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

LISTENER = "https://localhost:8005"
READER = "http://localhost:8002/reader"
KEY = "ecps.card_certificate"
JSON = {"Accept": "application/json"}


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER, card_reader_url=READER)


@pytest.fixture
def card(provider: Provider) -> IssuedCard:
    return issued_card(provider, HOLDER)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    """What shows the card: it has none of the browser's cookies."""
    return app.test_client(use_cookies=False)


def show(
    reader: FlaskClient, page: str, der: bytes, *, method: str = "GET", **given: Any
) -> TestResponse:
    """Show a card at the listener's address for the sign-in of a page."""
    handle = page.rpartition("/")[2]
    return reader.open(
        f"/card/{handle}", method=method, environ_overrides={KEY: der}, base_url=LISTENER, **given
    )


def back(response: TestResponse) -> str:
    """Where an accepted card sends its browser, below the provider's address."""
    assert response.status_code == 303, response.text
    location = urlsplit(response.headers["Location"])
    assert (location.scheme, location.netloc) == ("http", "localhost:8000")
    assert parse_qs(location.query)["completion"]
    return f"{location.path}?{location.query}"


def sign_in_by_card(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard, **changes: str
) -> TestResponse:
    page = begin(browser, **changes)
    return browser.get(back(show(reader, page, card.der)))


def journal(provider: Provider, event: str) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]


# -- what is refused -----------------------------------------------------------------------------


def test_without_a_certificate_the_page_says_what_to_do(
    browser: FlaskClient, provider: Provider, reader: FlaskClient
) -> None:
    """Decision 31."""
    page = begin(browser)
    told = show(reader, page, b"")
    assert told.status_code == 403
    assert "Aucune carte n’a été présentée" in told.text
    assert f'href="http://localhost:8000{page}"' in told.text
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
    for name in ("X-SSL-Client-Cert", "Ecps.Card-Certificate", "ecps.card_certificate"):
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


# -- the whole way -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_person_signs_in_with_their_card(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard, method: str
) -> None:
    """CP-14, EP-16: the session remembers the card, its family and the means."""
    page = begin(browser)
    told = returned(browser.get(back(show(reader, page, card.der, method=method))))
    assert told["code"]
    (session,) = live_sessions(provider)
    assert (session.national_id, session.card_number) == (HOLDER, card.card_number)
    assert (session.card_family, set(session.means)) == ("CPS", {"CARD"})
    (grant,) = all_of(provider, Grant)
    assert grant.means == "CARD"
    assert "cards:signin:accepted" in events(provider)


def test_a_program_is_told_where_to_send_the_browser(
    browser: FlaskClient, reader: FlaskClient, card: IssuedCard
) -> None:
    page = begin(browser)
    told = show(reader, page, card.der, headers=JSON)
    assert told.get_json()["service"] == "Logiciel service"
    redirect = told.get_json()["redirect"]
    assert redirect.startswith(f"http://localhost:8000{page}/card?completion=")
    assert returned(browser.get(redirect))["code"]


def test_a_card_that_is_lent_leaves_a_trace(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """EP-15: its holder has another live session meanwhile."""
    sign_in_by_card(browser, reader, card)
    sign_in_by_card(other_browser, reader, card)
    opened = journal(provider, "signin:session:opened")
    assert [event.data["other_sessions"] for event in opened] == [0, 1]


# -- in the browser that began, once -------------------------------------------------------------


def test_another_browser_finishes_nothing(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """Decision 25, attack 31: a link sent to the holder of a card signs nobody else in."""
    target = back(show(reader, begin(browser), card.der))
    assert other_browser.get(target).status_code == 403
    assert live_sessions(provider) == []
    assert returned(browser.get(target))["code"]


def test_the_secret_of_one_sign_in_finishes_no_other(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    first, second = begin(browser), begin(browser)
    completion = back(show(reader, first, card.der)).partition("?")[2]
    assert browser.get(f"{second}/card?{completion}").status_code == 403
    assert live_sessions(provider) == []


def test_the_secret_is_worth_nothing_twice(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    add_client(provider, "asks", means=["CARD"])
    page = begin(browser, client_id="asks", prompt="consent")
    target = back(show(reader, page, card.der))
    assert browser.get(target).headers["Location"] == page  # a confirmation is asked first
    again = browser.get(target)
    assert again.status_code == 403
    assert "a expiré ou a déjà servi" in again.text
    assert len(live_sessions(provider)) == 1


def test_an_accepted_card_waits_a_minute_and_no_longer(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    target = back(show(reader, begin(browser), card.der))
    wait(provider, seconds=61)
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []


@pytest.mark.parametrize("completion", ["", "x" * 43, "%00", "%F0%9F%92%A9"])
def test_a_made_up_secret_finishes_nothing(
    browser: FlaskClient, provider: Provider, completion: str
) -> None:
    assert browser.get(f"{begin(browser)}/card?completion={completion}").status_code in {400, 403}
    assert live_sessions(provider) == []


def test_a_card_opposed_meanwhile_opens_no_session(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """CP-13, decision 32: between the card and the browser lies a minute."""
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        oppose(provider, db, card.card_number, reason="vol")
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []


def test_a_card_blocked_meanwhile_opens_no_session_and_says_why(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        db.execute(update(Card).values(state=CardState.BLOQUEE))
    told = browser.get(target)
    assert told.status_code == 403
    assert "bloquée" in told.text
    assert journal(provider, "cards:signin:refused")[-1].data["reason"] == "card_blocked"
    assert all_of(provider, CardApproval) == []


def test_a_holder_struck_off_meanwhile_opens_no_session(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """EC-01."""
    target = back(show(reader, begin(browser), card.der))
    with provider.store.begin() as db:
        holder = DirectoryPerson.national_id == HOLDER
        db.execute(update(DirectoryPerson).where(holder).values(closed=True))
    assert browser.get(target).status_code == 403
    assert live_sessions(provider) == []


# -- what a service demands ----------------------------------------------------------------------


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
        register(db, read_metadata(given), kind="simulation", now=provider.clock.now())
        staff, hospital = find_client(db, "staff"), find_client(db, "hospital")
        assert staff is not None
        assert hospital is not None
        assert families_of(provider, staff) == ["CPS", "CPF"]
        assert families_of(provider, hospital) == ["CPE", "CPA"]


# -- the page ------------------------------------------------------------------------------------


def test_the_page_offers_the_card_and_says_that_lending_it_is_fraud(
    browser: FlaskClient,
) -> None:
    """EP-15."""
    page = begin(browser)
    handle = page.rpartition("/")[2]
    shown = browser.get(page).text
    assert 'name="national_id"' in shown
    assert f'href="{LISTENER}/card/{handle}"' in shown
    assert f'href="{READER}?h={handle}"' in shown
    assert "usurpation d’identité" in shown


def test_without_a_simulated_reader_the_page_offers_none(sqlite_url: str, master_key: str) -> None:
    app = create_app(make_settings(sqlite_url, master_key, card_base_url=LISTENER))
    browser = app.test_client()
    shown = browser.get(begin(browser)).text
    assert "Utiliser ma carte CPS" in shown
    assert "lecteur de carte simulé" not in shown
    provider_of(app).store.close()


# -- SQL, on both databases ----------------------------------------------------------------------


def test_an_approval_is_taken_once_and_for_its_own_sign_in(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)
    with both.store.begin() as db:
        with pytest.raises(ApprovalGone):
            take_approval(both, db, completion, b"j" * 32)
        assert take_approval(both, db, completion, b"i" * 32).card_number == card.card_number
        with pytest.raises(ApprovalGone):
            take_approval(both, db, completion, b"i" * 32)


def test_a_card_that_left_its_use_is_not_held(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)
        db.execute(update(Card).values(state=CardState.BLOQUEE))
    with both.store.begin() as db, pytest.raises(CardBlocked):
        take_approval(both, db, completion, b"i" * 32)
    assert all_of(both, CardApproval) == []


def test_lapsed_approvals_are_deleted(both: Provider) -> None:
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        approve(both, db, accepted, b"i" * 32)
    none = timedelta(0)
    (lapsing,) = [
        table
        for table in lapsing_tables(ticket_retention=none, code_retention=none, page_retention=none)
        if table.table is CardApproval
    ]
    with both.store.begin() as db:
        now = both.clock.now()
        assert delete_lapsed(db, lapsing, now=now, limit=10) == 0
        assert delete_lapsed(db, lapsing, now=now + timedelta(seconds=61), limit=10) == 1


def test_an_opposition_at_the_same_moment_leaves_no_session(both: Provider) -> None:
    """CP-13, decision 32: whoever of the two comes second finds what the first one did."""
    card = issued_card(both, HOLDER)
    with both.store.begin() as db:
        accepted = judge(both, db, card.authentication, families=["CPS"])
        completion = approve(both, db, accepted, b"i" * 32)

    def oppose_it() -> None:
        with both.store.begin() as db:
            oppose(both, db, card.card_number, reason="vol")

    with ThreadPoolExecutor(1) as pool:
        with both.store.begin() as db:
            held = take_approval(both, db, completion, b"i" * 32)
            opposing = pool.submit(oppose_it)
            # It waits for the card that is held, however long this takes.
            with pytest.raises(TimeoutError):
                opposing.result(0.3)
            person = held.national_id
            open_session(
                both,
                db,
                previous=None,
                account_id="account",
                national_id=person,
                means="CARD",
                device_id=None,
                card=held,
            )
        opposing.result(20)
    assert live_sessions(both) == []
