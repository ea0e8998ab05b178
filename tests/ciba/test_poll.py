"""Tokens by asking for them (OpenID Connect CIBA Core 1.0, 10.1 and 11)."""

from collections.abc import Callable

import pytest

from idp.oauth.clients.registered import CIBA
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import Device
from tests.ciba.answers import (
    REFUSALS,
    WRONG_PIN,
    begin_and_approve,
    challenge_of,
    refused,
    row_of,
    strike_off,
    wait_and_poll,
)
from tests.ciba.helpers import (
    NUMBER,
    SIGNER,
    STRANGER,
    CibaService,
    add_ciba_client,
    add_notified_client,
    approve,
    public_keys,
    requests,
)
from tests.oauth.helpers import add_client, advance, events
from wallet_sim.errors import Blocked
from wallet_sim.phone import Phone


@pytest.mark.parametrize("sent", ["unknown", "é" * 10, "a" * 5000])
def test_an_unknown_auth_req_id_is_refused(client: CibaService, sent: str) -> None:
    """fapi-ciba-id1-ensure-wrong-auth-req-id-in-token-endpoint-request."""
    client.begin()
    assert refused(client.poll(sent)) == (400, "invalid_grant")


def test_a_missing_auth_req_id_is_refused(client: CibaService) -> None:
    assert refused(client.post("token", {"grant_type": CIBA})) == (400, "invalid_request")


def test_a_repeated_auth_req_id_is_refused(client: CibaService) -> None:
    """RFC 6749, 3.2."""
    begun = client.begin()["auth_req_id"]
    answer = client.post("token", {"grant_type": CIBA, "auth_req_id": [begun, begun]})
    assert refused(answer) == (400, "invalid_request")


def test_another_clients_request_is_refused_and_left_as_it_was(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """CIBA Core 11; attack 33; fapi-ciba-id1-ensure-wrong-client-id-in-token-endpoint-request."""
    add_ciba_client(provider, "other")
    auth_req_id = begin_and_approve(client, phone)
    for _ in range(3):
        assert refused(client.as_client("other").poll(auth_req_id)) == (400, "invalid_grant")
    assert row_of(provider).polled_at is None
    assert client.poll(auth_req_id).status_code == 200


def test_a_client_that_is_not_authenticated_is_refused(client: CibaService) -> None:
    auth_req_id = client.begin()["auth_req_id"]
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id, "client_id": "ciba"}
    answer = client.post("token", form, basic=False)
    assert refused(answer) == (401, "invalid_client")


def test_a_client_without_its_assertion_is_refused(client: CibaService, provider: Provider) -> None:
    """fapi-ciba-id1-ensure-without-client-assertion-in-token-endpoint-request."""
    keys = public_keys(SIGNER)
    add_ciba_client(provider, "signing", token_endpoint_auth_method="private_key_jwt", jwks=keys)
    form = {"grant_type": CIBA, "auth_req_id": "x", "client_id": "signing"}
    answer = client.post("token", form, basic=False)
    assert refused(answer) == (401, "invalid_client")


def test_a_client_that_did_not_register_the_grant_is_refused(
    client: CibaService, provider: Provider
) -> None:
    add_client(provider, "browser-only")
    auth_req_id = client.begin()["auth_req_id"]
    answer = client.as_client("browser-only").poll(auth_req_id)
    assert refused(answer) == (400, "unauthorized_client")


def test_a_push_client_may_not_ask(client: CibaService, provider: Provider, phone: Phone) -> None:
    """CIBA Core 11: it is sent its tokens."""
    add_notified_client(provider, "push", "pushed")
    pushed = client.as_client("pushed")
    auth_req_id = begin_and_approve(pushed, phone, client_notification_token="n" * 32)
    assert refused(pushed.poll(auth_req_id)) == (400, "unauthorized_client")


def test_who_has_not_answered_is_waited_for(client: CibaService) -> None:
    """fapi-ciba-id1: the first question comes at once."""
    auth_req_id = client.begin()["auth_req_id"]
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")


def test_an_identifier_that_nobody_holds_is_waited_for_as_anybody(client: CibaService) -> None:
    """Decision 41: the answers do not tell it from a known one, to the end."""
    auth_req_id = client.begin(login_hint=STRANGER)["auth_req_id"]
    assert refused(client.poll(auth_req_id)) == (400, "authorization_pending")
    assert refused(wait_and_poll(client, auth_req_id, 121)) == (400, "expired_token")


@pytest.mark.parametrize("says_no", REFUSALS.values(), ids=REFUSALS.keys())
def test_whoever_says_no_is_told_so(
    client: CibaService, phone: Phone, says_no: Callable[[Phone], None]
) -> None:
    """fapi-ciba-id1-user-rejects-authentication; and again, for who asks again."""
    auth_req_id = client.begin()["auth_req_id"]
    says_no(phone)
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")
    assert refused(wait_and_poll(client, auth_req_id, 2)) == (400, "access_denied")


def test_who_may_no_longer_sign_in_is_refused_for_good_and_noted_once(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """EC-01: however often the client asks; the approval is spent."""
    auth_req_id = begin_and_approve(client, phone)
    strike_off(provider)
    for _ in range(3):
        assert refused(wait_and_poll(client, auth_req_id, 2)) == (400, "access_denied")
    assert events(provider).count("signin:person:refused") == 1
    assert challenge_of(provider).state == "finished"


def test_a_client_that_takes_the_means_no_more_gets_nothing(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """Decision 7: judged when it would be issued to, as in a browser."""
    auth_req_id = begin_and_approve(client, phone)
    with provider.store.begin() as db:
        change_client(db, "ciba", means=["CARD"])
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_phone_that_was_blocked_in_the_meantime_signs_nobody_in(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """As in a browser, whose code is of no use then: the phone may be in other hands."""
    auth_req_id = begin_and_approve(client, phone)
    client.begin()
    with provider.store.begin() as db:
        db.query(Device).update({"lifetime_failures": provider.settings.pin_lifetime_failures - 1})
    with pytest.raises(Blocked):
        phone.approve(WRONG_PIN, NUMBER)
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_nobody_answered_in_time(client: CibaService, phone: Phone) -> None:
    """fapi-ciba-id1-auth-req-id-expired; also once the question itself was deleted."""
    begun = client.begin(requested_expiry="30")
    assert begun["expires_in"] == 30
    del phone
    assert refused(wait_and_poll(client, begun["auth_req_id"], 31)) == (400, "expired_token")
    delete_expired(client.provider)
    assert refused(wait_and_poll(client, begun["auth_req_id"], 5)) == (400, "expired_token")


def test_an_approval_is_of_no_use_once_the_request_lapsed(
    client: CibaService, phone: Phone
) -> None:
    auth_req_id = begin_and_approve(client, phone)
    assert refused(wait_and_poll(client, auth_req_id, 121)) == (400, "expired_token")


def test_an_approval_waits_as_long_as_the_request(client: CibaService, phone: Phone) -> None:
    """Longer than a browser would be waited for, and through a run of the expiry job."""
    begun = client.begin(requested_expiry="500")
    approve(phone)
    advance(client.provider, 490)
    delete_expired(client.provider)
    assert client.poll(begun["auth_req_id"]).status_code == 200


def test_what_lapsed_long_ago_is_deleted(client: CibaService) -> None:
    auth_req_id = client.begin()["auth_req_id"]
    advance(client.provider, 120 + client.provider.settings.session_lifetime.total_seconds() + 1)
    delete_expired(client.provider)
    assert requests(client.provider) == []
    assert refused(client.poll(auth_req_id)) == (400, "invalid_grant")


def test_an_auth_req_id_is_redeemed_once(client: CibaService, phone: Phone) -> None:
    """Attack 33; what was issued stays good: clients do ask on several connections."""
    auth_req_id = begin_and_approve(client, phone)
    first = client.poll(auth_req_id)
    assert first.status_code == 200
    assert refused(client.poll(auth_req_id)) == (400, "invalid_grant")
    assert refused(wait_and_poll(client, auth_req_id, 10)) == (400, "invalid_grant")
    assert client.userinfo(first.json["access_token"]).status_code == 200


def test_a_person_struck_off_meanwhile_gets_no_tokens(client: CibaService, phone: Phone) -> None:
    """EC-01: judged when the tokens are asked for."""
    auth_req_id = begin_and_approve(client, phone)
    strike_off(client.provider)
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")
    assert events(client.provider).count("signin:person:refused") == 1


def test_a_phone_revoked_meanwhile_opens_nothing(client: CibaService, phone: Phone) -> None:
    auth_req_id = begin_and_approve(client, phone)
    phone.delete()
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_a_client_disabled_meanwhile_gets_no_tokens(client: CibaService, phone: Phone) -> None:
    auth_req_id = begin_and_approve(client, phone)
    with client.provider.store.begin() as db:
        change_client(db, "ciba", disabled_at=client.provider.clock.now())
    assert refused(client.poll(auth_req_id)) == (401, "invalid_client")
