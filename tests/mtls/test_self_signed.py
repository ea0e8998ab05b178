"""`self_signed_tls_client_auth` (RFC 8705, 2.2): the certificate that the client registered."""

from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey

from idp.provider import Provider
from tests.mtls.helpers import DAY, Made, Pki, ask, jwk_of, make, why_not
from tests.oauth.helpers import Service, add_client, advance


@pytest.fixture
def own() -> Made:
    return make("CN=self signed")


def register(app: Flask, provider: Provider, *keys: dict[str, Any]) -> Service:
    add_client(
        provider,
        token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": list(keys)},
    )
    return Service(app, provider)


def test_the_registered_certificate_authenticates(
    app: Flask, provider: Provider, own: Made
) -> None:
    another = ECKey.generate_key("P-256").as_dict(private=False)
    service = register(app, provider, dict(another), jwk_of(own))
    assert ask(service, own).status_code == 200
    assert why_not(service, None) == "none was shown"
    assert "jwks" in why_not(service, make("CN=self signed"))


def test_another_certificate_of_the_same_key_is_another_one(
    app: Flask, provider: Provider, own: Made
) -> None:
    service = register(app, provider, jwk_of(own))
    assert "jwks" in why_not(service, make("CN=self signed", key=own.key))


def test_a_key_without_certificate_takes_any_of_it(
    app: Flask, provider: Provider, own: Made
) -> None:
    service = register(app, provider, jwk_of(own, with_certificate=False))
    assert ask(service, own).status_code == 200
    assert ask(service, make("CN=renewed", key=own.key)).status_code == 200
    assert "jwks" in why_not(service, make("CN=self signed"))


def test_an_authority_counts_for_nothing(
    app: Flask, provider: Provider, pki: Pki, own: Made
) -> None:
    service = register(app, provider, jwk_of(own))
    assert "jwks" in why_not(service, pki.issue())


def test_dates_are_judged_by_our_clock(app: Flask, provider: Provider) -> None:
    """Decision 5: a certificate says itself until when it is good."""
    short = make("CN=self signed", ends=2 * DAY)
    service = register(app, provider, jwk_of(short))
    assert ask(service, short).status_code == 200
    advance(provider, 3 * 86400)
    assert "expired" in why_not(service, short)


@pytest.mark.parametrize("x5c", [[], ["é"], ["AAAA"]])
def test_an_unreadable_x5c_matches_nothing(
    app: Flask, provider: Provider, own: Made, x5c: list[str]
) -> None:
    """It stands for its certificate, readable or not: its key alone does not do."""
    service = register(app, provider, jwk_of(own) | {"x5c": x5c})
    assert "jwks" in why_not(service, own)
