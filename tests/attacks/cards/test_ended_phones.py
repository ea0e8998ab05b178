"""Phones that ended, or whose card was opposed (attack 41)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask

from idp.cards.opposition import oppose
from idp.store.models import BrowserSession
from tests.attacks.cards.helpers import SERVICE, pair, refresh
from tests.attacks.helpers import browse_to_number, browser_at, sign_in_with, state_on
from tests.conftest import provider_of
from tests.oauth.helpers import PROTOCOL
from tests.portal.helpers import Visit
from tests.signin.helpers import (
    CALLBACK,
    all_of,
    authorize,
    post,
    returned,
)
from tests.wallet.helpers import PIN, advance, ask_signin
from wallet_sim.errors import (
    DeviceInactive,
)
from wallet_sim.phone import Phone


def end_by_revocation_code(app: Flask, portal: Visit, code: str) -> None:
    del portal
    told = post(browser_at(app), "/portail/revocation", code=code, confirmed="1")
    assert told.status_code == 200


def end_by_opposing_its_card(app: Flask, portal: Visit, code: str) -> None:
    del code
    provider = provider_of(app)
    since = provider.clock.now() - timedelta(hours=1)
    with provider.store.begin() as db:
        oppose(provider, db, portal.card.card_number, reason="vol", lost_since=since)


@pytest.mark.parametrize("end", [end_by_revocation_code, end_by_opposing_its_card])
def test_a_phone_that_ended_is_refused_within_one_request(
    app: Flask, portal: Visit, own: Phone, end: object
) -> None:
    """Attack 41 (revoked, suspended by an opposed card; decision 32): polls, answers, refreshes.

    What it approved a moment before, and what it opened, ends with it.
    """
    assert callable(end)
    provider = provider_of(app)
    code = pair(portal, own)
    browser, approved, waiting = browser_at(app), browser_at(app), browser_at(app)
    given = returned(sign_in_with(browser, own))["code"]
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": CALLBACK}
    tokens = browser.post(f"{PROTOCOL}/token", data=form, auth=SERVICE).get_json()
    page, number = browse_to_number(approved)
    own.approve(PIN, number)
    other_page, number = browse_to_number(waiting)
    (asked,) = own.pending()

    end(app, portal, code)

    for act in (
        own.pending,
        own.status,
        lambda: own.approve(PIN, number, asked),
        lambda: own.refuse("cancelled", asked),
        lambda: own.subscribe_push(None),
        lambda: own.change_pin(PIN, "7913"),
    ):
        with pytest.raises(DeviceInactive):
            act()
    assert urlsplit(approved.get(page + "/finish").headers.get("Location", "")).query == ""
    assert state_on(waiting, other_page) != "approved"
    refused = refresh(browser, tokens["refresh_token"])
    assert (refused.status_code, refused.get_json()["error"]) == (400, "invalid_grant")
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.get(f"{PROTOCOL}/userinfo", headers=bearer).status_code == 401
    assert returned(authorize(browser, prompt="none"))["error"] == "login_required"
    phones = [s for s in all_of(provider, BrowserSession) if s.device_id is not None]
    assert [session.ended_at is None for session in phones] == [False]


def test_a_phone_suspended_by_an_opposed_card_answers_no_new_question(
    app: Flask, portal: Visit, own: Phone
) -> None:
    """Attack 41, decision 32: nor does it go on when time passes."""
    end_by_opposing_its_card(app, portal, pair(portal, own))
    ask_signin(app)
    for seconds in (0, 86_400):
        advance(provider_of(app), seconds)
        with pytest.raises(DeviceInactive) as refused:
            own.pending()
        assert refused.value.members["state"] == "suspended"
