"""Being told that a request has its answer (OpenID Connect CIBA Core 1.0, 10.2)."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import OutboxMessage
from idp.worker.dispatcher import drain
from tests.cards.rows import events
from tests.ciba.answers import REFUSALS, refused, wait_and_poll
from tests.ciba.helpers import (
    NOTIFICATION_TOKEN,
    CibaService,
    add_ciba_client,
    approve,
    queued,
    service,
)
from tests.oauth.helpers import advance
from tests.outbox.servers import HttpServer, http_server
from wallet_sim.phone import Phone


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def pinged(app: Flask, provider: Provider, receiver: HttpServer) -> CibaService:
    """A client that is told by ping, at a real server."""
    return add_pinged(app, provider, receiver.url)


def add_pinged(app: Flask, provider: Provider, url: str, **changes: Any) -> CibaService:
    add_ciba_client(
        provider,
        development=True,
        backchannel_token_delivery_mode="ping",
        backchannel_client_notification_endpoint=url,
        **changes,
    )
    return service(app)


def begin(client: CibaService) -> str:
    begun = client.begin(client_notification_token=NOTIFICATION_TOKEN)
    return str(begun["auth_req_id"])


def the_message(provider: Provider) -> OutboxMessage:
    (message,) = queued(provider, "ciba")
    return message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(
    pinged: CibaService, receiver: HttpServer, phone: Phone, status: int
) -> None:
    """10.2; fapi-ciba-id1-ping-backchannel-notification-endpoint-return-redirect-request."""
    receiver.statuses, receiver.location = [status], f"http://localhost:{receiver.port}/elsewhere"
    auth_req_id = begin(pinged)
    approve(phone)
    drain_and_drain_again(pinged.provider)
    assert [request["path"] for request in receiver.requests] == ["/chemin"]
    assert the_message(pinged.provider).state == "failed"
    assert pinged.poll(auth_req_id).status_code == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_client_that_refuses_is_not_told_again(
    pinged: CibaService, receiver: HttpServer, phone: Phone, status: int
) -> None:
    """fapi-ciba-id1-ping-backchannel-notification-endpoint-response-401

    fapi-ciba-id1-ping-backchannel-notification-endpoint-response-403
    fapi-ciba-id1-ping-with-mtls-ciba-notification-endpoint-response-401-and-require-server-does-not-retry
    """
    receiver.statuses = [status]
    auth_req_id = begin(pinged)
    approve(phone)
    drain_and_drain_again(pinged.provider)
    assert len(receiver.requests) == 1
    assert the_message(pinged.provider).error == f"http {status}"
    assert pinged.poll(auth_req_id).status_code == 200


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_answer_that_says_yes_is_one(
    pinged: CibaService, receiver: HttpServer, phone: Phone, status: int
) -> None:
    """fapi-ciba-id1-ping-backchannel-notification-endpoint-response-has-body; 204 is the usual."""
    receiver.statuses = [status]
    begin(pinged)
    approve(phone)
    drain_and_drain_again(pinged.provider)
    assert len(receiver.requests) == 1
    assert the_message(pinged.provider).state == "sent"


def test_a_ping_holds_the_auth_req_id_alone_and_the_clients_token(
    pinged: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """10.2: JSON, by POST, `Authorization: Bearer` with `client_notification_token`."""
    auth_req_id = begin(pinged)
    drain(pinged.provider, "ciba")
    assert receiver.requests == []
    approve(phone)
    assert receiver.requests == [], "nothing is called inside a request (decision 40)"
    drain(pinged.provider, "ciba")
    (request,) = receiver.requests
    assert json.loads(request["body"]) == {"auth_req_id": auth_req_id}
    assert request["headers"]["Content-Type"] == "application/json"
    assert request["headers"]["Authorization"] == f"Bearer {NOTIFICATION_TOKEN}"


def test_a_client_may_ask_before_and_after_its_ping(
    pinged: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """7.3: a ping client may poll as well; the ping changes nothing of what it gets."""
    auth_req_id = begin(pinged)
    assert refused(pinged.poll(auth_req_id)) == (400, "authorization_pending")
    approve(phone)
    drain(pinged.provider, "ciba")
    assert len(receiver.requests) == 1
    assert pinged.poll(auth_req_id).status_code == 200
    assert refused(wait_and_poll(pinged, auth_req_id, 5)) == (400, "invalid_grant")


def test_a_client_that_asked_in_time_is_pinged_to_no_harm(
    pinged: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    auth_req_id = begin(pinged)
    approve(phone)
    assert pinged.poll(auth_req_id).status_code == 200
    drain(pinged.provider, "ciba")
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("says_no", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_told_as_an_approval_is(
    pinged: CibaService, receiver: HttpServer, phone: Phone, says_no: Callable[[Phone], None]
) -> None:
    """10.2: after a failed authentication too; the token endpoint then says which."""
    auth_req_id = begin(pinged)
    says_no(phone)
    drain_and_drain_again(pinged.provider)
    (request,) = receiver.requests
    assert json.loads(request["body"]) == {"auth_req_id": auth_req_id}
    assert refused(pinged.poll(auth_req_id)) == (400, "access_denied")


@pytest.mark.parametrize("statuses", [[500], [503, 502, 429]])
def test_a_client_in_trouble_is_told_again(
    pinged: CibaService, receiver: HttpServer, phone: Phone, statuses: list[int]
) -> None:
    receiver.statuses = list(statuses)
    begin(pinged)
    approve(phone)
    for _ in statuses:
        drain(pinged.provider, "ciba")
        advance(pinged.provider, 30)
    drain(pinged.provider, "ciba")
    assert len(receiver.requests) == len(statuses) + 1
    assert len({request["body"] for request in receiver.requests}) == 1
    assert the_message(pinged.provider).state == "sent"


def test_a_client_that_is_away_is_told_until_the_request_lapses(
    app: Flask, provider: Provider, phone: Phone
) -> None:
    """And not after it, whatever the outbox would still try."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    pinged = add_pinged(app, provider, f"http://localhost:{port}/")
    begin(pinged)
    approve(phone)
    drain(provider, "ciba")
    assert the_message(provider).state == "pending"
    advance(provider, 121)
    drain(provider, "ciba")
    message = the_message(provider)
    assert (message.state, message.attempts) == ("failed", 2)
    assert message.error == "expired before it could be sent"
    (failed,) = events(provider, "outbox:message:failed")
    assert (failed.client_id, failed.data["kind"]) == ("ciba", "ciba")


@contextmanager
def answering(chunk: bytes, times: int) -> Iterator[str]:
    """A server that sends the same bytes again and again, as many times as it is let."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def send() -> None:
            connection, _ = listener.accept()
            with connection:
                for _ in range(times):
                    if stop.wait(0.02):
                        return
                    try:
                        connection.sendall(chunk)
                    except OSError:
                        return

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        yield f"http://localhost:{listener.getsockname()[1]}/"
        stop.set()
        thread.join()


def test_a_client_that_drips_holds_nobody_up(app: Flask, provider: Provider, phone: Phone) -> None:
    """Decision 40: bounded in time, and tried again as one that is away."""
    settings = provider.settings.model_copy(update={"carrier_timeout": timedelta(seconds=0.3)})
    provider.settings = settings
    with answering(b"H", 200) as url:
        pinged = add_pinged(app, provider, url)
        begin(pinged)
        approve(phone)
        drain(provider, "ciba")
    assert the_message(provider).state == "pending"


def test_the_body_of_an_answer_is_not_read_however_long_it_is(
    app: Flask, provider: Provider, phone: Phone
) -> None:
    """fapi-ciba-id1-ping-backchannel-notification-endpoint-response-has-body."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    with answering(head + b"x" * 100_000, 200) as url:
        pinged = add_pinged(app, provider, url)
        begin(pinged)
        approve(phone)
        drain(provider, "ciba")
    assert the_message(provider).state == "sent"


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"backchannel_token_delivery_mode": "poll"},
        {"backchannel_token_delivery_mode": "ping"},
    ],
    ids=["disabled", "asks by now", "no address by now"],
)
def test_a_client_that_is_called_no_more_is_not(
    pinged: CibaService, receiver: HttpServer, phone: Phone, change: dict[str, Any] | None
) -> None:
    begin(pinged)
    approve(phone)
    with pinged.provider.store.begin() as db:
        now = pinged.provider.clock.now()
        change_client(
            db, "ciba", **({"disabled_at": now} if change is None else {"options": change})
        )
    drain(pinged.provider, "ciba")
    assert receiver.requests == []
    assert the_message(pinged.provider).state == "failed"


def test_this_machine_is_called_for_development_clients_only(
    app: Flask, provider: Provider, receiver: HttpServer, phone: Phone
) -> None:
    """Decision 40: the address is vetted when it is called, whatever was registered."""
    pinged = add_pinged(app, provider, receiver.url)
    begin(pinged)
    approve(phone)
    with provider.store.begin() as db:
        change_client(db, "ciba", development=False)
    drain(provider, "ciba")
    assert receiver.requests == []
    assert the_message(provider).state == "failed"


def test_a_poll_client_is_called_by_nobody(client: CibaService, phone: Phone) -> None:
    client.begin()
    approve(phone)
    assert queued(client.provider, "ciba") == []


def test_the_token_stands_sealed_in_the_database(pinged: CibaService, provider: Provider) -> None:
    begin(pinged)
    with provider.store.read() as db:
        connection = db.connection().connection.dbapi_connection
        dump = "\n".join(connection.iterdump())  # type: ignore[union-attr]
    assert NOTIFICATION_TOKEN not in dump
    assert NOTIFICATION_TOKEN.encode().hex().upper() not in dump


def drain_and_drain_again(provider: Provider) -> None:
    """What the outbox does now, and what it would still do before the request lapses."""
    drain(provider, "ciba")
    advance(provider, 60)
    drain(provider, "ciba")
