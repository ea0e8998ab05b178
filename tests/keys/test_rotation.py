"""Keys change by command while phones and services go on (decision 23)."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from joserfc import jws

from idp import create_app
from idp.keys.sealing import SealBroken
from idp.outbox.reading import read_outbox
from idp.provider import Provider
from idp.settings import Settings
from tests.cli.helpers import run
from tests.conftest import BASE_URL, provider_of
from tests.oauth.helpers import PROTOCOL, Service, add_client
from tests.wallet.helpers import (
    PERSON,
    PIN,
    advance,
    ask_signin,
    enrol,
    mailed_qr,
    new_phone,
    sms_code,
)
from wallet_sim.errors import DocumentRefused
from wallet_sim.phone import Phone

OTHER_KEY = "B" * 43


@pytest.fixture
def phone(app: Flask, tmp_path: Path) -> Phone:
    return enrol(app, tmp_path / "phone")


def command(provider: Provider, *arguments: str) -> Any:
    """Run `ecps-idp` on the provider's database; its own process looks again afterwards."""
    database = Path(str(provider.store.url.database))
    key = provider.settings.master_key.get_secret_value()
    result = run(database, *arguments, ECPS_MASTER_KEY=key)
    assert result.exit_code == 0, result.output
    provider.keyring.forget()
    return result


def rotate(provider: Provider, purpose: str) -> str:
    return str(json.loads(command(provider, "key", "rotate", purpose, "--json").stdout)["kid"])


def overlap(provider: Provider, share: float = 1.0) -> None:
    advance(provider, provider.settings.key_overlap.total_seconds() * share)
    provider.keyring.forget()


def approve(app: Flask, phone: Phone) -> None:
    phone.approve(PIN, number=ask_signin(app).number)


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


def test_a_phone_follows_a_rotation_before_within_and_after_the_overlap(
    app: Flask, provider: Provider, phone: Phone
) -> None:
    old = provider.keyring.active("phone").kid
    approve(app, phone)
    new = rotate(provider, "phone")
    assert provider.keyring.active("phone").kid == old
    approve(app, phone)
    overlap(provider)
    assert provider.keyring.active("phone").kid == new
    approve(app, phone)
    overlap(provider)
    assert old not in {key.kid for key in provider.keyring.published("phone")}
    approve(app, phone)


def test_a_phone_that_slept_through_two_rotations_follows_them(
    app: Flask, provider: Provider, phone: Phone
) -> None:
    for _ in range(3):
        rotate(provider, "phone")
        overlap(provider, 2.5)
    approve(app, phone)


def test_a_phone_enrols_between_publication_and_use_of_a_key(
    app: Flask, provider: Provider, tmp_path: Path
) -> None:
    phone = new_phone(app, tmp_path / "phone")
    phone.start_enrolment(BASE_URL, PERSON)
    rotate(provider, "phone")
    phone.scan(mailed_qr(app, PERSON))
    phone.enter_sms_code(sms_code(app, PERSON))
    phone.choose_pin(PIN)
    overlap(provider, 2.5)
    approve(app, phone)


def test_a_key_that_no_pinned_key_endorsed_is_not_followed(
    app: Flask, provider: Provider, phone: Phone
) -> None:
    """A stranger who answers in the provider's place has no succession to show."""
    kid = rotate(provider, "phone")
    with provider.store.begin() as db:
        row = provider.keyring.find(["phone"], kid)
        assert row is not None
        stored = db.merge(row.row)
        stored.endorsement = None
    overlap(provider)
    with pytest.raises(DocumentRefused):
        approve(app, phone)


def kids_of(service: Service) -> set[str]:
    keys = service.http.get(f"{PROTOCOL}/certs").json["keys"]
    return {key["kid"] for key in keys if key["alg"] == "RS256"}


def test_tokens_of_the_old_key_hold_until_they_lapse(app: Flask, provider: Provider) -> None:
    add_client(provider)
    service = Service(app, provider)
    old = provider.keyring.active("tokens").kid
    new = rotate(provider, "tokens")
    published = kids_of(service)
    assert published == {old, new}
    overlap(provider, 0.99)
    before = service.sign_in()
    assert kid_of(before["id_token"]) == old
    overlap(provider, 0.011)
    assert kid_of(service.sign_in()["id_token"]) == new
    assert service.claims(before["id_token"])["sub"]
    assert service.userinfo(before["access_token"]).status_code == 200
    assert kid_of(service.refresh(before["refresh_token"]).json["id_token"]) == new
    advance(provider, provider.settings.session_lifetime.total_seconds())
    published = kids_of(service)
    assert published == {new}


def test_the_journal_says_which_key_followed_which(provider: Provider) -> None:
    old = provider.keyring.active("tokens").kid
    new = rotate(provider, "tokens")
    said = json.loads(command(provider, "audit", "show", "--json").stdout)
    (event,) = [e for e in said if e["event"] == "keys:key:rotated"]
    assert (event["data"]["previous"], event["data"]["kid"]) == (old, new)


def test_everything_sealed_survives_a_new_master_key(
    app: Flask, settings: Settings, tmp_path: Path, phone: Phone
) -> None:
    """Keys, PIN keys, waiting messages and running enrolments: nobody has to begin anew."""
    old = provider_of(app)
    approve(app, phone)
    other = new_phone(app, tmp_path / "other")
    other.start_enrolment(BASE_URL, "899700990023")
    other.scan(mailed_qr(app, "899700990023"))
    (tmp_path / "new.key").write_text(OTHER_KEY)
    command(old, "key", "rewrap", "--new-master-key-file", str(tmp_path / "new.key"))
    old.store.close()

    changed = settings.model_copy(update={"master_key": type(settings.master_key)(OTHER_KEY)})
    renewed = create_app(changed)
    survivor = Phone(
        tmp_path / "phone",
        transport=httpx.WSGITransport(app=renewed),
        clock=provider_of(renewed).clock,
    )
    approve(renewed, survivor)
    late = new_phone(renewed, tmp_path / "other")
    late.enter_sms_code(sms_code(renewed, "899700990023"))
    late.choose_pin("3691")
    assert read_outbox(provider_of(renewed), recipients=None)
    provider_of(renewed).store.close()


def test_what_another_key_sealed_stops_the_change_and_nothing_is_changed(
    app: Flask, provider: Provider, phone: Phone, tmp_path: Path
) -> None:
    (tmp_path / "new.key").write_text(OTHER_KEY)
    database = Path(str(provider.store.url.database))
    arguments = ("key", "rewrap", "--new-master-key-file", str(tmp_path / "new.key"))
    result = run(database, *arguments, ECPS_MASTER_KEY="C" * 43)
    assert result.exit_code != 0
    assert isinstance(result.exception, SealBroken | SystemExit)
    provider.keyring.forget()
    approve(app, phone)
