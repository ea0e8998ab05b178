"""One `auth_req_id`, asked about on several connections at once, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from idp import create_app
from idp.settings import Settings
from idp.store.models import BrowserSession, Grant, RefreshToken
from tests.ciba.answers import begin_and_approve, refused
from tests.ciba.helpers import CibaService, add_ciba_client, phone_of, service
from tests.conftest import make_settings, provider_of
from wallet_sim.phone import Phone

_PARTIES = 4


@pytest.fixture
def settings(database_url: str, master_key: str) -> Settings:
    return make_settings(database_url, master_key, ciba_poll_tolerance=2)


@pytest.fixture
def parties(settings: Settings) -> Iterator[list[CibaService]]:
    app = create_app(settings)
    add_ciba_client(provider_of(app))
    add_ciba_client(provider_of(app), "strict", profile="strict")
    yield [service(app) for _ in range(_PARTIES)]
    provider_of(app).store.close()


@pytest.fixture
def phone(parties: list[CibaService], tmp_path: Path) -> Phone:
    return phone_of(parties[0].app, tmp_path)


def at_once(parties: list[CibaService], auth_req_id: str) -> list[Any]:
    with ThreadPoolExecutor(len(parties)) as pool:
        return list(pool.map(lambda party: party.poll(auth_req_id), parties))


def count(party: CibaService, table: type) -> int:
    with party.provider.store.read() as db:
        return db.scalar(select(func.count()).select_from(table)) or 0


def test_simultaneous_questions_are_issued_to_once(
    parties: list[CibaService], phone: Phone
) -> None:
    """Attack 33, redeemed twice. No pace is kept here, so that nothing else sorts them."""
    for round_ in range(1, 4):
        answers = at_once(parties, begin_and_approve(parties[0], phone))
        issued = [answer for answer in answers if answer.status_code == 200]
        assert len(issued) == 1, [answer.text for answer in answers]
        others = {refused(answer) for answer in answers if answer.status_code != 200}
        assert others == {(400, "invalid_grant")}
        assert parties[0].userinfo(issued[0].json["access_token"]).status_code == 200
        for table in (BrowserSession, Grant, RefreshToken):
            assert count(parties[0], table) == round_


def test_of_simultaneous_questions_one_is_in_time(parties: list[CibaService]) -> None:
    strict = [party.as_client("strict") for party in parties]
    auth_req_id = strict[0].begin()["auth_req_id"]
    answers = sorted(refused(answer) for answer in at_once(strict, auth_req_id))
    assert answers == [(400, "authorization_pending"), *[(400, "slow_down")] * (_PARTIES - 1)]
