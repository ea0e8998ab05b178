"""ID tokens that sign nobody in: each check of a relying service, by a provider that gives them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.service.plain import ORIGIN, plain_service, plain_settings
from wallet_sim.harness.psc import Psc


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


@pytest.fixture
def service(psc: Psc, tmp_path: Path) -> Iterator[Flask]:
    client = psc.client("plain", redirect_uris=[f"{ORIGIN}/callback"])
    app = plain_service(plain_settings(psc.issuer, client.client_secret, tmp_path))
    yield app
    service_of(app).store.close()


@pytest.mark.parametrize(
    "fault",
    [
        "id_token_wrong_iss",
        "id_token_wrong_aud",
        "id_token_further_aud",
        "id_token_wrong_azp",
        "id_token_wrong_nonce",
        "id_token_missing_nonce",
        "id_token_wrong_at_hash",
        "id_token_expired",
        "id_token_from_future",
        "id_token_bad_signature",
        "id_token_unsigned",
        "id_token_hs256_public_key",
        "id_token_hs256_client_secret",
        "id_token_unknown_kid",
        "id_token_key_in_header",
        "id_token_left_out",
        "authorization_wrong_state",
        "authorization_missing_state",
        "authorization_wrong_iss",
        "authorization_missing_iss",
        "authorization_missing_code",
    ],
)
def test_attack_an_answer_that_does_not_verify_signs_nobody_in(
    fault: str, psc: Psc, service: Flask
) -> None:
    """OpenID Connect Core 3.1.3.7; RFC 9207: page and not a bare error, and no session."""
    person = psc.person()
    psc.phone(person)
    with psc.faults.inject(fault, client="plain", times=1):
        login = psc.login(service.test_client(), person)
    assert login.status == 400
    assert 'id="error"' in login.text
    with service_of(service).store.read() as db:
        assert entries(db) == []
