"""Each method and algorithm that an endpoint advertises authenticates there, and no other."""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE

from tests.conformance.metadata.helpers import (
    DOCUMENT,
    JWKS,
    LONG_SECRET,
    SIGNERS,
    every_client,
    signer_of,
)
from tests.mtls.helpers import SUBJECT, Pki, environ_of, jwk_of, make
from tests.oauth.dpop import signed
from tests.oauth.helpers import PERSON, REDIRECT, Service, add_client

TOKEN_METHODS = DOCUMENT["token_endpoint_auth_methods_supported"]
UNKNOWN_ALGORITHMS = ["HS384", "HS512", "RS384", "RS512", "PS384", "ES384"]
SENT: dict[str, dict[str, str]] = {
    "token_endpoint": {"grant_type": "refresh_token", "refresh_token": "x"},
    "introspection_endpoint": {"token": "x"},
    "revocation_endpoint": {"token": "x"},
    "pushed_authorization_request_endpoint": {"response_type": "code", "redirect_uri": REDIRECT},
    "device_authorization_endpoint": {"scope": "openid"},
    "backchannel_authentication_endpoint": {
        "scope": "openid",
        "login_hint": PERSON,
        "binding_message": "42",
    },
}
"""What each endpoint that authenticates is asked, beside the authentication."""
CONFIDENTIAL_ALONE = {"backchannel_authentication_endpoint"}
"""CIBA Core 4: nobody begins a sign-in without a proof of who it is."""


def offered(endpoint: str) -> list[str]:
    """The methods of an endpoint; those of the token endpoint where it names none of its own.

    RFC 9126, 2; RFC 8628, 3.1; CIBA Core 7.1.
    """
    methods: list[str] = DOCUMENT.get(f"{endpoint}_auth_methods_supported", TOKEN_METHODS)
    return [m for m in methods if m != "none" or endpoint not in CONFIDENTIAL_ALONE]


def algorithms(endpoint: str) -> list[str]:
    name = "auth_signing_alg_values_supported"
    return list(DOCUMENT.get(f"{endpoint}_{name}", DOCUMENT[f"token_endpoint_{name}"]))


def assertion(service: Service, alg: str) -> dict[str, str]:
    now = service.provider.clock.timestamp()
    key = signer_of(alg)
    claims = {
        "iss": "asking",
        "sub": "asking",
        "aud": DOCUMENT["issuer"],
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + 60,
    }
    header = {"alg": alg} | ({} if alg.startswith("HS") else {"kid": key.kid})
    text = signed(header, claims, key, signer=alg)
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": text}


def ask(service: Service, pki: Pki, endpoint: str, method: str, alg: str | None = None) -> Any:
    """Ask an endpoint as a client that registered the method, and keeps to it."""
    own = make("CN=self signed")
    registered: dict[str, Any] = {"token_endpoint_auth_method": method}
    if not method.startswith("client_secret"):
        registered["client_secret"] = None
    if method == "tls_client_auth":
        registered["tls_client_auth_subject_dn"] = SUBJECT
    elif method == "self_signed_tls_client_auth":
        registered["jwks"] = {"keys": [jwk_of(own)]}
    elif method == "private_key_jwt":
        registered["jwks"] = {"keys": [k.as_dict(private=False) for k in SIGNERS.values()]}
    else:
        registered["jwks"] = JWKS
    if method == "none":
        grants = DOCUMENT["grant_types_supported"]
        registered["grant_types"] = [grant for grant in grants if "ciba" not in grant]
    add_client(service.provider, **every_client(client_id="asking", **registered))
    headers, environ, form = {}, {}, dict(SENT[endpoint])
    if method == "client_secret_basic":
        pair = base64.b64encode(f"asking:{LONG_SECRET}".encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    elif method.endswith("_jwt"):
        usual = "HS256" if method == "client_secret_jwt" else "ES256"
        form |= assertion(service, alg or usual)
    else:
        form["client_id"] = "asking"
        form |= {"client_secret": LONG_SECRET} if method == "client_secret_post" else {}
        shown = pki.issue() if method == "tls_client_auth" else own
        environ = environ_of(shown) if "tls" in method else {}
    path = urlsplit(DOCUMENT[endpoint]).path
    return service.http.post(path, data=form, headers=headers, environ_overrides=environ)


def is_authenticated(answer: Any) -> bool:
    assert answer.status_code < 500
    return (answer.get_json(silent=True) or {}).get("error") not in {
        "invalid_client",
        "unauthorized_client",
    }


PAIRS = [(e, m) for e in SENT for m in TOKEN_METHODS if m != "none" or e not in CONFIDENTIAL_ALONE]


@pytest.mark.parametrize(("endpoint", "method"), PAIRS)
def test_a_method_authenticates_where_it_is_advertised_alone(
    service: Service, pki: Pki, endpoint: str, method: str
) -> None:
    """RFC 8414, 2."""
    answer = ask(service, pki, endpoint, method)
    assert is_authenticated(answer) == (method in offered(endpoint)), answer.text


def test_every_endpoint_with_methods_of_its_own_is_asked() -> None:
    named = {name.partition("_auth_methods")[0] for name in DOCUMENT if "_auth_methods_" in name}
    assert named <= SENT.keys()


@pytest.mark.parametrize(
    ("endpoint", "alg"),
    [(endpoint, alg) for endpoint in SENT for alg in [*algorithms(endpoint), *UNKNOWN_ALGORITHMS]],
)
def test_an_assertion_is_signed_by_an_advertised_algorithm_alone(
    service: Service, pki: Pki, endpoint: str, alg: str
) -> None:
    """RFC 8414, 2; OpenID Connect Core 9."""
    method = "client_secret_jwt" if alg.startswith("HS") else "private_key_jwt"
    answer = ask(service, pki, endpoint, method, alg)
    assert is_authenticated(answer) == (alg in algorithms(endpoint)), answer.text
