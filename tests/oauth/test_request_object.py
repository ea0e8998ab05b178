"""Signed request objects by value (RFC 9101): at the authorization endpoint, and pushed."""

import base64
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from werkzeug.datastructures import MultiDict

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from tests.oauth.helpers import (
    PROTOCOL,
    REDIRECT,
    SECRET,
    VERIFIER,
    Service,
    add_client,
    challenge_of,
    check,
    parameters,
)

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
EC = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = ECKey.generate_key("P-256", {"kid": "ec"})
PUBLIC = KeySet([EC, RSA]).as_dict(private=False)
TYPE = "oauth-authz-req+jwt"


@pytest.fixture
def signer(service: Service) -> Service:
    add_client(service.provider, "signer", jwks=PUBLIC)
    return service.as_client("signer")


def members(service: Service, **changes: Any) -> dict[str, Any]:
    now = int(service.provider.clock.now().timestamp())
    given: dict[str, Any] = {
        **parameters(service.client_id).to_dict(),
        "iss": service.client_id,
        "aud": ISSUER,
        "exp": now + 300,
        "nbf": now,
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def signed(
    service: Service, *, alg: str = "ES256", key: Any = EC, typ: Any = TYPE, **changes: Any
) -> str:
    header = {"alg": alg} | ({} if typ is None else {"typ": typ})
    return jwt.encode(header, members(service, **changes), key, [alg])


def unsigned(service: Service) -> str:
    parts = ({"alg": "none", "typ": TYPE}, members(service))
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return b".".join((*encoded, b"")).decode()


def ask(service: Service, request: str, **beside: str) -> Any:
    """By the browser; ``beside`` stands outside of the object."""
    outside = {"client_id": service.client_id, "request": request} | beside
    return service.http.get("/auth", query_string=outside)


def push(service: Service, request: str, **beside: str) -> Any:
    return service.post("ext/par/request", {"request": request} | beside)


def told(answer: Any) -> dict[str, str]:
    assert answer.headers["Location"].startswith(REDIRECT), answer.headers
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def is_page_of_sign_in(answer: Any) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER and "/signin/" in answer.headers["Location"]


def assert_refused(service: Service, request: str) -> None:
    """Both by the browser and pushed."""
    answer = told(ask(service, request, redirect_uri=REDIRECT, state="s1"))
    assert (answer["error"], answer["state"]) == ("invalid_request_object", "s1")
    answer = push(service, request)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request_object")


@pytest.mark.parametrize("text", ["x", "x.y.z", "..x", "é.é.é", f"{'W' * 3000}.e30.e30"])
def test_what_is_no_jwt_is_refused(signer: Service, text: str) -> None:
    assert_refused(signer, text)


def test_an_object_without_signature_is_refused(signer: Service) -> None:
    """RFC 9101, 10.5: `none` protects nothing.

    oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported.
    """
    answer = told(ask(signer, unsigned(signer), redirect_uri=REDIRECT))
    assert answer["error"] == "request_not_supported"
    assert push(signer, unsigned(signer)).json["error"] == "request_not_supported"


def test_a_strange_key_is_refused(signer: Service) -> None:
    """RFC 9101, 6.2."""
    assert_refused(signer, signed(signer, key=STRANGER))


def test_the_secret_or_the_public_key_is_no_key_of_a_mac(signer: Service) -> None:
    """RFC 8725, 3.1: the algorithm is chosen from a list, never by the object."""
    for text in (SECRET.encode(), RSA.as_pem(private=False)):
        key = OctKey.import_key(base64.urlsafe_b64encode(text).rstrip(b"=").decode())
        assert_refused(signer, signed(signer, alg="HS256", key=key))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": None},
        {"aud": "https://other.test"},
        {"aud": ["https://other.test"]},
        {"iss": None},
        {"iss": "service"},
        {"client_id": None},
        {"client_id": "service"},
        {"sub": "signer"},
        {"exp": None},
        {"exp": "soon"},
        {"request": "x.y.z"},
        {"request_uri": "https://service.test/r"},
        {"state": ["s1"]},
        {"state": True},
        {"max_age": 1.5},
    ],
)
def test_each_member_must_hold(signer: Service, changes: dict[str, Any]) -> None:
    """RFC 9101, 4 and 5.2, and 10.8: `sub` would make it a client assertion."""
    assert_refused(signer, signed(signer, **changes))


@pytest.mark.parametrize(
    "moved", [{"exp": -31}, {"exp": 3631}, {"nbf": 31}, {"nbf": -3631}, {"exp": float("nan")}]
)
def test_its_time_must_hold(signer: Service, moved: dict[str, float]) -> None:
    """An hour either way, and the accepted difference of clocks."""
    now = int(signer.provider.clock.now().timestamp())
    changes: dict[str, Any] = {name: now + by for name, by in moved.items()}
    assert_refused(signer, signed(signer, **changes))


def test_a_text_that_no_address_could_hold_is_refused(signer: Service) -> None:
    claims = json.dumps(members(signer, state="\ud800")).encode()
    request = jws.serialize_compact({"alg": "ES256", "typ": TYPE}, claims, EC, ["ES256"])
    assert_refused(signer, request)


@pytest.mark.parametrize("typ", ["dpop+jwt", "logout+jwt", ""])
def test_another_kind_of_jwt_is_refused(signer: Service, typ: str) -> None:
    """RFC 8725, 3.11."""
    assert_refused(signer, signed(signer, typ=typ))


def test_only_the_registered_algorithm_is_taken(service: Service) -> None:
    add_client(service.provider, "es", jwks=PUBLIC, request_object_signing_alg="ES256")
    es = service.as_client("es")
    assert_refused(es, signed(es, alg="PS256", key=RSA))
    assert is_page_of_sign_in(ask(es, signed(es)))


def test_a_client_without_keys_can_sign_nothing(service: Service) -> None:
    answer = told(ask(service, signed(service), **parameters()))
    assert answer["error"] == "request_not_supported"


def test_another_client_cannot_send_it(signer: Service) -> None:
    add_client(signer.provider, "twin", jwks=PUBLIC)
    assert_refused(signer.as_client("twin"), signed(signer))


def test_without_an_address_to_answer_to_the_person_sees_a_page(signer: Service) -> None:
    for request in ("x", signed(signer, redirect_uri="https://evil.test/callback")):
        answer = ask(signer, request)
        assert answer.status_code == HTTPStatus.BAD_REQUEST
        assert "Location" not in answer.headers


def test_it_stands_once_and_without_a_request_uri(signer: Service) -> None:
    request = signed(signer)
    answer = ask(signer, request, request_uri="https://service.test/r", redirect_uri=REDIRECT)
    assert told(answer)["error"] == "invalid_request"
    twice = {"client_id": "signer", "request": [request, request], "redirect_uri": REDIRECT}
    assert told(signer.http.get("/auth", query_string=twice))["error"] == "invalid_request"
    assert push(signer, "x" * 20000).json["error"] == "invalid_request"


def test_a_client_that_must_sign_is_refused_otherwise(service: Service) -> None:
    """RFC 9101, 10.5."""
    add_client(service.provider, "must", jwks=PUBLIC, require_signed_request_object=True)
    must = service.as_client("must")
    plain = parameters("must").to_dict()
    assert told(must.http.get("/auth", query_string=plain))["error"] == "invalid_request"
    assert must.post("ext/par/request", plain).json["error"] == "invalid_request"
    assert is_page_of_sign_in(ask(must, signed(must)))


def test_a_client_that_must_push_may_not_send_it_by_the_browser(service: Service) -> None:
    """RFC 9126, 6."""
    changes = {"jwks": PUBLIC, "require_pushed_authorization_requests": True}
    add_client(service.provider, "pusher", **changes)
    pusher = service.as_client("pusher")
    assert told(ask(pusher, signed(pusher)))["error"] == "invalid_request"
    assert push(pusher, signed(pusher)).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_object_signing_alg": "none"},
        {"request_object_signing_alg": "HS256"},
        {"require_signed_request_object": True},
    ],
)
def test_what_protects_nothing_is_not_registered(wrong: dict[str, Any]) -> None:
    values = {"client_id": "c", "redirect_uris": [REDIRECT], "client_secret": SECRET}
    with pytest.raises(ClientMetadataRefused):
        read_metadata(values | wrong)


def test_what_it_asks_is_checked_as_ever(signer: Service) -> None:
    answer = told(ask(signer, signed(signer, scope="email", state="inner")))
    assert (answer["error"], answer["state"]) == ("invalid_scope", "inner")
    assert push(signer, signed(signer, prompt="none login")).json["error"] == "invalid_request"


@pytest.mark.parametrize("typ", [TYPE, "JWT", None])
@pytest.mark.parametrize(("alg", "key"), [("ES256", EC), ("PS256", RSA), ("RS256", RSA)])
def test_every_advertised_algorithm_is_taken(
    signer: Service, alg: str, key: Any, typ: str | None
) -> None:
    text = signer.http.get(f"{ISSUER}/.well-known/openid-configuration").text
    assert alg in json.loads(text)["request_object_signing_alg_values_supported"]
    assert is_page_of_sign_in(ask(signer, signed(signer, alg=alg, key=key, typ=typ)))


def test_nothing_outside_of_it_counts(signer: Service) -> None:
    """RFC 9101, 5, where Core 6.1 would merge both.

    fapi2-security-profile-final-ensure-different-state-inside-and-outside-request-object,
    oidcc-ensure-request-object-with-redirect-uri.
    """
    outside = {
        "redirect_uri": "https://evil.test/callback",
        "state": "outer",
        "prompt": "login",
        "scope": "email",
    }
    request = signed(signer, prompt="none", state="inner")
    answer = told(ask(signer, request, **outside))
    assert (answer["error"], answer["state"]) == ("login_required", "inner")


def test_a_state_or_nonce_outside_is_not_used(signer: Service) -> None:
    """fapi2-security-profile-final-state-only-outside-request-object-not-used.

    fapi2-security-profile-final-ensure-different-nonce-inside-and-outside-request-object.
    """
    request = signed(signer, state=None, prompt="none")
    assert "state" not in told(ask(signer, request, state="outer"))
    given = MultiDict({"client_id": "signer", "request": signed(signer), "nonce": "outer"})
    assert check(signer.provider, given).nonce == "n1"


def test_the_address_must_stand_inside(signer: Service) -> None:
    """fapi2-security-profile-final-ensure-request-object-without-redirect-uri-fails."""
    request = signed(signer, redirect_uri=None)
    answer = ask(signer, request, redirect_uri=REDIRECT)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert push(signer, request, redirect_uri=REDIRECT).json["error"] == "invalid_request"


def test_numbers_and_objects_stand_as_json(signer: Service) -> None:
    """OpenID Connect Core 6.1: `max_age` a number, `claims` an object."""
    wanted = {"id_token": {"acr": {"essential": True, "value": "eidas9"}}}
    answer = told(ask(signer, signed(signer, max_age=10, claims=wanted)))
    assert answer["error"] == "unmet_authentication_requirements"
    assert is_page_of_sign_in(ask(signer, signed(signer, max_age=10, aud=[ISSUER])))


def test_pushed_it_opens_the_page(signer: Service) -> None:
    """RFC 9126, 3."""
    pkce = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    answer = push(signer, signed(signer, **pkce), client_id="signer")
    assert answer.status_code == HTTPStatus.CREATED
    query = {"client_id": "signer", "request_uri": answer.json["request_uri"]}
    assert is_page_of_sign_in(signer.http.get(f"{PROTOCOL}/auth", query_string=query))
    assert is_page_of_sign_in(signer.http.post("/auth", data=query))
