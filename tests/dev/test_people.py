"""People whom a test invents: by the real chain, found, closed, and the phones they hold."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from idp.directory.sample import load_sample
from idp.outbox.reading import read_outbox
from idp.provider import Provider, open_provider
from idp.registration.population import make_population
from idp.registration.test_identity import SimulationOnly
from idp.settings import Settings
from idp.store.models import Card, OrderRegistration, PracticeActivity
from tests.dev.helpers import Developer, developer_of
from tests.signin.helpers import all_of, events
from tests.wallet.helpers import PIN, ask_signin, enrol
from wallet_sim.errors import ProviderRefusal

FREE = "899700000096"
MARGELLE = "899700990015"


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"national_id": MARGELLE}, 409, "somebody's already"),
        ({"national_id": "899790000006"}, 409, "of the numbers that the Order gives"),
        ({"national_id": "899700000097"}, 400, "key of the RPPS number"),
        ({"national_id": "3990000119/7"}, 400, "RPPS number (8 and 11 digits) or a test identity"),
        ({"profession": "doctor"}, 400, "profession"),
        ({"birth_date": "1980-01-01"}, 400, "dd/mm/yyyy"),
        ({"family_name": " "}, 400, "family_name is missing"),
        ({"mobile": "12"}, 400, "mobile number"),
        ({"email": "nobody"}, 400, "e-mail address"),
        ({"activities": [{"codeModeExercice": "X"}]}, 400, "codeModeExercice"),
        ({"rpps": FREE}, 400, "rpps"),
        ({"card": "yes"}, 400, "card"),
    ],
)
def test_who_cannot_be_is_refused_with_the_reason_and_nobody_is_made(
    developer: Developer, provider: Provider, body: dict[str, Any], status: int, told: str
) -> None:
    answered, detail = developer.refused("POST", "people", body)
    assert answered == status
    assert told in detail
    assert all_of(provider, OrderRegistration) == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("suffix", ["", "/devices"])
def test_nobody_is_not_found(developer: Developer, method: str, suffix: str) -> None:
    status = developer.ask(method, f"people/{FREE}{suffix}").status_code
    assert status == (405 if (method, suffix) == ("DELETE", "/devices") else 404)


def test_nothing_said_invents_somebody_who_goes_through_the_real_chain(
    developer: Developer, provider: Provider
) -> None:
    """EC-31: Order, CPAM and ANS, each in the journal."""
    person = developer.told("POST", "people", {})
    assert person["national_id"].startswith("ANS")
    assert person["profession"] == "10"
    assert person["activities"][0]["codeModeExercice"] == "S"
    assert person == developer.told("GET", f"people/{person['national_id']}")
    assert events(provider) == [
        "store:world:created",
        "registration:person:registered",
        "registration:activity:declared",
        "registration:activity:recorded",
        "directory:contact:changed",
    ]


def test_what_is_said_is_what_the_claims_say(developer: Developer) -> None:
    said = {
        "national_id": FREE,
        "family_name": "EXEMPLE",
        "given_name": "Ada",
        "profession": "60",
        "email": "ada@exemple.test",
        "mobile": "0639980098",
    }
    person = developer.told("POST", "people", said)
    assert said | {"mobile": "+33639980098"} == {name: person[name] for name in said}
    assert person["savoir_faire"] == ""


def test_a_card_is_ordered_where_it_is_asked_for(developer: Developer, provider: Provider) -> None:
    """CP-09."""
    known = len(all_of(provider, Card))
    developer.told("POST", "people", {})
    assert len(all_of(provider, Card)) == known
    person = developer.told("POST", "people", {"card": True})
    cards = developer.told("GET", "ans/cards", national_id=person["national_id"])["cards"]
    assert [card["state"] for card in cards] == ["commandee"]


def test_the_empty_text_leaves_somebody_without_contact(developer: Developer) -> None:
    person = developer.told("POST", "people", {"email": "", "mobile": ""})
    assert (person["email"], person["mobile"]) == ("", "")


def test_no_two_who_are_invented_share_a_contact(developer: Developer) -> None:
    """A message to one would show in the other's outbox."""
    people = [developer.told("POST", "people", {}) for _ in range(3)]
    people += developer.told("POST", "people/bulk", {"count": 3})["people"]
    for member in ("national_id", "email", "mobile"):
        assert len({person[member] for person in people}) == len(people)


def test_more_than_the_setting_at_once_are_refused(settings: Settings) -> None:
    provider = open_provider(settings.model_copy(update={"dev_people_at_once": 2}))
    developer = developer_of(provider)
    status, detail = developer.refused("POST", "people/bulk", {"count": 3})
    assert (status, "dev_people_at_once" in detail) == (400, True)
    assert len(developer.told("POST", "people/bulk", {"count": 2})["people"]) == 2
    provider.store.close()


def test_nobody_is_invented_in_a_real_database(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 1."""
    monkeypatch.setattr(Provider, "is_simulation", property(lambda _self: False))
    with pytest.raises(SimulationOnly), provider.store.begin() as db:
        make_population(provider, db, 1)


def test_many_are_made_in_the_shape_of_one(developer_of_both: Developer, both: Provider) -> None:
    """On the Order's table, in the directory, with an activity and contacts; and no card."""
    made = developer_of_both.told("POST", "people/bulk", {"count": 300, "profession": "60"})
    assert len(made["people"]) == 300
    last = made["people"][-1]
    person = developer_of_both.told("GET", f"people/{last['national_id']}")
    assert (person["email"], person["mobile"]) == (last["email"], last["mobile"])
    assert person["profession"] == "60"
    assert person["activities"][0]["raisonSocialeSite"]
    [activity] = developer_of_both.told("GET", "order/activities", national_id=last["national_id"])[
        "activities"
    ]
    assert (activity["state"], activity["card_number"]) == ("carried", None)
    developer_of_both.told("POST", "people/bulk", {"count": 1})
    assert len(all_of(both, PracticeActivity)) >= 301


def test_many_who_were_made_outlive_an_import(developer_of_both: Developer, both: Provider) -> None:
    """Decision 36: no extract holds them, and what was registered here stays."""
    made = developer_of_both.told("POST", "people/bulk", {"count": 2})["people"][1]
    before = developer_of_both.told("GET", f"people/{made['national_id']}")
    load_sample(both)
    assert developer_of_both.told("GET", f"people/{made['national_id']}") == before


def test_one_of_many_activates_a_phone_and_answers_with_it(
    app: Flask, developer: Developer, tmp_path: Path
) -> None:
    """The real journey: mail, SMS, keys and PIN."""
    made = developer.told("POST", "people/bulk", {"count": 2})["people"][1]["national_id"]
    phone = enrol(app, tmp_path / "phone", made)
    challenge = ask_signin(app, made)
    phone.approve(PIN, challenge.number)
    assert developer.told("GET", f"challenges/{challenge.challenge_id}")["state"] == "approved"
    [device] = developer.told("GET", f"people/{made}/devices")["devices"]
    assert (device["state"], device["wrong_pins"], device["blocked"]) == ("active", 0, False)


def test_wrong_pins_and_locks_are_told_of_each_phone(
    app: Flask, developer: Developer, tmp_path: Path
) -> None:
    """Decision 19: what a fleet asserts is what the provider holds."""
    phone = enrol(app, tmp_path / "phone")
    challenge = ask_signin(app)
    for _ in range(3):
        with pytest.raises(ProviderRefusal):
            phone.approve("1357", challenge.number)
    [device] = developer.told("GET", f"people/{MARGELLE}/devices")["devices"]
    assert (device["wrong_pins"], device["lifetime_wrong_pins"]) == (3, 3)
    assert device["locked_until"] > developer.told("GET", "clock")["now"]


def test_who_is_closed_holds_nothing_any_more(
    app: Flask, developer: Developer, tmp_path: Path
) -> None:
    """EC-01: as `person close`."""
    person = developer.told("POST", "people", {})["national_id"]
    enrol(app, tmp_path / "phone", person)
    assert developer.ask("DELETE", f"people/{person}").status_code == 204
    assert developer.told("GET", f"people/{person}")["closed"] is True
    [device] = developer.told("GET", f"people/{person}/devices")["devices"]
    assert (device["state"], device["state_reason"]) == ("revoked", "struck-off")


def test_everybody_is_listed_once_page_by_page(developer_of_both: Developer) -> None:
    """Whatever the order of the database's letters: `ANS…` stands among numbers."""
    developer_of_both.told("POST", "people", {})
    found: list[str] = []
    cursor = ""
    while True:
        page = developer_of_both.told("GET", "people", limit=7, after=cursor)
        found += [person["national_id"] for person in page["people"]]
        cursor = page["cursor"]
        if not cursor:
            break
    assert len(found) == len(set(found)) == 31


@pytest.mark.parametrize("text", ["exem", "EXEMPLE", "Éxemple", FREE, "89970000009"])
def test_a_name_or_an_identifier_is_found_by_its_beginning(
    developer_of_both: Developer, text: str
) -> None:
    developer_of_both.told("POST", "people", {"national_id": FREE, "family_name": "EXEMPLE"})
    [found] = developer_of_both.told("GET", "people", text=text)["people"]
    assert found["national_id"] == FREE


def test_people_of_one_name_are_listed_page_by_page(developer_of_both: Developer) -> None:
    made = {
        developer_of_both.told("POST", "people", {"family_name": "EXEMPLE"})["national_id"]
        for _ in range(3)
    }
    first = developer_of_both.told("GET", "people", text="exemple", limit=2)
    second = developer_of_both.told("GET", "people", text="exemple", after=first["cursor"])
    assert {one["national_id"] for page in (first, second) for one in page["people"]} == made


def test_the_notice_of_an_activation_is_in_the_outbox_of_its_person(
    app: Flask, developer: Developer, provider: Provider, tmp_path: Path
) -> None:
    person = developer.told("POST", "people", {})["national_id"]
    enrol(app, tmp_path / "phone", person)
    told = developer.told("GET", "outbox", person=person)["messages"]
    assert {message["kind"] for message in told} == {"mail", "sms"}
    assert len(told) == len(read_outbox(provider, recipients=None))
