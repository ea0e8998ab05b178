"""Two browsers, one phone: what is typed for one session is worth nothing in the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from tests.attacks.helpers import STRICT, browse_to_number, browser_at, start_anew, state_on
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import add_client, live_sessions, newest_challenge, returned
from tests.wallet.helpers import PIN, enrol
from wallet_sim.errors import ChallengeClosed, NumberNotOffered, WrongNumber


@pytest.fixture(params=["psc", "strict"])
def profile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def app(database_url: str, master_key: str, profile: str) -> Iterator[Flask]:
    """Either profile on either database."""
    app = create_app(make_settings(database_url, master_key, profile=profile, pin_min_length=4))
    yield app
    provider_of(app).store.close()


@pytest.fixture(autouse=True)
def service(provider: Provider) -> None:
    add_client(provider)


def test_the_number_of_one_session_is_wrong_in_the_other(
    app: Flask, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 27 (crossed sessions): the attacker's challenge dies, the owner's goes on."""
    phone, owner, attacker = enrol(app, tmp_path / "phone"), browser_at(app), browser_at(app)
    owners_page, owners = browse_to_number(owner, **STRICT)
    owners_id = newest_challenge(provider).challenge_id
    attackers_page, attackers = browse_to_number(attacker, **STRICT)
    while attackers == owners:
        attackers = start_anew(attacker, attackers_page)
    shown = {waiting.challenge_id: waiting for waiting in phone.pending()}
    mine, theirs = shown[owners_id], shown[newest_challenge(provider).challenge_id]
    assert theirs.number is not None
    if theirs.number.mode == "choice" and owners not in theirs.number.options:
        with pytest.raises(NumberNotOffered):
            phone.approve(PIN, owners, theirs)
        # The provider does not count on the phone's screen.
        monkeypatch.setattr("wallet_sim.approval.require_offered", lambda *_: None)
    with pytest.raises(WrongNumber):
        phone.approve(PIN, owners, theirs)
    assert state_on(attacker, attackers_page) == "wrong_number"
    assert state_on(owner, owners_page) == "pending"
    with pytest.raises(ChallengeClosed):
        phone.approve(PIN, attackers, theirs)
    phone.approve(PIN, owners, mine)
    assert returned(owner.get(owners_page + "/finish"))["code"]
    assert "code=" not in attacker.get(attackers_page + "/finish").headers.get("Location", "")
    assert len(live_sessions(provider)) == 1


def test_each_approval_opens_the_session_of_its_own_browser(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Attack 27 (crossed sessions): two honest sign-ins at once, answered in either order."""
    phone, first, second = enrol(app, tmp_path / "phone"), browser_at(app), browser_at(app)
    first_page, first_number = browse_to_number(first, **STRICT)
    first_id = newest_challenge(provider).challenge_id
    second_page, second_number = browse_to_number(second, **STRICT)
    shown = {waiting.challenge_id: waiting for waiting in phone.pending()}
    assert len(shown) == 2
    (second_id,) = shown.keys() - {first_id}
    phone.approve(PIN, second_number, shown[second_id])
    assert state_on(first, first_page) == "pending"
    assert state_on(second, second_page) == "approved"
    assert first.get(second_page + "/finish").status_code == 403
    phone.approve(PIN, first_number, shown[first_id])
    for browser, page in ((first, first_page), (second, second_page)):
        assert returned(browser.get(page + "/finish"))["code"]
    assert len(live_sessions(provider)) == 2
