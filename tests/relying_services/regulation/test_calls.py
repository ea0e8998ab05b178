"""Calls: who may take, read and close them."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from relying_services.regulation.__main__ import main
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.plans import scanned, watched
from tests.relying_services.regulation.conftest import BRISELAME, DOCTOR, MARGELLE, Made
from tests.relying_services.signed_in import confirmed, post, sign_in, text_of

CLOSING = {"orientation": "conseil", "note": "Repos, rappeler si fièvre."}


def done(app: Flask) -> list[tuple[str, str, str, str]]:
    with service_of(app).store.read() as db:
        return [(e.actor, e.action, e.object, e.reason) for e in reversed(entries(db))]


@pytest.mark.parametrize("activity", [{"codeProfession": "60"}, {"raisonSocialeSite": "X"}, {}])
def test_attack_another_profession_neither_reads_nor_takes(
    app: Flask, activity: dict[str, str]
) -> None:
    nurse = sign_in(app, BRISELAME, activity=activity)
    for answer in (nurse.get("/"), nurse.get("/appels/1"), post(nurse, "/appels/1/prise")):
        assert (answer.status_code, text_of(answer, "error")) == (403, "profession_refused")
    assert done(app)[-1] == (BRISELAME, "calls:read", "", "profession_refused")


@pytest.mark.parametrize("act", ["", "/cloture", "/remise"])
def test_attack_a_call_of_a_colleague_is_found_by_nobody(
    app: Flask, margelle: FlaskClient, briselame: FlaskClient, act: str
) -> None:
    """MA-10: neither the caller's number nor the acts, by guessing the number of the call."""
    post(margelle, "/appels/1/prise")
    for number in ("1", "2", "99", "x", str(2**64)):
        address = f"/appels/{number}{act}"
        told = post(briselame, address, **CLOSING) if act else briselame.get(address)
        assert (told.status_code, "01 99 00" in told.text) == (404, False)
    assert "Motif P2" in margelle.get("/appels/1").text
    assert {reason for who, _, _, reason in done(app) if who == BRISELAME} == {"not_found"}


@pytest.mark.parametrize("number", [str(2**31), str(10**17), "9" * 5000])
def test_a_number_that_no_database_gives_is_found_by_nobody(
    make: Made, either_url: str, number: str
) -> None:
    browser = sign_in(make(either_url), MARGELLE, activity=DOCTOR)
    assert browser.get(f"/appels/{number}").status_code == 404
    assert post(browser, f"/appels/{number}/prise").status_code == 404


def test_attack_a_forged_form_takes_nothing(app: Flask, margelle: FlaskClient) -> None:
    assert margelle.post("/appels/1/prise").status_code == 403
    assert "Vous n’avez pris aucun appel." in margelle.get("/").text


def test_the_number_of_the_caller_is_shown_to_who_has_the_call_alone(
    margelle: FlaskClient, briselame: FlaskClient
) -> None:
    assert "01 99 00" not in margelle.get("/").text
    post(margelle, "/appels/1/prise")
    assert "01 99 00 12 34" in margelle.get("/appels/1").text
    post(margelle, "/appels/1/remise")
    assert margelle.get("/appels/1").status_code == 404


def test_calls_wait_by_urgency(margelle: FlaskClient) -> None:
    page = margelle.get("/").text
    assert page.index("Motif P0") < page.index("Motif P2") < page.index("Motif P3")


def test_of_two_who_take_a_call_at_once_one_has_it(make: Made, either_url: str) -> None:
    app = make(either_url)
    clients = [sign_in(app, f"89970099{n:04}", activity=DOCTOR) for n in range(4)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: post(client, "/appels/1/prise"), clients))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    taken = [(action, reason) for _, action, _, reason in done(app) if action == "call:taken"]
    assert sorted(taken) == [("call:taken", "")] + [("call:taken", "call_taken")] * 3


def test_a_regulator_has_so_many_calls_in_hand(make: Made) -> None:
    app = make(most_taken=2)
    margelle = sign_in(app, MARGELLE, activity=DOCTOR)
    assert post(margelle, "/appels/1/prise").status_code == 303
    assert post(margelle, "/appels/2/prise").status_code == 303
    told = post(margelle, "/appels/3/prise")
    assert (told.status_code, text_of(told, "error")) == (409, "too_many_taken")
    post(margelle, "/appels/1/remise")
    assert post(margelle, "/appels/3/prise").status_code == 303


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"orientation": "autre"}, "orientation"),
        ({"note": " "}, "note"),
        ({"note": "a" * 2001}, "note"),
    ],
)
def test_a_call_is_closed_with_what_was_decided(
    margelle: FlaskClient, changes: dict[str, str], field: str
) -> None:
    post(margelle, "/appels/1/prise")
    told = post(margelle, "/appels/1/cloture", **(CLOSING | changes))
    assert (told.status_code, f'id="{field}-error"' in told.text) == (400, True)


def test_a_closed_call_stays_closed(app: Flask, margelle: FlaskClient) -> None:
    """Domain 7: each act and each reading in the trace, without what the call says."""
    post(margelle, "/appels/1/prise")
    assert post(margelle, "/appels/1/cloture", **CLOSING).status_code == 303
    assert "Repos, rappeler si fièvre." in margelle.get("/appels/1").text
    for act in ("prise", "remise", "cloture"):
        assert post(margelle, f"/appels/1/{act}", **CLOSING).status_code == 409
    assert done(app) == [
        (MARGELLE, "call:taken", "call:1", ""),
        (MARGELLE, "call:closed", "call:1", ""),
        (MARGELLE, "call:read", "call:1", ""),
        (MARGELLE, "call:taken", "call:1", "call_left"),
        (MARGELLE, "call:given_back", "call:1", "call_left"),
        (MARGELLE, "call:closed", "call:1", "call_left"),
    ]
    with service_of(app).store.read() as db:
        assert not any("Motif" in json.dumps(e.details) for e in entries(db))


def test_calls_are_entered_by_command(service_url: str, make: Made) -> None:
    made = CliRunner().invoke(main, ["populate", "--calls", "2", "--database-url", service_url])
    assert made.output == "2 calls wait\n"
    asked = ["call", "--urgency", "P1", "--reason", "Chute", "--place", "Ici"]
    assert CliRunner().invoke(main, [*asked, "--database-url", service_url]).output == "3\n"
    page = sign_in(make(), MARGELLE, activity=DOCTOR).get("/").text
    assert "Chute" in page


def test_no_page_reads_a_whole_table(app: Flask, margelle: FlaskClient) -> None:
    engine = service_of(app).store.engine
    with watched(engine) as asked:
        post(margelle, "/appels/1/prise")
        assert margelle.get("/appels/1").status_code == 200
        post(margelle, "/appels/1/cloture", **CLOSING)
        assert margelle.get("/").status_code == 200
    assert scanned(engine, asked) == {}


def test_who_takes_a_call_twice_is_led_to_it_and_has_taken_it_once(make: Made) -> None:
    """Two presses of the button are no colleague; also with as many calls as one may have."""
    app = make(most_taken=1)
    margelle = sign_in(app, MARGELLE, activity=DOCTOR)
    answers = [post(margelle, "/appels/1/prise") for _ in range(2)]
    assert [each.location for each in answers] == ["/appels/1"] * 2
    assert done(app) == [(MARGELLE, "call:taken", "call:1", "")]


def test_each_act_on_a_call_is_confirmed_in_words(margelle: FlaskClient) -> None:
    """RGAA 7.5."""
    post(margelle, "/appels/1/prise")
    assert confirmed(margelle.get("/appels/1")) == ["Vous avez pris l’appel 1."]
    post(margelle, "/appels/1/remise")
    assert confirmed(margelle.get("/")) == ["L’appel 1 est remis en attente."]
    post(margelle, "/appels/1/prise")
    post(margelle, "/appels/1/cloture", **CLOSING)
    assert confirmed(margelle.get("/"))[-1] == "L’appel 1 est clos."


def test_an_act_that_is_refused_is_confirmed_by_nothing(
    margelle: FlaskClient, briselame: FlaskClient
) -> None:
    post(margelle, "/appels/1/prise")
    assert not confirmed(post(briselame, "/appels/1/prise"))
    assert not confirmed(briselame.get("/"))
