"""Durations that a moved clock shows at once: each holds until its end, and no longer."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from joserfc.errors import ExpiredTokenError
from joserfc.jwt import JWTClaimsRegistry

from idp.provider import Provider
from tests.attacks.helpers import Interceptor
from tests.devices.helpers import Bench, push_subscription
from tests.oauth.helpers import Service, add_client
from tests.wallet.helpers import PIN, advance, ask_signin, enrol
from wallet_sim.documents import open_configuration
from wallet_sim.errors import DocumentUntimely, Locked, NoAnswer, WrongPin
from wallet_sim.phone import Phone

WRONG = "9753"


def end_round(app: Flask, phone: Phone) -> None:
    """Type three wrong PINs, which start a wait."""
    number = ask_signin(app).number
    for _ in range(3):
        with pytest.raises(WrongPin):
            phone.approve(WRONG, number)


def test_wrong_pins_lock_for_their_wait_and_no_longer(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    """Decision 19: the second wait is another one."""
    with enrol(app, tmp_path / "phone") as phone:
        for name in ("pin_lock_first", "pin_lock_second"):
            end_round(app, phone)
            advance(provider, getattr(provider.settings, name).total_seconds() - 2)
            with pytest.raises(Locked):
                phone.approve(PIN, ask_signin(app).number)
            advance(provider, 2)
        phone.approve(PIN, ask_signin(app).number)


def test_a_phone_relies_on_a_configuration_for_its_life_alone(
    app: Flask, provider: Provider
) -> None:
    """Protocol, section 3."""
    text = app.test_client().get("/wallet/v1/configuration").text
    advance(provider, provider.settings.configuration_lifetime.total_seconds() - 1)
    open_configuration(text, pinned=None, now=provider.clock.timestamp())
    advance(provider, 1)
    with pytest.raises(DocumentUntimely):
        open_configuration(text, pinned=None, now=provider.clock.timestamp())


@pytest.mark.parametrize(("late", "status"), [(0, 200), (1, 401)])
def test_a_request_held_back_on_its_way_is_recognised_for_a_while(
    app: Flask, provider: Provider, tmp_path: Path, late: int, status: int
) -> None:
    """Protocol, section 2: as far as clocks may differ, and no further."""
    network = Interceptor(app)
    with enrol(app, tmp_path / "phone", transport=network) as phone:
        network.withhold("/pending")
        with pytest.raises(NoAnswer):
            phone.pending()
    advance(provider, provider.settings.request_skew.total_seconds() + late)
    answer = app.test_client().post(
        "/wallet/v1/pending", data=network.captured[-1], content_type="application/jose"
    )
    assert answer.status_code == status


def test_the_pushes_of_a_while_are_counted_anew_after_it(provider: Provider) -> None:
    """Decision 24."""
    bench = Bench(provider)
    bench.enrol(push=push_subscription())
    most = provider.settings.pushes_per_window
    for _ in range(most + 1):
        bench.start()
    bench.advance(provider.settings.push_window - timedelta(seconds=2))
    bench.start()
    assert len(bench.messages("push")) == most
    bench.advance(timedelta(seconds=2))
    bench.start()
    assert len(bench.messages("push")) == most + 1


def test_an_id_token_lapses_for_a_service_of_the_same_time(app: Flask, provider: Provider) -> None:
    """Decision 8."""
    add_client(provider)
    service = Service(app, provider)
    advance(provider, 5 * 3600)
    claims = service.claims(service.sign_in()["id_token"])
    assert claims["iat"] == provider.clock.timestamp()
    advance(provider, provider.settings.id_token_lifetime.total_seconds() - 1)
    judge(provider, claims)
    advance(provider, 1)
    with pytest.raises(ExpiredTokenError):
        judge(provider, claims)


def judge(provider: Provider, claims: dict[str, object]) -> None:
    JWTClaimsRegistry(now=provider.clock.timestamp(), leeway=0).validate(claims)
