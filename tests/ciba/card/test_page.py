"""The reader's page of requests, and its control API (docs/cards.md 8)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from tests.ciba.answers import challenge_of, refused
from tests.ciba.card.helpers import CardAtReader, ask
from tests.ciba.helpers import NUMBER, CibaService
from tests.wallet.helpers import new_phone
from wallet_sim.control import ControlApp
from wallet_sim.door import SECRET_HEADER, Door
from wallet_sim.receiver import Receiver

SECRET = "start-up-secret-of-the-reader"
ORIGIN = "http://localhost:8002"
PAGE = "/reader/requests"


@pytest.fixture
def person(app: Flask, tmp_path: Path, card: CardAtReader) -> Client:
    """A browser at the reader; the secret was not typed yet."""
    phone = new_phone(app, tmp_path / "phone")
    door = Door(SECRET, frozenset({"localhost"}))
    return Client(ControlApp(phone, Receiver(phone, ORIGIN), door, card.reader))


def look(person: Client, **headers: str) -> TestResponse:
    return person.get(PAGE, base_url=ORIGIN, headers=headers)


def let_in(person: Client) -> None:
    form = {"secret": SECRET, "came_for": PAGE}
    went = person.post("/login", base_url=ORIGIN, data=form)
    assert went.headers["Location"] == PAGE


def form_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the first request."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page.text)[:2])


def press(person: Client, decision: str, **fields: str) -> TestResponse:
    form = form_of(look(person)) | fields | {"decision": decision}
    return person.post(PAGE, base_url=ORIGIN, data=form)


def call(person: Client, name: str, members: dict[str, Any] | None = None) -> dict[str, Any]:
    path, headers = f"/control/v1/{name}", {SECRET_HEADER: SECRET}
    if members is None:
        answer = person.get(path, base_url=ORIGIN, headers=headers)
    else:
        answer = person.post(path, base_url=ORIGIN, headers=headers, data=json.dumps(members))
    return dict(json.loads(answer.data))


# -- who may come in -----------------------------------------------------------------------------


def test_without_the_secret_no_request_is_shown(person: Client, client: CibaService) -> None:
    """Decision 2."""
    client.begin(channel="CARD")
    page = look(person)
    assert "Secret de démarrage" in page.text
    assert "Logiciel de cabinet" not in page.text
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
    assert look(person, **headers).status_code == 403
    for name in ("card-requests", "card-answer"):
        assert person.open(f"/control/v1/{name}", base_url=ORIGIN).status_code == 403


@pytest.mark.parametrize("forged", [{}, {"csrf_token": "0" * 64}])
def test_a_form_of_another_page_answers_nothing(
    person: Client, client: CibaService, card: CardAtReader, forged: dict[str, str]
) -> None:
    """Decision 2."""
    ask(client, card)
    let_in(person)
    form = form_of(look(person)) | {"csrf_token": ""} | forged
    given = {"decision": "approve", "number": NUMBER, "code": card.made.code}
    assert person.post(PAGE, base_url=ORIGIN, data=form | given).status_code == 403
    assert challenge_of(client.provider).state == "pending"


def test_only_our_own_script_runs_and_no_foreign_frame_shows_the_page(person: Client) -> None:
    let_in(person)
    page = look(person)
    policy = page.headers["Content-Security-Policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'self'"):
        assert part in policy
    assert re.findall(r"<script(.*?)>", page.text) == [' src="/reader/requests.js" defer']
    script = person.get("/reader/requests.js", base_url=ORIGIN)
    assert script.content_type == "text/javascript; charset=utf-8"


# -- what is refused -----------------------------------------------------------------------------


def test_a_removed_card_shows_nothing(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    ask(client, card)
    card.reader.remove()
    let_in(person)
    page = look(person)
    assert "Insérez une carte et saisissez son code porteur" in page.text
    assert "Logiciel de cabinet" not in page.text


def test_a_wrong_code_is_told_and_the_card_asks_for_its_code_again(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    """Decision 31."""
    ask(client, card)
    let_in(person)
    told = press(person, "approve", number=NUMBER, code=card.made.wrong_code)
    assert told.status_code == 409
    assert "Code faux. Essais restants : 2." in told.text
    assert card.made.wrong_code not in told.text
    assert not card.reader.is_open
    assert challenge_of(client.provider).state == "pending"


@pytest.mark.parametrize(
    "fields", [{"number": ""}, {"number": "x"}, {"code": ""}, {"challenge_id": "another"}]
)
def test_what_is_missing_costs_no_try(
    person: Client, client: CibaService, card: CardAtReader, fields: dict[str, str]
) -> None:
    ask(client, card)
    let_in(person)
    given = {"number": NUMBER, "code": card.made.code} | fields
    told = press(person, "approve", **given)
    assert told.status_code == 409
    assert 'role="alert"' in told.text
    assert card.made.state.code.tries_left == 3
    assert challenge_of(client.provider).state == "pending"


def test_another_decision_is_no_decision(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    ask(client, card)
    let_in(person)
    told = press(person, "perhaps", number=NUMBER, code=card.made.code)
    assert told.status_code == 400


# -- what is done --------------------------------------------------------------------------------


def test_a_person_reads_the_request_and_approves(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    auth_req_id = ask(client, card)
    let_in(person)
    page = look(person)
    assert "<dt>Service</dt><dd>Logiciel de cabinet</dd>" in page.text
    assert len(re.findall(r'type="radio" name="number"', page.text)) == 3
    done = press(person, "approve", number=NUMBER, code=card.made.code)
    assert done.headers["Location"] == f"{PAGE}?done=approved"
    told = person.get(done.headers["Location"], base_url=ORIGIN).text
    assert "La carte a approuvé la demande" in told
    assert "Aucune demande en attente." in told
    assert client.poll(auth_req_id).status_code == 200


def test_a_person_refuses(person: Client, client: CibaService, card: CardAtReader) -> None:
    auth_req_id = ask(client, card)
    let_in(person)
    done = press(person, "refuse", code=card.made.code)
    assert done.headers["Location"] == f"{PAGE}?done=refused"
    assert refused(client.poll(auth_req_id)) == (400, "access_denied")


def test_the_list_waits_without_a_script_and_never_under_an_answer(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    """Decision 14: the page works without JavaScript; what is typed is not lost."""
    let_in(person)
    reload = '<noscript><meta http-equiv="refresh" content="3"></noscript>'
    assert reload in look(person).text
    ask(client, card)
    assert reload not in look(person).text


def test_the_list_stops_reloading_itself_when_told_to(person: Client, card: CardAtReader) -> None:
    """RGAA 13.1."""
    let_in(person)
    assert f'href="{PAGE}?pause=1"' in look(person).text
    paused = person.get(f"{PAGE}?pause=1", base_url=ORIGIN).text
    assert 'http-equiv="refresh"' not in paused
    assert "Reprendre la mise à jour" in paused


def test_each_request_is_shown_with_fields_of_its_own(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    ask(client, card)
    ask(client, card, binding_message="Dossier 12 B")
    let_in(person)
    page = look(person).text
    assert page.count("<form ") == 2
    assert "<dt>Message</dt><dd>Dossier 12 B</dd>" in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_speaks_english_too(person: Client, card: CardAtReader) -> None:
    let_in(person)
    assert "Requests of software" in look(person, **{"Accept-Language": "en"}).text


def test_a_program_sees_and_answers(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    auth_req_id = ask(client, card)
    (shown,) = call(person, "card-requests")["challenges"]
    assert shown["shown"][0] == "Service : Logiciel de cabinet"
    members = {"challenge_id": shown["challenge_id"], "code": card.made.code}
    wrong = call(person, "card-answer", members | {"decision": "approve", "number": "99x"})
    assert wrong["code"] == "number_not_offered"
    given = members | {"decision": "approve", "number": NUMBER}
    assert call(person, "card-answer", given) == {"outcome": "approved"}
    again = call(person, "card-answer", given)
    assert again["code"] == "request_gone"
    assert client.poll(auth_req_id).status_code == 200


def test_a_program_s_answer_is_one_of_two(
    person: Client, client: CibaService, card: CardAtReader
) -> None:
    ask(client, card)
    (shown,) = call(person, "card-requests")["challenges"]
    members = {"challenge_id": shown["challenge_id"], "code": card.made.code}
    told = call(person, "card-answer", members | {"decision": "perhaps"})
    assert told["code"] == "bad request"
    assert challenge_of(client.provider).state == "pending"
