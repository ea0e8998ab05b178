"""Which card carries an activity, and what follows from a change (CP-03, CP-08, CP-09, CP-12)."""

import pytest

from idp.cards import ordering
from idp.cards.ordering import AlreadyRenewed, order_card
from idp.cards.register import move
from idp.cards.states import CardAct
from idp.cards.succession import order_successor
from idp.provider import Provider
from idp.registration.employer import request_card
from idp.registration.order import move_activity
from idp.registration.steps import DetailsInvalid, Reason, StepRefused, take
from tests.registration.helpers import (
    MARGELLE,
    card_of,
    cards_of,
    declared,
    ended,
    person_of,
    places_of,
    practise,
    registered,
    strike_off,
    told,
)

SECRETARY = "699700990015001/0000000001"
SERVICE = "3990000119/000000018"
EIGHT = "899700990072"


def test_the_first_activity_orders_a_card(both: Provider) -> None:
    """CP-03: automatic manufacture; CP-16: its version is recorded."""
    who = registered(both)
    carrying = practise(both, who)
    [card] = cards_of(both, who)
    assert carrying.is_new_card
    assert carrying.activity.card_number == card.card_number
    assert (card.family, card.version, card.state, card.rank) == ("CPS", "CPS4", "commandee", 1)
    assert card.activities == [carrying.activity.activity_id]
    assert (card.tries_left, card.unblock_tries_left) == (3, 3)
    assert (card.starts_at, card.ends_at, card.card_jwk) == (None, None, None)
    assert places_of(both, who) == ["CABINET D'ESSAI"]


def test_the_version_of_the_sample_is_kept(both: Provider) -> None:
    """CP-16: CPS3 and CPS4 side by side."""
    assert {card.version for card in cards_of(both, MARGELLE)} == {"CPS3"}


def test_a_student_gets_a_cpf(both: Provider) -> None:
    who = registered(both, category="E", title="")
    assert practise(both, who, "10E").card.family == "CPF"


def test_several_activities_are_on_one_card(both: Provider) -> None:
    """CP-08: what the holder chooses from; CP-12: the content follows."""
    who = registered(both)
    first, second = practise(both, who), practise(both, who, raisonSocialeSite="CABINET 2")
    [card] = cards_of(both, who)
    assert not second.is_new_card
    assert card.activities == [first.activity.activity_id, second.activity.activity_id]
    assert card.content_version == 2
    assert told(both, "cards:content:updated") == [
        {"card_number": card.card_number, "version": 2, "activities": 2}
    ]
    assert places_of(both, who) == ["CABINET D'ESSAI", "CABINET 2"]


@pytest.mark.parametrize(("count", "carried"), [(8, [8]), (9, [8, 1]), (17, [8, 8, 1])])
def test_the_ninth_activity_orders_a_second_card(
    both: Provider, count: int, carried: list[int]
) -> None:
    """CP-09: eight on one, nine on two."""
    who = registered(both)
    for number in range(count):
        practise(both, who, identifiantTechniqueDeLaStructure=f"R{number}")
    cards = cards_of(both, who)
    assert [len(card.activities) for card in cards] == carried
    assert [card.rank for card in cards] == list(range(1, len(carried) + 1))


def test_a_full_card_of_the_sample_is_left_as_it_is(both: Provider) -> None:
    """CP-09: whatever the places."""
    ninth = practise(both, EIGHT, codeDepartement="974")
    first, second = cards_of(both, EIGHT)
    assert (len(first.activities), first.content_version) == (8, 1)
    assert second.activities == [ninth.activity.activity_id]
    assert len(places_of(both, EIGHT)) == 9


def test_two_professions_are_two_cards(both: Provider) -> None:
    """One card an exercise (MOS)."""
    both_cards = cards_of(both, "899700990262")
    carrying = practise(both, "899700990262", "60C")
    grown = card_of(both, carrying.card.card_number)
    assert grown.profession == "60C"
    [other] = [c for c in both_cards if c.card_number != grown.card_number]
    assert card_of(both, other.card_number).activities == other.activities


def test_while_a_renewal_is_on_its_way_both_cards_get_the_activity(both: Provider) -> None:
    """CP-12: the successor lacks nothing when it takes over."""
    carrying = practise(both, "899700990130")
    cards = cards_of(both, "899700990130")
    assert len(cards) == 2
    assert all(carrying.activity.activity_id in card.activities for card in cards)


def test_an_opposed_card_is_replaced_by_the_next_activity(both: Provider) -> None:
    """CP-13: what it carried goes along."""
    who = "899700990114"
    [stolen] = cards_of(both, who)
    carrying = practise(both, who)
    new = card_of(both, carrying.card.card_number)
    assert carrying.is_new_card
    assert (new.renews, new.rank, new.state) == (stolen.card_number, 1, "commandee")
    assert new.activities == [*stolen.activities, carrying.activity.activity_id]
    assert card_of(both, stolen.card_number).activities == stolen.activities


def test_the_end_of_an_activity_leaves_directory_and_card(both: Provider) -> None:
    """CP-12."""
    who = registered(both)
    first, second = practise(both, who), practise(both, who, raisonSocialeSite="CABINET 2")
    ended(both, first.activity.activity_id)
    [card] = cards_of(both, who)
    assert card.activities == [second.activity.activity_id]
    assert card.content_version == 3
    assert places_of(both, who) == ["CABINET 2"]
    with pytest.raises(StepRefused) as refused:
        ended(both, first.activity.activity_id)
    assert refused.value.reason is Reason.NOT_DECLARED


def test_an_activity_of_the_sample_ends_as_well(both: Provider) -> None:
    """CP-12."""
    [card] = cards_of(both, EIGHT)
    ended(both, card.activities[0])
    assert len(card_of(both, card.card_number).activities) == 7
    assert len(places_of(both, EIGHT)) == 7


def test_the_end_of_the_last_activity_leaves_the_exercise(both: Provider) -> None:
    who = registered(both)
    ended(both, practise(both, who).activity.activity_id)
    assert [e["activities"] for e in person_of(both, who).exercices] == [[]]


def test_what_ends_before_it_is_carried_is_on_no_card(both: Provider) -> None:
    """CP-12, CP-04."""
    who = registered(both)
    ended(both, declared(both, who).activity_id)
    assert cards_of(both, who) == []


def test_a_move_follows_to_directory_and_card(both: Provider) -> None:
    """CP-12: the same activity at another address."""
    who = registered(both)
    activity = practise(both, who).activity
    details = {"codePostal": "99002", "raisonSocialeSite": "CABINET DÉPLACÉ", "bureauCedex": ""}
    moved = take(both, lambda db: move_activity(both, db, activity.activity_id, details))
    assert moved.activity_id == activity.activity_id
    assert places_of(both, who) == ["CABINET DÉPLACÉ"]
    assert cards_of(both, who)[0].content_version == 2
    assert told(both, "registration:activity:declared")[-1]["moved"] is True


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"codeDepartement": "01"}, Reason.DEPARTMENT_CHANGED),
        ({"codeRole": "FON-22"}, Reason.ANOTHER_ACTIVITY),
        ({"identifiantTechniqueDeLaStructure": "R2"}, Reason.ANOTHER_ACTIVITY),
    ],
)
def test_what_would_be_another_activity_is_no_move(
    both: Provider, details: dict[str, str], reason: Reason
) -> None:
    """CP-02: the billing number begins with the département."""
    who = registered(both)
    activity = practise(both, who).activity
    with pytest.raises(StepRefused) as refused:
        take(both, lambda db: move_activity(both, db, activity.activity_id, details))
    assert refused.value.reason is reason
    assert cards_of(both, who)[0].content_version == 1


def test_nothing_that_is_not_of_the_directory_is_moved(both: Provider) -> None:
    activity = practise(both, registered(both)).activity
    with pytest.raises(DetailsInvalid):
        take(both, lambda db: move_activity(both, db, activity.activity_id, {"x_a": "1"}))
    with pytest.raises(StepRefused):
        take(both, lambda db: move_activity(both, db, "0" * 24, {}))


def test_a_card_is_renewed_once(both: Provider) -> None:
    """CP-11: of two orders one alone counts."""
    [card] = cards_of(both, MARGELLE)
    first = take(both, lambda db: order_successor(both, db, card))
    with pytest.raises(AlreadyRenewed, match=first.card_number):
        take(both, lambda db: order_successor(both, db, card))


def test_a_card_number_that_is_taken_is_drawn_again(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["9800000001", "9800000001", "9800000002"])
    monkeypatch.setattr(ordering, "_draw_number", lambda: next(drawn))

    def order() -> str:
        return take(
            both,
            lambda db: order_card(both, db, national_id=MARGELLE, family="CPS").card_number,
        )

    assert [order(), order()] == ["9800000001", "9800000002"]


def test_an_employer_asks_for_a_card_that_names_an_employee(both: Provider) -> None:
    """CSS R161-55; decision 30."""
    card = take(
        both,
        lambda db: request_card(both, db, family="CPA", national_id=SECRETARY, is_nominative=True),
    )
    assert (card.family, card.is_nominative, card.state) == ("CPA", True, "commandee")
    assert (card.profession, card.activities) == ("", [])


def test_an_employer_asks_for_a_card_that_names_nobody(both: Provider) -> None:
    """Decision 30: a service card signs nobody in."""
    card = take(
        both,
        lambda db: request_card(both, db, family="CPE", national_id=SERVICE, is_nominative=False),
    )
    assert card_of(both, card.card_number).is_nominative is False


@pytest.mark.parametrize(
    ("family", "national_id", "reason"),
    [
        ("CPE", SECRETARY, Reason.CARD_IN_USE),
        ("CPE", SERVICE, Reason.HOLDER_UNKNOWN),
        ("CPA", "899700990155", Reason.STRUCK_OFF),
    ],
)
def test_a_card_of_an_employee_is_refused_with_its_reason(
    both: Provider, family: str, national_id: str, reason: Reason
) -> None:
    with pytest.raises(StepRefused) as refused:
        take(
            both,
            lambda db: request_card(
                both, db, family=family, national_id=national_id, is_nominative=True
            ),
        )
    assert refused.value.reason is reason


def test_an_employer_orders_no_card_of_a_practitioner(both: Provider) -> None:
    with pytest.raises(DetailsInvalid):
        take(
            both,
            lambda db: request_card(
                both, db, family="CPS", national_id=MARGELLE, is_nominative=True
            ),
        )


def test_a_card_that_is_not_in_the_post_is_not_received(both: Provider) -> None:
    """CP-04: the card's own table holds as well, and the refusal is committed."""
    who = registered(both)
    card = practise(both, who).card
    with pytest.raises(Exception, match="commandee"):
        take(both, lambda db: move(both, db, card.card_number, CardAct.RECEIVE))
    assert told(both, "cards:transition:refused")[0]["state"] == "commandee"


def test_a_struck_off_practitioner_ends_activities_but_begins_none(both: Provider) -> None:
    """CP-12."""
    who = registered(both)
    activity = practise(both, who).activity
    strike_off(both, who)
    ended(both, activity.activity_id)
    assert cards_of(both, who)[0].activities == []
    with pytest.raises(StepRefused):
        declared(both, who)
