"""Each fault of the token response does what the catalogue says of it, and nothing else."""

import base64
import hmac
import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.dev.faults.asking import HEADERS, Faults
from tests.dev.faults.tokens import Claims, at_hash, claims_of, header_of, same_but, verifies
from tests.oauth.helpers import (
    SECRET,
    VERIFIER,
    Service,
    add_client,
    challenge_of,
    open_session,
)


def other_than(name: str, value: Any) -> Callable[[Claims, Claims], bool]:
    return lambda was, told: (
        told[name] == value and was[name] != value and same_but(was, told, name)
    )


def without(name: str) -> Callable[[Claims, Claims], bool]:
    return lambda was, told: name in was and name not in told and same_but(was, told, name)


def lasts_as_long(was: Claims, told: Claims) -> bool:
    return bool(was["exp"] - was["iat"] == told["exp"] - told["iat"])


OF_CLAIMS: dict[str, tuple[dict[str, Any], Callable[[Claims, Claims], bool]]] = {
    "id_token_wrong_iss": ({}, other_than("iss", "https://issuer.invalid")),
    "id_token_wrong_aud": ({}, other_than("aud", "another-service")),
    "id_token_further_aud": ({}, other_than("aud", ["service", "untrusted-service"])),
    "id_token_wrong_azp": ({}, other_than("azp", "another-service")),
    "id_token_wrong_nonce": ({}, other_than("nonce", "a-nonce-of-another-request")),
    "id_token_missing_nonce": ({}, without("nonce")),
    "id_token_wrong_at_hash": ({}, other_than("at_hash", "A" * 22)),
    "id_token_wrong_sub": ({}, other_than("sub", "somebody-else")),
    "id_token_missing_claim": ({"claim": "exp"}, without("exp")),
    "id_token_wrong_claim": (
        {"claim": "acr", "value": "eidas0"},
        other_than("acr", "eidas0"),
    ),
    "id_token_expired": (
        {"seconds": 7200},
        lambda was, told: (
            was["iat"] - 7205 <= told["exp"] <= was["iat"] - 7195 and lasts_as_long(was, told)
        ),
    ),
    "id_token_from_future": (
        {"seconds": 7200},
        lambda was, told: (
            was["iat"] + 7195 <= told["iat"] <= was["iat"] + 7205 and lasts_as_long(was, told)
        ),
    ),
    "id_token_old_auth_time": (
        {"seconds": 7200},
        lambda was, told: (
            told["auth_time"] <= was["auth_time"] - 7195 and told["iat"] >= was["iat"]
        ),
    ),
}


@pytest.mark.parametrize("name", OF_CLAIMS)
def test_a_wrong_claim_is_all_that_is_wrong_and_it_is_signed_by_the_provider(
    faults: Faults, service: Service, name: str
) -> None:
    parameters, is_so = OF_CLAIMS[name]
    was = claims_of(service.sign_in()["id_token"])
    number = faults.ask(name, times=1, client_id="service", parameters=parameters)
    answer = service.sign_in()
    assert faults.committed(number) == 1
    told = claims_of(answer["id_token"])
    assert is_so(was, told), told
    assert verifies(service, answer["id_token"])
    assert name == "id_token_wrong_at_hash" or told["at_hash"] == at_hash(answer["access_token"])
    assert service.userinfo(answer["access_token"]).status_code == 200


def _forged(token: str, secret: bytes) -> bool:
    signed, _, signature = token.rpartition(".")
    expected = hmac.digest(secret, signed.encode(), "sha256")
    return base64.urlsafe_b64decode(signature + "==") == expected


def _is_by_public_key(service: Service, token: str) -> bool:
    active = service.provider.keyring.active("tokens")
    key = RSAKey.import_key(active.row.public_jwk).public_key
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return header_of(token)["alg"] == "HS256" and _forged(token, pem)


def _is_by_its_own_key(_service: Service, token: str) -> bool:
    header = header_of(token)
    return bool(jwt.decode(token, ECKey.import_key(header["jwk"]), ["ES256"]).claims)


OF_SIGNATURES: dict[str, Callable[[Service, str], bool]] = {
    "id_token_bad_signature": lambda service, token: (
        header_of(token)["alg"] == "RS256" and not verifies(service, token)
    ),
    "id_token_unsigned": lambda _service, token: (
        token.endswith(".")
        and json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
        == {"alg": "none", "typ": "JWT"}
    ),
    "id_token_hs256_public_key": _is_by_public_key,
    "id_token_hs256_client_secret": lambda _service, token: (
        header_of(token)["alg"] == "HS256" and _forged(token, SECRET.encode())
    ),
    "id_token_unknown_kid": lambda service, token: (
        header_of(token)["kid"] == "a-kid-that-was-never-published" and verifies(service, token)
    ),
    "id_token_missing_kid": lambda service, token: (
        "kid" not in header_of(token) and verifies(service, token)
    ),
    "id_token_key_in_header": _is_by_its_own_key,
}


@pytest.mark.parametrize("name", OF_SIGNATURES)
def test_a_wrong_signature_or_header_stands_over_right_claims(
    faults: Faults, service: Service, name: str
) -> None:
    was = claims_of(service.sign_in()["id_token"])
    number = faults.ask(name, times=1)
    answer = service.sign_in()
    assert faults.committed(number) == 1
    told = claims_of(answer["id_token"])
    assert same_but(was, told)
    assert told["at_hash"] == at_hash(answer["access_token"])
    assert OF_SIGNATURES[name](service, answer["id_token"])


def test_a_secret_that_is_not_sent_signs_nothing(faults: Faults, service: Service) -> None:
    add_client(service.provider, "public", token_endpoint_auth_method="none", client_secret=None)
    number = faults.ask("id_token_hs256_client_secret")
    public = service.as_client("public")
    challenge = challenge_of(VERIFIER)
    asked = public.authorize(code_challenge=challenge, code_challenge_method="S256")
    code = asked["code"]
    form = {"client_id": "public", "code_verifier": VERIFIER}
    answer = public.exchange(code, basic=False, **form)
    assert header_of(answer.json["id_token"])["alg"] == "RS256"
    assert faults.committed(number) == 0


@pytest.mark.parametrize("name", ["access_token_wrong", "access_token_expired"])
def test_a_wrong_access_token_is_really_refused_and_nothing_else_is_wrong(
    faults: Faults, service: Service, name: str
) -> None:
    faults.ask(name, times=1)
    answer = service.sign_in()
    told = claims_of(answer["id_token"])
    assert verifies(service, answer["id_token"])
    assert told["at_hash"] == at_hash(answer["access_token"])
    refused = service.userinfo(answer["access_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    renewed = service.refresh(answer["refresh_token"]).json
    assert service.userinfo(renewed["access_token"]).status_code == 200


@pytest.mark.parametrize("member", ["access_token", "refresh_token", "id_token", "expires_in"])
def test_a_member_of_the_token_response_is_missing(
    faults: Faults, service: Service, member: str
) -> None:
    was = service.sign_in()
    faults.ask("token_missing_member", times=1, parameters={"member": member})
    assert list(service.sign_in()) == [name for name in was if name != member]


def test_the_id_token_is_left_out(faults: Faults, service: Service) -> None:
    faults.ask("id_token_left_out", times=1)
    assert "id_token" not in service.sign_in()


def test_the_token_is_of_an_unknown_type(faults: Faults, service: Service) -> None:
    faults.ask("token_wrong_type", times=1)
    assert service.sign_in()["token_type"] == "mac"


@pytest.mark.parametrize("seconds", [300, -300])
def test_a_skewed_clock_shows_in_every_time_of_the_answer(
    faults: Faults, service: Service, seconds: int
) -> None:
    now = service.provider.clock.timestamp()
    faults.ask("clock_skew", times=1, parameters={"seconds": seconds})
    response = service.exchange(service.authorize()["code"])
    answer = response.json
    for token in (answer["access_token"], answer["id_token"]):
        assert abs(claims_of(token)["iat"] - now - seconds) <= 5
        assert claims_of(token)["exp"] - claims_of(token)["iat"] == 120
        assert verifies(service, token)
    assert claims_of(answer["id_token"])["at_hash"] == at_hash(answer["access_token"])
    shown = parsedate_to_datetime(response.headers["Date"]).timestamp()
    assert abs(shown - now - seconds) <= 5


def test_for_another_client_and_without_a_fault_the_answer_is_the_usual_one(
    faults: Faults, service: Service
) -> None:
    """The same members, in the same order, with the same headers."""
    add_client(service.provider, "other")
    other, session = service.as_client("other"), open_session(service.provider)
    without_faults = other.exchange(other.authorize(session)["code"])
    for name, (parameters, _) in OF_CLAIMS.items():
        faults.ask(name, client_id="service", parameters=parameters)
    faults.ask("server_error", endpoint="token", client_id="service")
    beside = other.exchange(other.authorize(session)["code"])
    assert list(beside.json) == list(without_faults.json)
    assert [name for name, _ in beside.headers] == [name for name, _ in without_faults.headers]
    was, told = (claims_of(answer.json["id_token"]) for answer in (without_faults, beside))
    assert list(was) == list(told)
    assert same_but(was, told)
    listed = faults.http.get("/dev/v1/faults", headers=HEADERS).json
    assert [each["committed"] for each in listed["faults"]] == [0] * (len(OF_CLAIMS) + 1)
