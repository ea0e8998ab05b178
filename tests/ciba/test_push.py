"""Being sent the outcome (OpenID Connect CIBA Core 1.0, 10.3 and 12)."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.worker.dispatcher import drain
from tests.ciba.answers import REFUSALS, strike_off
from tests.ciba.helpers import (
    SIGNER,
    CibaService,
    add_ciba_client,
    approve,
    public_keys,
    queued,
)
from tests.ciba.pushing import begin, push_metadata, sent
from tests.oauth.helpers import advance, events
from tests.outbox.servers import HttpServer
from wallet_sim.phone import Phone

AUTH_REQ_ID = "urn:openid:params:jwt:claim:auth_req_id"
RT_HASH = "urn:openid:params:jwt:claim:rt_hash"


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
