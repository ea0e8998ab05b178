"""Sending logout tokens (OpenID Connect Back-Channel Logout 1.0, 2.4 to 2.8; decision 40)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from idp.outbox.queue import enqueue_logout
from idp.provider import Provider
from idp.store.clients import delete_client
from idp.worker.dispatcher import drain
from tests.cards.rows import events
from tests.oauth.helpers import add_client
from tests.outbox.helpers import advance, messages, provider_with
from tests.outbox.servers import HttpServer, http_server

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


def register(provider: Provider, uri: str | None, **changes: Any) -> None:
    told = {"backchannel_logout_uri": uri} if uri else {}
    add_client(provider, **({"development": True} | told | changes))


def queue(provider: Provider, client_id: str = "service") -> None:
    with provider.store.begin() as db:
        enqueue_logout(provider, db, client_id=client_id, sid="the-sid", sub="the-sub")


def token_in(request: dict[str, Any]) -> str:
    form: dict[str, list[str]] = parse_qs(request["body"].decode(), strict_parsing=True)
    assert form.keys() == {"logout_token"}
    return form["logout_token"][0]


def opened(provider: Provider, request: dict[str, Any]) -> jwt.Token:
    """The token of a request, verified with the published keys."""
    published = [key.row.public_jwk for key in provider.keyring.published("tokens")]
    keys = KeySet.import_key_set({"keys": published})
    return jwt.decode(token_in(request), keys, ["RS256"])


def state_of(provider: Provider) -> str:
    (message,) = messages(provider)
    return message.state


@pytest.mark.parametrize("status", [201, 202, 302, 307, 400, 401, 403, 404, 410])
def test_a_service_that_refuses_is_not_asked_again(
    provider: Provider, receiver: HttpServer, status: int
) -> None:
    """2.8: 400 says that the request was invalid or the logout failed; a redirect is no answer."""
    receiver.statuses, receiver.location = [status], f"{receiver.url}/elsewhere"
    register(provider, receiver.url)
    queue(provider)
    drain(provider, "logout")
    advance(provider, timedelta(hours=1))
    drain(provider, "logout")
    assert len(receiver.requests) == 1
    assert state_of(provider) == "failed"


def test_a_failure_is_in_the_journal_under_the_client_and_names_no_address(
    both: Provider, receiver: HttpServer
) -> None:
    receiver.statuses = [400]
    register(both, receiver.url)
    queue(both)
    drain(both, "logout")
    (failed,) = events(both, "outbox:message:failed")
    assert (failed.client_id, failed.data["kind"]) == ("service", "logout")
    assert failed.data["error"] == "http 400"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_service_that_is_away_is_told_later_by_a_fresh_token(
    both: Provider, receiver: HttpServer, status: int
) -> None:
    """A retry must not come expired, nor be taken for a replay of a try that was acted upon."""
    receiver.statuses = [status]
    register(both, receiver.url)
    queue(both)
    drain(both, "logout")
    assert state_of(both) == "pending"
    advance(both, timedelta(minutes=10))
    drain(both, "logout")
    assert state_of(both) == "sent"
    first, second = (opened(both, request).claims for request in receiver.requests)
    assert first["jti"] != second["jti"]
    assert second["iat"] - first["iat"] >= 600
    assert first["exp"] < second["iat"] < second["exp"]
    assert (first["sid"], first["sub"]) == (second["sid"], second["sub"])


def test_tries_end(provider: Provider, receiver: HttpServer) -> None:
    receiver.statuses = [503] * 50
    register(provider, receiver.url)
    queue(provider)
    for _ in range(20):
        drain(provider, "logout")
        advance(provider, timedelta(hours=1))
    assert len(receiver.requests) == provider.settings.outbox_attempts
    assert state_of(provider) == "failed"


def test_nobody_listening_is_tried_again(provider: Provider) -> None:
    with http_server() as gone:
        register(provider, gone.url)
    queue(provider)
    drain(provider, "logout")
    assert state_of(provider) == "pending"


def test_a_client_that_wants_it_no_more_is_not_called(
    provider: Provider, receiver: HttpServer
) -> None:
    register(provider, receiver.url)
    queue(provider)
    register(provider, None)
    drain(provider, "logout")
    assert receiver.requests == []
    assert state_of(provider) == "failed"


def test_a_client_that_was_removed_is_not_called(provider: Provider, receiver: HttpServer) -> None:
    register(provider, receiver.url)
    queue(provider)
    with provider.store.begin() as db:
        delete_client(db, "service")
    drain(provider, "logout")
    assert receiver.requests == []
    assert state_of(provider) == "failed"


def test_outside_dev_this_machine_is_never_called(
    sqlite_url: str, master_key: str, receiver: HttpServer
) -> None:
    """Decision 40: addresses are vetted when they are called, not only when registered."""
    with provider_with(sqlite_url, master_key, dev=False) as provider:
        register(provider, receiver.url)
        queue(provider)
        drain(provider, "logout")
        assert state_of(provider) == "failed"
    assert receiver.requests == []


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "[::ffff:192.168.1.1]"])
def test_private_addresses_are_never_called(provider: Provider, host: str) -> None:
    """Decision 40."""
    register(provider, f"https://{host}/logout", development=False)
    queue(provider)
    drain(provider, "logout")
    assert state_of(provider) == "failed"
    assert host not in (messages(provider)[0].error or "")


def test_the_token_holds_what_the_text_asks_and_nothing_else(
    both: Provider, receiver: HttpServer
) -> None:
    """2.4; oidcc-backchannel-rp-initiated-logout."""
    register(both, receiver.url)
    queue(both)
    assert drain(both, "logout") == 1
    (request,) = receiver.requests
    assert request["headers"]["Content-Type"] == "application/x-www-form-urlencoded"
    token = opened(both, request)
    key = both.keyring.active("tokens")
    assert token.header == {"typ": "logout+jwt", "alg": "RS256", "kid": key.kid}
    claims = dict(token.claims)
    assert 0 < claims.pop("exp") - claims["iat"] <= 120
    assert abs(claims.pop("iat") - both.clock.timestamp()) <= 5
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": both.settings.issuer,
        "sub": "the-sub",
        "aud": "service",
        "sid": "the-sid",
        "events": {EVENT: {}},
    }
    assert state_of(both) == "sent"


def test_204_is_success_too(provider: Provider, receiver: HttpServer) -> None:
    """2.8: some frameworks turn an empty 200 into it."""
    receiver.statuses = [204]
    register(provider, receiver.url)
    queue(provider)
    drain(provider, "logout")
    assert state_of(provider) == "sent"


def test_the_address_registered_now_is_called(provider: Provider, receiver: HttpServer) -> None:
    register(provider, "http://localhost:9/before")
    queue(provider)
    register(provider, f"{receiver.url}?tenant=1")
    drain(provider, "logout")
    assert receiver.requests[0]["path"] == "/chemin?tenant=1"
