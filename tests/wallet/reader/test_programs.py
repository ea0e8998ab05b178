"""What programs do with the reader (docs/cards.md 4)."""

import json

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from tests.signin.helpers import begin
from tests.wallet.cards import ACTIVE, MadeCard, block
from tests.wallet.reader.helpers import ORIGIN, call, handle_in


@pytest.mark.parametrize(
    "action", ["card-insert", "card-code", "card-sign-in", "card-remove", "card-activate"]
)
def test_action_without_the_secret_is_refused(client: Client, action: str) -> None:
    """Decision 2."""
    assert client.post(f"/control/v1/{action}", base_url=ORIGIN, data="{}").status_code == 403
    assert client.get("/control/v1/card-status", base_url=ORIGIN).status_code == 403


def test_a_program_uses_the_reader(browser: FlaskClient, made: MadeCard, client: Client) -> None:
    page = begin(browser)
    status = json.loads(call(client, "card-status").data)
    assert status["inserted"] is None
    assert [each["number"] for each in status["cards"]] == [ACTIVE]
    call(client, "card-insert", {"card": ACTIVE})
    wrong = call(client, "card-code", {"code": made.wrong_code})
    assert wrong.status_code == 409
    told = json.loads(wrong.data)
    assert (told["code"], told["tries_left"]) == ("wrong_code", 2)
    assert json.loads(call(client, "card-code", {"code": made.code}).data)["open"] is True
    done = json.loads(call(client, "card-sign-in", {"handle": handle_in(page)}).data)
    assert done["redirect"].startswith("http://localhost:8000/signin/")
    assert json.loads(call(client, "card-remove", {}).data)["open"] is False


def test_a_program_unblocks_a_card(made: MadeCard, client: Client) -> None:
    block(made)
    call(client, "card-insert", {"card": ACTIVE})
    blocked = json.loads(call(client, "card-code", {"code": made.code}).data)
    assert (blocked["code"], blocked["unblock_tries_left"]) == ("code_blocked", 3)
    members = {"unblock_code": made.unblock_code, "new_code": "2580"}
    assert json.loads(call(client, "card-unblock", members).data)["open"] is True


def test_a_program_changes_the_code_of_a_card(made: MadeCard, client: Client) -> None:
    call(client, "card-insert", {"card": ACTIVE})
    wrong = call(client, "card-change-code", {"code": made.wrong_code, "new_code": "2580"})
    assert json.loads(wrong.data)["code"] == "wrong_code"
    told = call(client, "card-change-code", {"code": made.code, "new_code": "2580"})
    assert json.loads(told.data)["open"] is True
    call(client, "card-remove", {})
    call(client, "card-insert", {"card": ACTIVE})
    assert json.loads(call(client, "card-code", {"code": "2580"}).data)["open"] is True
