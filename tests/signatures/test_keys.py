"""The keys behind it: of databases initialised before, rotated each by itself."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from idp import create_app
from idp.keys.purposes import ENCRYPTION, PURPOSES, SIGNING
from idp.keys.sealing import SealBroken
from idp.provider import Provider, bring_up_to_date
from idp.serving.preparation import prepare_database
from idp.settings import Settings
from idp.store.database import Store
from idp.store.models import SigningKey
from tests.cli.helpers import run
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import Service, add_client, advance
from tests.signatures.helpers import KEYS, published, verified, with_keys
from tests.signatures.helpers import SIGNING as ALGORITHMS

SINCE = [*SIGNING.values(), *ENCRYPTION.values()][1:]
"""Purposes that older databases lack."""


@pytest.fixture
def earlier(database_url: str, master_key: str) -> Settings:
    """The settings of a database that was initialised before there were these keys."""
    settings = make_settings(database_url, master_key)
    store = Store(database_url)
    with store.begin() as db:
        db.execute(delete(SigningKey).where(SigningKey.purpose.in_(SINCE)))
    store.close()
    return settings


def purposes_in(settings: Settings) -> list[str]:
    store = Store(settings.database_url)
    with store.read() as db:
        found = sorted(db.scalars(select(SigningKey.purpose)))
    store.close()
    return found


def command(provider: Provider, *arguments: str) -> Any:
    database = Path(str(provider.store.url.database))
    key = provider.settings.master_key.get_secret_value()
    result = run(database, *arguments, ECPS_MASTER_KEY=key)
    assert result.exit_code == 0, result.output
    provider.keyring.forget()
    return result


def test_the_usual_key_is_published_first(app: Flask, provider: Provider) -> None:
    """A client of Pro Santé Connect that looks no further finds what it found before."""
    algorithms = [key["alg"] for key in published(Service(app, provider))]
    assert algorithms == [*SIGNING, *ENCRYPTION]


def test_another_master_key_makes_no_keys(earlier: Settings) -> None:
    """What it seals could not be opened with the one that the rest is sealed with."""
    wrong = earlier.model_copy(update={"master_key": type(earlier.master_key)("B" * 43)})
    before = purposes_in(earlier)
    with pytest.raises(SealBroken):
        bring_up_to_date(wrong)
    assert purposes_in(earlier) == before


def test_without_its_keys_an_earlier_database_still_answers(earlier: Settings) -> None:
    """A process of this version beside an upgrade that is under way."""
    app = create_app(earlier)
    provider = provider_of(app)
    add_client(provider)
    service = Service(app, provider)
    assert {key["alg"] for key in published(service)} == {"RS256"}
    assert verified(service, service.sign_in()["id_token"], "RS256")
    provider.store.close()


def test_an_earlier_database_gets_the_keys_that_it_lacks(earlier: Settings) -> None:
    assert set(purposes_in(earlier)).isdisjoint(SINCE)
    bring_up_to_date(earlier)
    assert purposes_in(earlier) == sorted(PURPOSES)
    bring_up_to_date(earlier)
    assert purposes_in(earlier) == sorted(PURPOSES)
    app = create_app(earlier)
    provider = provider_of(app)
    add_client(provider, jwks=KEYS, id_token_signed_response_alg="PS256")
    service = Service(app, provider)
    assert verified(service, service.sign_in()["id_token"], "PS256")
    provider.store.close()


def test_of_simultaneous_upgrades_one_makes_them(earlier: Settings) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(bring_up_to_date, [earlier] * 6))
    assert purposes_in(earlier) == sorted(PURPOSES)


def test_serving_and_upgrading_bring_them(earlier: Settings, tmp_path: Path) -> None:
    prepare_database(earlier)
    assert purposes_in(earlier) == sorted(PURPOSES)


def test_the_command_brings_them(provider: Provider) -> None:
    with provider.store.begin() as db:
        db.execute(delete(SigningKey).where(SigningKey.purpose.in_(SINCE)))
    command(provider, "db", "upgrade")
    listed = json.loads(command(provider, "key", "list", "--json").stdout)
    assert {key["purpose"]: key["alg"] for key in listed} == PURPOSES
    assert "private" not in command(provider, "key", "list").stdout


def test_a_moved_clock_does_not_keep_them_from_use(provider: Provider) -> None:
    """Decision 5: they are made at the time of the database, not of the machine."""
    advance(provider, -86400)
    with provider.store.begin() as db:
        db.execute(delete(SigningKey).where(SigningKey.purpose.in_(SINCE)))
    bring_up_to_date(provider.settings)
    provider.keyring.forget()
    for purpose in SINCE:
        assert provider.keyring.active(purpose)


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_each_signing_key_is_rotated_by_itself(app: Flask, provider: Provider, alg: str) -> None:
    """oidcc-server-rotate-keys: published before use, verifiable as long as a session lives."""
    add_client(provider)
    client = with_keys(Service(app, provider), id_token_signed_response_alg=alg)
    before = {key["kid"] for key in published(client)}
    old = client.sign_in()["id_token"]
    rotated = json.loads(command(provider, "key", "rotate", SIGNING[alg], "--json").stdout)
    assert {key["kid"] for key in published(client)} == before | {rotated["kid"]}
    advance(provider, provider.settings.key_overlap.total_seconds() + 1)
    fresh = client.sign_in()["id_token"]
    assert verified(client, fresh, alg)
    assert provider.keyring.active(SIGNING[alg]).kid == rotated["kid"]
    assert verified(client, old, alg)
    advance(provider, provider.settings.session_lifetime.total_seconds())
    assert len([key for key in published(client) if key["alg"] == alg]) == 1
    assert len(published(client)) == len(before)


@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_every_key_can_be_rotated(provider: Provider, purpose: str) -> None:
    old = provider.keyring.active(purpose)
    said = command(provider, "key", "rotate", purpose).stdout
    advance(provider, provider.settings.key_overlap.total_seconds() + 1)
    fresh = provider.keyring.active(purpose)
    assert fresh.kid in said
    assert (fresh.alg, fresh.kid != old.kid) == (old.alg, True)
