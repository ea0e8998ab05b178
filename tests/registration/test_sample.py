"""The cards of the thirty sample people."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from idp.cards.states import CardState
from idp.directory.activities import activities_of
from idp.directory.sample import sample_professionals
from idp.provider import Provider
from idp.store.models import Card, PracticeActivity
from tests.registration.helpers import card_of, cards_of, person_of


def test_every_card_is_loaded_as_it_is_written(both: Provider) -> None:
    """CP-16: version; CP-10: three years at most."""
    for professional in sample_professionals():
        for written in professional["cartes"]:
            card = card_of(both, written["numeroCarte"])
            assert card.state == written["statut"]
            assert card.version == written["version"]
            assert card.family == written["typeCarte"]
            assert card.tries_left == written["essaisCodePorteurRestants"]
            assert card.opposition_reason == written["motifOpposition"]
            assert card.starts_at is not None
            assert card.ends_at is not None
            assert card.ends_at - card.starts_at <= timedelta(days=3 * 366)
            assert len(card.activities) == len(written["activites"])
    with both.store.read() as db:
        assert db.scalar(select(func.count()).select_from(Card)) == 33
        assert set(db.scalars(select(Card.state))) <= set(CardState)


def test_cards_carry_activities_of_their_holder(both: Provider) -> None:
    for professional in sample_professionals():
        national_id = professional["identificationNationalePP"]
        known = {
            one.activity_id
            for one in activities_of(national_id, person_of(both, national_id).exercices)
        }
        for card in cards_of(both, national_id):
            assert set(card.activities) <= known


def test_a_second_card_and_a_successor_are_told_apart(both: Provider) -> None:
    """CP-09, CP-11: nine activities are on two cards; a renewal takes over from one."""
    assert [card.rank for card in cards_of(both, "899700990064")] == [1, 2]
    renewal = card_of(both, "9700000016")
    assert (renewal.renews, renewal.rank) == ("9700000015", 1)
    assert card_of(both, "9700000012").renews == "9700000011"
    assert [card.renews for card in cards_of(both, "899700990262")] == [None, None]


def test_the_validity_ends_with_its_last_day(both: Provider) -> None:
    """CP-10."""
    card = card_of(both, "9700000001")
    assert card.starts_at == datetime(2025, 3, 1, tzinfo=UTC)
    assert card.ends_at == datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC)


def test_billing_numbers_are_held_apart_from_what_is_published(both: Provider) -> None:
    """CP-02, CP-15: never published, none for who is paid by others or substitutes."""
    with both.store.read() as db:
        rows = list(db.scalars(select(PracticeActivity)))
    assert len(rows) == 65
    assert {row.state for row in rows} == {"carried"}
    for row in rows:
        assert not [name for name in row.details if name.startswith("x_")]
        bills = (
            row.details["codeModeExercice"] == "L" and row.details["codeGenreActivite"] == "GENR01"
        )
        assert bool(row.billing_number) is bills
        assert not row.billing_number or row.billing_number.startswith(row.department)
