"""What a provider says of itself: held to, before anything of it is used."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from relying_services.listening import listening
from tests.ports import free_port
from tests.relying_services.service.conftest import Made


class Provider:
    """What stands where discovery would, and what it tells."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.asked = 0
        self.told: Any = {}
        self.tell()

    def tell(self, **other: Any) -> None:
        """Tell the truth, but for some members."""
        own = ("authorization", "token", "userinfo", "end_session")
        addresses = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in own}
        self.told = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | addresses | other

    def discovery(self) -> Any:
        self.asked += 1
        return self.told


@pytest.fixture
def provider() -> Iterator[Provider]:
    app, port = Flask("provider"), free_port()
    provider = Provider(f"http://127.0.0.1:{port}/r/one")
    app.add_url_rule("/r/one/.well-known/wallet-openid-configuration", view_func=provider.discovery)
    with listening({port: app}, address="127.0.0.1"):
        yield provider


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "https://issuer.invalid"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"token_endpoint": ""},
        {"jwks_uri": "javascript:alert(1)"},
        {"userinfo_endpoint": "https://another-scheme.example/userinfo"},
        {"end_session_endpoint": "http://host.example; script-src http://host.example"},
        {"authorization_endpoint": "http://host.example\n/auth"},
        {"authorization_endpoint": "http://user@host.example/auth"},
        {"authorization_endpoint": ["http://host.example/auth"]},
    ],
)
def test_attack_discovery_that_does_not_hold_leads_nobody_away(
    provider: Provider, made: Made, other: dict[str, Any]
) -> None:
    """OpenID Connect Discovery 1.0, 4.3: refused whole, not kept, and in no header of ours."""
    browser = made(issuer=provider.issuer).test_client()
    provider.tell(**other)
    refused = browser.get("/login")
    assert (refused.status_code, "invalid_discovery" in refused.text) == (400, True)
    policy = refused.headers["Content-Security-Policy"]
    assert policy.endswith("; form-action 'self' http:")
    provider.tell()
    assert browser.get("/login").location.startswith(f"{provider.issuer}/authorization?")
    assert browser.get("/login").status_code == 302
    assert provider.asked == 2, "what held is kept"


def test_attack_the_state_of_a_logout_begins_no_sign_in(provider: Provider, made: Made) -> None:
    """RFC 9700, 4.7: it has neither a nonce nor a verifier, to which a code could be held."""
    browser = made(issuer=provider.issuer).test_client()
    with browser.session_transaction() as kept:
        kept["_state_psc_left"] = {"data": {"post_logout_redirect_uri": "/"}, "exp": 2**40}
    answer = browser.get(f"/callback?code=one&state=left&iss={provider.issuer}")
    assert (answer.status_code, "mismatching_state" in answer.text) == (400, True)
    assert provider.asked == 0
