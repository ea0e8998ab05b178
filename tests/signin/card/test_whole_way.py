"""Signing in with the card: shown at the listener's address, finished where it began."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.new_sessions import MOST_NAMED
from idp.provider import Provider
from idp.store.models import Grant
from tests.cards.helpers import HOLDER, IssuedCard
from tests.oauth.helpers import PROTOCOL, open_session
from tests.signin.card.helpers import JSON, back, journal, show, sign_in_by_card
from tests.signin.helpers import (
    CALLBACK,
    all_of,
    begin,
    events,
    live_sessions,
    returned,
    sign_in,
    wait,
)

OVERLAPPED = "signin:session:overlapped"


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


def test_a_card_in_one_browser_alone_is_not_flagged(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """EP-15: the session shown to a second time is its own; another person's is nobody's matter."""
    open_session(provider, national_id="899700990098")
    sign_in_by_card(browser, reader, card)
    sign_in_by_card(browser, reader, card, prompt="login")
    assert len(journal(provider, "signin:session:stepped-up")) == 1
    assert journal(provider, OVERLAPPED) == []


def test_a_card_beside_a_session_that_is_over_is_not_flagged(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """EP-15, decision 8: nobody was at work there for too long."""
    sign_in_by_card(browser, reader, card)
    wait(provider, seconds=provider.settings.session_idle.total_seconds() + 1)
    sign_in_by_card(other_browser, reader, card)
    assert journal(provider, OVERLAPPED) == []


def test_a_card_that_is_lent_leaves_a_trace(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """EP-15: its holder has another live session meanwhile; it enters, flagged for the holder."""
    alone = claims_of(browser, sign_in_by_card(browser, reader, card))
    beside = claims_of(other_browser, sign_in_by_card(other_browser, reader, card))
    first, second = journal(provider, "signin:session:opened")
    assert [event.data["other_sessions"] for event in (first, second)] == [0, 1]
    (flagged,) = journal(provider, OVERLAPPED)
    assert (flagged.person, flagged.sid) == (HOLDER, second.sid)
    assert flagged.data == {"card_number": card.card_number, "others": [first.sid]}
    assert beside == alone, "services are told nothing of it"


def test_a_session_that_is_stepped_up_by_a_card_is_flagged_as_one_that_begins(
    browser: FlaskClient,
    other_browser: FlaskClient,
    provider: Provider,
    reader: FlaskClient,
    card: IssuedCard,
) -> None:
    """EP-15: by phone in both browsers, then the card in one; a phone alone flags nothing."""
    for each in (browser, other_browser):
        sign_in(each, provider, HOLDER)
    assert journal(provider, OVERLAPPED) == []
    sign_in_by_card(browser, reader, card, prompt="login")
    first, second = journal(provider, "signin:session:opened")
    (flagged,) = journal(provider, OVERLAPPED)
    assert (flagged.sid, flagged.data["others"]) == (first.sid, [second.sid])


def test_of_very_many_sessions_the_newest_are_named(
    browser: FlaskClient, provider: Provider, reader: FlaskClient, card: IssuedCard
) -> None:
    """EP-15: whoever has thousands open makes no entry without end."""
    for _ in range(MOST_NAMED + 1):
        open_session(provider, national_id=HOLDER)
    newest = open_session(provider, national_id=HOLDER).sid
    sign_in_by_card(browser, reader, card)
    (flagged,) = journal(provider, OVERLAPPED)
    assert (len(flagged.data["others"]), flagged.data["others"][0]) == (MOST_NAMED, newest)
    (opened,) = journal(provider, "signin:session:opened")
    assert opened.data["other_sessions"] == MOST_NAMED + 2


def claims_of(browser: FlaskClient, response: TestResponse) -> dict[str, list[str]]:
    """The names of the claims that a service gets of a sign-in: of each token, and userinfo."""
    code = returned(response)["code"]
    told = browser.post(
        f"{PROTOCOL}/token",
        data={"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK},
        auth=("service", "secret"),
    ).get_json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    userinfo = browser.get(f"{PROTOCOL}/userinfo", headers=bearer).get_json()
    tokens = {name: payload_of(told[name]) for name in ("id_token", "access_token")}
    return {name: list(claims) for name, claims in (tokens | {"userinfo": userinfo}).items()}


def payload_of(token: str) -> dict[str, Any]:
    encoded = token.split(".")[1]
    payload: dict[str, Any] = json.loads(urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    return payload
