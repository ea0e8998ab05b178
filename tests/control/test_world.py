"""What concerns all of an issuer: identities, snapshots, reset."""

import pytest

from tests.control.helpers import Control
from wallet_sim.behaviours.identities import IDENTITIES

_ONE_OF_EACH = ["899788000018", "899788000190", "899788000208", "899788000216", "899788000224"]
"""A phone, none, given up, a card, closed."""


def test_the_place_tells_what_a_service_is_configured_with(control: Control) -> None:
    place = control.told("GET", "place")
    assert place["issuer"].startswith(f"{place['provider']}/")
    assert place["discovery_url"].startswith(place["issuer"])
    assert control.realm in place["provider"]


def test_an_identity_that_is_not_in_the_table_is_refused(control: Control) -> None:
    body = {"only": ["899788000018", "899700000000"]}
    status, code, detail = control.refused("POST", "identities", body)
    assert (status, code) == (404, "unknown")
    assert "899700000000" in detail
    assert control.told("GET", "phones") == {"phones": []}


def test_one_identity_of_each_kind_is_provided_and_again_as_new(control: Control) -> None:
    assert {each.holds for each in IDENTITIES if each.national_id in _ONE_OF_EACH} == {
        each.holds for each in IDENTITIES
    } - {"nobody"}
    told = control.told("POST", "identities", {"only": [*_ONE_OF_EACH, "899788000232"]})
    assert len(told["identities"]) == len(_ONE_OF_EACH) + 1
    first = control.told("GET", "phones/899788000018")
    assert first["then"] == {"do": "approve"}
    assert [each["phone_id"] for each in control.told("GET", "phones")["phones"]] == [
        "899788000018"
    ]
    assert control.told("GET", "provider/people/899788000224")["closed"] is True
    assert control.refused("GET", "provider/people/899788000232")[0] == 404

    control.told("PUT", "phones/899788000018/script", {"then": {"do": "refuse"}})
    control.told("POST", "identities", {"only": ["899788000018"]})
    anew = control.told("GET", "phones/899788000018")
    assert anew["then"] == {"do": "approve"}
    assert anew["device_id"] != first["device_id"]


def test_the_table_is_told_without_being_provided(control: Control) -> None:
    told = control.told("GET", "identities")["identities"]
    assert [each["national_id"] for each in told] == [each.national_id for each in IDENTITIES]
    assert control.refused("GET", "provider/people/899788000018")[0] == 404


def test_a_snapshot_that_was_never_taken_is_refused_and_changes_nothing(control: Control) -> None:
    phone = control.phone(control.person())
    status, _, detail = control.refused("POST", "snapshots/never/restoration")
    assert status == 404
    assert "never" in detail
    assert control.told("GET", f"phones/{phone}")


@pytest.mark.parametrize("name", ["..", "A B", "a" * 200])
def test_a_snapshot_has_a_name_that_an_address_can_hold(control: Control, name: str) -> None:
    assert control.ask("PUT", f"snapshots/{name}").status_code in {400, 404, 405}


def test_a_snapshot_brings_back_people_phones_and_cards_and_nothing_that_came_later(
    control: Control,
) -> None:
    person = control.person(card=True)
    phone = control.phone(person, pin="4826")
    before = control.told("GET", f"phones/{phone}")
    control.told("PUT", "snapshots/seeded")

    control.done("PUT", f"phones/{phone}/pin", {"old": "4826", "new": "5937"})
    card = control.told("POST", "cards", {"national_id": person})["card_number"]
    late = control.person()
    control.phone(late)
    control.told("POST", "snapshots/seeded/restoration")

    assert control.told("GET", "phones")["phones"] == [before]
    assert control.told("GET", "cards") == {"cards": []}
    assert control.refused("GET", f"cards/{card}")[0] == 404
    assert control.refused("GET", f"provider/people/{late}")[0] == 404
    assert control.told("GET", f"phones/{phone}/pending") == {"challenges": []}
    control.done("PUT", f"phones/{phone}/pin", {"old": "4826", "new": "5937"})


def test_a_reset_leaves_nobody_and_nothing(control: Control) -> None:
    person = control.person(card=True)
    control.phone(person)
    control.told("POST", "cards", {"national_id": person})
    control.done("POST", "reset")
    assert control.told("GET", "phones") == {"phones": []}
    assert control.told("GET", "cards") == {"cards": []}
    assert control.refused("GET", f"provider/people/{person}")[0] == 404
    assert control.phone(control.person())


def test_phones_are_waited_for(control: Control) -> None:
    control.done("POST", "settlement", {})
    assert control.refused("POST", "settlement", {"timeout": 0})[0] == 400
    control.phone(control.person())
    control.done("POST", "settlement", {"timeout": 20.0})
