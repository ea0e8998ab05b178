"""Each address of discovery is served, and each address that is served is in discovery."""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from idp.exchange.discovery import discovery_document as exchange_document
from idp.oauth.server import EXTENSION
from idp.settings import REALM_PATH
from tests.conformance.metadata.helpers import DOCUMENT, EXCHANGE_DOCUMENT, below_realm
from tests.conftest import provider_of

WELL_KNOWN = f"{REALM_PATH}/.well-known/openid-configuration"
READ = {"jwks_uri", "authorization_endpoint", "userinfo_endpoint", "end_session_endpoint"}
"""What a GET answers; all else is posted."""
NOT_ADVERTISED = {
    WELL_KNOWN: "where the document itself is",
    f"{REALM_PATH}/.well-known/wallet-openid-configuration": "the same, where PSC has it",
    f"{REALM_PATH}/protocol/openid-connect/auth": "another address of authorization_endpoint",
    f"{REALM_PATH}/clients-registrations/openid-connect/<client_id>": "told at registration",
}


def addresses(document: dict[str, Any]) -> dict[str, str]:
    """Every address of a document, by its member; aliases too."""
    own = {n: v for n, v in document.items() if n.endswith("_endpoint") or n == "jwks_uri"}
    aliases = document.get("mtls_endpoint_aliases", {})
    return own | {f"mtls {name}": address for name, address in aliases.items()}


def served(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get(WELL_KNOWN).get_json(force=True))


def assert_answers(app: Flask, member: str, address: str) -> None:
    name = member.removeprefix("mtls ")
    http, path = app.test_client(), urlsplit(address).path
    answer = http.get(path) if name in READ else http.post(path)
    refused = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
    assert answer.status_code not in refused, (member, path)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (member, path)
    other = http.open(path, method="PATCH")
    assert other.status_code == HTTPStatus.METHOD_NOT_ALLOWED, (member, path)


def test_the_document_is_the_one_served(app: Flask, exchange_app: Flask) -> None:
    """The other tests of this folder ask for what these two say."""
    assert served(app) == DOCUMENT
    assert served(exchange_app) == exchange_document(provider_of(exchange_app).settings)
    assert served(exchange_app).keys() == EXCHANGE_DOCUMENT.keys()


@pytest.mark.parametrize("member", addresses(DOCUMENT))
def test_each_address_of_the_provider_answers(app: Flask, member: str) -> None:
    assert_answers(app, member, addresses(DOCUMENT)[member])


@pytest.mark.parametrize("member", addresses(EXCHANGE_DOCUMENT))
def test_each_address_of_an_api_issuer_answers(exchange_app: Flask, member: str) -> None:
    assert_answers(exchange_app, member, addresses(served(exchange_app))[member])


def test_each_address_below_the_realm_is_advertised(app: Flask, exchange_app: Flask) -> None:
    for each in (app, exchange_app):
        told = {urlsplit(address).path for address in addresses(served(each)).values()}
        assert below_realm(each) - told <= NOT_ADVERTISED.keys()


def test_the_grants_are_those_registered(app: Flask, exchange_app: Flask) -> None:
    for each in (app, exchange_app):
        grants = {grant.GRANT_TYPE for grant, _ in each.extensions[EXTENSION]._token_grants}
        assert set(served(each)["grant_types_supported"]) == grants


def test_aliases_repeat_what_takes_certificates(app: Flask, exchange_app: Flask) -> None:
    """RFC 8705, 5: each alias is of a member of the document."""
    for each in (app, exchange_app):
        document = served(each)
        assert document["tls_client_certificate_bound_access_tokens"] is True
        for name, alias in document["mtls_endpoint_aliases"].items():
            assert urlsplit(alias).path == urlsplit(document[name]).path


def test_an_api_issuer_promises_nothing_to_who_would_sign_in() -> None:
    """It gives no ID token, and has no endpoint where somebody could ask for one."""
    unserved = ("id_token", "userinfo", "authorization", "claims", "scopes", "request_object")
    assert [name for name in EXCHANGE_DOCUMENT if name.startswith(unserved)] == []
    assert EXCHANGE_DOCUMENT["response_types_supported"] == []
