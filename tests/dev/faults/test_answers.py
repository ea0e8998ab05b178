"""Each fault of any other answer does what the catalogue says of it, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import RSAKey

from tests.dev.faults.asking import Faults
from tests.dev.faults.tokens import Claims, header_of
from tests.oauth.helpers import PROTOCOL, Service, add_client

ISSUER = "/auth/realms/esante-wallet"


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
