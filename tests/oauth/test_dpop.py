"""DPoP at the token endpoint, at userinfo and beside pushed requests (RFC 9449)."""

from typing import Any

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.settings import Settings
from idp.store.grants import bind_grant
from idp.store.models import Grant
from tests.conftest import make_settings, provider_of
from tests.oauth.dpop import (
    KEY,
    OTHER_KEY,
    USERINFO_ADDRESS,
    proof,
    redeem,
    refresh,
    userinfo,
    userinfo_proof,
)
from tests.oauth.helpers import (
    PROTOCOL,
    VERIFIER,
    Service,
    add_client,
    advance,
    challenge_of,
    events,
    parameters,
)

JKT = KEY.thumbprint()


@pytest.fixture
def public(service: Service) -> Service:
    add_client(service.provider, "public", token_endpoint_auth_method="none")
    return service.as_client("public")


def bound(service: Service) -> dict[str, Any]:
    answer = redeem(service, service.authorize()["code"], proof(service.provider))
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def redeem_public(public: Service, sent: str | None, **asked: Any) -> Any:
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    form = {
        "grant_type": "authorization_code",
        "code": public.authorize(**asked)["code"],
        "redirect_uri": "https://service.test/callback",
        "client_id": "public",
        "code_verifier": VERIFIER,
    }
    headers = {"DPoP": sent} if sent else {}
    return public.http.post(f"{PROTOCOL}/token", data=form, headers=headers)


def error(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json["error"])


# -- the token endpoint --------------------------------------------------------------------------


def test_a_bad_proof_gets_nothing(service: Service) -> None:
    """fapi2-security-profile-final-dpop-negative-tests."""
    code = service.authorize()["code"]
    for sent in ("nonsense", f"{proof(service.provider)}, {proof(service.provider)}"):
        assert error(redeem(service, code, sent)) == "invalid_dpop_proof"
    elsewhere = proof(service.provider, htu=USERINFO_ADDRESS)
    assert error(redeem(service, code, elsewhere)) == "invalid_dpop_proof"
    old = proof(service.provider, iat=service.provider.clock.timestamp() - 120)
    assert error(redeem(service, code, old)) == "invalid_dpop_proof"
    assert redeem(service, code, proof(service.provider)).status_code == 200


def test_two_proofs_are_refused(service: Service) -> None:
    """RFC 9449, 4.3: not more than one header."""
    headers = [*service.basic.items(), *(("DPoP", proof(service.provider)) for _ in range(2))]
    form = {"grant_type": "authorization_code", "code": service.authorize()["code"]}
    form["redirect_uri"] = "https://service.test/callback"
    answer = service.http.post(f"{PROTOCOL}/token", data=form, headers=headers)
    assert error(answer) == "invalid_dpop_proof"


def test_the_host_header_does_not_choose_the_address(service: Service) -> None:
    code = service.authorize()["code"]
    sent = proof(service.provider, htu=f"http://evil.test{PROTOCOL}/token")
    form = {"grant_type": "authorization_code", "code": code}
    form["redirect_uri"] = "https://service.test/callback"
    headers = service.basic | {"DPoP": sent, "Host": "evil.test"}
    answer = service.http.post(f"{PROTOCOL}/token", data=form, headers=headers)
    assert error(answer) == "invalid_dpop_proof"


def test_a_proof_counts_once(both: Provider) -> None:
    """RFC 9449, 11.1; by the primary key, so of simultaneous uses too."""
    add_client(both)
    service = Service(create_app(both.settings, provider=both), both)
    sent = proof(both)
    assert redeem(service, service.authorize()["code"], sent).status_code == 200
    assert error(redeem(service, service.authorize()["code"], sent)) == "invalid_dpop_proof"
    same_jti = proof(both, OTHER_KEY, jti="same"), proof(both, KEY, jti="same")
    for another in same_jti:
        assert redeem(service, service.authorize()["code"], another).status_code == 200


def test_a_client_that_is_refused_uses_up_no_proof(service: Service) -> None:
    sent = proof(service.provider)
    wrong = Service(service.app, service.provider, secret="wrong")
    assert error(redeem(wrong, service.authorize()["code"], sent), 401) == "invalid_client"
    assert redeem(service, service.authorize()["code"], sent).status_code == 200


def test_a_client_that_registered_so_must_prove_a_key(service: Service) -> None:
    """RFC 9449, 5.2."""
    add_client(service.provider, "bound", dpop_bound_access_tokens=True)
    service = service.as_client("bound")
    code = service.authorize()["code"]
    assert error(redeem(service, code, None)) == "invalid_dpop_proof"
    given = redeem(service, code, proof(service.provider)).json
    assert given["token_type"] == "DPoP"
    assert error(refresh(service, given["refresh_token"], None)) == "invalid_dpop_proof"


def test_the_token_names_the_key_and_introspection_tells_it(service: Service) -> None:
    """RFC 9449, 5 and 6."""
    given = bound(service)
    assert given["token_type"] == "DPoP"
    assert service.claims(given["access_token"])["cnf"] == {"jkt": JKT}
    assert "cnf" not in service.claims(given["id_token"])
    assert service.introspect(given["access_token"])["cnf"] == {"jkt": JKT}
    assert service.post("revoke", {"token": given["access_token"]}).status_code == 200
    assert service.introspect(given["access_token"]) == {"active": False}


def test_a_client_without_proofs_is_answered_as_before(service: Service) -> None:
    given = service.exchange(service.authorize()["code"])
    assert given.json["token_type"] == "Bearer"
    assert "cnf" not in service.claims(given.json["access_token"])
    assert "cnf" not in service.introspect(given.json["access_token"])
    assert "DPoP-Nonce" not in given.headers


# -- refreshing ----------------------------------------------------------------------------------


def test_a_public_client_refreshes_with_its_key_alone(public: Service) -> None:
    """RFC 9449, 5: the refresh tokens of public clients are bound."""
    provider = public.provider
    given = redeem_public(public, proof(provider)).json
    token = given["refresh_token"]
    for sent in (proof(provider, OTHER_KEY), None):
        assert error(refresh(public, token, sent, basic=False)) == "invalid_grant"
    assert events(provider).count("oauth:proof:refused") == 2
    again = refresh(public, token, proof(provider), basic=False)
    assert again.json["token_type"] == "DPoP"
    token = again.json["refresh_token"]
    assert error(refresh(public, token, proof(provider, OTHER_KEY), basic=False)) == "invalid_grant"


def test_a_public_client_that_proves_a_key_later_keeps_to_it(public: Service) -> None:
    provider = public.provider
    given = redeem_public(public, None).json
    assert given["token_type"] == "Bearer"
    given = refresh(public, given["refresh_token"], proof(provider), basic=False).json
    assert given["token_type"] == "DPoP"
    sent = proof(provider, OTHER_KEY)
    assert error(refresh(public, given["refresh_token"], sent, basic=False)) == "invalid_grant"


def test_a_confidential_client_may_change_its_key(service: Service) -> None:
    """RFC 9449, 5: its refresh tokens are bound to its credentials."""
    given = bound(service)
    sent = proof(service.provider, OTHER_KEY)
    again = refresh(service, given["refresh_token"], sent).json
    assert service.claims(again["access_token"])["cnf"] == {"jkt": OTHER_KEY.thumbprint()}


def test_a_grant_is_bound_to_one_key_for_good(both: Provider) -> None:
    add_client(both)
    service = Service(create_app(both.settings, provider=both), both)
    service.authorize()
    with both.store.begin() as db:
        grant_id = db.query(Grant).one().grant_id
        assert bind_grant(db, grant_id, JKT)
        assert bind_grant(db, grant_id, JKT)
        assert not bind_grant(db, grant_id, OTHER_KEY.thumbprint())
    with both.store.read() as db:
        assert db.query(Grant).one().dpop_jkt == JKT


# -- the code bound to a key (RFC 9449, 10) ------------------------------------------------------


@pytest.mark.parametrize("thumbprint", ["short", "x" * 44, "é" * 43])
def test_dpop_jkt_must_be_a_thumbprint(service: Service, thumbprint: str) -> None:
    browser = service.app.test_client()
    answer = browser.get("/auth", query_string=parameters(dpop_jkt=thumbprint))
    assert "error=invalid_request" in answer.headers["Location"]


def test_a_code_bound_to_a_key_is_redeemed_with_it_alone(service: Service) -> None:
    """…-ensure-token-endpoint-fails-with-mismatched-dpop-jkt, …-dpop-auth-code-binding-success."""
    code = service.authorize(dpop_jkt=JKT)["code"]
    for sent in (proof(service.provider, OTHER_KEY), None):
        assert error(redeem(service, code, sent)) == "invalid_grant"
    answer = redeem(service, code, proof(service.provider))
    assert answer.status_code == 200
    sent = proof(service.provider, OTHER_KEY)
    assert refresh(service, answer.json["refresh_token"], sent).status_code == 200


def push(service: Service, sent: str | None, **changes: Any) -> Any:
    headers = service.basic | ({"DPoP": sent} if sent else {})
    form = parameters(service.client_id, **changes)
    return service.http.post(f"{PROTOCOL}/ext/par/request", data=form, headers=headers)


def par_proof(provider: Provider, **changes: Any) -> str:
    return proof(provider, htu=f"http://localhost:8000{PROTOCOL}/ext/par/request", **changes)


def test_a_pushed_request_names_the_key_that_it_proves(service: Service) -> None:
    """fapi2-security-profile-final-ensure-mismatched-dpop-jkt-fails."""
    other = OTHER_KEY.thumbprint()
    answer = push(service, par_proof(service.provider), dpop_jkt=other)
    assert error(answer) == "invalid_request"
    assert error(push(service, proof(service.provider))) == "invalid_dpop_proof"
    assert push(service, par_proof(service.provider), dpop_jkt=JKT).status_code == 201


def test_a_proof_beside_a_pushed_request_binds_its_code(service: Service) -> None:
    """…-ensure-dpopproof-at-par-endpoint-binding-success, …-mismatched-dpop-proof-jkt."""
    request_uri = push(service, par_proof(service.provider)).json["request_uri"]
    code = service.authorize(request_uri=request_uri)["code"]
    assert error(redeem(service, code, proof(service.provider, OTHER_KEY))) == "invalid_grant"
    assert redeem(service, code, proof(service.provider)).status_code == 200


# -- nonces (RFC 9449, 8 and 9) ------------------------------------------------------------------


@pytest.fixture
def careful(service: Service) -> Service:
    add_client(service.provider, "careful", dpop_nonce_required=True)
    return service.as_client("careful")


def test_a_nonce_of_ours_is_demanded_and_given(careful: Service) -> None:
    provider, code = careful.provider, careful.authorize()["code"]
    answer = redeem(careful, code, proof(provider))
    assert error(answer) == "use_dpop_nonce"
    nonce = answer.headers["DPoP-Nonce"]
    for other in (nonce[:-1], "é", ""):
        assert error(redeem(careful, code, proof(provider, nonce=other))) == "use_dpop_nonce"
    answer = redeem(careful, code, proof(provider, nonce=nonce))
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"] == nonce


def test_a_nonce_lapses_and_the_next_is_told_with_each_answer(careful: Service) -> None:
    provider = careful.provider
    answer = redeem(careful, careful.authorize()["code"], proof(provider))
    first = answer.headers["DPoP-Nonce"]
    advance(provider, provider.settings.dpop_nonce_lifetime.total_seconds())
    answer = redeem(careful, careful.authorize()["code"], proof(provider, nonce=first))
    assert answer.status_code == 200
    assert answer.headers["DPoP-Nonce"] != first
    advance(provider, provider.settings.dpop_nonce_lifetime.total_seconds())
    answer = redeem(careful, careful.authorize()["code"], proof(provider, nonce=first))
    assert error(answer) == "use_dpop_nonce"


def test_a_foreign_nonce_is_refused_even_where_none_is_demanded(service: Service) -> None:
    """RFC 9449, 4.3, 10."""
    answer = redeem(service, service.authorize()["code"], proof(service.provider, nonce="foreign"))
    assert error(answer) == "use_dpop_nonce"
    assert answer.headers["DPoP-Nonce"]


def test_the_operator_may_demand_nonces_of_all(database_url: str, master_key: str) -> None:
    settings: Settings = make_settings(database_url, master_key, dpop_nonce_required=True)
    app: Flask = create_app(settings)
    provider = provider_of(app)
    add_client(provider)
    service = Service(app, provider)
    answer = redeem(service, service.authorize()["code"], proof(provider))
    assert error(answer) == "use_dpop_nonce"
    assert service.exchange(service.authorize()["code"]).status_code == 200
    provider.store.close()


# -- userinfo (RFC 9449, 7) ----------------------------------------------------------------------


def test_a_bound_token_is_refused_as_bearer(service: Service) -> None:
    """RFC 9449, 7.2."""
    token = bound(service)["access_token"]
    for answer in (
        service.userinfo(token),
        userinfo(service, token, userinfo_proof(service.provider, token), "Bearer"),
        service.http.post(f"{PROTOCOL}/userinfo", data={"access_token": token}),
    ):
        assert error(answer, 401) == "invalid_token"
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="userinfo", error="invalid_token"')
        assert 'DPoP algs="ES256 PS256' in challenge


def test_an_unbound_token_is_refused_as_dpop(service: Service) -> None:
    token = service.sign_in()["access_token"]
    answer = userinfo(service, token, userinfo_proof(service.provider, token))
    assert error(answer, 401) == "invalid_token"
    assert answer.headers["WWW-Authenticate"].startswith('DPoP realm="userinfo", error="invalid_t')


def test_a_bound_token_needs_a_proof_of_its_key_for_this_request(service: Service) -> None:
    """RFC 9449, 7.1; fapi2-security-profile-final-dpop-negative-tests."""
    token, provider = bound(service)["access_token"], service.provider
    bad = {
        "none": (None, "invalid_dpop_proof"),
        "nonsense": ("nonsense", "invalid_dpop_proof"),
        "no ath": (userinfo_proof(provider, token, ath=None), "invalid_dpop_proof"),
        "another ath": (userinfo_proof(provider, "another"), "invalid_dpop_proof"),
        "another method": (userinfo_proof(provider, token, htm="POST"), "invalid_dpop_proof"),
        "for the token endpoint": (proof(provider), "invalid_dpop_proof"),
        "another key": (userinfo_proof(provider, token, OTHER_KEY), "invalid_token"),
    }
    for name, (sent, refusal) in bad.items():
        answer = userinfo(service, token, sent)
        assert error(answer, 401) == refusal, name
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith(f'DPoP realm="userinfo", error="{refusal}"'), name
        assert 'algs="ES256 PS256 Ed25519 EdDSA"' in challenge


def test_a_proof_at_userinfo_counts_once(service: Service) -> None:
    token = bound(service)["access_token"]
    sent = userinfo_proof(service.provider, token)
    assert userinfo(service, token, sent).status_code == 200
    assert error(userinfo(service, token, sent), 401) == "invalid_dpop_proof"
    again = userinfo_proof(service.provider, token)
    assert userinfo(service, token, again, "dpop").status_code == 200


def test_an_unknown_token_is_refused_in_its_scheme(service: Service) -> None:
    for token in ("nonsense", ""):
        answer = userinfo(service, token, userinfo_proof(service.provider, token))
        assert error(answer, 401) == "invalid_token"
        assert answer.headers["WWW-Authenticate"].startswith("DPoP ")


def test_two_tokens_are_refused(service: Service) -> None:
    token = bound(service)["access_token"]
    headers = {"Authorization": f"DPoP {token}", "DPoP": userinfo_proof(service.provider, token)}
    answer = service.http.post(
        f"{PROTOCOL}/userinfo", data={"access_token": token}, headers=headers
    )
    assert error(answer) == "invalid_request"


def test_userinfo_demands_the_nonce_too(careful: Service) -> None:
    provider = careful.provider
    nonce = redeem(careful, "none", proof(provider)).headers.get("DPoP-Nonce")
    assert nonce is None, "a proof beside a code that is not good is not looked at"
    answer = redeem(careful, careful.authorize()["code"], proof(provider))
    nonce = answer.headers["DPoP-Nonce"]
    answer = redeem(careful, careful.authorize()["code"], proof(provider, nonce=nonce))
    token = answer.json["access_token"]
    answer = userinfo(careful, token, userinfo_proof(provider, token))
    assert error(answer, 401) == "use_dpop_nonce"
    assert answer.headers["DPoP-Nonce"] == nonce
    sent = userinfo_proof(provider, token, nonce=nonce)
    assert userinfo(careful, token, sent).status_code == 200


def test_discovery_names_the_algorithms(service: Service) -> None:
    """RFC 9449, 5.1."""
    document = service.http.get("/auth/realms/esante-wallet/.well-known/openid-configuration")
    assert document.json["dpop_signing_alg_values_supported"] == [
        *("ES256", "PS256", "Ed25519", "EdDSA")
    ]
