"""Tokens by asking for them (OpenID Connect CIBA Core 1.0, 10.1 and 11)."""

from collections.abc import Callable
from typing import Any

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
    signed_in,
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
from tests.oauth import dpop
from tests.oauth.helpers import PROTOCOL, Service, add_client, advance, events
from wallet_sim.errors import Blocked
from wallet_sim.phone import Phone

API = "https://api.test"
OTHER_API = "https://other-api.test"


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


def test_the_answer_is_that_of_any_grant(client: CibaService, phone: Phone) -> None:
    """fapi-ciba-id1; pro-sante-connect 5: the members of Pro Santé Connect, in its order."""
    answer = signed_in(client, phone)
    assert list(answer) == [
        "access_token",
        "expires_in",
        "refresh_expires_in",
        "refresh_token",
        "token_type",
        "id_token",
        "not-before-policy",
        "session_state",
        "scope",
    ]
    assert answer["token_type"] == "Bearer"
    assert answer["scope"] == "openid scope_all"


def test_the_scope_is_the_one_that_was_asked(client: CibaService, phone: Phone) -> None:
    """fapi-ciba-id1-ensure-other-scope-order-succeeds."""
    answer = signed_in(client, phone, scope="profile openid")
    assert set(answer["scope"].split()) == {"profile", "openid"}
    assert client.claims(answer["access_token"])["scope"] == answer["scope"]


def test_auth_time_is_when_the_person_approved(client: CibaService, phone: Phone) -> None:
    auth_req_id = client.begin()["auth_req_id"]
    advance(client.provider, 20)
    approve(phone)
    approved_at = challenge_of(client.provider).decided_at
    assert approved_at is not None
    answer = wait_and_poll(client, auth_req_id, 40)
    issued_at = client.provider.clock.timestamp()
    for token in ("access_token", "id_token"):
        claims = client.claims(answer.json[token])
        assert claims["auth_time"] == int(approved_at.timestamp())
        assert claims["iat"] == issued_at


def test_the_tokens_say_how_and_for_whom(client: CibaService, phone: Phone) -> None:
    """No nonce was sent: none in the ID token; PSC's access token has an empty one."""
    answer = signed_in(client, phone)
    access, identity = (client.claims(answer[name]) for name in ("access_token", "id_token"))
    assert (access["authMode"], access["acr"]) == ("MOBILE", "eidas1")
    assert (access["nonce"], "nonce" in identity) == ("", False)
    assert access["sid"] == identity["sid"] == answer["session_state"]
    assert identity["aud"] == "ciba"
    assert identity["at_hash"]
    assert "urn:openid:params:jwt:claim:auth_req_id" not in identity


def test_introspection_and_userinfo_know_the_tokens(client: CibaService, phone: Phone) -> None:
    answer = signed_in(client, phone)
    introspected = client.introspect(answer["access_token"])
    assert introspected["active"] is True
    assert introspected["client_id"] == "ciba"
    assert introspected["username"] == "899700990015"
    told = client.userinfo(answer["access_token"]).json
    assert told["SubjectNameID"] == "899700990015"
    assert told["sub"] == client.claims(answer["id_token"])["sub"]


def test_the_refresh_token_goes_on(client: CibaService, phone: Phone) -> None:
    """fapi-ciba-id1-refresh-token; `auth_time` stays that of the approval."""
    answer = signed_in(client, phone)
    advance(client.provider, 60)
    refreshed = client.refresh(answer["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text
    before, after = (client.claims(given["id_token"]) for given in (answer, refreshed.json))
    assert after["auth_time"] == before["auth_time"]
    assert after["sid"] == before["sid"]


def test_another_client_may_not_refresh(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    add_ciba_client(provider, "other")
    token = signed_in(client, phone)["refresh_token"]
    assert refused(client.as_client("other").refresh(token)) == (400, "invalid_grant")


def test_a_proof_binds_the_tokens(client: CibaService, phone: Phone) -> None:
    """RFC 9449, 5: as with any grant."""
    auth_req_id = begin_and_approve(client, phone)
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
    answer = dpop.post(client, form, dpop.proof(client.provider))
    assert answer.status_code == 200, answer.text
    assert answer.json["token_type"] == "DPoP"
    token = answer.json["access_token"]
    assert client.claims(token)["cnf"] == {"jkt": dpop.KEY.thumbprint()}
    assert client.userinfo(token).status_code == 401
    sent = dpop.userinfo_proof(client.provider, token)
    assert dpop.userinfo(client, token, sent).status_code == 200
    other = dpop.userinfo_proof(client.provider, token, dpop.OTHER_KEY)
    assert dpop.userinfo(client, token, other).status_code == 401


def test_a_client_that_must_prove_a_key_is_asked_for_the_nonce_and_spends_nothing(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """RFC 9449, 8: what a library does: it asks, is given a nonce, and asks again at once."""
    add_ciba_client(provider, "proving", dpop_bound_access_tokens=True, dpop_nonce_required=True)
    proving = client.as_client("proving")
    auth_req_id = begin_and_approve(proving, phone)
    form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
    assert refused(dpop.post(proving, form, None)) == (400, "invalid_dpop_proof")
    asked = dpop.post(proving, form, dpop.proof(provider))
    assert refused(asked) == (400, "use_dpop_nonce")
    nonce = asked.headers["DPoP-Nonce"]
    answer = dpop.post(proving, form, dpop.proof(provider, nonce=nonce))
    assert answer.status_code == 200, answer.text
    assert answer.json["token_type"] == "DPoP"


def test_a_proof_that_was_used_before_redeems_nothing(client: CibaService, phone: Phone) -> None:
    auth_req_id = client.begin()["auth_req_id"]
    form, sent = {"grant_type": CIBA, "auth_req_id": auth_req_id}, dpop.proof(client.provider)
    other = client.begin()["auth_req_id"]
    approve(phone)
    answer = dpop.post(client, form | {"auth_req_id": other}, sent)
    assert answer.status_code == 200, answer.text
    approve(phone)
    assert refused(dpop.post(client, form, sent)) == (400, "invalid_dpop_proof")


def test_the_journal_tells_the_story(client: CibaService, phone: Phone) -> None:
    signed_in(client, phone)
    told = events(client.provider)
    story = ["challenges:challenge:approved", "signin:session:opened", "oauth:token:issued"]
    assert [event for event in told if event in story] == story


def test_logout_by_the_id_token_alone_ends_it_all(client: CibaService, phone: Phone) -> None:
    """pro-sante-connect 5: the reference proxy posts `id_token_hint` and nothing else."""
    answer = signed_in(client, phone)
    out = client.http.post(f"{PROTOCOL}/logout", data={"id_token_hint": answer["id_token"]})
    assert out.status_code == 200, out.text
    assert "<form" not in out.text
    assert client.userinfo(answer["access_token"]).status_code == 401
    assert client.introspect(answer["access_token"]) == {"active": False}
    assert refused(client.refresh(answer["refresh_token"])) == (400, "invalid_grant")


def test_a_service_that_asks_in_the_browser_is_not_let_in_by_it(
    client: CibaService, provider: Provider, phone: Phone, browser: Any
) -> None:
    """Nobody holds the cookie of a session without a browser."""
    add_client(provider)
    signed_in(client, phone)
    assert not browser.get_cookie("ecps_session")
    asked = Service(client.app, provider)
    query = {
        "response_type": "code",
        "client_id": "service",
        "redirect_uri": "https://service.test/callback",
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "prompt": "none",
        "acr_values": "eidas1",
    }
    answer = asked.http.get(f"{PROTOCOL}/auth", query_string=query)
    assert "error=login_required" in answer.headers["Location"]


def test_the_tokens_are_for_what_the_request_named(
    client: CibaService, provider: Provider, phone: Phone
) -> None:
    """RFC 8707, 2.2: or the part of it that is asked when they are redeemed, and no more."""
    add_ciba_client(provider, "api", resources=[API, OTHER_API])
    api = client.as_client("api")
    auth_req_id = begin_and_approve(api, phone, resource=[API, OTHER_API])
    assert refused(api.poll(auth_req_id, resource="https://elsewhere.test")) == (
        400,
        "invalid_target",
    )
    answer = api.poll(auth_req_id, resource=API)
    assert answer.status_code == 200, answer.text
    assert api.claims(answer.json["access_token"])["aud"] == API
    refreshed = api.refresh(answer.json["refresh_token"])
    assert api.claims(refreshed.json["access_token"])["aud"] == [API, OTHER_API]
