"""Tokens that are to be sent when something goes wrong (CIBA Core 1.0, 10.3)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from idp.oauth.ciba import delivery
from idp.oauth.clients.registered import USUAL_GRANT_TYPES
from idp.outbox.delivery import TryLater, open_message
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import BrowserSession
from idp.worker.dispatcher import drain
from tests.ciba.answers import refused
from tests.ciba.helpers import (
    CibaService,
    add_ciba_client,
    approve,
    service,
)
from tests.ciba.pushing import begin, first_message, push_metadata, sent
from tests.oauth.helpers import advance, events
from tests.outbox.servers import HttpServer
from wallet_sim.phone import Phone


def test_a_retry_sends_the_same_tokens_with_the_life_that_is_left(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """Issued once: what did not arrive is not made anew."""
    receiver.statuses = [503, 500]
    begin(pushed)
    approve(phone)
    for _ in range(3):
        drain(pushed.provider, "ciba")
        advance(pushed.provider, 30)
    answers = [json.loads(request["body"]) for request in receiver.requests]
    assert [answer.pop("expires_in") for answer in answers] == [120, 90, 60]
    assert answers[0] == answers[1] == answers[2]
    assert events(pushed.provider).count("oauth:token:issued") == 1


def test_tokens_that_lapsed_are_sent_no_more(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    receiver.statuses = [503] * 9
    begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    advance(pushed.provider, 121)
    drain(pushed.provider, "ciba")
    assert len(receiver.requests) == 1
    message = first_message(pushed.provider)
    assert (message.state, message.error) == (
        "failed",
        "the tokens lapsed before they were taken",
    )


@pytest.mark.parametrize("status", [302, 307, 400, 401, 403])
def test_a_client_that_refuses_or_sends_us_elsewhere_is_sent_nothing_more(
    pushed: CibaService, receiver: HttpServer, phone: Phone, status: int
) -> None:
    """10.3: a redirect is never followed: another address would get the tokens."""
    receiver.statuses, receiver.location = [status], f"http://localhost:{receiver.port}/elsewhere"
    begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    advance(pushed.provider, 60)
    drain(pushed.provider, "ciba")
    assert [request["path"] for request in receiver.requests] == ["/chemin"]
    assert first_message(pushed.provider).state == "failed"


def test_an_address_that_may_not_be_called_costs_no_tokens(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """Nothing is issued before the address was vetted."""
    begin(pushed)
    approve(phone)
    with pushed.provider.store.begin() as db:
        change_client(db, "ciba", development=False)
    drain(pushed.provider, "ciba")
    assert receiver.requests == []
    with pushed.provider.store.read() as db:
        assert db.query(BrowserSession).count() == 0


def test_a_worker_that_died_after_issuing_leaves_the_tokens_to_the_next(
    pushed: CibaService,
    receiver: HttpServer,
    phone: Phone,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The lease ends, another worker takes the message, and sends what was issued."""

    class Died(BaseException):
        """Not an error that the dispatcher may see."""

    def die(*_args: Any, **_members: Any) -> int:
        raise Died

    lease = {"outbox_lease": timedelta(seconds=30)}
    pushed.provider.settings = pushed.provider.settings.model_copy(update=lease)
    begin(pushed)
    approve(phone)
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "call", die)
        with pytest.raises(Died):
            drain(pushed.provider, "ciba")
    assert events(pushed.provider).count("oauth:token:issued") == 1
    advance(pushed.provider, 31)
    drain(pushed.provider, "ciba")
    assert pushed.userinfo(sent(receiver)["access_token"]).status_code == 200
    assert events(pushed.provider).count("oauth:token:issued") == 1


def test_a_worker_that_lost_its_lease_issues_nothing_beside_the_next(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """What it holds of the message is out of date: it leaves it to who took it over."""
    begin(pushed)
    approve(phone)
    held = open_message(pushed.provider, first_message(pushed.provider))
    drain(pushed.provider, "ciba")
    with pytest.raises(TryLater):
        delivery.deliver_backchannel(pushed.provider, held)
    assert len(receiver.requests) == 1
    assert events(pushed.provider).count("oauth:token:issued") == 1


def test_what_was_sent_is_forgotten_in_a_real_database(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """A simulation shows it to whoever tries it out."""
    begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    kept = open_message(pushed.provider, first_message(pushed.provider)).payload
    assert kept["answer"]["access_token"] == sent(receiver)["access_token"]
    pushed.provider.kind = "real"
    begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    assert first_message(pushed.provider).payload_sealed == b""


def test_a_push_client_that_asks_is_refused_before_and_after(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """11: unauthorized_client."""
    auth_req_id = begin(pushed)
    assert refused(pushed.poll(auth_req_id)) == (400, "unauthorized_client")
    approve(phone)
    drain(pushed.provider, "ciba")
    assert refused(pushed.poll(auth_req_id)) == (400, "unauthorized_client")
    assert len(receiver.requests) == 1


def test_a_client_that_asks_by_now_is_sent_nothing(
    pushed: CibaService, provider: Provider, receiver: HttpServer, phone: Phone
) -> None:
    """It changed its registration meanwhile: it is issued to where it asks, once."""
    auth_req_id = begin(pushed)
    approve(phone)
    add_ciba_client(provider, development=True)
    drain(provider, "ciba")
    assert receiver.requests == []
    assert pushed.poll(auth_req_id).status_code == 200


def test_a_client_that_lost_the_grant_meanwhile_is_sent_nothing(
    pushed: CibaService, provider: Provider, receiver: HttpServer, phone: Phone
) -> None:
    """As it would be refused if it asked."""
    begin(pushed)
    approve(phone)
    add_ciba_client(provider, grant_types=list(USUAL_GRANT_TYPES), **push_metadata(receiver.url))
    drain(provider, "ciba")
    assert receiver.requests == []
    with provider.store.read() as db:
        assert db.query(BrowserSession).count() == 0


def test_what_is_sent_is_for_what_the_request_named(
    app: Flask, provider: Provider, receiver: HttpServer, phone: Phone
) -> None:
    """RFC 8707, 2: all of it, for nobody asks for a part."""
    apis = ["https://api.test", "https://other-api.test"]
    add_ciba_client(provider, resources=apis, **push_metadata(receiver.url))
    pushed = service(app)
    begin(pushed, resource=apis)
    approve(phone)
    drain(provider, "ciba")
    assert pushed.claims(sent(receiver)["access_token"])["aud"] == apis
