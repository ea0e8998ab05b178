"""What Mon compte asks of EspacePro."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from relying_services.espacepro.delegations import revoke
from relying_services.service.app import service_of
from tests.relying_services.espacepro.conftest import Made
from tests.relying_services.espacepro.pages import API_SECRET, browser, given, last_entry, traced
from tests.relying_services.espacepro.stage import (
    ACCOUNTANT,
    BOOKS,
    BRISELAME,
    DRAPEYRON,
    FLAMBERGE,
    MARGELLE,
    NOW,
    SECRETARY,
    sent,
    wish,
)

BEARER = {"Authorization": f"Bearer {API_SECRET}"}
FORMS = {**SECRETARY, "services": ["imprimes", "contact", "aat"]}


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    """A program without cookies."""
    return app.test_client(use_cookies=False)


def _asked(delegation_id: str, **more: Any) -> dict[str, Any]:
    return {
        "delegation_id": delegation_id,
        "delegate": DRAPEYRON.id,
        "means": "CARD",
        "sid": "of-mon-compte",
        "service": "imprimes",
        "action": "order:confirmed",
        "object": "order:7",
        "activity": "CABINET",
    } | more


def _act(api: FlaskClient, delegation_id: str, **more: Any) -> TestResponse:
    return api.post("/api/v1/acts", json=_asked(delegation_id, **more), headers=BEARER)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"bearer {API_SECRET}",
        f"Basic {API_SECRET}",
        API_SECRET,
        f"Bearer {API_SECRET}x",
    ],
)
def test_attack_without_the_secret_nothing_is_told(
    app: Flask, api: FlaskClient, header: str | None
) -> None:
    """Neither with a wrong one, nor with another scheme; nothing is traced in anybody's name."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    headers = (
        {} if header is None else {"Authorization": header.rstrip() + "x" * header.endswith(" ")}
    )
    for answer in (
        api.get(f"/api/v1/delegations?delegate={DRAPEYRON.id}", headers=headers),
        api.post("/api/v1/acts", json=_asked(made.id), headers=headers),
        api.get("/api/v1/invitations/x", headers=headers),
        api.post("/api/v1/invitations/x/acceptance", json={}, headers=headers),
        api.post("/api/v1/invitations/x/refusal", json={}, headers=headers),
    ):
        assert (answer.status_code, answer.json) == (401, {"error": "unauthorized"})
    assert traced(app) == []


def test_attack_an_empty_setting_is_no_secret(made: Made) -> None:
    """Where no secret is set nobody asks, not even with an empty one."""
    api = made(api_secret="").test_client()
    for header in ("Bearer ", "Bearer"):
        answer = api.get("/api/v1/delegations?delegate=x", headers={"Authorization": header})
        assert answer.status_code == 401


def test_attack_a_signed_in_browser_is_no_program(app: Flask) -> None:
    """A cookie opens no address of the API, whoever has it."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    answer = browser(app, DRAPEYRON).post("/api/v1/acts", json=_asked(made.id))
    assert answer.status_code == 401


def test_the_current_delegations_of_a_delegate_are_told(app: Flask, api: FlaskClient) -> None:
    """EP-08: of all delegators, with the level of each service that stands in Mon compte."""
    given(app)
    made = given(app, wish(**FORMS), DRAPEYRON)
    answer = api.get("/api/v1/delegations", query_string={"delegate": DRAPEYRON.id}, headers=BEARER)
    assert answer.json == {
        "delegations": [
            {
                "id": made.id,
                "delegator": MARGELLE.id,
                "delegator_name": "Solène MARGELLE",
                "status": "assistant_medical",
                "services": {"contact": "full", "imprimes": "full"},
                "starts_on": "2026-06-15",
                "ends_on": "2040-12-31",
            }
        ]
    }
    other = api.get(f"/api/v1/delegations?delegate={BRISELAME.id}", headers=BEARER)
    assert other.json == {"delegations": []}


def test_an_act_in_mon_compte_is_authorised_and_traced_here(app: Flask, api: FlaskClient) -> None:
    """EP-06: the delegator reads it beside the acts done here, with who, when, what."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    answer = _act(api, made.id)
    assert answer.json == {
        "level": "full",
        "delegator": MARGELLE.id,
        "delegator_name": "Solène MARGELLE",
        "status": "assistant_medical",
    }
    entry = last_entry(app, on_behalf_of=MARGELLE.id)
    assert (entry.actor, entry.action, entry.object) == (
        DRAPEYRON.id,
        "order:confirmed",
        "order:7",
    )
    assert (entry.client_id, entry.sid, entry.activity) == (
        "mon_compte",
        "of-mon-compte",
        "CABINET",
    )
    assert (entry.delegation_id, entry.outcome) == (made.id, "done")
    page = browser(app, MARGELLE).get("/mon-compte/traces?vue=delegation")
    assert "Confirmation d’une commande d’imprimés" in page.text
    assert "Commandes d’imprimés" in page.text


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"service": "paiements"}, "service_outside"),
        ({"service": "aat"}, "service_outside"),
        ({"service": "inconnu"}, "service_outside"),
        ({"means": "MOBILE"}, "means_refused"),
        ({"means": "PASSWORD"}, "means_refused"),
    ],
)
def test_attack_an_act_that_the_delegation_does_not_carry(
    app: Flask, api: FlaskClient, more: dict[str, str], reason: str
) -> None:
    """EP-04, EP-16: refused by name, and the delegator reads it."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    answer = _act(api, made.id, **more)
    assert (answer.status_code, answer.json) == (403, {"reason": reason})
    assert traced(app, on_behalf_of=MARGELLE.id) == [("order:confirmed", reason)]


def test_attack_an_act_after_the_revocation(app: Flask, api: FlaskClient) -> None:
    """EP-17: the very next question is refused."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    assert _act(api, made.id).status_code == 200
    with service_of(app).store.begin() as db:
        revoke(db, NOW, db.merge(made), MARGELLE.id)
    assert _act(api, made.id).json == {"reason": "revoked"}
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("order:confirmed", "revoked")


def test_attack_an_act_under_the_delegation_of_another(app: Flask, api: FlaskClient) -> None:
    """MA-10: a number that is somebody else's is unknown, and stays out of its holder's trace."""
    made = given(app, wish(**FORMS), DRAPEYRON)
    assert _act(api, made.id, delegate=FLAMBERGE.id).json == {"reason": "unknown"}
    assert _act(api, "D-unknown").json == {"reason": "unknown"}
    assert traced(app, on_behalf_of=MARGELLE.id) == []
    assert traced(app, actor=FLAMBERGE.id) == [("order:confirmed", "unknown")]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"action": "no verb"},
        {"action": "Order:confirmed"},
        {"object": 7},
        {"delegate": "x" * 65},
        {"object": "x" * 129},
        {"sid": ["x"]},
    ],
)
def test_a_question_that_is_not_understood_grants_nothing(api: FlaskClient, body: Any) -> None:
    """The answer names the member; nothing is traced that nobody checked."""
    asked = _asked("D-1") | body if isinstance(body, dict) and body else body
    answer = api.post("/api/v1/acts", json=asked, headers=BEARER)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "invalid_request"


def test_an_accountant_answers_with_an_account_of_mon_compte(app: Flask, api: FlaskClient) -> None:
    """EP-10: read, accepted once, then current; payments without the patients."""
    with service_of(app).store.begin() as db:
        made, secret = sent(db, wish(**BOOKS))
    address = f"/api/v1/invitations/{secret}"
    told = api.get(address, headers=BEARER).json
    assert told is not None
    assert (told["email"], told["services"]) == ("firmin@exemple.test", {"paiements": "masked"})
    body = {"delegate": ACCOUNTANT.id, "name": ACCOUNTANT.name}
    answer = api.post(f"{address}/acceptance", json=body, headers=BEARER)
    assert answer.json == {"delegation_id": made.id, "state": "accepted"}
    again = api.post(f"{address}/acceptance", json=body, headers=BEARER)
    assert (again.status_code, again.json) == (409, {"reason": "invitation_over"})
    paid = {"delegate": ACCOUNTANT.id, "means": "PASSWORD", "service": "paiements"}
    assert _act(api, made.id, **paid).json == {
        "level": "masked",
        "delegator": MARGELLE.id,
        "delegator_name": "Solène MARGELLE",
        "status": "comptable",
    }


def test_attack_mon_compte_answers_for_nobody_who_has_an_identity_at_the_provider(
    app: Flask, api: FlaskClient
) -> None:
    """EP-05: who has one answers with it, at EspacePro; the invitation stays open."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**BOOKS))
    address = f"/api/v1/invitations/{secret}"
    for answer in ("acceptance", "refusal"):
        body = {"delegate": BRISELAME.id, "name": BRISELAME.name}
        told = api.post(f"{address}/{answer}", json=body, headers=BEARER)
        assert (told.status_code, told.json) == (409, {"reason": "delegate_differs"})
    assert api.get(address, headers=BEARER).status_code == 200


def test_an_accountant_may_refuse(app: Flask, api: FlaskClient) -> None:
    """EP-10."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**BOOKS))
    body = {"delegate": ACCOUNTANT.id, "name": ACCOUNTANT.name}
    answer = api.post(f"/api/v1/invitations/{secret}/refusal", json=body, headers=BEARER)
    assert (answer.status_code, answer.json and answer.json["state"]) == (200, "refused")
    assert traced(app, on_behalf_of=MARGELLE.id)[0] == ("delegation:refused", "done")


@pytest.mark.parametrize("name", ["Firmin\n\nAppelez le 0800", "Firmin\0", "\ud800", "A\u2028B"])
def test_attack_a_name_writes_no_lines_of_its_own_into_a_mail(
    app: Flask, api: FlaskClient, name: str
) -> None:
    """EP-10: the delegator is told in whose name it was accepted, and nothing else."""
    with service_of(app).store.begin() as db:
        _, secret = sent(db, wish(**BOOKS))
    body = {"delegate": ACCOUNTANT.id, "name": name}
    answer = api.post(f"/api/v1/invitations/{secret}/acceptance", json=body, headers=BEARER)
    assert answer.status_code == 400
    assert api.get(f"/api/v1/invitations/{secret}", headers=BEARER).status_code == 200


def test_attack_an_invitation_that_is_no_accountants(app: Flask, api: FlaskClient) -> None:
    """EP-09: by this way only accounts of Mon compte answer, and only what is for accountants."""
    with service_of(app).store.begin() as db:
        _, of_substitute = sent(db)
        _, of_accountant = sent(db, wish(**BOOKS))
    body = {"delegate": BRISELAME.id, "name": BRISELAME.name}
    for secret in (of_substitute, of_accountant):
        answer = api.post(f"/api/v1/invitations/{secret}/acceptance", json=body, headers=BEARER)
        assert (answer.status_code, answer.json) == (409, {"reason": "delegate_differs"})
    assert api.get(f"/api/v1/invitations/{of_substitute}", headers=BEARER).status_code == 409
    assert api.get("/api/v1/invitations/unknown", headers=BEARER).json == {
        "reason": "invitation_unknown"
    }
    assert api.get("/api/v1/invitations/unknown", headers=BEARER).status_code == 404
