"""The life of a phone, from its activation to its end, over the control API."""

import threading
from typing import Any

import pytest

from tests.control.helpers import Control
from wallet_sim.behaviours.catalogue import CATALOGUE


@pytest.fixture(scope="module")
def person(shared: Control) -> str:
    return shared.person()


@pytest.fixture(scope="module")
def phone(shared: Control, person: str) -> str:
    return shared.phone(person, phone_id="held", pin="4826")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"national_id": "899788000232"}, (404, "not_found")),
        ({"national_id": "../people"}, (400, "bad_request")),
        ({}, (400, "bad_request")),
        ({"national_id": "899788000232", "phone_id": "a/b"}, (400, "bad_request")),
    ],
    ids=["nobody", "a path", "none", "a name with a slash"],
)
def test_a_phone_is_activated_for_somebody_who_is_there(
    shared: Control, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert shared.refused("POST", "phones", body)[:2] == expected


def test_a_pin_that_the_policy_forbids_leaves_no_phone(shared: Control) -> None:
    person = shared.person()
    status, code, _ = shared.refused("POST", "phones", {"national_id": person, "pin": "1234"})
    assert (status, code) == (409, "pin_refused")
    assert person not in {each["phone_id"] for each in shared.told("GET", "phones")["phones"]}


def test_who_cannot_activate_is_told_why(shared: Control) -> None:
    person = shared.person()
    shared.done("DELETE", f"provider/people/{person}")
    status, code, detail = shared.refused("POST", "phones", {"national_id": person})
    assert (status, code) == (409, "cannot_activate")
    assert "struck_off" in detail


def test_two_phones_are_not_called_the_same(shared: Control, person: str, phone: str) -> None:
    body = {"national_id": person, "phone_id": phone}
    assert shared.refused("POST", "phones", body)[:2] == (409, "taken")
    assert shared.refused("POST", f"phones/{phone}/clones", {"phone_id": phone})[:2] == (
        409,
        "taken",
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/answers"),
        ("GET", "/pending"),
        ("PUT", "/script"),
        ("PUT", "/posture"),
    ],
)
def test_an_unknown_phone_is_told_with_those_that_are_there(
    shared: Control, phone: str, method: str, path: str
) -> None:
    body: dict[str, Any] | None = {} if method == "PUT" else None
    status, code, detail = shared.refused(method, f"phones/nobodys{path}", body)
    assert (status, code) == (404, "unknown")
    assert phone in detail


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ({"steps": [{"do": "wrong_pinn"}]}, "wrong_pinn"),
        ({"steps": [{"do": "wrong_pin", "times": 0}]}, "times"),
        ({"steps": [{"do": "wrong_pin", "time": 1}]}, "time"),
        ({"then": {"do": "random", "weights": {"nothing": 1}}}, "nothing"),
        ({"then": {}}, "do"),
    ],
    ids=["unknown", "out of range", "unknown parameter", "unknown in random", "none"],
)
def test_a_script_of_what_no_phone_does_is_refused_and_changes_nothing(
    shared: Control, phone: str, script: dict[str, Any], named: str
) -> None:
    before = shared.told("GET", f"phones/{phone}")
    status, code, detail = shared.refused("PUT", f"phones/{phone}/script", script)
    assert (status, code) == (400, "behaviour_refused")
    assert named in detail
    assert shared.told("GET", f"phones/{phone}") == before


def test_every_behaviour_of_the_catalogue_can_be_given(shared: Control, phone: str) -> None:
    listed = shared.told("GET", "behaviours")["behaviours"]
    assert [each["name"] for each in listed] == list(CATALOGUE)
    steps: list[dict[str, Any]] = [
        {"do": name, **({"weights": {"approve": 1}} if name == "random" else {})}
        for name in CATALOGUE
        if name != "delay"
    ]
    steps.append({"do": "delay", "seconds": 1})
    told = shared.told("PUT", f"phones/{phone}/script", {"steps": steps, "seed": "of a job"})
    assert [step["do"] for step in told["script"]] == [step["do"] for step in steps]
    assert told["then"] == {"do": "approve"}
    emptied = shared.told("PUT", f"phones/{phone}/script", {})
    assert emptied["script"] == []


def test_a_phone_has_a_network_and_says_so_when_it_has_none(shared: Control, phone: str) -> None:
    assert shared.refused("PUT", f"phones/{phone}/network", {"condition": "slow"})[0] == 400
    shared.done("PUT", f"phones/{phone}/network", {"condition": "down"})
    assert shared.refused("GET", f"phones/{phone}/pending")[:2] == (502, "provider_unreachable")
    shared.done("PUT", f"phones/{phone}/network", {"condition": "up"})
    assert shared.told("GET", f"phones/{phone}/pending") == {"challenges": []}


def test_a_pin_is_changed_by_who_knows_it(shared: Control) -> None:
    phone = shared.phone(shared.person(), pin="4826")
    status, code, _ = shared.refused("PUT", f"phones/{phone}/pin", {"old": "9999", "new": "5937"})
    assert (status, code) == (409, "wrong_pin")
    shared.done("PUT", f"phones/{phone}/pin", {"old": "4826", "new": "5937"})
    assert shared.told("GET", f"phones/{phone}")["pin"] == "5937"


def test_an_e_cps_that_is_given_up_is_revoked_and_its_phone_gone(shared: Control) -> None:
    person = shared.person()
    phone = shared.phone(person)
    assert phone == person
    shared.done("DELETE", f"phones/{phone}")
    assert shared.refused("GET", f"phones/{phone}")[0] == 404
    held = shared.told("GET", f"provider/people/{person}/devices")["devices"]
    assert [device["state"] for device in held] == ["revoked"]


def test_a_second_phone_takes_the_place_of_the_first(shared: Control) -> None:
    """Decision 16; both stay in hand here, to see what the first is told."""
    person = shared.person()
    first, second = shared.phone(person), shared.phone(person)
    assert (first, second) == (person, f"{person}-2")
    held = shared.told("GET", f"provider/people/{person}/devices")["devices"]
    states = {device["device_id"]: device["state"] for device in held}
    assert states[shared.told("GET", f"phones/{first}")["device_id"]] == "revoked"
    assert states[shared.told("GET", f"phones/{second}")["device_id"]] == "active"


def test_a_copy_has_the_file_and_a_name_of_its_own(shared: Control, phone: str) -> None:
    copy = shared.told("POST", f"phones/{phone}/clones", {"phone_id": "the-thiefs"})
    assert copy["device_id"] == shared.told("GET", f"phones/{phone}")["device_id"]
    assert copy["script"] == []
    assert "the-thiefs" in {each["phone_id"] for each in shared.told("GET", "phones")["phones"]}


def test_of_two_activations_under_one_name_at_once_one_is_refused(shared: Control) -> None:
    people = [shared.person(), shared.person()]
    answers: list[int] = []

    def activate(person: str) -> None:
        body = {"national_id": person, "phone_id": "at-once"}
        answers.append(shared.ask("POST", "phones", body).status_code)

    threads = [threading.Thread(target=activate, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409]
