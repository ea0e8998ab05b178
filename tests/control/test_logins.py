"""Logins: the browser and the person before it, at a service that listens."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from time import time
from typing import Any

import pytest

from tests.control.helpers import Control
from tests.control.service import Service, listening
from wallet_sim.card.signed_file import verify_file
from wallet_sim.control_server.desk import MOST_BROWSERS, Shelf
from wallet_sim.control_server.problems import Unknown


@pytest.fixture(scope="module")
def service(shared: Control) -> Iterator[Service]:
    with listening(Service(shared)) as running:
        yield running


@pytest.fixture(scope="module")
def person(shared: Control) -> str:
    person = shared.person(card=True)
    shared.phone(person)
    return person


def login(control: Control, service: Service, national_id: str, **more: Any) -> Any:
    body = {"url": f"{service.address}/login", "national_id": national_id, **more}
    return control.told("POST", "logins", body)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"national_id": "899788000232"}, 404),
        ({"browser_id": "nobodys"}, 404),
        ({"url": "file:///etc/passwd"}, 400),
        ({"means": "telepathy"}, 400),
        ({"patience": 3600}, 400),
    ],
    ids=["nobody", "no browser", "no web address", "no means", "beyond patience"],
)
def test_a_login_that_cannot_begin_is_refused(
    shared: Control, person: str, members: dict[str, Any], expected: int
) -> None:
    body = {"url": "http://localhost:1/login", "national_id": person} | members
    assert shared.refused("POST", "logins", body)[0] == expected


def test_a_service_that_does_not_answer_is_told_in_words(shared: Control, person: str) -> None:
    body = {"url": "http://localhost:1/login", "national_id": person}
    told = shared.ask("POST", "logins", body)
    assert told.status_code in {200, 409}, told.text
    assert "localhost:1" in told.text


def test_a_failed_login_tells_the_whole_story_and_keeps_no_browser(
    shared: Control, service: Service, person: str
) -> None:
    shared.told("PUT", f"phones/{person}/script", {"steps": [{"do": "refuse"}]})
    told = login(shared, service, person)
    assert (told["returned"], told["status"], told["browser_id"]) == (False, 0, "")
    assert "refuse -> refused" in told["failure"]
    assert "The page says" in told["failure"]
    assert "signin/waiting.html" in {step["page"] for step in told["steps"]}


def test_who_has_no_phone_here_is_told_so(shared: Control, service: Service) -> None:
    told = login(shared, service, shared.person())
    assert "this person has no phone here" in told["failure"]


def test_a_service_is_told_of_a_refusal_where_the_person_goes_back(
    shared: Control, service: Service, person: str
) -> None:
    shared.told("PUT", f"phones/{person}/script", {"steps": [{"do": "refuse"}]})
    told = login(shared, service, person, gives_up=True)
    assert told["returned"] is True
    assert told["answer"]["error"] == "access_denied"


def test_a_login_ends_at_the_service_and_goes_on_in_its_browser(
    shared: Control, service: Service, person: str
) -> None:
    told = login(shared, service, person)
    assert (told["returned"], told["failure"], told["status"]) == (True, "", 200)
    assert told["text"] == "back with ['code', 'iss', 'session_state', 'state']"
    assert told["answer"]["state"] == "a-state"
    assert told["cookies"] == {"seen": "yes"}
    acted = shared.told("GET", f"phones/{person}/answers")["answers"]

    again = login(shared, service, person, browser_id=told["browser_id"])
    assert again["browser_id"] == told["browser_id"]
    assert shared.told("GET", f"phones/{person}/answers")["answers"] == acted

    out = {"url": f"{service.address}/logout", "browser_id": told["browser_id"]}
    left = shared.told("POST", "logouts", out)
    assert left["text"] == "a page; seen: yes"
    query = f"national_id={person}"
    sessions = shared.told("GET", "provider/sessions", query_string=query)["sessions"]
    assert not any(session["live"] for session in sessions)


def test_a_rooted_phone_is_refused_for_as_long_as_it_is(shared: Control, service: Service) -> None:
    """EC-28."""
    person = shared.person()
    phone = shared.phone(person)
    shared.done("PUT", f"phones/{phone}/posture", {"rooted": True})
    assert login(shared, service, person)["returned"] is False
    answers = shared.told("GET", f"phones/{phone}/answers")["answers"]
    assert [each["outcome"] for each in answers] == ["posture_refused"]
    shared.done("PUT", f"phones/{phone}/posture", {"rooted": False})
    assert login(shared, service, person)["returned"] is True


def test_two_people_sign_in_at_once(shared: Control, service: Service, person: str) -> None:
    other = shared.person()
    shared.phone(other)
    told: dict[str, Any] = {}

    def sign_in(national_id: str) -> None:
        told[national_id] = login(shared, service, national_id)

    threads = [threading.Thread(target=sign_in, args=(each,)) for each in (person, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each["returned"] for each in told.values()), told
    codes = {each["answer"]["code"] for each in told.values()}
    assert len(codes) == 2


def test_browsers_are_forgotten_oldest_first() -> None:
    """Two hundred are kept, so that a server that runs for days does not grow."""
    shelf: Shelf[int] = Shelf("browser", MOST_BROWSERS)
    for number in range(MOST_BROWSERS + 1):
        shelf.put(str(number), number)
    with pytest.raises(Unknown):
        shelf.get("0")
    assert shelf.get("1") == 1
    assert shelf.get(str(MOST_BROWSERS)) == MOST_BROWSERS


# -- cards ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def card(shared: Control, person: str) -> str:
    number: str = shared.told("POST", "cards", {"national_id": person})["card_number"]
    return number


def test_a_card_is_made_where_one_is_ordered_and_once(
    shared: Control, person: str, card: str
) -> None:
    status, code, detail = shared.refused("POST", "cards", {"national_id": person})
    assert (status, code) == (409, "cannot_be_done")
    assert person in detail
    assert shared.refused("POST", "cards", {"national_id": "899788000232"})[0] == 404


def test_an_unknown_card_is_told_with_those_that_are_there(shared: Control, card: str) -> None:
    asked: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("GET", "", None),
        ("GET", "/answers", None),
        ("GET", "/content", None),
        ("PUT", "/script", {}),
        ("POST", "/signatures", {"content": "YQ=="}),
    )
    for method, path, body in asked:
        status, code, detail = shared.refused(method, f"cards/nobodys{path}", body)
        assert (status, code) == (404, "unknown")
        assert card in detail


def test_what_no_holder_of_a_card_does_is_refused(shared: Control, card: str) -> None:
    given = {"steps": [{"do": "not_me"}]}
    status, code, detail = shared.refused("PUT", f"cards/{card}/script", given)
    assert (status, code) == (400, "behaviour_refused")
    assert "not_me" in detail


def test_a_card_does_what_its_script_says_then_signs_in(
    shared: Control, service: Service, person: str, card: str
) -> None:
    listed = shared.told("GET", "behaviours")["cards"]
    assert {"sign_in", "wrong_code", "withdraw", "ignore"} <= {each["name"] for each in listed}
    script = {"steps": [{"do": "withdraw"}, {"do": "wrong_code", "times": 2}]}
    told = shared.told("PUT", f"cards/{card}/script", script)
    assert [step["do"] for step in told["script"]] == ["withdraw", "wrong_code"]

    withdrawn = login(shared, service, person, means="card")
    assert withdrawn["returned"] is False
    assert "did not sign in: withdraw" in withdrawn["failure"]
    assert login(shared, service, person, means="card")["returned"] is True

    answers = shared.told("GET", f"cards/{card}/answers")["answers"]
    assert [(a["behaviour"]["do"], a["tries"]) for a in answers] == [
        ("withdraw", 1),
        ("wrong_code", 3),
    ]
    assert shared.told("GET", f"cards/{card}")["script"] == []


def test_a_card_signs_in_to_what_a_browser_began_and_to_nothing_else(
    shared: Control, card: str
) -> None:
    body = {"address": "http://localhost:8002/reader"}
    assert shared.refused("POST", f"cards/{card}/sign-ins", body)[:2] == (409, "handle_malformed")
    body = {"address": "http://localhost:8002/reader?h=" + "A" * 43}
    told = shared.told("POST", f"cards/{card}/sign-ins", body)
    assert told["redirect"] is None
    assert told["outcome"] != "signed_in"
    assert told["error"]


def test_a_card_is_read_and_signs_by_its_code_alone(
    shared: Control, person: str, card: str
) -> None:
    """CP-14: for tests of software that reads cards, in any language."""
    given = {"content": b64encode(b"ordonnance").decode()}
    signed = shared.told("POST", f"cards/{card}/signatures", given)
    read = shared.told("GET", f"cards/{card}/content")
    assert read["number"] == card
    assert signed["certificate"] == read["certificates"]["signature"]
    authority = read["certificates"]["chain"].encode()
    signer = verify_file(b"ordonnance", json.dumps(signed).encode(), authority, int(time()))
    assert person in signer.subject.rfc4514_string()
    for content in ("not base64!", "é"):
        refused = shared.refused("POST", f"cards/{card}/signatures", {"content": content})
        assert refused[:2] == (400, "bad_request")
