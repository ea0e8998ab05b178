"""Client authentication: one method, the registered one, and no word about why not."""

import base64
import time
from typing import Any
from urllib.parse import quote_plus

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from idp.clock import Clock
from idp.store.clients import change_client
from tests.conftest import make_settings
from tests.oauth.helpers import SECRET, Service, add_client, advance, events

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
STRANGER = ECKey.generate_key("P-256", {"kid": "ec"})


def basic(text: str | bytes) -> dict[str, str]:
    raw = text.encode() if isinstance(text, str) else text
    return {"Authorization": "Basic " + base64.b64encode(raw).decode()}


def ask(service: Service, headers: dict[str, str], **form: str) -> Any:
    path = f"{ISSUER}/protocol/openid-connect/token/introspect"
    return service.http.post(path, data={"token": "t"} | form, headers=headers)


@pytest.mark.parametrize(
    "header",
    [
        {},
        basic("service:wrong"),
        basic("service"),
        basic("nobody:x"),
        basic(b"service:\xff\xfe"),
        {"Authorization": "Basic ???"},
        {"Authorization": "Basic"},
        {"Authorization": "Basic é"},
    ],
)
def test_failures_are_all_alike(service: Service, header: dict[str, str]) -> None:
    answer = ask(service, header)
    assert answer.status_code == 401
    assert answer.json == {
        "error": "invalid_client",
        "error_description": "Client authentication failed.",
    }
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
    assert "oauth:client:refused" in events(service.provider)


def test_two_methods_at_once_are_refused(service: Service) -> None:
    answer = ask(service, service.basic, client_id="service", client_secret=SECRET)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_another_method_than_the_registered_one_is_refused(service: Service) -> None:
    add_client(service.provider, "strict", profile="strict")
    answer = ask(service, {}, client_id="strict", client_secret=SECRET)
    assert answer.json["error"] == "invalid_client"


def test_a_psc_client_may_send_its_secret_either_way(service: Service) -> None:
    """At Pro Santé Connect both are accepted of one client (pro-sante-connect 6.1)."""
    assert ask(service, {}, client_id="service", client_secret=SECRET).status_code == 200
    assert ask(service, service.basic).status_code == 200


def test_a_client_id_that_contradicts_the_header_is_refused(service: Service) -> None:
    assert ask(service, service.basic, client_id="other").json["error"] == "invalid_client"


def test_a_confidential_client_cannot_pass_for_public(service: Service) -> None:
    code = service.authorize()["code"]
    answer = service.exchange(code, basic=False, client_id="service")
    assert answer.json["error"] == "invalid_client"


def test_a_public_client_may_not_introspect(service: Service) -> None:
    add_client(service.provider, "app", token_endpoint_auth_method="none")
    assert ask(service, {}, client_id="app").json["error"] == "invalid_client"


def test_a_disabled_client_is_refused(service: Service) -> None:
    with service.provider.store.begin() as db:
        change_client(db, "service", disabled_at=service.provider.clock.now())
    assert ask(service, service.basic).status_code == 401


def test_basic_is_decoded_as_a_form(service: Service) -> None:
    """RFC 6749, 2.3.1: openid-client encodes, many others do not."""
    assert ask(service, basic(f"service:{quote_plus(SECRET)}")).status_code == 200
    assert ask(service, basic(f"service:{SECRET}")).status_code == 200


def test_an_address_that_failed_too_often_waits(
    service: Service, sqlite_url: str, master_key: str
) -> None:
    """Failures past the limit are not looked into, and fill no journal."""
    service.provider.settings = make_settings(sqlite_url, master_key, token_requests_per_address=3)
    for _ in range(3):
        assert ask(service, basic("service:wrong")).status_code == 401
    journal = events(service.provider)
    refused = ask(service, basic("service:wrong"))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert events(service.provider) == journal
    advance(service.provider, 61)
    assert ask(service, basic("service:wrong")).status_code == 401


def test_failures_of_a_neighbour_lock_no_service_out(
    service: Service, sqlite_url: str, master_key: str
) -> None:
    """Decision 24: a hospital's services share an address; secrets are too long to be guessed."""
    service.provider.settings = make_settings(sqlite_url, master_key, token_requests_per_address=1)
    for _ in range(3):
        ask(service, basic("service:wrong"))
    assert ask(service, service.basic).status_code == 200


def test_failures_are_limited_where_nothing_is_set(service: Service) -> None:
    for _ in range(service.provider.settings.token_requests_per_address):
        assert ask(service, basic("service:wrong")).status_code == 401
    assert ask(service, basic("service:wrong")).status_code == 429


# -- private_key_jwt (RFC 7523) ------------------------------------------------------------------


@pytest.fixture
def signer(service: Service) -> Service:
    keys = KeySet([EC, RSA]).as_dict(private=False)
    add_client(service.provider, "signer", token_endpoint_auth_method="private_key_jwt", jwks=keys)
    return service.as_client("signer")


def assertion(key: Any = EC, alg: str = "ES256", header: Any = None, **changes: Any) -> str:
    now = Clock().timestamp()
    claims = {
        "iss": "signer",
        "sub": "signer",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 60,
        "jti": str(time.monotonic_ns()),
    }
    kept = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": key.kid} | (header or {}), kept, key, [alg])


def present(service: Service, value: str, **form: str) -> Any:
    sent = {"client_assertion": value, "client_assertion_type": ASSERTION_TYPE}
    return ask(service, {}, **sent | form)


def test_an_assertion_lapses_by_the_clock(signer: Service) -> None:
    """Clocks may differ by the setting `client_assertion_skew`."""
    provider = signer.provider
    skew = provider.settings.client_assertion_skew.total_seconds()
    end = provider.clock.timestamp() + 60
    advance(provider, 60 + skew - 2)
    assert present(signer, assertion(iat=end - 60, exp=end)).status_code == 200
    advance(provider, 2)
    assert present(signer, assertion(iat=end - 60, exp=end)).status_code == 401


def test_an_assertion_may_not_live_longer_than_the_setting(signer: Service) -> None:
    provider = signer.provider
    settings, now = provider.settings, provider.clock.timestamp()
    longest = settings.client_assertion_lifetime + settings.client_assertion_skew
    end = now + int(longest.total_seconds()) + 60
    assert present(signer, assertion(iat=now, exp=end)).status_code == 401
    advance(provider, 60)
    assert present(signer, assertion(iat=now, exp=end)).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "service"},
        {"sub": "service"},
        {"sub": None},
        {"sub": 7},
        {"aud": "https://elsewhere.test"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1},
        {"exp": 99999999999},
        {"nbf": 99999999999},
        {"jti": None},
        {"jti": ""},
        {"jti": "j" * 300},
    ],
)
def test_an_assertion_that_does_not_hold_is_refused(
    signer: Service, changes: dict[str, Any]
) -> None:
    answer = present(signer, assertion(**changes))
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("text", ["", "a.b.c", "é", "....", "e30.e30.", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_assertion_is_refused(signer: Service, text: str) -> None:
    assert present(signer, text).status_code == 401


def test_an_assertion_by_another_key_is_refused(signer: Service) -> None:
    assert present(signer, assertion(STRANGER)).status_code == 401


def test_an_assertion_counts_once(signer: Service) -> None:
    """Decision 37."""
    value = assertion()
    assert present(signer, value).status_code == 200
    assert present(signer, value).status_code == 401


def test_an_assertion_and_a_secret_are_refused(signer: Service) -> None:
    answer = present(signer, assertion(), client_id="signer", client_secret="x")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("key", "alg"), [(EC, "ES256"), (RSA, "RS256"), (RSA, "PS256")], ids=["ES256", "RS256", "PS256"]
)
def test_the_three_algorithms_are_accepted(signer: Service, key: Any, alg: str) -> None:
    assert present(signer, assertion(key, alg)).status_code == 200


@pytest.mark.parametrize(
    "audience",
    [ISSUER, f"{ISSUER}/protocol/openid-connect/token", [ISSUER, "https://elsewhere.test"]],
)
def test_issuer_and_token_endpoint_are_accepted_audiences(signer: Service, audience: Any) -> None:
    """oidcc-ensure-client-assertion-with-iss-aud-succeeds."""
    assert present(signer, assertion(aud=audience)).status_code == 200


def test_a_code_is_exchanged_by_assertion(signer: Service) -> None:
    code = signer.authorize()["code"]
    answer = signer.exchange(
        code,
        basic=False,
        client_assertion=assertion(),
        client_assertion_type=ASSERTION_TYPE,
    )
    assert answer.status_code == 200
