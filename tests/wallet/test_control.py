"""The served phone: who gets in, and what they can do (decisions 2 and 3)."""

import base64
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.conftest import BASE_URL
from tests.ports import loopback_addresses
from tests.wallet.helpers import (
    PERSON,
    PIN,
    ask_signin,
    mailed_qr,
    new_phone,
    other_number,
    sms_code,
)
from wallet_sim.card.card import insert
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import SECRET_HEADER, Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.serving import PortTaken, serve

SECRET = "start-up-secret-of-the-phone"
ORIGIN = "http://localhost:8002"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def control(phone: Phone) -> Client:
    return Client(serve_phone(phone))


def serve_phone(phone: Phone) -> ControlApp:
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    return ControlApp(phone, Receiver(phone, ORIGIN), Door(SECRET, HOSTS), reader)


@pytest.fixture
def client(phone: Phone) -> Client:
    return control(phone)


def call(client: Client, name: str, members: dict[str, Any] | None = None) -> TestResponse:
    headers = {SECRET_HEADER: SECRET}
    path = f"/control/v1/{name}"
    if members is None:
        return client.get(path, base_url=ORIGIN, headers=headers)
    return client.post(path, base_url=ORIGIN, headers=headers, data=json.dumps(members))


@pytest.mark.parametrize("secret", [None, "", "wrong", "é"])
@pytest.mark.parametrize("path", ["pending", "status"])
def test_api_without_the_secret_is_refused(client: Client, path: str, secret: str | None) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    response = client.get(f"/control/v1/{path}", base_url=ORIGIN, headers=headers)
    assert response.status_code == 403


@pytest.mark.parametrize("action", ["start", "approve", "refuse", "change-pin", "delete"])
def test_action_without_the_secret_is_refused(client: Client, phone: Phone, action: str) -> None:
    assert client.post(f"/control/v1/{action}", base_url=ORIGIN, data="{}").status_code == 403
    assert phone.stage() == "active"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.test:8002"},
        {"Origin": "https://evil.test"},
        {"Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_web_page_of_another_origin_cannot_reach_the_phone(
    client: Client, headers: dict[str, str]
) -> None:
    """Decision 2: neither by rebinding nor by forgery, even with the secret."""
    response = client.get(
        "/control/v1/status", base_url=ORIGIN, headers={SECRET_HEADER: SECRET, **headers}
    )
    assert response.status_code == 403
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("body", ["", "[]", "{", '{"pin":1}', '{"pin":""}', '{"a":1,"a":2}'])
def test_malformed_action_is_refused_clearly(client: Client, body: str) -> None:
    response = client.post(
        "/control/v1/approve", base_url=ORIGIN, headers={SECRET_HEADER: SECRET}, data=body
    )
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, */*"])
@pytest.mark.parametrize(("action", "status"), [("approve", 409), ("steal", 404)])
def test_a_program_that_takes_any_kind_is_refused_in_json(
    client: Client, accept: str, action: str, status: int
) -> None:
    """What curl and HTTP libraries send where nobody chose."""
    headers = {SECRET_HEADER: SECRET, "Accept": accept}
    members = json.dumps({"pin": PIN})
    refused = client.post(f"/control/v1/{action}", base_url=ORIGIN, headers=headers, data=members)
    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"


def test_unknown_action_and_address_do_not_exist(client: Client) -> None:
    assert call(client, "steal", {}).status_code == 404
    assert call(client, "everything").status_code == 404
    assert client.post("/push/guess", base_url=ORIGIN).status_code == 404


def test_wrong_pin_and_number_are_told_with_their_codes(app: Flask, client: Client) -> None:
    """Decision 3: the API has no way around keys, PIN and number."""
    asked = ask_signin(app)
    refused = call(client, "approve", {"pin": "9753", "number": asked.number})
    assert refused.status_code == 403
    told = json.loads(refused.data)
    assert told["code"] == "wrong_pin"
    assert told["tries_left"] == 2
    assert set(told) <= {"code", "detail", "tries_left", "retry_at", "state"}
    dead = call(client, "approve", {"pin": PIN, "number": other_number(asked)})
    assert json.loads(dead.data)["code"] == "wrong_number"
    assert json.loads(call(client, "approve", {"pin": PIN}).data)["code"] == "nothing_pending"


def test_program_enrols_and_approves_through_the_api(app: Flask, tmp_path: Path) -> None:
    client = control(new_phone(app, tmp_path / "phone"))
    assert json.loads(call(client, "status").data)["stage"] == "empty"
    members = {"idp": BASE_URL, "national_id": PERSON}
    assert call(client, "start", members).status_code == 200
    picture = base64.b64encode(mailed_qr(app, PERSON)).decode()
    assert json.loads(call(client, "scan", {"png": picture}).data)["tries"] == 3
    code = {"code": sms_code(app, PERSON)}
    assert json.loads(call(client, "code", code).data)["stage"] == "pin"
    assert json.loads(call(client, "pin", {"pin": PIN}).data)["national_id"] == PERSON
    asked = ask_signin(app)
    waiting = json.loads(call(client, "pending").data)["challenges"]
    assert [each["challenge_id"] for each in waiting] == [asked.challenge_id]
    members = {"pin": PIN, "number": str(asked.number), "challenge_id": asked.challenge_id}
    assert json.loads(call(client, "approve", members).data)["outcome"] == "approved"
    closed = call(client, "approve", members)
    assert json.loads(closed.data)["code"] == "challenge_closed"
    status = json.loads(call(client, "status").data)
    assert status["provider"]["state"] == "active"


def test_phone_listens_on_both_loopback_addresses_and_says_when_a_port_is_taken(
    phone: Phone,
) -> None:
    """Decision 4."""
    app = serve_phone(phone)
    with serve(app, host="localhost", port=0) as port:
        for address in loopback_addresses():
            assert httpx.get(f"http://{address}:{port}/", trust_env=False).status_code == 200
        with pytest.raises(PortTaken, match=str(port)), serve(app, host="localhost", port=port):
            pass
