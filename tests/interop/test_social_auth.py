"""An unmodified Python service: PyPI's `social-auth-core`, with its generic OpenID Connect backend.

It discovers, asks with PKCE, state and nonce, redeems, verifies the ID token with PyJWT and the
published keys (signature, `iss`, `aud`, `azp`, `at_hash`, `nonce`, times), compares userinfo's
`sub`, and refreshes.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from social_core.exceptions import AuthCanceled, AuthSessionError, SocialAuthBaseException

from tests.e2e.callback import Callback, running_callback
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration
from tests.interop.social import PIPELINE, Person, Service
from tests.interop.test_openid_client import sign_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    with running_demonstration(tmp_path_factory.mktemp("social"), services=0) as running:
        yield running


@pytest.fixture(scope="module")
def callback(demonstration: Demonstration) -> Iterator[Callback]:
    with running_callback(demonstration) as listening:
        yield listening


@pytest.fixture(params=["client_secret_basic", "client_secret_post"])
def service(
    demonstration: Demonstration,
    callback: Callback,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Service:
    """A fresh browser at the service, which authenticates by either method."""
    monkeypatch.setenv("NO_PROXY", "localhost")
    settings: dict[str, Any] = {
        "OIDC_ENDPOINT": demonstration.provider.issuer,
        "KEY": "rappel",
        "SECRET": callback.secret,
        "USE_PKCE": True,
        "IGNORE_DEFAULT_SCOPE": True,
        "SCOPE": ["openid", "scope_all"],
        "ACR_VALUES": "eidas1",
        "TOKEN_ENDPOINT_AUTH_METHOD": request.param,
        "PIPELINE": PIPELINE,
        "REDIRECT": callback.url,
    }
    return Service({f"SOCIAL_AUTH_OIDC_{name}": value for name, value in settings.items()})


def arrive(demonstration: Demonstration, service: Service) -> None:
    """Sign in by the phone, and come back to the service."""
    arrived = sign_in(demonstration, service.backend().start())
    service.arrived = dict(parse_qsl(urlsplit(arrived).query))


def test_an_answer_to_another_browser_is_noticed(
    demonstration: Demonstration, service: Service
) -> None:
    arrive(demonstration, service)
    service.session.clear()
    with pytest.raises(AuthSessionError):
        service.backend().complete()


@pytest.mark.parametrize(
    ("member", "code"),
    [("oidc_nonce", "nonce_mismatch"), ("code_verifier", "authorization_code_rejected")],
)
def test_an_answer_to_another_request_is_noticed(
    demonstration: Demonstration, service: Service, member: str, code: str
) -> None:
    """The nonce by the package, the verifier by the provider."""
    arrive(demonstration, service)
    service.session[f"oidc_oauth2_state_{service.arrived['state']}"][member] = "x" * 43
    with pytest.raises(SocialAuthBaseException) as refused:
        service.backend().complete()
    assert refused.value.code == code


def test_a_refusal_is_understood(demonstration: Demonstration, service: Service) -> None:
    """RFC 6749, 4.1.2.1."""
    del demonstration
    service.backend().start()
    service.arrived = {"error": "access_denied"}
    with pytest.raises(AuthCanceled):
        service.backend().complete()


def test_a_service_completes_a_login(demonstration: Demonstration, service: Service) -> None:
    arrive(demonstration, service)
    backend = service.backend()
    person = backend.complete()
    assert isinstance(person, Person)
    assert backend.id_token is not None
    assert backend.id_token["acr"] == "eidas1"
    assert person.uid == backend.id_token["sub"] == person.response["sub"]
    assert person.response["SubjectNameID"] == PERSON
    assert person.username == PERSON
    renewed = backend.refresh_token(person.response["refresh_token"])
    assert renewed["access_token"] != person.response["access_token"]
    assert backend.id_token["sub"] == person.uid
