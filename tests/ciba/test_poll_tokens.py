"""What the tokens of a poll are, and what follows (OpenID Connect CIBA Core 1.0, 10.1.1)."""

from typing import Any

from idp.oauth.clients.registered import CIBA
from idp.provider import Provider
from tests.ciba.answers import (
    begin_and_approve,
    challenge_of,
    refused,
    signed_in,
    wait_and_poll,
)
from tests.ciba.helpers import (
    CibaService,
    add_ciba_client,
    approve,
)
from tests.oauth import dpop
from tests.oauth.helpers import PROTOCOL, Service, add_client, advance, events
from wallet_sim.phone import Phone

API = "https://api.test"
OTHER_API = "https://other-api.test"


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
