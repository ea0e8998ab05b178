"""The chain Order, CPAM, ANS: in that order and no other (CP-01 to CP-05)."""

from datetime import timedelta

import pytest

from idp.directory.identifiers import luhn_holds, parse_national_id
from idp.provider import Provider
from idp.registration.details import billing_prefix
from idp.registration.steps import DetailsInvalid, Reason, StepRefused
from tests.outbox.helpers import advance
from tests.registration.helpers import (
    MARGELLE,
    PRACTICE,
    cards_of,
    carried,
    declared,
    ended,
    person_of,
    places_of,
    practise,
    recorded,
    registered,
    strike_off,
    told,
)

REFUSED = "registration:step:refused"


def test_the_ans_refuses_what_the_cpam_has_not_recorded(both: Provider) -> None:
    """CP-04: out of order is rejected and traced, and changes nothing."""
    who = registered(both)
    activity = declared(both, who)
    with pytest.raises(StepRefused) as refused:
        carried(both, activity.activity_id)
    assert refused.value.reason is Reason.NOT_RECORDED
    assert told(both, REFUSED) == [{"step": "ans:carry", "reason": "not_recorded"}]
    assert cards_of(both, who) == []
    assert places_of(both, who) == []


@pytest.mark.parametrize("step", [recorded, carried])
def test_what_the_order_does_not_know_is_refused(both: Provider, step: object) -> None:
    """CP-04: the Order comes first."""
    with pytest.raises(StepRefused) as refused:
        step(both, "0" * 24)  # type: ignore[operator]  # either step
    assert refused.value.reason is Reason.NOT_DECLARED
    assert told(both, REFUSED)[0]["activity_id"] == "0" * 24


@pytest.mark.parametrize(
    ("national_id", "reason"),
    [
        ("899700991005", Reason.NOT_REGISTERED),
        ("0992800276", Reason.NOT_REGISTERED),
        ("699700990015001/0000000001", Reason.NOT_REGISTERED),
        ("899700990155", Reason.STRUCK_OFF),
        ("899700990163", Reason.EXERCICE_UNKNOWN),
    ],
    ids=["nobody", "adeli", "employee", "struck off", "pharmacist"],
)
def test_an_activity_is_declared_by_a_registered_practitioner_only(
    both: Provider, national_id: str, reason: Reason
) -> None:
    """CP-04."""
    with pytest.raises(StepRefused) as refused:
        declared(both, national_id)
    assert refused.value.reason is reason


def test_who_is_struck_off_meanwhile_goes_no_further(both: Provider) -> None:
    """CP-04: each step looks again."""
    who = registered(both)
    first, second = declared(both, who), declared(both, who)
    recorded(both, second.activity_id)
    strike_off(both, who)
    with pytest.raises(StepRefused) as at_cpam:
        recorded(both, first.activity_id)
    with pytest.raises(StepRefused) as at_ans:
        carried(both, second.activity_id)
    assert {at_cpam.value.reason, at_ans.value.reason} == {Reason.STRUCK_OFF}
    assert cards_of(both, who) == []


def test_no_step_is_taken_twice(both: Provider) -> None:
    """CP-04."""
    who = registered(both)
    carrying = practise(both, who, identifiantTechniqueDeLaStructure="R1")
    activity_id = carrying.activity.activity_id
    for step, reason in (
        (lambda: declared(both, who, identifiantTechniqueDeLaStructure="R1"), "already_declared"),
        (lambda: recorded(both, activity_id), "already_recorded"),
        (lambda: carried(both, activity_id), "already_carried"),
    ):
        with pytest.raises(StepRefused) as refused:
            step()
        assert refused.value.reason == reason
    assert len(cards_of(both, who)) == 1
    assert places_of(both, who) == ["CABINET D'ESSAI"]


def test_an_activity_that_the_directory_holds_is_not_declared_again(both: Provider) -> None:
    activity = person_of(both, MARGELLE).exercices[0]["activities"][0]
    members = {name: value for name, value in activity.items() if value}
    with pytest.raises(StepRefused) as refused:
        declared(both, MARGELLE, **members)
    assert refused.value.reason is Reason.ALREADY_DECLARED


def test_registration_gives_a_whole_rpps_number_of_the_test_range(both: Provider) -> None:
    """CP-01."""
    who = registered(both)
    assert parse_national_id(who) == who
    assert who.startswith("8997")
    person = person_of(both, who)
    assert (person.family_name, person.given_name) == ("ÉPROUVETTE", "Ada")
    assert person.exercices[0]["codeSavoirFaire"] == "SM54"
    assert person.exercices[0]["activities"] == []
    assert person.other_ids == [{"identifiant": who, "origine": "RPPS", "qualite": 1}]


def test_an_rpps_number_is_for_life_also_after_a_strike_off(both: Provider) -> None:
    """CP-01: never given again."""
    given = [registered(both) for _ in range(3)]
    strike_off(both, given[-1])
    given.append(registered(both))
    assert len(set(given)) == 4
    assert given == sorted(given)


def test_a_number_that_the_directory_holds_is_passed_over(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CP-01: the range is shared with what was imported; here it begins at the sample's first."""
    monkeypatch.setattr("idp.registration.order._FIRST", 99001)
    monkeypatch.setattr("idp.registration.order._RANGE", "899700")
    assert registered(both) == "899700990270"


@pytest.mark.parametrize(
    "changes",
    [
        {"family_name": " "},
        {"given_name": "A\x00"},
        {"given_name": "A" * 201},
        {"civilite": "DR"},
        {"birth_date": "1990-04-12"},
        {"birth_date": "30/02/1990"},
        {"birth_date": "12/04/2990"},
        {"profession": "1"},
        {"profession": "10C"},
        {"category": "X"},
        {"title": "Docteur"},
        {"savoir_faire": "sm54"},
    ],
)
def test_who_is_registered_has_the_form_of_the_directory(
    provider: Provider, changes: dict[str, str]
) -> None:
    with pytest.raises(DetailsInvalid):
        registered(provider, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"codeDepartement": ""},
        {"codeDepartement": "20"},
        {"codeDepartement": "96"},
        {"codeModeExercice": ""},
        {"codeModeExercice": "X"},
        {"raisonSocialeSite": "A\u2028B"},
        {"raisonSocialeSite": "A" * 201},
        {"x_numeroAssuranceMaladie": "991000019"},
    ],
)
def test_an_activity_has_the_form_of_the_directory(
    provider: Provider, changes: dict[str, str]
) -> None:
    with pytest.raises(DetailsInvalid):
        declared(provider, MARGELLE, **changes)


@pytest.mark.parametrize(
    ("department", "begins"),
    [("99", "99"), ("01", "01"), ("2A", "20"), ("2B", "20"), ("974", "974"), ("988", "988")],
)
def test_a_billing_number_begins_with_the_departement(
    both: Provider, department: str, begins: str
) -> None:
    """CP-02."""
    activity = declared(both, registered(both), codeDepartement=department)
    number = recorded(both, activity.activity_id).activity.billing_number
    assert number is not None
    assert len(number) == 9
    assert number.startswith(begins)
    assert luhn_holds(number)
    assert billing_prefix(department) == begins


def test_every_activity_has_a_billing_number_of_its_own(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CP-02: a number that is taken is drawn again."""
    drawn = iter([7, 7, 7, 8])
    monkeypatch.setattr("idp.registration.cpam.secrets.randbelow", lambda _: next(drawn))
    who = registered(both)
    activities = [declared(both, who, identifiantTechniqueDeLaStructure=f"R{n}") for n in range(2)]
    numbers = [recorded(both, a.activity_id).activity.billing_number for a in activities]
    assert [number[:8] for number in numbers if number] == ["99000007", "99000008"]


def test_when_no_billing_number_is_left_nothing_is_recorded(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CP-02, CP-04."""
    monkeypatch.setattr("idp.registration.cpam.secrets.randbelow", lambda _: 7)
    who = registered(both)
    first, second = (
        declared(both, who, identifiantTechniqueDeLaStructure=f"R{n}") for n in range(2)
    )
    recorded(both, first.activity_id)
    with pytest.raises(StepRefused) as refused:
        recorded(both, second.activity_id)
    assert refused.value.reason is Reason.BILLING_NUMBERS_USED_UP
    with pytest.raises(StepRefused) as still:
        carried(both, second.activity_id)
    assert still.value.reason is Reason.NOT_RECORDED


@pytest.mark.parametrize(
    "changes",
    [{"codeModeExercice": "S"}, {"codeModeExercice": "B"}, {"codeGenreActivite": "GENR02"}],
    ids=["salaried", "voluntary", "substitute"],
)
def test_what_bills_nothing_of_its_own_has_no_billing_number(
    both: Provider, changes: dict[str, str]
) -> None:
    """CP-15: a substitute bills in the name of the doctor replaced."""
    activity = declared(both, registered(both), codeDepartement="", **changes)
    assert recorded(both, activity.activity_id).activity.billing_number is None


def test_the_cpam_tells_when_the_card_is_to_be_expected(both: Provider) -> None:
    """CP-05: two weeks on average, information and no guarantee."""
    activity = declared(both, registered(both))
    answer = recorded(both, activity.activity_id)
    assert answer.activity.recorded_at is not None
    assert answer.expected_at - answer.activity.recorded_at == timedelta(days=14)


def test_the_date_that_the_cpam_tells_goes_by_the_clock(both: Provider) -> None:
    """CP-05: what is recorded when that date has come is told the next one."""
    first = recorded(both, declared(both, registered(both)).activity_id).expected_at
    advance(both, both.settings.card_delivery)
    later = recorded(both, declared(both, registered(both)).activity_id).expected_at
    assert abs(later - first - both.settings.card_delivery) < timedelta(seconds=1)


def test_each_step_is_in_the_journal_without_what_is_private(both: Provider) -> None:
    """CP-04, EC-25."""
    who = registered(both)
    activity_id = practise(both, who).activity.activity_id
    ended(both, activity_id)
    assert told(both, "registration:person:registered") == [{"profession": "10C"}]
    assert told(both, "registration:activity:declared")[0]["activity_id"] == activity_id
    assert told(both, "registration:activity:recorded") == [
        {"activity_id": activity_id, "department": "99"}
    ]
    assert told(both, "registration:activity:carried")[0]["activity_id"] == activity_id
    assert told(both, "registration:activity:ended") == [{"activity_id": activity_id}]


def test_an_ended_activity_that_begins_again_keeps_its_billing_number(both: Provider) -> None:
    """CP-02: the number belongs to the activity, and passes the chain again."""
    who = registered(both)
    first = practise(both, who, identifiantTechniqueDeLaStructure="R1").activity
    number = first.billing_number
    ended(both, first.activity_id)
    again = declared(both, who, identifiantTechniqueDeLaStructure="R1")
    assert (again.activity_id, again.state) == (first.activity_id, "declared")
    assert again.recorded_at is None
    assert recorded(both, again.activity_id).activity.billing_number == number
    carried(both, again.activity_id)
    assert places_of(both, who) == [PRACTICE["raisonSocialeSite"]]
