"""The thirty sample people, whatever they are looked up by (decision 36)."""

from typing import Any

from sqlalchemy import event

from idp.directory.people import account_of, find_contact, find_person
from idp.directory.sample import sample_professionals
from idp.provider import Provider
from idp.store.directory_import import StagedAlias, write_aliases
from idp.store.people import write_correction


def test_all_thirty_are_found_on_both_databases(both: Provider) -> None:
    with both.store.read() as db:
        for professional in sample_professionals():
            person = find_person(db, professional["identificationNationalePP"])
            assert person is not None
            assert person.family_name == professional["nomDeFamille"]
            assert len(person.exercices) == len(professional["exercices"])


def test_a_former_adeli_identifier_leads_to_the_person_and_the_account(both: Provider) -> None:
    """Decision 36."""
    with both.store.begin() as db:
        person = find_person(db, "0999100290")
        account = account_of(db, "0999100290", both.clock.now())
        contact = find_contact(db, "0999100290")
        assert person is not None
        assert person.national_id == "899700990296"
        assert account.national_id == "899700990296"
        assert account_of(db, "899700990296", both.clock.now()).account_id == account.account_id
        assert contact is not None
        assert contact.mobile == "+33639980029"


def test_a_closed_registration_is_closed(both: Provider) -> None:
    """EC-01."""
    with both.store.read() as db:
        person = find_person(db, "899700990155")
    assert person is not None
    assert person.closed


def test_unknown_people_are_nobody(both: Provider) -> None:
    with both.store.read() as db:
        assert find_person(db, "899700991005") is None
        assert find_contact(db, "899700991005") is None


def test_nothing_of_ours_is_kept_in_an_activity(both: Provider) -> None:
    """Domain 9: `x_` fields never leave the directory's file."""
    with both.store.read() as db:
        person = find_person(db, "899700990015")
    assert person is not None
    assert not [n for a in person.exercices[0]["activities"] for n in a if n.startswith("x_")]


def test_an_account_opened_under_adeli_stays_when_the_rpps_is_learnt(both: Provider) -> None:
    """Decision 36: stable account."""
    with both.store.begin() as db:
        before = account_of(db, "0992800276", both.clock.now()).account_id
        write_aliases(db, 1, [StagedAlias("0992800276", "899700990015")])
    with both.store.begin() as db:
        assert account_of(db, "899700990015", both.clock.now()).account_id == before
        assert account_of(db, "0992800276", both.clock.now()).account_id == before


def test_a_strike_off_under_adeli_follows_the_person_to_rpps(both: Provider) -> None:
    """Decision 36: local corrections are kept whatever the person is known by."""
    now = both.clock.now()
    with both.store.begin() as db:
        write_correction(
            db, national_id="0992800276", struck_off=True, civil_identity=None, now=now
        )
        write_aliases(db, 1, [StagedAlias("0992800276", "899700990015")])
    with both.store.read() as db:
        person = find_person(db, "899700990015")
    assert person is not None
    assert person.closed


def test_looking_up_reads_no_whole_table(provider: Provider) -> None:
    """Every query path is indexed (MA-09)."""
    plans: list[str] = []
    with provider.store.begin() as db:
        connection = db.connection()

        @event.listens_for(connection, "before_cursor_execute")
        def explain(*call: Any) -> None:
            _, cursor, statement, parameters, *_ = call
            if statement.startswith("SELECT"):
                plans.extend(
                    str(row[3])
                    for row in cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                )

        find_person(db, "0999100290")
        find_contact(db, "0999100290")
        account_of(db, "0999100290", provider.clock.now())
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN") and "CONSTANT ROW" not in plan]
