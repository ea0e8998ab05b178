"""Introspection and revocation at an API's issuer (RFC 7662, RFC 7009), and its certificates."""

from typing import Any

import pytest

from idp.exchange import create_exchange_app
from idp.oauth.rules.certificate_thumbprint import thumbprint
from tests.conftest import make_settings, provider_of
from tests.exchange.helpers import API, CLIENT, MINE, Exchange, add_api_client, refusal, trust
from tests.oauth.helpers import PERSON, PROTOCOL, events

INACTIVE = {"active": False}


def test_an_api_is_told_of_the_tokens_that_are_for_it(exchange: Exchange) -> None:
    """RFC 7662, 4; and a client of its own."""
    answer = exchange.exchanged(audience=API)
    told = exchange.introspect(answer["access_token"])
    assert told["active"] is True
    assert (told["client_id"], told["username"]) == (CLIENT, PERSON)
    assert told["aud"] == [API]
    assert told["cnf"] == {"x5t#S256": thumbprint(MINE)}
    assert exchange.introspect(answer["access_token"], as_client=CLIENT)["active"] is True
    assert exchange.introspect(answer["access_token"], as_client="autre") == INACTIVE


def test_a_refresh_token_is_its_clients_own_business(exchange: Exchange) -> None:
    token = exchange.exchanged()["refresh_token"]
    assert exchange.introspect(token) == INACTIVE
    assert exchange.introspect(token, as_client=CLIENT)["typ"] == "Refresh"
    exchange.refresh(token)
    assert exchange.introspect(token, as_client=CLIENT) == INACTIVE


@pytest.mark.parametrize("name", ["access_token", "id_token", "refresh_token"])
def test_a_token_of_the_provider_is_none_of_this_issuers(exchange: Exchange, name: str) -> None:
    assert exchange.introspect(exchange.first.sign_in()[name]) == INACTIVE


def test_an_id_token_opens_nothing(exchange: Exchange) -> None:
    assert exchange.introspect(exchange.exchanged()["id_token"], as_client=CLIENT) == INACTIVE


def test_a_token_is_for_nobody_at_the_provider(exchange: Exchange) -> None:
    token = exchange.exchanged()["access_token"]
    assert exchange.first.introspect(token) == INACTIVE
    assert exchange.first.userinfo(token).status_code == 401


def test_a_token_lapses_after_four_hours(exchange: Exchange) -> None:
    token = exchange.exchanged()["access_token"]
    exchange.advance(4 * 3600)
    assert exchange.introspect(token) == INACTIVE


def test_who_asks_proves_who_it_is(exchange: Exchange) -> None:
    token = exchange.exchanged()["access_token"]
    answer = exchange.post("token/introspect", {"token": token}, basic="nobody")
    assert refusal(answer) == (401, "invalid_client")
    assert refusal(exchange.post("token/introspect", {})) == (400, "invalid_request")


def test_an_access_token_is_revoked_by_itself(exchange: Exchange) -> None:
    answer = exchange.exchanged()
    assert exchange.post("revoke", {"token": answer["access_token"]}).status_code == 200
    assert exchange.introspect(answer["access_token"]) == INACTIVE
    fresh = exchange.refresh(answer["refresh_token"]).json
    assert exchange.introspect(fresh["access_token"])["active"] is True


def test_a_refresh_token_is_revoked_with_its_session(exchange: Exchange) -> None:
    answer = exchange.exchanged()
    assert exchange.post("revoke", {"token": answer["refresh_token"]}).status_code == 200
    assert exchange.introspect(answer["access_token"]) == INACTIVE
    assert refusal(exchange.refresh(answer["refresh_token"])) == (400, "invalid_grant")
    recorded = events(exchange.provider)
    assert {"exchange:session:ended", "oauth:token:revoked"} <= set(recorded)


def test_nobody_revokes_what_is_anothers(exchange: Exchange) -> None:
    answer = exchange.exchanged()
    for name in ("access_token", "refresh_token"):
        revoked = exchange.post("revoke", {"token": answer[name]}, basic="lecteur")
        assert revoked.status_code == 200
    assert exchange.introspect(answer["access_token"])["active"] is True


def test_no_token_without_a_certificate(exchange: Exchange) -> None:
    """RFC 8705, 3: what is issued is bound to it."""
    exchange.certificate = None
    token = exchange.first.sign_in()["access_token"]
    assert refusal(exchange.exchange(token)) == (400, "invalid_request")


def test_a_client_gets_no_tokens_but_those_bound_as_it_registered(
    exchange: Exchange, exchange_url: str
) -> None:
    """RFC 8705, 3.4; RFC 9449, 5.2."""
    given = trust(exchange.first.provider.settings.issuer, api_certificate_required=False)
    exchange.app = create_exchange_app(make_settings(exchange_url, "B" * 43, **given))
    exchange.certificate = None
    token = exchange.first.sign_in()["access_token"]
    bound: dict[str, Any] = {"tls_client_certificate_bound_access_tokens": True}
    add_api_client(exchange.provider, CLIENT, **bound)
    assert refusal(exchange.exchange(token)) == (400, "invalid_request")
    add_api_client(exchange.provider, CLIENT, dpop_bound_access_tokens=True)
    assert refusal(exchange.exchange(token)) == (400, "unauthorized_client")
    provider_of(exchange.app).store.close()


@pytest.mark.parametrize(
    ("changes", "cnf"),
    [
        ({"cnf_encoding": "base64_hex"}, {"x5t#S256": thumbprint(MINE, "base64_hex")}),
        ({"api_certificate_required": False}, {"x5t#S256": thumbprint(MINE)}),
    ],
)
def test_the_certificate_is_named_as_the_settings_say(
    exchange: Exchange, exchange_url: str, changes: dict[str, object], cnf: dict[str, str]
) -> None:
    """pro-sante-connect, 6.4: base64 of the hexadecimal digest, as samples have it."""
    given = trust(exchange.first.provider.settings.issuer, **changes)
    exchange.app = create_exchange_app(make_settings(exchange_url, "B" * 43, **given))
    answer = exchange.exchanged()
    assert exchange.claims(answer["access_token"])["cnf"] == cnf
    assert exchange.refresh(answer["refresh_token"]).status_code == 200
    provider_of(exchange.app).store.close()


def test_without_a_certificate_tokens_are_bound_to_none_where_the_settings_allow(
    exchange: Exchange, exchange_url: str
) -> None:
    given = trust(exchange.first.provider.settings.issuer, api_certificate_required=False)
    exchange.app = create_exchange_app(make_settings(exchange_url, "B" * 43, **given))
    exchange.certificate = None
    answer = exchange.exchanged()
    assert "cnf" not in exchange.claims(answer["access_token"])
    assert exchange.refresh(answer["refresh_token"]).status_code == 200
    provider_of(exchange.app).store.close()


def test_discovery_tells_what_is_served_and_nothing_else(exchange: Exchange) -> None:
    """Decision 12."""
    http = exchange.app.test_client()
    issuer = exchange.provider.settings.issuer
    realm = exchange.provider.settings.realm_path
    documents = [
        http.get(f"{realm}/.well-known/{name}-configuration").json
        for name in ("openid", "wallet-openid")
    ]
    assert documents[0] == documents[1]
    told = documents[0] or {}
    assert told["issuer"] == issuer
    assert told["grant_types_supported"] == [
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "refresh_token",
    ]
    served = {rule.rule for rule in exchange.app.url_map.iter_rules()}
    addresses = [value for name, value in told.items() if name.endswith(("_endpoint", "_uri"))]
    assert {address.removeprefix("http://localhost:9000/r/api") for address in addresses} < served
    protocol = {rule for rule in served if "/protocol/" in rule}
    assert len(protocol) == len(addresses) == 4
    assert "none" not in told["token_endpoint_auth_methods_supported"]


def test_nobody_signs_in_here(exchange: Exchange) -> None:
    http = exchange.app.test_client()
    paths = ("/auth", "/signin/x", "/wallet/v1/enrolments", "/dev/v1/clock", f"{PROTOCOL}/userinfo")
    for path in paths:
        assert http.get(path).status_code == 404, path
    told = http.get("/auth", headers={"Accept": "text/html"})
    assert (told.status_code, told.mimetype) == (404, "application/json")
    assert http.get("/readyz").status_code == 200
