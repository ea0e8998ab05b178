"""The address at which a program has a served phone answer (decisions 2 and 3)."""

import json
import re
import threading
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.ciba.helpers import CibaService, add_ciba_client, service
from tests.conftest import provider_of
from tests.wallet.helpers import PIN, ask_signin
from tests.wallet.test_control import HOSTS, ORIGIN, SECRET, serve_phone
from wallet_sim.automatic import AUTOMATIC_PATH, AutomaticApprovals
from wallet_sim.card.card import insert
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.cli import main
from wallet_sim.control import ControlApp
from wallet_sim.door import Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

OWN_SECRET = "secret-of-this-address"
ALLOW = {"action": "allow", "number": "42"}


@pytest.fixture
def automatic(phone: Phone) -> Client:
    """A served phone that was asked for the address."""
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    door = Door(SECRET, HOSTS)
    answers = AutomaticApprovals(phone, PIN, OWN_SECRET)
    return Client(ControlApp(phone, Receiver(phone, ORIGIN), door, reader, answers))


@pytest.fixture
def client(app: Flask) -> CibaService:
    add_ciba_client(provider_of(app))
    return service(app)


def call(
    automatic: Client,
    query: dict[str, str],
    *,
    secret: str = OWN_SECRET,
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> TestResponse:
    return automatic.open(
        f"{AUTOMATIC_PATH}/{secret}",
        method=method,
        base_url=ORIGIN,
        query_string=query,
        headers=headers or {},
    )


def still_waits(client: CibaService, auth_req_id: str) -> bool:
    return bool(client.poll(auth_req_id).json["error"] == "authorization_pending")


def test_it_is_off_unless_asked_for(phone: Phone, client: CibaService) -> None:
    asked = client.begin()["auth_req_id"]
    served = Client(serve_phone(phone))
    for secret in (OWN_SECRET, SECRET, "None"):
        assert call(served, ALLOW, secret=secret).status_code == 404
    assert still_waits(client, asked)


@pytest.mark.parametrize("secret", ["wrong", SECRET, OWN_SECRET[:-1], "%C3%A9"])
def test_another_secret_is_refused(automatic: Client, client: CibaService, secret: str) -> None:
    asked = client.begin()["auth_req_id"]
    assert call(automatic, ALLOW, secret=secret).status_code == 403
    assert still_waits(client, asked)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_it_is_posted_to_alone(automatic: Client, client: CibaService, method: str) -> None:
    """A link, a picture or a prefetch answers nothing."""
    asked = client.begin()["auth_req_id"]
    assert call(automatic, ALLOW, method=method).status_code == 405
    assert still_waits(client, asked)


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
def test_a_web_page_cannot_reach_it(
    automatic: Client, client: CibaService, headers: dict[str, str]
) -> None:
    """Decision 2: not even one that knows the address."""
    asked = client.begin()["auth_req_id"]
    assert call(automatic, ALLOW, headers=headers).status_code == 403
    assert still_waits(client, asked)


@pytest.mark.parametrize("query", [{}, {"action": "approve"}, {"action": "{action}"}])
def test_another_action_is_refused(
    automatic: Client, client: CibaService, query: dict[str, str]
) -> None:
    asked = client.begin()["auth_req_id"]
    assert call(automatic, query).status_code == 400
    assert still_waits(client, asked)


def test_nothing_that_waits_is_told(automatic: Client) -> None:
    answer = call(automatic, ALLOW)
    assert answer.status_code == 409
    assert json.loads(answer.data)["code"] == "nothing_pending"


def test_a_number_that_is_asked_for_must_be_told(automatic: Client, client: CibaService) -> None:
    """Decision 29: the phone knows three numbers, and not which."""
    asked = client.begin(binding_message="42")["auth_req_id"]
    answer = call(automatic, {"action": "allow"})
    assert json.loads(answer.data)["code"] == "number_not_offered"
    assert still_waits(client, asked)


@pytest.mark.parametrize("binding_message", ["42", "Bureau 12"])
def test_allow_is_an_approval_by_keys_and_pin(
    automatic: Client, client: CibaService, binding_message: str
) -> None:
    """Module fapi-ciba-id1: the flow is approved by a call of the suite (decision 3)."""
    asked = client.begin(binding_message=binding_message)["auth_req_id"]
    assert call(automatic, ALLOW).status_code == 200
    assert "id_token" in client.poll(asked).json


def test_deny_is_a_refusal(automatic: Client, client: CibaService) -> None:
    """Module fapi-ciba-id1-user-rejects-authentication."""
    asked = client.begin()["auth_req_id"]
    assert call(automatic, {"action": "deny"}).status_code == 200
    assert client.poll(asked).json["error"] == "access_denied"


def test_the_newest_request_is_the_one_answered(automatic: Client, client: CibaService) -> None:
    older, newer = client.begin()["auth_req_id"], client.begin()["auth_req_id"]
    assert call(automatic, ALLOW).status_code == 200
    assert still_waits(client, older)
    assert "id_token" in client.poll(newer).json


def test_a_wrong_pin_approves_nothing(app: Flask, phone: Phone) -> None:
    """Decision 3: the address is no way around the PIN."""
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    answers = AutomaticApprovals(phone, "9753", OWN_SECRET)
    served = ControlApp(phone, Receiver(phone, ORIGIN), Door(SECRET, HOSTS), reader, answers)
    asked = ask_signin(app)
    answer = call(Client(served), {"action": "allow", "number": str(asked.number)})
    assert json.loads(answer.data)["code"] == "wrong_pin"


def test_a_real_providers_requests_are_never_answered_by_it(
    automatic: Client, client: CibaService, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone, "is_simulation", lambda: False)
    asked = client.begin()["auth_req_id"]
    assert call(automatic, ALLOW).status_code == 403
    assert still_waits(client, asked)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--automatic-approvals", "--expose", "--insecure-http", "--pin", PIN],
            "this machine alone",
        ),
        (["--pin", PIN], "a PIN is for"),
        (["--pin-stdin"], "a PIN is for"),
    ],
)
def test_the_command_refuses_to_open_it_elsewhere(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    result = CliRunner().invoke(main, ["--home", str(tmp_path), "serve", *arguments])
    assert result.exit_code == 2
    assert said in result.output


def test_the_command_prints_the_address_and_never_the_pin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    ended.set()
    module = import_module("wallet_sim.cli.serve")
    monkeypatch.setattr(module, "end_by_signal", lambda: ended)
    usual = ["--home", str(tmp_path), "serve", "--port", "0"]
    asked = CliRunner().invoke(main, [*usual, "--automatic-approvals", "--pin", PIN])
    assert asked.exit_code == 0, asked.output
    address = rf"http://localhost:0{AUTOMATIC_PATH}/[\w-]{{32}}"
    assert re.search(rf"^Automatic approvals: {address}$", asked.output, re.MULTILINE)
    assert f": {PIN}" not in asked.output
    assert AUTOMATIC_PATH not in CliRunner().invoke(main, usual).output
