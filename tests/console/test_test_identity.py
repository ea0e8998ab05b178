"""Test identities, as the sandbox makes them (EC-31)."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.console.people.identity_form import BEGUN
from idp.directory.people import find_contact, find_person
from idp.provider import Provider
from idp.registration.details import Registrant
from idp.registration.test_identity import SimulationOnly, TestIdentity, make_test_identity
from idp.store.cards import cards_of_person
from idp.store.registration import practice_of_person
from tests.console.helpers import post
from tests.wallet.helpers import enrol

_ADDRESS = "/personnes/identite-de-test"
_ADA = BEGUN | {"family_name": "Exemple", "given_name": "Ada"}


def make(console: FlaskClient, **fields: str) -> str:
    """Make an identity by the form; gives its identifier."""
    answer = post(console, _ADDRESS, **(_ADA | fields))
    assert answer.status_code == 303, answer.text
    return answer.location.rpartition("/")[2]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("family_name", "", "Donnez un nom de famille."),
        ("profession", "99", "Choisissez la profession."),
        ("birth_date", "demain", "Donnez une date passée"),
        ("mobile", "12", "Donnez un numéro français ou international"),
        ("email", "ada@ailleurs.test", "Donnez une adresse en @exemple.test"),
        ("department1", "", "le numéro de facturation"),
        ("mode1", "X", "Choisissez le mode d’exercice."),
        ("name1", "", "Donnez la raison sociale du lieu"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_stays(
    console: FlaskClient, field: str, typed: str, told: str
) -> None:
    answer = post(console, _ADDRESS, **(_ADA | {field: typed}))
    assert answer.status_code == 400
    assert told in answer.text
    assert f'id="{field}-error"' in answer.text
    assert 'value="Ada"' in answer.text
    assert "<title>Erreur" in answer.text


def test_a_specialty_is_for_doctors_and_dentists_alone(console: FlaskClient) -> None:
    answer = post(console, _ADDRESS, **(_ADA | {"profession": "60", "specialty": "SM54"}))
    assert answer.status_code == 400
    assert 'id="specialty-error"' in answer.text


def test_two_places_of_one_name_are_two_activities(
    console: FlaskClient, provider: Provider
) -> None:
    """Each is a structure of its own."""
    national_id = make(console, count="2", name2=_ADA["name1"])
    with provider.store.read() as db:
        person = find_person(db, national_id)
    assert person is not None
    assert len(person.exercices[0]["activities"]) == 2


def test_nobody_is_invented_in_a_real_database(provider: Provider) -> None:
    """Decision 1."""
    provider.kind = "real"
    registrant = Registrant(
        family_name="EXEMPLE",
        given_name="Ada",
        civilite="MME",
        birth_date="01/01/1980",
        profession="10",
        category="C",
    )
    wanted = TestIdentity(registrant, [], "+33639980099", "ada@exemple.test", has_card=False)
    with provider.store.begin() as db, pytest.raises(SimulationOnly):
        make_test_identity(provider, db, wanted)


def test_a_real_console_has_no_such_page(console: FlaskClient, provider: Provider) -> None:
    provider.kind = "real"
    assert console.get(_ADDRESS).status_code == 404


def test_it_is_known_by_ans_and_the_time_with_what_was_asked(
    console: FlaskClient, provider: Provider
) -> None:
    """EC-31."""
    national_id = make(console, count="2")
    assert re.fullmatch(r"ANS[0-9]{14}", national_id)
    with provider.store.read() as db:
        person, contact = find_person(db, national_id), find_contact(db, national_id)
        cards = cards_of_person(db, national_id)
    assert person is not None
    assert contact is not None
    assert (person.family_name, person.given_name) == ("EXEMPLE", "Ada")
    (exercice,) = person.exercices
    assert exercice["codeSavoirFaire"] == "SM54"
    names = [activity["raisonSocialeSite"] for activity in exercice["activities"]]
    assert names == ["CABINET DE TEST 1", "CABINET DE TEST 2"]
    assert person.other_ids == [{"identifiant": national_id, "origine": "EDIT", "qualite": 1}]
    assert (contact.mobile, contact.email) == ("+33639980099", "ada.exemple@exemple.test")
    assert cards == []


def test_a_card_is_ordered_along_where_it_is_wanted(
    console: FlaskClient, provider: Provider
) -> None:
    national_id = make(console, card="1", count="2")
    with provider.store.read() as db:
        (card,) = cards_of_person(db, national_id)
        practice = practice_of_person(db, national_id)
    assert card.state == "commandee"
    assert sorted(card.activities) == sorted(activity.activity_id for activity in practice)
    assert card.card_number in console.get(f"{_ADDRESS}/{national_id}").text


def test_two_of_one_second_have_identifiers_of_their_own(console: FlaskClient) -> None:
    assert make(console) != make(console)


def test_it_activates_an_e_cps_like_anybody(
    console: FlaskClient, provider: Provider, tmp_path: Path
) -> None:
    national_id = make(console)
    app: Flask = create_app(provider.settings, provider=provider)
    phone: Any = enrol(app, tmp_path / "phone", national_id)
    assert phone is not None
    page = console.get(f"/personnes/moyens/{national_id}").text
    assert "actif" in page


def test_buttons_add_and_take_activities_without_losing_what_was_typed(
    console: FlaskClient,
) -> None:
    more = post(console, _ADDRESS, **(_ADA | {"another": "1"}))
    assert more.status_code == 200
    assert "Activité 2" in more.text
    assert 'value="Ada"' in more.text
    fewer = post(console, _ADDRESS, **(_ADA | {"count": "2", "fewer": "1"}))
    assert "Activité 2" not in fewer.text
