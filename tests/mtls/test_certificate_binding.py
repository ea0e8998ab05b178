"""Access tokens bound to a certificate (RFC 8705, 3 and 4): shown with every use, or worthless."""

import base64
import hashlib
from typing import Any

import pytest
from flask import Flask

from idp import create_app
from idp.provider import Provider
from idp.store.grants import bind_grant_to_certificate
from idp.store.models import Grant
from tests.conftest import make_settings, provider_of
from tests.mtls.helpers import ALIAS, SUBJECT, Made, Pki, environ_of, make, post, settings_of
from tests.oauth.dpop import KEY, ath, proof
from tests.oauth.helpers import (
    PROTOCOL,
    REDIRECT,
    VERIFIER,
    Service,
    add_client,
    challenge_of,
    events,
    open_session,
)

BOUND = {"tls_client_certificate_bound_access_tokens": True}
PUBLIC: dict[str, Any] = {"token_endpoint_auth_method": "none", **BOUND}
TLS_CLIENT_AUTH: dict[str, Any] = {
    "token_endpoint_auth_method": "tls_client_auth",
    "tls_client_auth_subject_dn": SUBJECT,
    **BOUND,
}


@pytest.fixture
def own() -> Made:
    """Of nobody's authority: for binding, its key is what counts."""
    return make("CN=own")


def service_with(app: Flask, **metadata: Any) -> Service:
    add_client(provider_of(app), **(BOUND | metadata))
    return Service(app, provider_of(app))


def redeem(service: Service, shown: Made | None, sent: str | None = None, **form: str) -> Any:
    public: dict[str, Any] = {
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    is_public = service.secret == ""
    code = service.authorize(**(public if is_public else {}))["code"]
    given = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code": code}
    given |= {"code_verifier": VERIFIER, "client_id": service.client_id} if is_public else {}
    return token(service, given | form, shown, sent)


def token(service: Service, form: dict[str, str], shown: Made | None, sent: str | None) -> Any:
    headers = {} if service.secret == "" else service.basic
    headers |= {"DPoP": sent} if sent else {}
    return service.http.post(
        f"{PROTOCOL}/token", data=form, headers=headers, environ_overrides=environ_of(shown)
    )


def refresh(service: Service, told: Any, shown: Made | None) -> Any:
    form = {"grant_type": "refresh_token", "refresh_token": told.json["refresh_token"]}
    form |= {"client_id": service.client_id} if service.secret == "" else {}
    return token(service, form, shown, None)


def userinfo(service: Service, access_token: str, shown: Made | None, **headers: str) -> Any:
    given = {"Authorization": f"Bearer {access_token}"} | headers
    return service.http.get(
        f"{PROTOCOL}/userinfo", headers=given, environ_overrides=environ_of(shown)
    )


def x5t(made: Made) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(made.der).digest()).rstrip(b"=").decode()


# -- refusals ------------------------------------------------------------------------------------


def test_no_tokens_without_a_certificate(app: Flask, own: Made) -> None:
    """FAPI: fapi-ciba-id1-ensure-mtls-holder-of-key-required,
    fapi2-security-profile-final-ensure-holder-of-key-required.
    """
    service = service_with(app)
    answer = redeem(service, None)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")
    told = redeem(service, own)
    answer = refresh(service, told, None)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_refusal_does_not_spend_the_code(app: Flask, own: Made) -> None:
    service = service_with(app)
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    form |= {"code": service.authorize()["code"]}
    assert token(service, form, None, None).status_code == 400
    assert token(service, form, own, None).status_code == 200


def test_a_bound_token_is_worthless_without_its_certificate(app: Flask, own: Made) -> None:
    """RFC 8705, 3: 401 `invalid_token`."""
    service = service_with(app)
    access_token = redeem(service, own).json["access_token"]
    for shown in (None, make("CN=own"), make("CN=own", key=own.key)):
        answer = userinfo(service, access_token, shown)
        assert (answer.status_code, answer.json["error"]) == (401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert userinfo(service, access_token, own).status_code == 200


def test_a_header_proves_no_certificate(app: Flask, own: Made) -> None:
    """Attack 39."""
    service = service_with(app)
    access_token = redeem(service, own).json["access_token"]
    text = own.pem.decode().replace("\n", "%0A")
    answer = userinfo(service, access_token, None, **{"X-SSL-Client-Cert": text})
    assert answer.status_code == 401


def test_refresh_tokens_of_a_public_client_are_bound(app: Flask, own: Made) -> None:
    """RFC 8705, 4."""
    service = service_with(app, client_secret=None, **PUBLIC)
    service.secret = ""
    told = redeem(service, own)
    assert told.status_code == 200, told.text
    answer = refresh(service, told, make("CN=own"))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_grant")
    assert "oauth:proof:refused" in events(service.provider)
    assert refresh(service, told, None).status_code == 400
    assert refresh(service, told, own).status_code == 200


def test_a_confidential_client_may_renew_its_certificate(app: Flask, own: Made) -> None:
    """RFC 8705, 4: it proves by other means who it is; the new token has the new certificate."""
    service = service_with(app)
    renewed = make("CN=own")
    told = refresh(service, redeem(service, own), renewed)
    assert service.claims(told.json["access_token"])["cnf"] == {"x5t#S256": x5t(renewed)}


def test_a_grant_is_bound_to_one_certificate(both: Provider) -> None:
    """Two requests that refresh at once: one update decides."""
    session = open_session(both)
    with both.store.begin() as db:
        db.add(
            Grant(
                grant_id="g",
                client_id="service",
                national_id=session.national_id,
                account_id=session.account_id,
                sid=session.sid,
                scope="openid",
                nonce="",
                claims={},
                means="MOBILE",
                auth_time=session.auth_time,
                created_at=session.created_at,
                expires_at=session.expires_at,
            )
        )
    with both.store.begin() as db:
        assert bind_grant_to_certificate(db, "g", "first")
    with both.store.begin() as db:
        assert not bind_grant_to_certificate(db, "g", "second")
        assert bind_grant_to_certificate(db, "g", "first")


# -- what is told --------------------------------------------------------------------------------


def test_tokens_and_introspection_name_the_certificate(app: Flask, own: Made) -> None:
    """RFC 8705, 3.1 and 3.2; the token goes as `Bearer`."""
    service = service_with(app)
    told = redeem(service, own).json
    assert told["token_type"] == "Bearer"
    assert service.claims(told["access_token"])["cnf"] == {"x5t#S256": x5t(own)}
    assert service.introspect(told["access_token"])["cnf"] == {"x5t#S256": x5t(own)}


def test_a_certificate_that_authenticates_binds_where_this_is_registered(
    app: Flask, provider: Provider, pki: Pki
) -> None:
    """FAPI: fapi2-security-profile-final-happy-flow with mtls for both."""
    shown = pki.issue()
    for client_id, bound in (("bound", True), ("plain", False)):
        metadata = TLS_CLIENT_AUTH | {"tls_client_certificate_bound_access_tokens": bound}
        add_client(provider, client_id, **metadata)
        service = Service(app, provider, client_id)
        form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
        told = post(service, "token", form | {"code": service.authorize()["code"]}, shown).json
        assert ("cnf" in service.claims(told["access_token"])) is bound
        assert userinfo(service, told["access_token"], shown).status_code == 200
        assert userinfo(service, told["access_token"], None).status_code == (401 if bound else 200)


def test_who_registered_nothing_gets_plain_tokens(app: Flask, own: Made) -> None:
    service = service_with(app, tls_client_certificate_bound_access_tokens=False)
    told = redeem(service, own).json
    assert "cnf" not in service.claims(told["access_token"])
    assert userinfo(service, told["access_token"], None).status_code == 200


def test_certificate_and_dpop_bind_together(app: Flask, own: Made) -> None:
    """Both are in `cnf`, and both have to be proved."""
    service = service_with(app)
    told = redeem(service, own, proof(service.provider)).json
    access_token = told["access_token"]
    assert told["token_type"] == "DPoP"
    assert set(service.claims(access_token)["cnf"]) == {"jkt", "x5t#S256"}

    def use(shown: Made | None, scheme: str) -> int:
        address = f"http://localhost:8000{PROTOCOL}/userinfo"
        sent = proof(service.provider, KEY, htm="GET", htu=address, ath=ath(access_token))
        headers = {"Authorization": f"{scheme} {access_token}", "DPoP": sent}
        return int(userinfo(service, access_token, shown, **headers).status_code)

    assert use(None, "DPoP") == 401
    assert use(own, "Bearer") == 401
    assert use(own, "DPoP") == 200


def test_the_other_encoding_is_written_on_demand_and_always_read(
    sqlite_url: str, master_key: str, pki: Pki, own: Made
) -> None:
    """pro-sante-connect 6.4: base64 of the hexadecimal digest, as in samples of PSC's partners."""
    other_way = base64.b64encode(hashlib.sha256(own.der).hexdigest().encode()).decode()
    given = settings_of(pki)
    app = create_app(make_settings(sqlite_url, master_key, **given, cnf_encoding="base64_hex"))
    service = service_with(app)
    access_token = redeem(service, own).json["access_token"]
    assert service.claims(access_token)["cnf"] == {"x5t#S256": other_way}
    assert userinfo(service, access_token, own).status_code == 200
    assert userinfo(service, access_token, make("CN=own")).status_code == 401
    provider_of(app).store.close()
    usual = create_app(make_settings(sqlite_url, master_key, **given))
    service = Service(usual, provider_of(usual))
    assert userinfo(service, access_token, own).status_code == 200
    assert userinfo(service, access_token, None).status_code == 401
    provider_of(usual).store.close()


# -- addresses -----------------------------------------------------------------------------------


def test_a_dpop_proof_may_name_the_alias(app: Flask, own: Made) -> None:
    """RFC 9449, 4.3; RFC 8705, 5."""
    service = service_with(app)
    at_alias = proof(service.provider, htu=f"{ALIAS}{PROTOCOL}/token")
    assert redeem(service, own, at_alias).status_code == 200
    elsewhere = proof(service.provider, htu=f"{ALIAS}{PROTOCOL}/userinfo")
    assert redeem(service, own, elsewhere).json["error"] == "invalid_dpop_proof"


def test_discovery_names_the_aliases_where_there_are_any(
    app: Flask, sqlite_url: str, master_key: str
) -> None:
    """RFC 8705, 3.3 and 5; FAPI: fapi2-security-profile-final-discovery-end-point-verification."""
    told: Any = (
        app.test_client().get("/auth/realms/esante-wallet/.well-known/openid-configuration").json
    )
    assert told["tls_client_certificate_bound_access_tokens"] is True
    aliases = told["mtls_endpoint_aliases"]
    base = "http://localhost:8000"
    assert {name: told[name] for name in aliases} == {
        name: address.replace(ALIAS, base) for name, address in aliases.items()
    }
    assert aliases["token_endpoint"] == f"{ALIAS}{PROTOCOL}/token"
    for name in ("token", "revocation", "introspection"):
        methods = told[f"{name}_endpoint_auth_methods_supported"]
        assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(methods)
    without = create_app(make_settings(sqlite_url, master_key))
    told = (
        without.test_client()
        .get("/auth/realms/esante-wallet/.well-known/openid-configuration")
        .json
    )
    assert not {"mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"} & set(told)
    assert not any("tls" in method for method in told["token_endpoint_auth_methods_supported"])
    provider_of(without).store.close()
