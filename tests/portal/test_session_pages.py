"""My sessions: what each tells, ending one, signing out everywhere."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.provider import Provider
from idp.store.holders import strike_off
from idp.store.models import Grant, JournalEvent, OutboxMessage
from tests.ciba.helpers import CibaService, add_ciba_client
from tests.conftest import BASE_URL
from tests.portal.helpers import (
    ACCOUNT,
    PERSON,
    Visit,
    sessions,
    sign_in_by_phone,
    to,
    token_on,
)
from tests.signin.helpers import (
    add_client,
    begin,
    live_sessions,
    post,
    sign_in,
    token_in,
    wait,
)
from tests.wallet.helpers import PIN, enrol
from wallet_sim.errors import PairingRefused
from wallet_sim.phone import Phone

SESSIONS = "/portail/sessions"
EVERYWHERE = "/portail/sessions/partout"


def text_of(page: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.fixture
def elsewhere(app: Flask, provider: Provider) -> FlaskClient:
    """Another browser of the same person, signed in to a service that is told of logouts."""
    add_client(
        provider, options={"backchannel_logout_uri": "https://service.test/backchannel-logout"}
    )
    browser = app.test_client()
    sign_in(browser, provider)
    return browser


def test_a_session_ends_only_by_its_form(visit: Visit, elsewhere: FlaskClient) -> None:
    visit.sign_in(SESSIONS)
    sids = re.findall(r"/portail/sessions/([0-9a-f-]{36})/fin", visit.browser.get(SESSIONS).text)
    assert len(sids) == 1  # this very session has the way out of every page instead
    assert visit.browser.get(f"{SESSIONS}/{sids[0]}/fin").status_code == 405


def test_a_session_tells_its_services_and_what_each_received(
    visit: Visit, elsewhere: FlaskClient
) -> None:
    """In the words of the confirm page."""
    text = text_of(visit.sign_in(SESSIONS))
    assert "Logiciel service" in text
    for line in ("votre identifiant national", "vos situations d’exercice"):
        assert line in text
    assert "cette session" in text
    assert "Portail e-CPS, depuis" not in text


def test_one_session_is_ended_and_its_services_are_told(
    visit: Visit, provider: Provider, elsewhere: FlaskClient
) -> None:
    """Back-Channel Logout 1.0; the grants that live by it are revoked."""
    visit.sign_in(SESSIONS)
    (other,) = (row for row in live_sessions(provider) if row.device_id is not None)
    page = visit.browser.get(SESSIONS)
    sent = visit.browser.post(f"{SESSIONS}/{other.sid}/fin", data={"csrf_token": token_in(page)})
    assert to(sent) == SESSIONS
    assert [row.sid for row in live_sessions(provider)] != []
    assert other.sid not in {row.sid for row in live_sessions(provider)}
    with provider.store.read() as db:
        grants = db.scalars(select(Grant).where(Grant.sid == other.sid)).all()
        kinds = db.scalars(select(OutboxMessage.kind)).all()
    assert all(grant.revoked_at is not None for grant in grants)
    assert "logout" in kinds


def test_signing_out_everywhere_ends_this_session_and_every_other(
    visit: Visit, provider: Provider, elsewhere: FlaskClient
) -> None:
    visit.sign_in(SESSIONS)
    wait(provider, minutes=20)
    asked = visit.browser.get(EVERYWHERE)
    assert len(live_sessions(provider)) == 2
    done = visit.browser.post(EVERYWHERE, data={"csrf_token": token_in(asked)})
    assert done.status_code == 200
    assert live_sessions(provider) == []
    assert "connexion" in to(visit.browser.get(ACCOUNT))
    assert begin(elsewhere).startswith("/signin/")
    with provider.store.read() as db:
        ended = select(JournalEvent).where(JournalEvent.event == "signin:session:ended")
        reasons = {row.data.get("reason") for row in db.scalars(ended)}
    assert reasons == {"person"}


def test_a_card_accepted_elsewhere_opens_no_session_once_everywhere_is_signed_out(
    app: Flask, visit: Visit, provider: Provider
) -> None:
    """Decision 25: between the card and the browser lies a minute, in which its person may act."""
    add_client(provider)
    other = Visit(app.test_client(), visit.card)
    accepted = other.show(begin(other.browser))
    visit.sign_in(SESSIONS)
    assert post(visit.browser, EVERYWHERE).status_code == 200
    assert other.browser.get(accepted).status_code == 403
    assert live_sessions(provider) == []


def test_no_phone_is_activated_by_a_session_once_everywhere_is_signed_out(
    visit: Visit, phone: Phone
) -> None:
    """Decision 33: the session vouched for the phone until its last step."""
    qr = token_on(visit.show_qr())
    visit.type_code(phone.pair(BASE_URL, qr).code)
    assert phone.pairing_state().state == "confirmed"
    assert post(visit.browser, EVERYWHERE).status_code == 200
    with pytest.raises(PairingRefused):
        phone.choose_pin(PIN)


def test_a_session_of_software_is_shown_and_ended_as_the_others(
    app: Flask, visit: Visit, provider: Provider, tmp_path: Path
) -> None:
    """CIBA Core 1.0: nobody's browser holds it, and it lives by refresh tokens."""
    phone = enrol(app, tmp_path / "mine", PERSON)
    add_ciba_client(provider)
    software = CibaService(app, provider)
    auth_req_id = software.begin()["auth_req_id"]
    phone.approve(PIN, "42")
    assert software.poll(auth_req_id).status_code == 200
    text = text_of(visit.sign_in(SESSIONS))
    assert "Logiciel, sans navigateur" in text
    assert "Peut prolonger son accès jusqu’au" in text
    page = visit.browser.get(SESSIONS)
    (sid,) = re.findall(r"/portail/sessions/([0-9a-f-]{36})/fin", page.text)
    visit.browser.post(f"{SESSIONS}/{sid}/fin", data={"csrf_token": token_in(page)})
    assert "Logiciel, sans navigateur" not in visit.browser.get(SESSIONS).text


def test_a_session_that_idled_is_shown_no_more(
    visit: Visit, provider: Provider, elsewhere: FlaskClient
) -> None:
    wait(provider, minutes=29)
    visit.sign_in(SESSIONS)
    assert "Logiciel service" in visit.browser.get(SESSIONS).text
    wait(provider, minutes=2)
    assert "Logiciel service" not in visit.browser.get(SESSIONS).text


def test_the_account_of_who_was_struck_off_says_whom_to_ask(
    visit: Visit, provider: Provider
) -> None:
    """EC-01."""
    visit.sign_in(ACCOUNT)
    with provider.store.begin() as db:
        strike_off(db, PERSON, now=provider.clock.now())
    told = visit.browser.get(ACCOUNT)
    assert told.status_code == 403
    assert "contactez votre Ordre" in told.text


def test_who_holds_nothing_else_is_shown_so(
    browser: FlaskClient, provider: Provider, visit: Visit
) -> None:
    assert sign_in_by_phone(browser, provider, visit.card).status_code == 200
    text = text_of(browser.get(ACCOUNT))
    assert "Aucune e-CPS en service" in text
    assert "Aucune clé de sécurité" in text
    assert len(sessions(provider)) == 1
    assert post(browser, EVERYWHERE).status_code == 200


def told_end(page: TestResponse) -> str:
    found = re.search(r'id="session-end"><span>[^<]*?(\d\d:\d\d)\.</span>', page.text)
    assert found, page.text
    return found[1]


@pytest.mark.parametrize("page", [ACCOUNT, SESSIONS, "/portail/donnees"])
def test_each_page_tells_when_the_session_closes_and_its_link_prolongs_it(
    visit: Visit, provider: Provider, page: str
) -> None:
    """RGAA 13.1: who needs more time takes it, by what counts as activity (decision 8)."""
    visit.sign_in(page)
    first = visit.browser.get(page)
    wait(provider, minutes=20)
    looked = visit.browser.get(page)
    assert told_end(looked) == told_end(first), "a look at a page is no activity"
    found = re.search(r'<a href="(/portail/connexion\?pour=[a-z-]+)">Prolonger', looked.text)
    assert found
    prolonged = visit.follow(visit.browser.get(found[1]))
    assert prolonged.request.path == page
    assert told_end(prolonged) != told_end(first)
    wait(provider, minutes=20)
    assert visit.browser.get(page).status_code == 200
    wait(provider, minutes=20)
    assert visit.browser.get(page).status_code == 303
