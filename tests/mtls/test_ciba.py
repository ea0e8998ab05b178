"""CIBA by a client that shows a certificate: who asks, who is given the tokens, and what for."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.oauth.clients.registered import CIBA
from idp.provider import Provider
from tests.ciba.helpers import NUMBER, add_ciba_client, approve, phone_of
from tests.mtls.helpers import SUBJECT, Made, Pki, environ_of, post
from tests.oauth.helpers import PERSON, PROTOCOL, Service

OTHER_SUBJECT = SUBJECT.replace("logiciel", "autre")
ASKED = {"scope": "openid scope_all", "login_hint": PERSON, "binding_message": NUMBER}


@pytest.fixture
def client(app: Flask, provider: Provider) -> Service:
    """Bound tokens for a certificate, as FAPI-CIBA has them; another such client beside."""
    for client_id, subject in (("ciba", SUBJECT), ("other", OTHER_SUBJECT)):
        add_ciba_client(
            provider,
            client_id,
            token_endpoint_auth_method="tls_client_auth",
            tls_client_auth_subject_dn=subject,
            tls_client_certificate_bound_access_tokens=True,
        )
    return Service(app, provider, "ciba")


def ask(client: Service, shown: Made | None, **changes: str) -> Any:
    return post(client, "ext/ciba/auth", ASKED | changes, shown)


def poll(client: Service, auth_req_id: str, shown: Made | None, **changes: str) -> Any:
    return post(client, "token", {"grant_type": CIBA, "auth_req_id": auth_req_id} | changes, shown)


def refused(answer: Any) -> bool:
    return bool((answer.status_code, answer.json["error"]) == (401, "invalid_client"))


def test_nobody_asks_with_the_wrong_certificate(client: Service, shown: Made, pki: Pki) -> None:
    """fapi-ciba-id1-ensure-wrong-client-id-in-backchannel-authorization-request."""
    assert refused(ask(client, None))
    assert refused(ask(client, shown, client_id="other"))
    assert refused(ask(client, pki.issue(OTHER_SUBJECT)))


def test_the_tokens_are_bound_and_only_their_client_gets_them(
    client: Service, shown: Made, pki: Pki, app: Flask, tmp_path: Path
) -> None:
    """fapi-ciba-id1-ensure-wrong-client-id-in-token-endpoint-request,
    fapi-ciba-id1-ensure-mtls-holder-of-key-required.
    """
    phone, others = phone_of(app, tmp_path), pki.issue(OTHER_SUBJECT)
    auth_req_id = ask(client, shown).json["auth_req_id"]
    approve(phone)
    assert refused(poll(client, auth_req_id, None))
    assert refused(poll(client, auth_req_id, shown, client_id="other"))
    stolen = poll(client, auth_req_id, others, client_id="other")
    assert (stolen.status_code, stolen.json["error"]) == (400, "invalid_grant")
    told = poll(client, auth_req_id, shown).json
    assert set(client.claims(told["access_token"])["cnf"]) == {"x5t#S256"}
    for certificate, status in ((None, 401), (others, 401), (shown, 200)):
        answer = client.http.get(
            f"{PROTOCOL}/userinfo",
            headers={"Authorization": f"Bearer {told['access_token']}"},
            environ_overrides=environ_of(certificate),
        )
        assert answer.status_code == status
