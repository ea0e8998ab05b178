"""One signed request on several connections at once, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from idp import create_app
from idp.settings import Settings
from tests.ciba.helpers import (
    SIGNER,
    CibaService,
    add_ciba_client,
    public_keys,
    requests,
    service,
    signed_members,
)
from tests.conftest import make_settings, provider_of

_PARTIES = 4


@pytest.fixture
def settings(database_url: str, master_key: str) -> Settings:
    return make_settings(database_url, master_key, ciba_requests_per_client=6)


@pytest.fixture
def parties(settings: Settings) -> Iterator[list[CibaService]]:
    app = create_app(settings)
    add_ciba_client(
        provider_of(app),
        "signing",
        backchannel_authentication_request_signing_alg="PS256",
        jwks=public_keys(SIGNER),
    )
    add_ciba_client(provider_of(app))
    yield [service(app) for _ in range(_PARTIES)]
    provider_of(app).store.close()


def test_a_signed_request_begins_once(parties: list[CibaService]) -> None:
    """CIBA Core 7.1.1: its jti."""
    provider = parties[0].provider
    claims = signed_members(provider, iss="signing")
    signing = [party.as_client("signing") for party in parties]
    with ThreadPoolExecutor(_PARTIES) as pool:
        answers = list(pool.map(lambda party: party.ask_signed(claims), signing))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    assert len(requests(provider)) == 1


def test_a_client_begins_no_more_than_its_limit(parties: list[CibaService]) -> None:
    """Decision 29: counted by one statement."""
    with ThreadPoolExecutor(_PARTIES) as pool:
        answers = list(pool.map(lambda party: party.ask(), parties * 2))
    assert sorted(answer.status_code for answer in answers) == [200] * 6 + [429] * 2
    assert len(requests(parties[0].provider)) == 6
