"""Convention and tariff zone, as the CPAM records them with the billing number (CSS R161-53)."""

import pytest
from sqlalchemy import text

from idp.provider import Provider
from idp.registration.steps import DetailsInvalid
from idp.registration.terms import Terms
from idp.store.migrate import upgrade
from idp.store.models import PracticeActivity
from tests.architecture.test_migrations import go_back
from tests.registration.helpers import (
    carried,
    declared,
    ended,
    recorded,
    recorded_under,
    registered,
)


def agreed(activity: PracticeActivity) -> tuple[str | None, str | None]:
    return activity.convention, activity.tariff_zone


@pytest.mark.parametrize(
    "terms",
    [
        Terms("4"),
        Terms("0"),
        Terms("11"),
        Terms("", "2"),
        Terms("", "2A"),
        Terms("", "200"),
        Terms("", "31"),
    ],
    ids=str,
)
def test_terms_that_are_none_are_refused(both: Provider, terms: Terms) -> None:
    activity = declared(both, registered(both))
    with pytest.raises(DetailsInvalid, match=r"must be one of (1, 2, 3|10, 20, 40)$"):
        recorded_under(both, activity.activity_id, terms)
    assert recorded(both, activity.activity_id).activity.state == "recorded"


@pytest.mark.parametrize("terms", [Terms("1"), Terms("", "20")], ids=str)
def test_what_bills_nothing_of_its_own_has_no_terms(both: Provider, terms: Terms) -> None:
    """CP-15: a substitute bills under the terms of the doctor replaced."""
    activity = declared(both, registered(both), codeGenreActivite="GENR02")
    with pytest.raises(DetailsInvalid, match="bills nothing of its own"):
        recorded_under(both, activity.activity_id, terms)
    assert agreed(recorded(both, activity.activity_id).activity) == (None, None)


@pytest.mark.parametrize(
    ("department", "zone"),
    [("75", "10"), ("13", "10"), ("99", "20"), ("2A", "20"), ("971", "40"), ("988", "40")],
)
def test_unless_told_otherwise_it_is_sector_1_and_the_zone_of_the_departement(
    both: Provider, department: str, zone: str
) -> None:
    activity = declared(both, registered(both), codeDepartement=department)
    assert agreed(recorded(both, activity.activity_id).activity) == ("1", zone)


def test_terms_stay_along_the_chain_and_are_agreed_anew_with_a_new_record(both: Provider) -> None:
    activity = declared(both, registered(both), identifiantTechniqueDeLaStructure="R1")
    recorded_under(both, activity.activity_id, Terms("3", "10"))
    assert agreed(carried(both, activity.activity_id).activity) == ("3", "10")
    ended(both, activity.activity_id)
    again = declared(both, activity.national_id, identifiantTechniqueDeLaStructure="R1")
    assert agreed(recorded_under(both, again.activity_id, Terms("2")).activity) == ("2", "20")


def test_what_was_recorded_before_there_were_terms_gets_those_of_most(both: Provider) -> None:
    """A database of an earlier version keeps its activities."""
    store = both.store
    ids = [
        declared(both, registered(both), **changes).activity_id
        for changes in (
            {"codeDepartement": "75"},
            {"codeDepartement": "972"},
            {"codeModeExercice": "S"},
        )
    ]
    for activity_id in ids:
        recorded(both, activity_id)
    go_back(store, "0007")
    upgrade(store)
    with store.read() as db:
        found = {
            row.activity_id: (row.convention, row.tariff_zone)
            for row in db.execute(
                text("SELECT activity_id, convention, tariff_zone FROM practice_activities")
            )
        }
    assert [found[each] for each in ids] == [("1", "10"), ("1", "40"), (None, None)]
