"""A real provider whose clock is moved, and services that follow it: sign-ins, sessions, days."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from relying_services.demo import DemoSettings
from relying_services.demo import create_app as create_demo
from relying_services.espacepro import create_app as create_espacepro
from relying_services.espacepro.sample import import_sample
from relying_services.following import ClockSource, FollowingClock
from relying_services.paris import day_of
from relying_services.service.app import service_of
from relying_services.service.logout_token import LogoutTokenRefused, LogoutTokens
from tests.relying_services.espacepro.pages import browser, given, traced
from tests.relying_services.espacepro.stage import BRISELAME, wish
from tests.relying_services.espacepro.stage import settings as espacepro_settings
from tests.relying_services.registered import registered
from tests.relying_services.service.plain import ORIGIN, plain_service, plain_settings
from tests.relying_services.signed_in import post
from tests.relying_services.test_backchannel_logout import ISSUER, NEXT, Provider, token
from wallet_sim.harness.people import Person
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture
def person(psc: Psc) -> Person:
    made = psc.person()
    psc.phone(made)
    return made


def test_an_id_token_is_judged_by_the_clock_of_the_service(
    psc: Psc, person: Person, tmp_path: Path
) -> None:
    """OpenID Connect Core 3.1.3.7: a day later, and by the machine's time a day too early."""
    client = psc.client("plain", redirect_uris=[f"{ORIGIN}/callback"])
    settings = plain_settings(psc.issuer, client.client_secret, tmp_path)
    clock = FollowingClock(ClockSource(psc.base_url, psc.secret))
    apart, beside = plain_service(settings), plain_service(settings, clock)
    psc.clock.advance(days=1)
    refused = psc.login(apart.test_client(), person)
    assert (refused.status, 'id="error"' in refused.text) == (400, True)
    login = psc.login(beside.test_client(), person, browser=refused.browser)
    assert login.ok, login.text
    assert clock.offset == timedelta(days=1), "asked at the sign-in, without a follower"
    for app in (apart, beside):
        service_of(app).store.close()


def test_a_session_and_a_delegation_end_the_day_after_by_the_providers_clock(
    psc: Psc, tmp_path: Path
) -> None:
    """EP-11, MA-07: its last day is over, and whoever signs in anew acts for nobody any more."""
    clock = FollowingClock(ClockSource(psc.base_url, psc.secret))
    given_here = registered(psc, "espacepro") | {"database_url": f"sqlite:///{tmp_path / 'e.db'}"}
    app = create_espacepro(espacepro_settings(**given_here), clock)
    import_sample(service_of(app).store, clock)
    today = day_of(clock.now())
    delegation = given(app, wish(starts_on=today, ends_on=today), now=clock.now())
    client = browser(app, BRISELAME)
    assert post(client, "/agir", delegation_id=delegation.id).status_code == 303
    assert client.get("/services/transport").status_code == 200
    psc.clock.advance(hours=25)
    clock.look()
    assert client.get("/services/transport").location == "/cut"
    assert post(browser(app, BRISELAME), "/agir", delegation_id=delegation.id).status_code == 403
    assert traced(app, delegation_id=delegation.id)[0][1] == "over"
    service_of(app).store.close()


def test_the_demonstration_service_follows_the_clock(psc: Psc, person: Person) -> None:
    """Sign-in, and the end of the provider's session told by a token of that time."""
    client = psc.client("demo", redirect_uris=["http://localhost:8001/callback"])
    settings = DemoSettings(psc.issuer, "demo", client.client_secret or "", "http://localhost:8001")
    psc.clock.advance(days=400)
    app = create_demo(settings, FollowingClock(ClockSource(psc.base_url, psc.secret)))
    login = psc.login(app.test_client(), person)
    assert "Vous êtes connecté" in login.text


def test_new_keys_are_looked_for_at_once_after_time_went_back() -> None:
    """A provider that went back to a snapshot has other keys, and its clock came back too."""
    provider, instant = Provider(), time.time() + 86400
    tokens = LogoutTokens("demo", lambda: instant)

    def accepted() -> dict[str, Any]:
        return tokens.accept(
            token(NEXT), issuer=ISSUER, keys=lambda anew: provider.fetch_jwk_set(force=anew)
        )

    with pytest.raises(LogoutTokenRefused):
        accepted()
    instant -= 86400
    provider.published = [NEXT]
    assert accepted()["sid"] == "the-sid"
    assert provider.asked.count(True) == 2
