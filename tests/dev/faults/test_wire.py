"""Each fault does on the wire what the catalogue says of it, and nothing else is changed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.dev.faults.asking import HEADERS, Faults
from tests.oauth.helpers import (
    PROTOCOL,
    SECRET,
    VERIFIER,
    Service,
    add_client,
    challenge_of,
    open_session,
)

ISSUER = "/auth/realms/esante-wallet"
Claims = dict[str, Any]
_FRESH = {"exp", "iat", "jti", "at_hash", "nonce", "session_state", "sid", "auth_time"}
"""Claims of which no two ID tokens need be alike."""


def header_of(token: str) -> dict[str, Any]:
    return dict(jws.extract_compact(token.encode()).headers())


def claims_of(token: str) -> Claims:
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "==")))


def verifies(service: Service, token: str) -> bool:
    keys = KeySet.import_key_set(service.http.get(f"{PROTOCOL}/certs").json)
    rs256 = [key for key in keys.keys if key.alg == "RS256"]
    for key in rs256:
        try:
            jwt.decode(token, key, ["RS256"])
        except BadSignatureError:
            continue
        return True
    return False


def at_hash(access_token: str) -> str:
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def other_than(name: str, value: Any) -> Callable[[Claims, Claims], bool]:
    return lambda was, told: (
        told[name] == value and was[name] != value and same_but(was, told, name)
    )


def without(name: str) -> Callable[[Claims, Claims], bool]:
    return lambda was, told: name in was and name not in told and same_but(was, told, name)


def same_but(was: Claims, told: Claims, *names: str) -> bool:
    apart = _FRESH | set(names)
    shared = {name: value for name, value in was.items() if name not in apart}
    return shared == {name: value for name, value in told.items() if name not in apart}


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


def test_an_active_token_is_said_to_be_inactive(faults: Faults, service: Service) -> None:
    token = service.sign_in()["access_token"]
    number = faults.ask("introspection_inactive", times=1)
    assert service.introspect("no token at all") == {"active": False}
    assert faults.committed(number) == 0, "what is inactive already is left as it is"
    assert service.introspect(token) == {"active": False}
    assert service.introspect(token)["active"] is True


USERINFO: dict[str, tuple[str, dict[str, Any], Callable[[Claims, Claims], bool]]] = {
    "sub": (
        "userinfo_wrong_sub",
        {},
        lambda was, told: told == was | {"sub": "somebody-else"},
    ),
    "missing": (
        "userinfo_missing_claim",
        {"path": "SubjectRefPro.exercices"},
        lambda was, told: (
            "exercices" in was["SubjectRefPro"]
            and told["SubjectRefPro"]
            == {k: v for k, v in was["SubjectRefPro"].items() if k != "exercices"}
        ),
    ),
    "empty_list": (
        "userinfo_empty_member",
        {"path": "SubjectRefPro.exercices"},
        lambda was, told: (
            bool(was["SubjectRefPro"]["exercices"]) and told["SubjectRefPro"]["exercices"] == []
        ),
    ),
    "empty_text_in_a_list": (
        "userinfo_empty_member",
        {"path": "SubjectRefPro.exercices.0.codeProfession"},
        lambda was, told: (
            bool(was["SubjectRefPro"]["exercices"][0]["codeProfession"])
            and told["SubjectRefPro"]["exercices"][0]["codeProfession"] == ""
        ),
    ),
}


@pytest.mark.parametrize("case", USERINFO)
def test_userinfo_is_wrong_in_one_member(faults: Faults, service: Service, case: str) -> None:
    name, parameters, is_so = USERINFO[case]
    token = service.sign_in()["access_token"]
    was = service.userinfo(token).json
    number = faults.ask(name, times=1, client_id="service", parameters=parameters)
    told = service.userinfo(token).json
    assert is_so(was, told), told
    assert faults.committed(number) == 1
    assert service.userinfo(token).json == was


@pytest.mark.parametrize("path", ["nothing", "sub.deeper", "SubjectRefPro.exercices.99", "a..b"])
def test_a_member_that_is_not_there_is_waited_for(
    faults: Faults, service: Service, path: str
) -> None:
    number = faults.ask("userinfo_missing_claim", parameters={"path": path})
    token = service.sign_in()["access_token"]
    assert service.userinfo(token).json["sub"]
    assert faults.committed(number) == 0


def test_signed_userinfo_is_wrong_inside_its_signature(faults: Faults, service: Service) -> None:
    add_client(service.provider, "signed", userinfo_signed_response_alg="RS256")
    signed = service.as_client("signed")
    token = signed.sign_in()["access_token"]
    faults.ask("userinfo_wrong_sub", client_id="signed")
    answer = signed.userinfo(token)
    assert answer.mimetype == "application/jwt"
    assert service.claims(answer.text)["sub"] == "somebody-else"


def test_the_documents_a_client_configures_itself_by_are_wrong(
    faults: Faults, service: Service
) -> None:
    address = f"{ISSUER}/.well-known/openid-configuration"
    document = service.http.get(address).json
    faults.ask("discovery_wrong_issuer", times=1)
    assert service.http.get(address).json == document | {"issuer": "https://issuer.invalid"}
    faults.ask("discovery_missing_member", times=1, parameters={"member": "jwks_uri"})
    told = service.http.get(address).json
    assert list(told) == [name for name in document if name != "jwks_uri"]
    wallet = f"{ISSUER}/.well-known/wallet-openid-configuration"
    faults.ask("discovery_wrong_issuer", times=1)
    assert service.http.get(wallet).json["issuer"] == "https://issuer.invalid"


def test_the_published_keys_are_empty_old_or_others(faults: Faults, service: Service) -> None:
    certs, token = f"{PROTOCOL}/certs", service.sign_in()["id_token"]
    published = service.http.get(certs).json["keys"]
    faults.ask("jwks_empty", times=1)
    assert service.http.get(certs).json == {"keys": []}
    faults.ask("jwks_old_keys", times=1)
    old = service.http.get(certs).json["keys"]
    assert {key["kid"] for key in old} == {k["kid"] for k in published if k["use"] == "enc"}
    faults.ask("jwks_other_keys", times=1)
    others = service.http.get(certs).json["keys"]
    assert [key["kid"] for key in others] == [key["kid"] for key in published]
    kid = header_of(token)["kid"]
    other = RSAKey.import_key(next(key for key in others if key["kid"] == kid))
    with pytest.raises(BadSignatureError):
        jwt.decode(token, other, ["RS256"])
    assert service.http.get(certs).json["keys"] == published


@pytest.mark.parametrize(
    ("error", "status", "challenge"),
    [
        ("slow_down", 400, None),
        ("temporarily_unavailable", 503, None),
        ("invalid_client", 401, 'Basic error="invalid_client"'),
        ("of_our_own", 400, None),
    ],
)
def test_an_oauth_error_of_choice_spends_nothing(
    faults: Faults, service: Service, error: str, status: int, challenge: str | None
) -> None:
    """RFC 6749, 5.2: the same code is redeemed at the next try."""
    told = {"error": error, "description": "as a test asked for"}
    faults.ask("oauth_error", endpoint="token", times=1, client_id="service", parameters=told)
    code = service.authorize()["code"]
    refused = service.exchange(code)
    assert refused.status_code == status
    assert refused.json == {"error": error, "error_description": "as a test asked for"}
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers.get("WWW-Authenticate") == challenge
    assert service.exchange(code).status_code == 200


def test_an_error_has_the_status_that_is_asked_for(faults: Faults, service: Service) -> None:
    told = {"error": "server_error", "status": 418}
    faults.ask("oauth_error", endpoint="userinfo", parameters=told)
    assert service.userinfo("a token").status_code == 418


@pytest.mark.parametrize(("status", "retry_after"), [(503, 7), (500, None), (599, None)])
def test_a_server_error_is_a_line_of_text(
    faults: Faults, service: Service, status: int, retry_after: int | None
) -> None:
    told = {"status": status, "retry_after": retry_after}
    faults.ask("server_error", endpoint="token", times=1, parameters=told)
    code = service.authorize()["code"]
    refused = service.exchange(code)
    assert refused.status_code == status
    assert refused.mimetype == "text/plain"
    assert refused.headers.get("Retry-After") == (retry_after and str(retry_after))
    assert service.exchange(code).status_code == 200, "nothing was spent"


def test_a_page_stands_where_json_should(faults: Faults, service: Service) -> None:
    faults.ask("html_page", endpoint="userinfo", times=1)
    answer = service.userinfo(service.sign_in()["access_token"])
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_malformed_json_comes_after_the_work_was_done(faults: Faults, service: Service) -> None:
    faults.ask("malformed_json", endpoint="token", times=1)
    code = service.authorize()["code"]
    answer = service.exchange(code)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(answer.data)
    assert json.loads(answer.data + b"}")["access_token"]
    assert service.exchange(code).json["error"] == "invalid_grant", "the code is spent"


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
