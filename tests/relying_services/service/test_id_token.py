"""ID tokens that sign nobody in: each check of a relying service, by a provider that gives them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        "authorization_wrong_code",
        "token_wrong_type",
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


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [
        ("id_token_missing_claim", {"claim": "exp"}),
        ("id_token_wrong_claim", {"claim": "acr"}),
        ("id_token_wrong_claim", {"claim": "azp"}),
        ("token_missing_member", {"member": "access_token"}),
        ("token_missing_member", {"member": "token_type"}),
        ("clock_skew", {"seconds": 600}),
        ("clock_skew", {"seconds": -600}),
    ],
)
def test_attack_an_answer_that_is_not_whole_or_not_of_now_signs_nobody_in(
    fault: str, parameters: dict[str, Any], psc: Psc, service: Flask
) -> None:
    """OpenID Connect Core 3.1.3.7 (9) to (12); RFC 6749, 5.1 and 7.1."""
    person = psc.person()
    psc.phone(person)
    with psc.faults.inject(fault, client="plain", times=1, **parameters):
        login = psc.login(service.test_client(), person)
    assert (login.status, 'id="error"' in login.text) == (400, True)
    with service_of(service).store.read() as db:
        assert entries(db) == []


@pytest.mark.parametrize("fault", ["html_page", "malformed_json"])
def test_an_answer_that_is_no_json_is_told_as_a_failure_of_the_provider(
    fault: str, psc: Psc, service: Flask
) -> None:
    """RFC 6749, 5.1: a page with its way out, and no bare error."""
    person = psc.person()
    psc.phone(person)
    with psc.faults.inject(fault, client="plain", endpoint="token", times=1):
        login = psc.login(service.test_client(), person)
    assert (login.status, "provider_unreachable" in login.text) == (502, True)


@pytest.mark.parametrize("fault", ["jwks_empty", "jwks_other_keys"])
def test_keys_that_verified_nothing_are_not_kept(fault: str, psc: Psc, service: Flask) -> None:
    """OpenID Connect Core 10.1.1: one bad answer does not shut everybody out until a restart."""
    person = psc.person()
    psc.phone(person)
    with psc.faults.inject(fault, times=1):
        assert psc.login(service.test_client(), person).status == 400
    assert psc.login(service.test_client(), person).ok
