"""Attack 33: somebody else's `auth_req_id`, a second redemption, and asking without pause.

What is shown on the phone, and who may begin, are in `tests/ciba`; simultaneous redemptions in
`tests/ciba/test_simultaneous.py`.
"""

from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from idp.store.models import BrowserSession
from tests.ciba.answers import begin_and_approve, refused, row_of, wait_and_poll
from tests.ciba.helpers import CibaService, add_ciba_client, approve, phone_of, service
from tests.oauth.helpers import add_client, advance
from wallet_sim.phone import Phone


@pytest.fixture
def victim(app: Flask, provider: Provider) -> CibaService:
    """The service that the person signs in to."""
    add_ciba_client(provider, profile="strict")
    return service(app)


@pytest.fixture
def thief(victim: CibaService, provider: Provider) -> CibaService:
    """Another registered service, which got hold of the `auth_req_id`."""
    add_ciba_client(provider, "thief")
    return victim.as_client("thief")


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return phone_of(app, tmp_path)


def test_33_a_stolen_auth_req_id_is_worth_nothing_to_another_client(
    victim: CibaService, thief: CibaService, phone: Phone
) -> None:
    """Before the approval, after it, and after the redemption; told as an unknown one is."""
    auth_req_id = victim.begin()["auth_req_id"]
    unknown = thief.poll("unknown")
    assert thief.poll(auth_req_id).data == unknown.data
    approve(phone)
    assert thief.poll(auth_req_id).data == unknown.data
    tokens = victim.poll(auth_req_id)
    assert tokens.status_code == 200
    assert thief.poll(auth_req_id).data == unknown.data
    assert refused(thief.refresh(tokens.json["refresh_token"])) == (400, "invalid_grant")


def test_33_a_thief_does_not_slow_the_victim_down(victim: CibaService, thief: CibaService) -> None:
    auth_req_id = victim.begin()["auth_req_id"]
    for _ in range(5):
        thief.poll(auth_req_id)
    row = row_of(victim.provider)
    assert (row.polled_at, row.interval) == (None, 5)
    assert refused(victim.poll(auth_req_id)) == (400, "authorization_pending")


def test_33_an_auth_req_id_is_no_code_and_no_refresh_token(
    victim: CibaService, provider: Provider, phone: Phone
) -> None:
    add_client(provider)
    auth_req_id = begin_and_approve(victim, phone)
    assert refused(victim.exchange(auth_req_id)) == (400, "invalid_grant")
    assert refused(victim.refresh(auth_req_id)) == (400, "invalid_grant")
    assert victim.poll(auth_req_id).status_code == 200


def test_33_a_second_redemption_gets_nothing_and_takes_nothing(
    victim: CibaService, phone: Phone
) -> None:
    auth_req_id = begin_and_approve(victim, phone)
    tokens = victim.poll(auth_req_id).json
    for seconds in (0, 5, 110):
        answer = wait_and_poll(victim, auth_req_id, seconds)
        assert refused(answer) == (400, "invalid_grant")
    with victim.provider.store.read() as db:
        assert db.query(BrowserSession).count() == 1
    assert victim.refresh(tokens["refresh_token"]).status_code == 200


def test_33_asking_without_pause_gains_nothing(victim: CibaService, phone: Phone) -> None:
    """Each question too early makes the next one later; the approval is not lost by it."""
    auth_req_id = victim.begin(requested_expiry="600")["auth_req_id"]
    assert refused(victim.poll(auth_req_id)) == (400, "authorization_pending")
    for _ in range(20):
        assert refused(wait_and_poll(victim, auth_req_id, 0.1)) == (400, "slow_down")
    assert row_of(victim.provider).interval == 105
    approve(phone)
    assert refused(victim.poll(auth_req_id)) == (400, "slow_down")
    advance(victim.provider, 110)
    assert victim.poll(auth_req_id).status_code == 200


def test_33_the_identifier_cannot_be_guessed_and_is_not_kept(victim: CibaService) -> None:
    """256 random bits, stored as their digest."""
    given = {victim.begin()["auth_req_id"] for _ in range(20)}
    assert len(given) == 20
    assert {len(auth_req_id) for auth_req_id in given} == {43}
    with victim.provider.store.read() as db:
        connection = db.connection().connection.dbapi_connection
        dump = "\n".join(connection.iterdump())  # type: ignore[union-attr]
    assert not [auth_req_id for auth_req_id in given if auth_req_id in dump]
