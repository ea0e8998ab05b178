"""The chain by HTTP: each step, its refusals, its guard (docs/cards.md 6)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from idp.outbox.reading import read_outbox
from idp.provider import Provider
from tests.conftest import DEV_SECRET
from tests.registration.helpers import MARGELLE, PRACTICE, WHO, card_of, told

DEVELOPER = {"Ecps-Dev-Secret": DEV_SECRET}
LOST, POSTED, ACTIVE = "9700000011", "9700000016", "9700000001"


def ask(
    browser: FlaskClient, method: str, path: str, body: Any = None, **more: Any
) -> TestResponse:
    headers = more.pop("headers", DEVELOPER)
    return browser.open(f"/dev/v1{path}", method=method, json=body, headers=headers, **more)


def done(browser: FlaskClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    answer = ask(browser, method, path, body)
    assert answer.status_code in {200, 201}, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def test_each_step_by_http_from_the_order_to_the_card(browser: FlaskClient) -> None:
    """CP-01 to CP-05, CP-09: the whole chain."""
    who = done(browser, "POST", "/order/registrations", WHO)["national_id"]
    contacts = {"mobile": "06 39 98 00 77", "email": "ada@exemple.test"}
    assert done(browser, "PUT", f"/order/contacts/{who}", contacts) == {
        "mobile": "+33639980077",
        "email": "ada@exemple.test",
        "held_until": None,
    }
    activity = done(
        browser,
        "POST",
        "/order/activities",
        {"national_id": who, "profession": "10C", "details": PRACTICE},
    )
    path = activity["activity_id"]
    assert activity["state"] == "declared"
    recorded = done(browser, "POST", f"/cpam/activities/{path}")
    assert recorded["billing_number"].startswith("99")
    assert datetime.fromisoformat(recorded["expected_at"]).tzinfo is not None
    carried = done(browser, "POST", f"/ans/activities/{path}")
    number = carried["card"]["card_number"]
    assert carried["is_new_card"] is True
    assert done(browser, "GET", f"/ans/cards?national_id={who}")["cards"] == [carried["card"]]
    assert done(browser, "GET", f"/ans/cards/{number}")["state"] == "commandee"
    moved = {"details": {"codePostal": "99003"}}
    assert done(browser, "PATCH", f"/order/activities/{path}", moved)["details"]["codePostal"] == (
        "99003"
    )
    assert done(browser, "DELETE", f"/order/activities/{path}")["state"] == "ended"
    assert done(browser, "GET", f"/ans/cards/{number}")["activities"] == []
    [left] = done(browser, "GET", f"/order/activities?national_id={who}")["activities"]
    assert left["state"] == "ended"


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, ("1", "20")), ({"convention": "3", "tariff_zone": "40"}, ("3", "40"))],
)
def test_the_cpam_records_convention_and_zone_by_http(
    browser: FlaskClient, given: dict[str, str] | None, kept: tuple[str, str]
) -> None:
    """CSS R161-53: beside the billing number."""
    who = done(browser, "POST", "/order/registrations", WHO)["national_id"]
    members = {"national_id": who, "profession": "10C", "details": PRACTICE}
    path = done(browser, "POST", "/order/activities", members)["activity_id"]
    refused = ask(browser, "POST", f"/cpam/activities/{path}", {"convention": "4"})
    assert (refused.status_code, "1, 2, 3" in refused.text) == (400, True)
    refused = ask(browser, "POST", f"/cpam/activities/{path}", {"tariff_zone": "31"})
    assert (refused.status_code, "10, 20, 40" in refused.text) == (400, True)
    told = done(browser, "POST", f"/cpam/activities/{path}", given)
    assert (told["convention"], told["tariff_zone"]) == kept


def test_a_step_out_of_order_is_refused_and_recorded(
    browser: FlaskClient, provider: Provider
) -> None:
    """CP-04: 409 with its reason, in French, and in the journal."""
    activity = done(
        browser,
        "POST",
        "/order/activities",
        {"national_id": MARGELLE, "profession": "10C", "details": PRACTICE},
    )
    answer = ask(browser, "POST", f"/ans/activities/{activity['activity_id']}")
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert (problem["code"], problem["reason"]) == ("step_refused", "not_recorded")
    assert problem["detail"] == "La CPAM n’a pas encore enregistré cette activité."
    assert told(provider, "registration:step:refused") == [
        {"step": "ans:carry", "reason": "not_recorded"}
    ]


def test_a_card_that_was_sent_is_received_once(browser: FlaskClient, provider: Provider) -> None:
    """CP-06, CP-07: received, not activated; the refusal of the second is in the journal."""
    path = f"/ans/cards/{POSTED}/receipt"
    assert done(browser, "POST", path)["state"] == "recue_non_activee"
    again = ask(browser, "POST", path)
    assert again.status_code == 409
    assert again.get_json()["code"] == "transition_refused"
    assert again.get_json()["state"] == "recue_non_activee"
    assert told(provider, "cards:transition:refused")[0]["card_number"] == POSTED


def test_a_lost_card_is_opposed_at_once_and_replaced(
    browser: FlaskClient, provider: Provider
) -> None:
    """CP-13."""
    since = (provider.clock.now() - timedelta(days=1)).isoformat()
    body = {"reason": "perte", "lost_since": since}
    assert done(browser, "POST", f"/ans/cards/{ACTIVE}/opposition", body)["state"] == "opposee"
    assert card_of(provider, ACTIVE).lost_since == datetime.fromisoformat(since)
    again = ask(browser, "POST", f"/ans/cards/{ACTIVE}/opposition", {"reason": "vol"})
    assert (again.status_code, again.get_json()["state"]) == (409, "opposee")
    new = done(browser, "POST", f"/ans/cards/{ACTIVE}/replacement")
    assert (new["renews"], new["state"]) == (ACTIVE, "commandee")
    twice = ask(browser, "POST", f"/ans/cards/{ACTIVE}/replacement")
    assert (twice.status_code, twice.get_json()["reason"]) == (409, "ordered_already")


def test_an_employer_orders_a_card(browser: FlaskClient) -> None:
    """CSS R161-55, decision 30."""
    body = {"family": "CPE", "national_id": "3990000119/000000018", "is_nominative": False}
    assert done(browser, "POST", "/ans/cards", body)["is_nominative"] is False
    refused = ask(browser, "POST", "/ans/cards", body | {"is_nominative": True})
    assert refused.get_json()["reason"] == "holder_unknown"
    assert ask(browser, "POST", "/ans/cards", body | {"family": "CPS"}).status_code == 400


def test_what_the_maker_sends_must_have_the_form_of_the_protocol(browser: FlaskClient) -> None:
    answer = ask(browser, "POST", f"/ans/cards/{ACTIVE}/personalisation", {"card_jwk": "x"})
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/order/registrations", []),
        ("POST", "/order/registrations", {}),
        ("POST", "/order/registrations", WHO | {"rpps": "99700990015"}),
        ("POST", "/order/registrations", WHO | {"family_name": 1}),
        ("POST", "/order/registrations", WHO | {"family_name": "A\x00"}),
        ("POST", "/order/registrations", WHO | {"family_name": "\ud800"}),
        ("POST", "/order/registrations", WHO | {"birth_date": "1990"}),
        ("POST", "/order/activities", {"national_id": MARGELLE, "profession": "10C"}),
        (
            "POST",
            "/order/activities",
            {"national_id": "1", "profession": "10C", "details": PRACTICE},
        ),
        (
            "POST",
            "/order/activities",
            {"national_id": MARGELLE, "profession": "10C", "details": {"codePays": None}},
        ),
        ("PATCH", "/order/activities/x", {"details": []}),
        ("DELETE", "/order/activities/x", {"force": "yes"}),
        ("POST", "/cpam/activities/x", {"billing_number": "991000019"}),
        ("POST", "/cpam/activities/x", {"convention": 1}),
        ("PUT", "/order/contacts/nobody", {}),
        ("PUT", f"/order/contacts/{MARGELLE}", {"mobile": "12"}),
        ("PUT", f"/order/contacts/{MARGELLE}", {"mobile": None}),
        ("GET", "/order/activities", None),
        ("GET", "/ans/cards?national_id=99700990015", None),
        ("POST", "/ans/cards", {"family": "CPE", "national_id": MARGELLE, "is_nominative": "no"}),
        ("POST", f"/ans/cards/{ACTIVE}/opposition", {"reason": "oubli"}),
        ("POST", f"/ans/cards/{ACTIVE}/opposition", {"reason": "vol", "lost_since": "hier"}),
        (
            "POST",
            f"/ans/cards/{ACTIVE}/opposition",
            {"reason": "vol", "lost_since": "2026-11-01T00:00:00"},
        ),
        (
            "POST",
            f"/ans/cards/{ACTIVE}/opposition",
            {"reason": "vol", "lost_since": "2999-11-01T00:00:00Z"},
        ),
        (
            "POST",
            f"/ans/cards/{ACTIVE}/opposition",
            {"reason": "vol", "lost_since": "0001-01-01T00:00:00+23:59"},
        ),
    ],
)
def test_a_body_of_another_form_is_refused(
    browser: FlaskClient, provider: Provider, method: str, path: str, body: Any
) -> None:
    """Decision 2: strict, also in development."""
    answer = ask(browser, method, path, body)
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"
    assert card_of(provider, ACTIVE).state == "active"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/ans/cards/1", None),
        ("PUT", "/order/contacts/899700991005", {"mobile": "0639980088"}),
    ],
)
def test_what_is_not_there_is_not_found(
    browser: FlaskClient, method: str, path: str, body: Any
) -> None:
    assert ask(browser, method, path, body).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/order/registrations"),
        ("POST", "/cpam/activities/x"),
        ("POST", "/ans/activities/x"),
        ("GET", f"/ans/cards/{ACTIVE}"),
        ("POST", f"/ans/cards/{ACTIVE}/opposition"),
    ],
)
def test_nobody_comes_here_without_the_start_up_secret(
    browser: FlaskClient, method: str, path: str
) -> None:
    """Decision 2: the parts are behind the same guard."""
    assert ask(browser, method, path, {}, headers={}).status_code == 403
    foreign = DEVELOPER | {"Origin": "https://elsewhere.test"}
    assert ask(browser, method, path, {}, headers=foreign).status_code == 403


def test_a_changed_number_is_told_to_the_old_one(browser: FlaskClient, provider: Provider) -> None:
    """EC-02, decision 26: a new binding, no profile edit."""
    done(browser, "PUT", f"/order/contacts/{MARGELLE}", {"mobile": "0639980088"})
    told_to = {message["to"] for message in read_outbox(provider, recipients=None, after=0)}
    assert told_to == {"+33639980001", "solene.margelle@exemple.test"}
