"""Being sent the outcome (OpenID Connect CIBA Core 1.0, 10.3 and 12)."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from idp.oauth.ciba import delivery
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.oauth.clients.registered import USUAL_GRANT_TYPES
from idp.outbox.delivery import TryLater, open_message
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import BrowserSession, OutboxMessage
from idp.worker.dispatcher import drain
from tests.ciba.answers import REFUSALS, refused, strike_off
from tests.ciba.helpers import (
    NOTIFICATION_TOKEN,
    SIGNER,
    CibaService,
    add_ciba_client,
    approve,
    public_keys,
    queued,
    service,
)
from tests.oauth.helpers import advance, events
from tests.outbox.servers import HttpServer, http_server
from wallet_sim.phone import Phone

AUTH_REQ_ID = "urn:openid:params:jwt:claim:auth_req_id"
RT_HASH = "urn:openid:params:jwt:claim:rt_hash"


@pytest.fixture
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def pushed(app: Flask, provider: Provider, receiver: HttpServer) -> CibaService:
    """A client that is sent its tokens, at a real server."""
    add_ciba_client(provider, **push_metadata(receiver.url))
    return service(app)


def push_metadata(url: str) -> dict[str, Any]:
    return {
        "development": True,
        "backchannel_token_delivery_mode": "push",
        "backchannel_client_notification_endpoint": url,
    }


def begin(client: CibaService, **changes: Any) -> str:
    begun = client.begin(client_notification_token=NOTIFICATION_TOKEN, **changes)
    assert "interval" not in begun  # 7.3: of no meaning in push
    return str(begun["auth_req_id"])


def sent(receiver: HttpServer) -> dict[str, Any]:
    """The one answer that was sent."""
    (request,) = receiver.requests
    assert request["headers"]["Content-Type"] == "application/json"
    assert request["headers"]["Authorization"] == f"Bearer {NOTIFICATION_TOKEN}"
    return dict(json.loads(request["body"]))


def first_message(provider: Provider) -> OutboxMessage:
    """What an end queued; the other waits for the request to lapse."""
    told = [message for message in queued(provider, "ciba") if message.due_at is not None]
    return max(told, key=lambda message: message.id)


def half_hash(token: str) -> str:
    digest = hashlib.sha256(token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "bound", ["dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"]
)
def test_tokens_that_must_be_bound_are_not_sent(provider: Provider, bound: str) -> None:
    """Nobody proves a key where nobody asks."""
    with pytest.raises(ClientMetadataRefused, match="push"):
        add_ciba_client(provider, **(push_metadata("https://service.test/ciba") | {bound: True}))


def fapi_registration(mode: str) -> dict[str, Any]:
    return {
        "profile": "fapi",
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": public_keys(SIGNER),
        "dpop_bound_access_tokens": True,
        "backchannel_authentication_request_signing_alg": "PS256",
        "backchannel_token_delivery_mode": mode,
        "backchannel_client_notification_endpoint": "https://service.test/ciba",
    }


def test_a_fapi_client_is_sent_no_tokens(provider: Provider) -> None:
    """Decision 29; FAPI-CIBA 5.2.2."""
    with pytest.raises(ClientMetadataRefused, match="push"):
        add_ciba_client(provider, **fapi_registration("push"))


@pytest.mark.parametrize("mode", ["poll", "ping"])
def test_a_fapi_client_asks_or_is_pinged(provider: Provider, mode: str) -> None:
    add_ciba_client(provider, **fapi_registration(mode))


def test_the_tokens_are_sent_once_they_are_issued(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """10.3.1: these members, and no others."""
    auth_req_id = begin(pushed)
    drain(pushed.provider, "ciba")
    approve(phone)
    assert receiver.requests == []
    drain(pushed.provider, "ciba")
    answer = sent(receiver)
    assert answer.keys() == {
        "auth_req_id",
        "access_token",
        "token_type",
        "refresh_token",
        "expires_in",
        "id_token",
    }
    assert answer["auth_req_id"] == auth_req_id
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 120)
    assert pushed.userinfo(answer["access_token"]).status_code == 200
    assert pushed.refresh(answer["refresh_token"]).status_code == 200


def test_the_id_token_is_bound_to_all_that_is_sent_with_it(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """10.3.1: `auth_req_id`, `at_hash` and `rt_hash`."""
    auth_req_id = begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    answer = sent(receiver)
    claims = pushed.claims(answer["id_token"])
    assert claims[AUTH_REQ_ID] == auth_req_id
    assert claims["at_hash"] == half_hash(answer["access_token"])
    assert claims[RT_HASH] == half_hash(answer["refresh_token"])


def test_a_refreshed_id_token_names_no_request(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    begin(pushed)
    approve(phone)
    drain(pushed.provider, "ciba")
    refreshed = pushed.refresh(sent(receiver)["refresh_token"]).json
    assert not {AUTH_REQ_ID, RT_HASH} & pushed.claims(refreshed["id_token"]).keys()


@pytest.mark.parametrize("says_no", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_is_sent(
    pushed: CibaService, receiver: HttpServer, phone: Phone, says_no: Callable[[Phone], None]
) -> None:
    """12: access_denied."""
    auth_req_id = begin(pushed)
    says_no(phone)
    drain(pushed.provider, "ciba")
    answer = sent(receiver)
    assert answer.keys() == {"auth_req_id", "error", "error_description"}
    assert (answer["auth_req_id"], answer["error"]) == (auth_req_id, "access_denied")


@pytest.mark.parametrize("deleted", [False, True], ids=["at once", "once the question is deleted"])
def test_a_lapse_is_sent_when_it_comes(
    pushed: CibaService, receiver: HttpServer, deleted: bool
) -> None:
    """12: expired_token."""
    auth_req_id = begin(pushed)
    advance(pushed.provider, 119)
    drain(pushed.provider, "ciba")
    assert receiver.requests == []
    advance(pushed.provider, 2)
    if deleted:
        delete_expired(pushed.provider)
    drain(pushed.provider, "ciba")
    answer = sent(receiver)
    assert (answer["auth_req_id"], answer["error"]) == (auth_req_id, "expired_token")


def test_a_lapse_is_not_sent_after_an_answer(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    begin(pushed)
    phone.refuse()
    drain(pushed.provider, "ciba")
    advance(pushed.provider, 121)
    drain(pushed.provider, "ciba")
    assert sent(receiver)["error"] == "access_denied"
    assert {message.state for message in queued(pushed.provider, "ciba")} == {"sent"}


def test_a_lapse_that_does_not_arrive_is_sent_again(
    pushed: CibaService, receiver: HttpServer
) -> None:
    receiver.statuses = [503]
    begin(pushed)
    advance(pushed.provider, 121)
    drain(pushed.provider, "ciba")
    advance(pushed.provider, 60)
    drain(pushed.provider, "ciba")
    errors = [json.loads(request["body"])["error"] for request in receiver.requests]
    assert errors == ["expired_token"] * 2


def test_a_phone_that_ended_after_its_approval_fails_the_transaction(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    """12: transaction_failed; nobody denied it."""
    begin(pushed)
    approve(phone)
    phone.delete()
    drain(pushed.provider, "ciba")
    assert sent(receiver)["error"] == "transaction_failed"


def test_a_person_struck_off_meanwhile_is_sent_no_tokens(
    pushed: CibaService, receiver: HttpServer, phone: Phone
) -> None:
    begin(pushed)
    approve(phone)
    strike_off(pushed.provider)
    drain(pushed.provider, "ciba")
    assert sent(receiver)["error"] == "access_denied"
    assert "signin:person:refused" in events(pushed.provider)


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
