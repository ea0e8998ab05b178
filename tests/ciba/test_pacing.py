"""How often a client may ask (OpenID Connect CIBA Core 1.0, 7.3 and 11; decision 29)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.settings import Settings
from idp.store.clients import change_client
from tests.ciba.answers import refused, row_of, wait_and_poll
from tests.ciba.helpers import (
    NOTIFICATION_TOKEN,
    NUMBER,
    CibaService,
    add_ciba_client,
    add_notified_client,
    service,
)
from tests.conftest import make_settings, provider_of
from tests.wallet.helpers import PIN
from wallet_sim.phone import Phone

PENDING = (400, "authorization_pending")
SLOW_DOWN = (400, "slow_down")


@pytest.fixture
def strict(app: Flask, provider: Provider) -> CibaService:
    """A poll client in the strict profile."""
    add_ciba_client(provider, "strict", profile="strict")
    return service(app, "strict")


@pytest.fixture
def lasting(database_url: str, master_key: str) -> Iterator[CibaService]:
    """Strict, on either database."""
    settings: Settings = make_settings(database_url, master_key)
    app = create_app(settings)
    add_ciba_client(provider_of(app), "strict", profile="strict")
    yield service(app, "strict")
    provider_of(app).store.close()


def test_a_strict_client_that_asks_too_early_waits_five_seconds_more_from_then_on(
    lasting: CibaService,
) -> None:
    """CIBA Core 11: `for this and all subsequent requests`; each `slow_down` adds its own."""
    begun = lasting.begin(requested_expiry="300")
    assert begun["interval"] == 5
    auth_req_id = begun["auth_req_id"]
    assert refused(lasting.poll(auth_req_id)) == PENDING
    assert refused(wait_and_poll(lasting, auth_req_id, 4.9)) == SLOW_DOWN
    assert row_of(lasting.provider).interval == 10
    assert refused(wait_and_poll(lasting, auth_req_id, 5)) == SLOW_DOWN
    assert row_of(lasting.provider).interval == 15
    assert refused(wait_and_poll(lasting, auth_req_id, 15)) == PENDING
    assert refused(wait_and_poll(lasting, auth_req_id, 10)) == SLOW_DOWN
    assert refused(wait_and_poll(lasting, auth_req_id, 20)) == PENDING


def test_a_strict_client_that_keeps_its_interval_is_never_told_to_slow_down(
    strict: CibaService,
) -> None:
    """fapi-ciba-id1-multiple-call-to-token-endpoint."""
    auth_req_id = strict.begin()["auth_req_id"]
    for _ in range(10):
        assert refused(wait_and_poll(strict, auth_req_id, 5)) == PENDING
    assert row_of(strict.provider).interval == 5


def test_the_answer_says_how_long_to_wait(strict: CibaService) -> None:
    auth_req_id = strict.begin()["auth_req_id"]
    strict.poll(auth_req_id)
    assert "10 seconds" in strict.poll(auth_req_id).json["error_description"]


def test_a_psc_client_may_be_half_a_second_early(client: CibaService) -> None:
    """Decision 29: interval 1 s, tolerance 500 ms."""
    begun = client.begin()
    assert begun["interval"] == 1
    auth_req_id = begun["auth_req_id"]
    assert refused(client.poll(auth_req_id)) == PENDING
    for _ in range(5):
        assert refused(wait_and_poll(client, auth_req_id, 0.5)) == PENDING
    assert refused(wait_and_poll(client, auth_req_id, 0.4)) == SLOW_DOWN


def test_a_psc_client_that_never_slows_down_is_answered_all_the_same(
    client: CibaService,
) -> None:
    """pro-sante-connect 5: the reference proxy does not raise its interval."""
    auth_req_id = client.begin()["auth_req_id"]
    answers = [refused(wait_and_poll(client, auth_req_id, 0.3)) for _ in range(8)]
    assert answers == [PENDING, SLOW_DOWN] * 4
    assert row_of(client.provider).interval == 1


def test_a_psc_client_that_never_slows_down_gets_its_tokens(
    client: CibaService, phone: Phone
) -> None:
    auth_req_id = client.begin()["auth_req_id"]
    assert refused(client.poll(auth_req_id)) == PENDING
    assert refused(client.poll(auth_req_id)) == SLOW_DOWN
    phone.approve(PIN, NUMBER)
    assert refused(wait_and_poll(client, auth_req_id, 0.3)) == SLOW_DOWN
    assert wait_and_poll(client, auth_req_id, 0.3).status_code == 200


def test_a_strict_client_that_asks_too_early_is_slowed_down_with_its_approval_waiting(
    strict: CibaService, phone: Phone
) -> None:
    """Attack 33, polled faster: nothing is lost by it."""
    auth_req_id = strict.begin()["auth_req_id"]
    assert refused(strict.poll(auth_req_id)) == PENDING
    phone.approve(PIN, NUMBER)
    assert refused(strict.poll(auth_req_id)) == SLOW_DOWN
    assert wait_and_poll(strict, auth_req_id, 10).status_code == 200


def test_one_request_does_not_slow_another_down(strict: CibaService) -> None:
    first, second = (strict.begin()["auth_req_id"] for _ in range(2))
    assert refused(strict.poll(first)) == PENDING
    assert refused(strict.poll(second)) == PENDING


def test_a_strict_ping_client_may_come_as_soon_as_it_is_pinged(
    strict: CibaService, provider: Provider, phone: Phone
) -> None:
    """CIBA Core 10.2: the ping says that there is an answer."""
    add_notified_client(provider, "ping", "pinged")
    with provider.store.begin() as db:
        change_client(db, "pinged", profile="strict")
    pinged = strict.as_client("pinged")
    auth_req_id = pinged.begin(client_notification_token=NOTIFICATION_TOKEN)["auth_req_id"]
    assert refused(pinged.poll(auth_req_id)) == PENDING
    phone.approve(PIN, NUMBER)
    assert pinged.poll(auth_req_id).status_code == 200
