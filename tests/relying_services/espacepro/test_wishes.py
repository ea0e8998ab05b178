"""Creating a delegation: what is refused, field by field, and what is not."""

from datetime import date
from typing import Any

import pytest

from relying_services.espacepro.checks import check
from relying_services.espacepro.errors import CreatorRefused, WishRefused
from relying_services.espacepro.matrix import MATRIX, SERVICES, STATUSES
from relying_services.espacepro.store.licences import add_licence
from relying_services.espacepro.store.models import LicenceRow
from relying_services.espacepro.wishes import Party, Wish
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import (
    A_DAY,
    AGENT,
    BOOKS,
    BRISELAME,
    BRISELAME_EMAIL,
    COQUELUNE,
    CPAM,
    DOUCEVAL,
    DRAPEYRON,
    EPINOY,
    FLAMBERGE,
    MARGELLE,
    NOW,
    PASTELLIER,
    SECRETARY,
    SETTINGS,
    TODAY,
    drawn_up,
    errors_of,
    first_wish,
    sent,
    settings,
    wish,
)


@pytest.mark.parametrize(
    ("field", "empty"),
    [("email", " "), ("status", ""), ("services", []), ("starts_on", None), ("ends_on", None)],
)
def test_each_missing_field_has_its_own_error(store: Store, field: str, empty: object) -> None:
    """EP-02."""
    with store.begin() as db:
        assert errors_of(db, wish(**{field: empty})) == [field]


def test_everything_that_is_missing_is_told_at_once(store: Store) -> None:
    """EP-02."""
    with store.begin() as db:
        found = errors_of(db, wish(email="", status="", services=[], starts_on=None, ends_on=None))
    assert found == ["email", "ends_on", "services", "starts_on", "status"]


@pytest.mark.parametrize(
    "email",
    [
        "anatole",
        "anatole@exemple",
        "a b@exemple.test",
        "a@exemple..test",
        "@exemple.test",
        "a@exemple.test,b@exemple.test",
        "a;b@exemple.test",
        "a@exemple.test\nBcc: b@exemple.test",
        "x" * 250 + "@exemple.test",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused(store: Store, email: str) -> None:
    """EP-02."""
    with store.begin() as db:
        assert errors_of(db, wish(email=email)) == ["email"]


def test_a_status_that_is_none_of_the_three_is_refused(store: Store) -> None:
    """EP-03."""
    assert STATUSES == ("remplacant", "assistant_medical", "comptable")
    with store.begin() as db:
        assert errors_of(db, wish(status="secretaire")) == ["status"]


@pytest.mark.parametrize(
    ("status", "service"),
    [(status, code) for status in STATUSES for code in SERVICES if code not in MATRIX[status]],
)
def test_a_service_that_the_status_may_not_have_is_refused(
    store: Store, status: str, service: str
) -> None:
    """EP-04: an accountant is never given a service with patients."""
    with store.begin() as db:
        assert errors_of(db, wish(status=status, services=[service])) == ["services"]


def test_an_end_before_the_begin_is_refused(store: Store) -> None:
    with store.begin() as db:
        assert errors_of(db, wish(ends_on=TODAY - A_DAY)) == ["ends_on"]
        assert errors_of(db, wish(ends_on=TODAY)) == []


def test_a_period_that_is_over_already_is_refused(store: Store) -> None:
    with store.begin() as db:
        past = wish(starts_on=TODAY - 9 * A_DAY, ends_on=TODAY - A_DAY)
        assert errors_of(db, past) == ["ends_on"]


@pytest.mark.parametrize(
    ("starts_on", "last", "first_too_far"),
    [
        (date(2026, 7, 1), date(2027, 6, 30), date(2027, 7, 1)),
        (date(2028, 2, 29), date(2029, 2, 27), date(2029, 2, 28)),
    ],
)
def test_a_substitute_is_delegated_to_for_twelve_months_at_most(
    store: Store, starts_on: date, last: date, first_too_far: date
) -> None:
    with store.begin() as db:
        assert errors_of(db, wish(starts_on=starts_on, ends_on=last)) == []
        assert errors_of(db, wish(starts_on=starts_on, ends_on=first_too_far)) == ["ends_on"]


def test_the_longest_substitution_is_a_setting(store: Store) -> None:
    short = settings(substitute_months=1)
    asked: dict[str, Any] = {"delegator": MARGELLE, "created_by": MARGELLE.id}
    with store.begin() as db:
        with pytest.raises(WishRefused) as refused:
            check(db, NOW, short, wish=wish(ends_on=date(2026, 7, 15)), **asked)
        assert list(refused.value.errors) == ["ends_on"]
        assert check(db, NOW, short, wish=wish(ends_on=date(2026, 7, 14)), **asked)


@pytest.mark.parametrize("given", [SECRETARY, BOOKS])
def test_other_delegations_may_end_as_far_as_2040(store: Store, given: dict[str, Any]) -> None:
    """EP-12: no silent cap."""
    far = date(2040, 12, 31)
    with store.begin() as db:
        made = drawn_up(db, wish(**(given | {"ends_on": far})))
        assert made.ends_on == far


def test_an_unknown_delegate_is_named_by_the_rpps_number(store: Store) -> None:
    """EP-07: the account of a first delegation needs it."""
    with store.begin() as db:
        assert errors_of(db, wish(email="inconnu@exemple.test")) == ["rpps"]


@pytest.mark.parametrize("rpps", ["899700999990", "99700999990", "12345", "0992800999", "<script>"])
def test_a_number_that_is_not_active_in_the_directory_is_refused(store: Store, rpps: str) -> None:
    """EP-07."""
    with store.begin() as db:
        assert errors_of(db, first_wish(rpps, "FLAMBERGE", "Hortense")) == ["rpps"]


@pytest.mark.parametrize(
    ("family_name", "given_name", "refused"),
    [
        ("GIROFLAY", "Hortense", ["family_name"]),
        ("FLAMBERGE", "Basile", ["family_name"]),
        ("FLAMBERGE", "", ["given_name"]),
        ("", "", ["family_name", "given_name"]),
        ("flamberge", "HORTENSE", []),
    ],
)
def test_the_name_is_that_of_the_number_in_the_directory(
    store: Store, family_name: str, given_name: str, refused: list[str]
) -> None:
    """EP-07: accents and capitals aside."""
    with store.begin() as db:
        assert errors_of(db, first_wish(FLAMBERGE.id, family_name, given_name)) == refused


def test_accents_and_hyphens_do_not_part_a_name_from_the_directory(store: Store) -> None:
    """EP-07."""
    with store.begin() as db:
        assert errors_of(db, first_wish("899700990056", "Epinoy", "gaspard")) == []
        assert errors_of(db, first_wish("99700990080", "hauterive pre", "CLOTAIRE")) == []


def test_an_account_is_found_by_its_address_and_nothing_more_is_asked(store: Store) -> None:
    """EP-08: one account for all doctors."""
    with store.begin() as db:
        made = drawn_up(db, wish(email=f" {BRISELAME_EMAIL.upper()} "))
        other = drawn_up(db, wish(), delegator=EPINOY)
        assert made.delegate_id == other.delegate_id == BRISELAME.id
        assert made.delegate_name == BRISELAME.name


def test_an_address_of_another_account_is_refused(store: Store) -> None:
    """EP-08."""
    with store.begin() as db:
        assert errors_of(db, wish(rpps=FLAMBERGE.id)) == ["rpps"]
        assert errors_of(db, wish(rpps=BRISELAME.id)) == []


def test_a_second_account_at_another_address_is_refused(store: Store) -> None:
    """EP-08: the address is the one that was agreed."""
    with store.begin() as db:
        assert errors_of(db, first_wish(BRISELAME.id, "BRISELAME", "Anatole")) == ["email"]


def test_nobody_delegates_to_oneself(store: Store) -> None:
    with store.begin() as db:
        own = first_wish(MARGELLE.id, "MARGELLE", "Solène")
        assert errors_of(db, own) == ["rpps"]


def test_a_substitute_has_the_profession_of_the_person_replaced(store: Store) -> None:
    with store.begin() as db:
        assert errors_of(db, first_wish(PASTELLIER, "PASTELLIER", "Ombeline")) == ["rpps"]


@pytest.mark.parametrize("delegate", [DRAPEYRON.id, "account:7"])
def test_a_substitute_stands_in_the_directory(store: Store, delegate: str) -> None:
    with store.begin() as db:
        assert errors_of(db, first_wish(delegate, "DRAPEYRON", "Mauricette")) == ["rpps"]


def test_a_student_delegates_nothing(store: Store) -> None:
    student = Party(COQUELUNE, "Maïwenn COQUELUNE")
    with store.begin() as db:
        assert errors_of(db, wish(), delegator=student) == ["delegator"]


def test_who_is_not_in_the_directory_delegates_nothing(store: Store) -> None:
    with store.begin() as db:
        stranger = Party("899700999990", "Personne INCONNUE")
        assert errors_of(db, wish(), delegator=stranger) == ["delegator"]
        # Told at once with what else is wrong: nobody corrects a form twice.
        assert errors_of(db, wish(email=""), delegator=stranger) == ["delegator", "email"]


def student_wish(delegate: str = COQUELUNE, **dates: Any) -> Wish:
    names = {COQUELUNE: ("COQUELUNE", "Maïwenn"), DOUCEVAL: ("DOUCEVAL", "Éloi")}
    return first_wish(delegate, *names[delegate], **dates)


def test_a_student_without_a_licence_that_holds_does_not_substitute(store: Store) -> None:
    with store.begin() as db:
        assert errors_of(db, student_wish(DOUCEVAL)) == ["rpps"]


def test_a_licence_covers_every_day_of_the_period(store: Store) -> None:
    with store.begin() as db:
        inside = student_wish(starts_on=date(2026, 9, 1), ends_on=date(2026, 11, 30))
        assert errors_of(db, inside) == []
        past_it = student_wish(starts_on=date(2026, 9, 2), ends_on=date(2026, 12, 1))
        assert errors_of(db, past_it) == ["rpps"]


def test_a_licence_that_begins_later_covers_no_day_before(store: Store) -> None:
    with store.begin() as db:
        licence = LicenceRow(
            number="LR-99-2026-0009",
            national_id=DOUCEVAL,
            specialty="SM54",
            starts_on=date(2026, 9, 2),
            ends_on=date(2027, 9, 1),
        )
        assert add_licence(db, licence)
        period = {"ends_on": date(2026, 11, 1)}
        early = student_wish(DOUCEVAL, starts_on=date(2026, 9, 1), **period)
        assert errors_of(db, early) == ["rpps"]
        in_time = student_wish(DOUCEVAL, starts_on=date(2026, 9, 2), **period)
        assert errors_of(db, in_time) == []


def test_a_student_substitutes_for_three_months_at_most(store: Store) -> None:
    with store.begin() as db:
        longest = student_wish(starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30))
        assert errors_of(db, longest) == []
        too_long = student_wish(starts_on=date(2026, 7, 1), ends_on=date(2026, 10, 1))
        assert errors_of(db, too_long) == ["ends_on"]


def test_a_licence_holds_for_its_specialty_alone(store: Store) -> None:
    """Of general medicine it does under each of the three codes that the directory has for it."""
    with store.begin() as db:
        assert errors_of(db, student_wish(), delegator=EPINOY) == ["rpps"]
        general = Party("899700990080", "Clotaire HAUTERIVE-PRÉ")
        assert errors_of(db, student_wish(), delegator=general) == []


def test_an_employee_is_an_assistant_by_the_identifier_of_the_card(store: Store) -> None:
    """EP-14: not titled assistant, and not in the directory."""
    with store.begin() as db:
        made = drawn_up(db, wish(**SECRETARY))
        assert (made.delegate_id, made.delegate_name) == (DRAPEYRON.id, DRAPEYRON.name)
        assert errors_of(db, wish(**(SECRETARY | {"family_name": ""}))) == ["family_name"]
        assert errors_of(db, wish(**(SECRETARY | {"rpps": "699700990015001"}))) == ["rpps"]


def test_an_accountant_needs_no_identifier(store: Store) -> None:
    with store.begin() as db:
        made = drawn_up(db, wish(**BOOKS))
        assert made.delegate_id is None
        assert errors_of(db, wish(**(BOOKS | {"rpps": "no identifier"}))) == ["rpps"]


@pytest.mark.parametrize(
    "created_by", [BRISELAME.id, f"cpam:{BRISELAME.id}", AGENT, "cpam:", "", "cpam:cpam:" + AGENT]
)
def test_attack_nobody_else_creates_a_delegation(store: Store, created_by: str) -> None:
    """EP-13: the delegator does, or an agent whom the settings name."""
    with store.begin() as db, pytest.raises(CreatorRefused):
        check(db, NOW, SETTINGS, delegator=MARGELLE, wish=wish(), created_by=created_by)


def test_an_agent_of_the_cpam_creates_the_delegation_of_an_assistant_alone(store: Store) -> None:
    """EP-13."""
    with store.begin() as db:
        assert errors_of(db, wish(), created_by=CPAM) == ["status"]
        assert errors_of(db, wish(**BOOKS), created_by=CPAM) == ["status"]
        made, _ = sent(db, wish(**SECRETARY), created_by=CPAM)
        assert (made.created_by, made.delegator) == (CPAM, MARGELLE.id)


def test_attack_an_agent_does_not_delegate_to_oneself(store: Store) -> None:
    """EP-13."""
    own = SECRETARY | {"rpps": AGENT, "family_name": "NOISERAIE", "given_name": "Fulbert"}
    with store.begin() as db:
        assert errors_of(db, wish(**own), created_by=CPAM) == ["rpps"]
        assert errors_of(db, wish(**own)) == []
