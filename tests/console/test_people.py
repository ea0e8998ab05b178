"""People on the console: found, seen, struck off, their contacts, activities and sessions."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp import create_app
from idp.console.people.overview import identity_of
from idp.directory.contacts import declare_contact
from idp.directory.people import find_contact, find_person
from idp.directory.sample import sample_professionals
from idp.provider import Provider
from idp.psc.claims import userinfo
from idp.store.directory_import import StagedPerson, write_people
from idp.store.holdings import phones_of_holders
from idp.store.journal import find_events
from idp.store.models import BrowserSession, World
from tests.conftest import BASE_URL
from tests.console.helpers import colleague, post
from tests.wallet.helpers import PERSON, enrol, new_phone

ADDRESS = f"/personnes/fiche/{PERSON}"
NAME = "MARGELLE"


def texts(page: Any) -> str:
    return unescape(page.text)


def rows(page: Any) -> list[str]:
    """The identifiers of the results, in order."""
    return re.findall(r'<th scope="row"><a href="/personnes/fiche/([^"]+)"', page.text)


def crowd(provider: Provider, names: list[str]) -> None:
    """Further people of the directory in force."""
    with provider.store.begin() as db:
        generation = db.get_one(World, 1).directory_generation
        assert generation is not None
        people = [
            StagedPerson(f"8111{place:08}", "8", name, "Ada", "MME", [], [])
            for place, name in enumerate(names)
        ]
        write_people(db, generation, people)


@pytest.mark.parametrize("typed", ["M", "89", "%%", "_"])
def test_too_little_finds_nobody(console: FlaskClient, typed: str) -> None:
    """`%` and `_` mean themselves."""
    assert rows(console.get("/personnes", query_string={"q": typed})) == []


@pytest.mark.parametrize("national_id", ["899700999999", "pas-un-numero", "ANS20200101000000"])
def test_there_is_no_page_of_nobody(console: FlaskClient, national_id: str) -> None:
    for page in ("fiche", "moyens", "services", "evenements", "coordonnees", "radiation"):
        assert console.get(f"/personnes/{page}/{national_id}").status_code == 404


@pytest.mark.parametrize("typed", ["margelle", "MARG", "  marg ", "Margelle"])
def test_a_name_is_found_by_its_beginning(console: FlaskClient, typed: str) -> None:
    assert rows(console.get("/personnes", query_string={"q": typed})) == [PERSON]


def test_a_name_is_found_with_its_accent_and_without(
    console: FlaskClient, provider: Provider
) -> None:
    """Extracts write names without accents; the sample writes them."""
    crowd(provider, ["EPINOYER"])
    assert len(rows(console.get("/personnes", query_string={"q": "Épinoy"}))) == 2


def test_the_given_name_narrows_it(console: FlaskClient, provider: Provider) -> None:
    crowd(provider, [NAME])
    query = {"q": NAME, "prenom": "ad"}
    assert rows(console.get("/personnes", query_string=query)) == ["811100000000"]


@pytest.mark.parametrize("typed", [PERSON, PERSON[1:], "8 99700990015", "99700 990015"])
def test_a_whole_identifier_leads_to_its_person_in_both_forms(
    console: FlaskClient, typed: str
) -> None:
    """EC-03: with the 8, and without."""
    answer = console.get("/personnes", query_string={"q": typed})
    assert answer.location == ADDRESS


def test_a_former_identifier_leads_to_its_person(console: FlaskClient) -> None:
    """Decision 36."""
    former = next(
        (other["identifiant"], professional["identificationNationalePP"])
        for professional in sample_professionals()
        for other in professional["autresIdentifiants"]
        if other["identifiant"].startswith("0")
        and professional["identificationNationalePP"].startswith("8")
    )
    answer = console.get("/personnes", query_string={"q": former[0]})
    assert answer.location == f"/personnes/fiche/{former[1]}"


def test_the_beginning_of_an_identifier_lists_whoever_has_it(console: FlaskClient) -> None:
    both_forms = [
        rows(console.get("/personnes", query_string={"q": typed})) for typed in ("8997", "9970")
    ]
    assert PERSON in both_forms[0]
    assert PERSON in both_forms[1]


def test_results_go_on_where_they_ended(console: FlaskClient, provider: Provider) -> None:
    crowd(provider, ["ZEPHYR"] * 30 + ["ZEPHYRIN"] * 5)
    first = console.get("/personnes?q=zephyr")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following
    second = console.get(unescape(following[1]))
    assert len(rows(first)) == 25
    assert rows(first) + rows(second) == [f"8111{place:08}" for place in range(35)]


def test_the_page_says_what_the_directory_says(console: FlaskClient) -> None:
    page = texts(console.get(ADDRESS))
    assert NAME in page
    assert PERSON in page
    assert "Activités" in page
    assert f"f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:{PERSON}" in page


def test_looking_opens_no_account(console: FlaskClient, provider: Provider) -> None:
    console.get(ADDRESS)
    console.get(f"/personnes/services/{PERSON}")
    with provider.store.read() as db:
        identity = identity_of(db, PERSON)
    assert identity is not None
    assert identity.account is None


def test_what_services_are_told_is_what_userinfo_says(
    console: FlaskClient, provider: Provider
) -> None:
    """Decision 11: by the function that answers them."""
    page = console.get(f"/personnes/services/{PERSON}?moyen=CARD")
    shown = re.search(r'<pre[^>]*id="claims"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert shown
    with provider.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    sub = f"f:{provider.settings.federation_uuid}:{PERSON}"
    vintage = provider.settings.claims_vintage
    expected = userinfo(person, sub=sub, auth_mode="CARD", vintage=vintage)
    assert json.loads(unescape(shown[1])) == expected


def test_contacts_are_masked_and_each_look_at_them_is_in_the_journal(
    console: FlaskClient, provider: Provider
) -> None:
    with provider.store.read() as db:
        contact = find_contact(db, PERSON)
    assert contact is not None
    page = texts(console.get(ADDRESS))
    assert contact.mobile not in page
    assert contact.email not in page
    assert f"** ** ** {contact.mobile[-2:]}" in page
    assert contact.email in texts(console.get(f"/personnes/coordonnees/{PERSON}"))
    with provider.store.read() as db:
        (look, *_) = find_events(
            db, person=PERSON, event="directory:contact:shown", before=0, limit=5
        )
    assert look.actor is not None
    assert look.actor.startswith("operator:")


def test_who_only_reads_sees_no_contact_and_changes_nothing(
    manned: Provider, manned_app: Flask
) -> None:
    reader = colleague(manned_app, manned, "lea", "reader").browser
    assert reader.get(ADDRESS).status_code == 200
    for page in ("coordonnees", "radiation", "retour", "sessions", "activites/nouvelle"):
        assert reader.get(f"/personnes/{page}/{PERSON}").status_code == 403
    with manned.store.read() as db:
        looks = find_events(db, person=PERSON, event="directory:contact:shown", before=0, limit=5)
    assert looks == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"mobile": "12"}, "mobile"), ({"email": "a@medecin.mssante.fr"}, "email")],
)
def test_a_contact_that_is_none_is_told_at_its_field(
    console: FlaskClient, changed: dict[str, str], field: str
) -> None:
    form = {"mobile": "0639980099", "email": "a@exemple.test"} | changed
    answer = post(console, f"/personnes/coordonnees/{PERSON}", **form)
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert changed[field] in answer.text


def test_contacts_are_changed_and_the_old_ones_kept_as_previous(
    console: FlaskClient, provider: Provider
) -> None:
    form = {"mobile": "06 39 98 77 77", "email": "neuf@exemple.test"}
    answer = post(console, f"/personnes/coordonnees/{PERSON}", **form)
    assert answer.location.startswith(f"{ADDRESS}?fait=")
    with provider.store.read() as db:
        contact = find_contact(db, PERSON)
    assert contact is not None
    assert (contact.mobile, contact.email) == ("+33639987777", "neuf@exemple.test")
    assert contact.previous_email is not None


def test_a_second_registrar_agrees_to_contacts_and_to_striking_off(
    manned: Provider, manned_app: Flask
) -> None:
    """Decision 26; EC-01."""
    ada = colleague(manned_app, manned, "ada", "registrar")
    bob = colleague(manned_app, manned, "bob", "registrar")
    path = f"/personnes/radiation/{PERSON}"
    form = {"closing": "radiation", "confirmed": "1"}
    assert "Dites pourquoi" in texts(ada.post(path, **form))
    waiting = ada.post(path, **form, reason="décision de l’Ordre").location
    with manned.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    assert not person.closed
    bob.post(f"{waiting}/accord", page=waiting)
    with manned.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    assert person.closed


def test_striking_off_asks_why_and_for_a_confirmation(console: FlaskClient) -> None:
    """RGAA 11.12."""
    answer = post(console, f"/personnes/radiation/{PERSON}", closing="deces")
    assert answer.status_code == 400
    assert 'id="confirmed-error"' in answer.text
    answer = post(console, f"/personnes/radiation/{PERSON}", confirmed="1")
    assert 'id="closing-error"' in answer.text


def test_struck_off_loses_the_phone_and_may_be_taken_back(
    console: FlaskClient, provider: Provider, tmp_path: Path
) -> None:
    """EC-01: taking it back revives nothing."""
    enrol(create_app(provider.settings, provider=provider), tmp_path / "phone")
    form = {"closing": "radiation", "confirmed": "1"}
    post(console, f"/personnes/radiation/{PERSON}", **form)
    assert "ne peut plus se connecter" in texts(console.get(ADDRESS))
    with provider.store.read() as db:
        (phone,) = phones_of_holders(db, [PERSON])
    assert phone.state == "revoked"
    post(console, f"/personnes/retour/{PERSON}")
    assert "en exercice" in texts(console.get(ADDRESS))
    with provider.store.read() as db:
        (phone,) = phones_of_holders(db, [PERSON])
    assert phone.state == "revoked"
    assert post(console, f"/personnes/retour/{PERSON}").status_code == 409


def open_session(provider: Provider) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        db.add(
            BrowserSession(
                sid="une-session",
                cookie_hash=b"c" * 32,
                national_id=PERSON,
                account_id="compte",
                auth_time=now,
                means={"MOBILE": int(now.timestamp())},
                browser="Firefox",
                place="Cabinet",
                last_activity_at=now,
                created_at=now,
                expires_at=now + timedelta(hours=4),
            )
        )


def test_sessions_are_seen_and_ended(console: FlaskClient, provider: Provider) -> None:
    open_session(provider)
    assert "Firefox" in texts(console.get(f"/personnes/moyens/{PERSON}"))
    answer = post(console, f"/personnes/sessions/{PERSON}")
    assert answer.location.startswith(f"/personnes/moyens/{PERSON}?fait=")
    assert "Firefox" not in texts(console.get(f"/personnes/moyens/{PERSON}"))


def test_an_activation_under_way_tells_what_stands_against_it(
    console: FlaskClient, provider: Provider, tmp_path: Path
) -> None:
    """Decision 17: the true reason is for the support, not for who types."""
    with provider.store.begin() as db:
        declare_contact(provider, db, PERSON, "", None)
    app = create_app(provider.settings, provider=provider)
    new_phone(app, tmp_path / "phone").start_enrolment(BASE_URL, PERSON)
    assert "aucun téléphone mobile déclaré" in texts(console.get(f"/personnes/moyens/{PERSON}"))


ACTIVITY = {
    "profession": "10C",
    "name": "CABINET AJOUTE",
    "mode": "L",
    "sector": "SA07",
    "role": "FON-01",
    "kind": "GENR01",
    "department": "75",
}


def activities(provider: Provider) -> list[str]:
    with provider.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    return [a["raisonSocialeSite"] for e in person.exercices for a in e["activities"]]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"department": ""}, "department"),
        ({"profession": "99C"}, "profession"),
        ({"name": ""}, "name"),
    ],
)
def test_an_activity_that_does_not_hold_is_told_at_its_field(
    console: FlaskClient, provider: Provider, changed: dict[str, str], field: str
) -> None:
    path = f"/personnes/activites/nouvelle/{PERSON}"
    answer = post(console, path, **(ACTIVITY | changed))
    assert answer.status_code == 400
    assert f'id="{field}-error"' in answer.text
    assert "CABINET AJOUTE" not in activities(provider)


def test_an_activity_is_added_moved_and_ended(console: FlaskClient, provider: Provider) -> None:
    """CP-01 to CP-03, CP-12: along the chain, in one step."""
    post(console, f"/personnes/activites/nouvelle/{PERSON}", **ACTIVITY)
    assert "CABINET AJOUTE" in activities(provider)
    page = console.get(ADDRESS).text
    (address,) = re.findall(
        r'href="(/personnes/activites/[0-9a-f]+)">Modifier<span class="unseen"> CABINET AJOUTE',
        page,
    )
    moved = post(console, address, name="CABINET AJOUTE", street="RUE DES ESSAIS")
    assert moved.status_code == 303
    with provider.store.read() as db:
        person = find_person(db, PERSON)
    assert person is not None
    streets = [a["libelleVoie"] for e in person.exercices for a in e["activities"]]
    assert "RUE DES ESSAIS" in streets
    assert post(console, f"{address}/fin").status_code == 303
    assert "CABINET AJOUTE" not in activities(provider)
    assert post(console, f"{address}/fin").status_code == 409


def test_a_real_console_edits_no_activity(console: FlaskClient, provider: Provider) -> None:
    """There the Order, the CPAM and the ANS do it."""
    provider.kind = "real"
    assert console.get(f"/personnes/activites/nouvelle/{PERSON}").status_code == 404
    assert "Ajouter une activité" not in texts(console.get(ADDRESS))


def test_what_happened_to_a_person_is_listed(console: FlaskClient) -> None:
    post(console, f"/personnes/radiation/{PERSON}", closing="radiation", confirmed="1")
    page = texts(console.get(f"/personnes/evenements/{PERSON}"))
    assert "directory:person:closed" in page
