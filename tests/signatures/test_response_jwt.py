"""JWT Secured Authorization Response Mode: answers of the authorization endpoint as JWT."""

import html
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwe, jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, RSAKey

from idp.oauth.authorization.authorize import succeed
from idp.store.clients import change_client
from tests.oauth.helpers import (
    REDIRECT,
    Service,
    advance,
    check,
    open_session,
    parameters,
)
from tests.signatures.helpers import (
    EC,
    ENCRYPTION,
    SIGNER,
    SIGNING,
    decrypted,
    header,
    key_for,
    public,
    published,
    verified,
    with_keys,
)

MODES = ["jwt", "query.jwt", "form_post.jwt"]


def refused_by(service: Service, **changes: Any) -> Any:
    """An answer that needs no person: nobody is signed in."""
    asked = parameters(service.client_id, prompt="none", **changes)
    return service.http.get("/auth", query_string=asked)


def granted_to(service: Service, **changes: Any) -> Any:
    session = open_session(service.provider)
    request = check(service.provider, parameters(service.client_id, **changes))
    with service.app.test_request_context(), service.provider.store.begin() as db:
        return succeed(service.provider, db, request, session, "MOBILE")


def parameters_of(answer: Any) -> dict[str, str]:
    """What the browser carries to the client, by either mode."""
    if answer.status_code == HTTPStatus.SEE_OTHER:
        assert answer.headers["Location"].startswith(REDIRECT)
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}
    page = answer.get_data(as_text=True)
    assert f'action="{REDIRECT}"' in page
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in fields}


def response_of(answer: Any) -> str:
    """The one parameter there is."""
    given = parameters_of(answer)
    assert list(given) == ["response"]
    return given["response"]


def validated(service: Service, text: str, now: int) -> None:
    """As a client does: issuer, audience and expiry, by the registry of the library."""
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=0,
        iss={"essential": True, "value": service.provider.settings.issuer},
        aud={"essential": True, "value": service.client_id},
        exp={"essential": True},
    )
    keys = KeySet.import_key_set({"keys": published(service)})
    registry.validate(jwt.decode(text, keys, SIGNING).claims)


@pytest.mark.parametrize(
    "mode", ["fragment.jwt", "jwt.query", ".jwt", "JWT", "query.jws", "form_post."]
)
def test_a_mode_that_is_not_offered_is_refused(service: Service, mode: str) -> None:
    """And answered in the usual mode, since the one asked for is not known."""
    given = parameters_of(refused_by(service, response_mode=mode))
    assert given["error"] == "invalid_request"
    assert given["iss"] == service.provider.settings.issuer


def test_an_old_response_is_refused_by_its_reader(service: Service) -> None:
    """JARM, 2.4: it lives two minutes; the reader rejects it then."""
    text = response_of(granted_to(service, response_mode="jwt"))
    now = service.provider.clock.timestamp()
    lifetime = service.provider.settings.response_jwt_lifetime.total_seconds()
    validated(service, text, now)
    advance(service.provider, lifetime + 1)
    with pytest.raises(ExpiredTokenError):
        validated(service, text, service.provider.clock.timestamp())


def test_what_was_altered_does_not_verify(service: Service) -> None:
    head, body, signature = response_of(granted_to(service, response_mode="jwt")).split(".")
    other = response_of(refused_by(service, response_mode="jwt")).split(".")
    assert body != other[1]
    with pytest.raises(BadSignatureError):
        validated(service, f"{head}.{other[1]}.{signature}", service.provider.clock.timestamp())


def test_a_response_that_no_key_encrypts_goes_nowhere(service: Service) -> None:
    """The client registered that nobody reads it: neither a code nor an error is sent."""
    client = with_keys(service, authorization_encrypted_response_alg="ECDH-ES")
    with service.provider.store.begin() as db:
        assert change_client(db, "keys", jwks=public(SIGNER))
    answer = refused_by(client, response_mode="jwt")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Location" not in answer.headers
    assert REDIRECT not in answer.text


def test_a_response_is_encrypted_to_the_client_alone(service: Service) -> None:
    client = with_keys(service, authorization_encrypted_response_alg="RSA-OAEP-256")
    text = response_of(refused_by(client, response_mode="jwt"))
    stranger = RSAKey.generate_key(2048, {"use": "enc"})
    with pytest.raises((JoseError, ValueError)):
        jwe.decrypt_compact(text, stranger, ["RSA-OAEP-256", "A128CBC-HS256"])


@pytest.mark.parametrize("mode", MODES)
def test_a_code_comes_inside(service: Service, mode: str) -> None:
    """JARM, 2.1: `iss`, `aud` and `exp` beside the members of the plain answer.

    RFC 9207, 2.4: no `iss` beside the JWT.
    """
    provider = service.provider
    answer = granted_to(service, response_mode=mode)
    is_form = answer.status_code == HTTPStatus.OK
    assert is_form == (mode == "form_post.jwt")
    claims = verified(service, response_of(answer), "RS256")
    assert set(claims) == {"iss", "aud", "exp", "code", "session_state", "state"}
    assert (claims["iss"], claims["aud"]) == (provider.settings.issuer, service.client_id)
    assert 0 < claims["exp"] - provider.clock.timestamp() <= 120
    assert claims["state"] == "s1"
    assert service.exchange(claims["code"]).status_code == HTTPStatus.OK


@pytest.mark.parametrize("mode", MODES)
def test_an_error_comes_inside(service: Service, mode: str) -> None:
    """JARM, 2.1."""
    claims = verified(service, response_of(refused_by(service, response_mode=mode)), "RS256")
    assert set(claims) == {"iss", "aud", "exp", "error", "state"}
    assert claims["error"] == "login_required"


@pytest.mark.parametrize("mode", MODES)
def test_a_request_that_does_not_hold_is_refused_inside(service: Service, mode: str) -> None:
    answer = refused_by(service, response_mode=mode, scope="email")
    claims = verified(service, response_of(answer), "RS256")
    assert (claims["error"], claims["state"]) == ("invalid_scope", "s1")
    assert claims["error_description"]


def test_no_state_is_given_where_none_was(service: Service) -> None:
    answer = refused_by(service, response_mode="jwt", state=None)
    assert "state" not in verified(service, response_of(answer), "RS256")


@pytest.mark.parametrize("alg", SIGNING)
def test_it_is_signed_as_registered(service: Service, alg: str) -> None:
    """JARM, 3."""
    client = with_keys(service, authorization_signed_response_alg=alg)
    assert verified(client, response_of(refused_by(client, response_mode="jwt")), alg)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("alg", ENCRYPTION)
def test_it_is_encrypted_as_registered(service: Service, alg: str, mode: str) -> None:
    """JARM, 2.2: signed, then encrypted."""
    client = with_keys(
        service,
        authorization_signed_response_alg="PS256",
        authorization_encrypted_response_alg=alg,
        authorization_encrypted_response_enc="A256GCM",
    )
    for answer in (
        granted_to(client, response_mode=mode),
        refused_by(client, response_mode=mode),
    ):
        text = response_of(answer)
        assert header(text)["cty"] == "JWT"
        inner = decrypted(text, key_for(alg), alg, "A256GCM")
        assert verified(client, inner, "PS256")["aud"] == "keys"


def test_an_answer_in_the_plain_mode_is_not_touched(service: Service) -> None:
    """What is registered of these answers counts where they are asked for."""
    client = with_keys(service, authorization_encrypted_response_alg="ECDH-ES", jwks=public(EC))
    given = parameters_of(granted_to(client))
    assert set(given) == {"code", "session_state", "state", "iss"}


def test_it_is_asked_for_by_a_pushed_request_too(service: Service) -> None:
    """RFC 9126, 2.1."""
    asked = parameters(response_mode="jwt", prompt="none").to_dict()
    pushed = service.post("ext/par/request", asked)
    assert pushed.status_code == HTTPStatus.CREATED
    query = {"client_id": "service", "request_uri": pushed.json["request_uri"]}
    answer = service.http.get("/auth", query_string=query)
    assert verified(service, response_of(answer), "RS256")["error"] == "login_required"
