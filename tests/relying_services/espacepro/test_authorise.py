"""The one path of every act by delegation: each reason for which it is refused."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from relying_services.espacepro.authorisation import authorise
from relying_services.espacepro.delegations import (
    Delegate,
    current_of_delegate,
    own,
    refuse,
    revoke,
)
from relying_services.espacepro.errors import DelegationRefused, LicenceRefused
from relying_services.espacepro.licences import register, withdraw
from relying_services.espacepro.matrix import MATRIX, SERVICES, STATUSES
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.store.models import DirectoryRow, LicenceRow
from relying_services.service.settings import WrongSetting
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import (
    A_DAY,
    ACCOUNTANT,
    BOOKS,
    BRISELAME,
    COQUELUNE,
    DRAPEYRON,
    FLAMBERGE,
    MARGELLE,
    NOW,
    SECRETARY,
    accepted,
    asked,
    drawn_up,
    first_wish,
    sent,
    settings,
    wish,
)


def test_attack_a_delegation_that_does_not_exist_carries_nothing(store: Store) -> None:
    with store.begin() as db:
        made = accepted(db)
        made.id = "D-0000000000000000"
        db.expunge(made)
        assert asked(db, made) == "unknown"


@pytest.mark.parametrize("other", [FLAMBERGE.id, MARGELLE.id, ACCOUNTANT.id, "", "None"])
def test_attack_a_delegation_carries_nothing_for_anybody_else(store: Store, other: str) -> None:
    """EP-05: it is told from a wrong identifier by nothing."""
    with store.begin() as db:
        assert asked(db, accepted(db), by=other) == "unknown"
        waiting, _ = sent(db, wish(**BOOKS))
        assert asked(db, waiting, "paiements", by=other, means="PASSWORD") == "unknown"


def test_a_delegation_has_no_effect_until_it_is_accepted(store: Store) -> None:
    """EP-10."""
    with store.begin() as db:
        assert asked(db, drawn_up(db)) == "unknown"
        waiting, _ = sent(db)
        assert asked(db, waiting) == "not_accepted"
        assert asked(db, waiting, now=NOW + 16 * A_DAY) == "not_accepted"
        refuse(db, NOW, waiting, BRISELAME)
        assert asked(db, waiting) == "not_accepted"
        assert current_of_delegate(db, NOW, BRISELAME.id) == []


def test_a_revocation_counts_at_the_next_act(either: Store) -> None:
    """EP-17."""
    with either.begin() as db:
        made = accepted(db)
    with either.begin() as db:
        assert asked(db, made) == "full"
        assert [each.id for each in current_of_delegate(db, NOW, BRISELAME.id)] == [made.id]
    with either.begin() as db:
        revoke(db, NOW, db.merge(made), MARGELLE.id)
    with either.begin() as db:
        assert asked(db, made) == "revoked"
        assert current_of_delegate(db, NOW, BRISELAME.id) == []


def test_attack_no_act_is_done_after_a_revocation_that_it_did_not_see(either: Store) -> None:
    """EP-17: a revocation waits for the acts that were authorised before it, however long."""
    with either.begin() as db:
        made = accepted(db)
    done: list[str] = []

    def end() -> None:
        with either.begin() as db:
            revoke(db, NOW, own(db, MARGELLE.id, made.id), MARGELLE.id)
        done.append("revoked")

    thread = Thread(target=end)
    with either.begin() as db:
        assert asked(db, made, "aat") == "full"
        thread.start()
        thread.join(0.3)
        done.append("acted")
    thread.join()
    assert done == ["acted", "revoked"]


@pytest.mark.parametrize("service", [*sorted(SERVICES), "", "mailiz"])
def test_a_service_outside_the_delegation_is_refused(store: Store, service: str) -> None:
    """EP-04: even one that the status could have been given."""
    with store.begin() as db:
        made = accepted(db)
        granted = {"aat": "full", "transport": "full"}
        assert asked(db, made, service) == granted.get(service, "service_outside")


def test_a_service_that_left_the_matrix_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EP-04: the matrix decides at the act, not at the creation."""
    with store.begin() as db:
        made = accepted(db)
        monkeypatch.setitem(MATRIX, "remplacant", {"aat": "full"})
        assert asked(db, made, "transport") == "service_outside"
        assert asked(db, made, "aat") == "full"


@pytest.mark.parametrize("status", STATUSES)
def test_how_far_a_delegate_may_go_follows_from_the_status(store: Store, status: str) -> None:
    """Domain, 6: an assistant prepares, an accountant sees no patient."""
    of_status = {
        "remplacant": ({}, BRISELAME),
        "assistant_medical": (SECRETARY, DRAPEYRON),
        "comptable": (BOOKS, ACCOUNTANT),
    }
    given_, delegate = of_status[status]
    with store.begin() as db:
        made = accepted(db, wish(**(given_ | {"services": sorted(MATRIX[status])})), delegate)
        levels = {code: asked(db, made, code, by=delegate.id) for code in made.services}
    expected = {
        "remplacant": dict.fromkeys(
            ("aat", "atmp", "dmt", "protocole", "transport", "historique"), "full"
        ),
        "assistant_medical": {
            "aat": "prepare",
            "dmt": "full",
            "transport": "prepare",
            "imprimes": "full",
            "contact": "full",
        },
        "comptable": {"paiements": "masked"},
    }
    assert levels == expected[status]


@pytest.mark.parametrize("means", ["MOBILE", "WEBAUTHN", "PASSWORD", "", "card"])
def test_by_delegation_a_card_alone_identifies(store: Store, means: str) -> None:
    """EP-16 (domain, 6): except for the accountant."""
    with store.begin() as db:
        assert asked(db, accepted(db), means=means) == "means_refused"
        secretary = accepted(db, wish(**SECRETARY), DRAPEYRON)
        assert asked(db, secretary, by=DRAPEYRON.id, means=means) == "means_refused"


@pytest.mark.parametrize("means", ["PASSWORD", "CARD", "MOBILE", "WEBAUTHN"])
def test_an_accountant_may_have_a_password_alone(store: Store, means: str) -> None:
    with store.begin() as db:
        made = accepted(db, wish(**BOOKS), ACCOUNTANT)
        assert asked(db, made, "paiements", by=ACCOUNTANT.id, means=means) == "masked"


def test_the_means_of_a_status_are_a_setting(store: Store) -> None:
    wide = settings(
        delegate_means={
            "remplacant": frozenset({"CARD", "MOBILE"}),
            "assistant_medical": frozenset({"CARD"}),
            "comptable": frozenset({"CARD"}),
        }
    )

    def level(means: str) -> str:
        return authorise(
            db,
            NOW,
            wide,
            delegation_id=made.id,
            delegate_id=BRISELAME.id,
            service="aat",
            means=means,
        ).level

    with store.begin() as db:
        made = accepted(db)
        assert level("MOBILE") == "full"
        with pytest.raises(DelegationRefused, match="means_refused"):
            level("WEBAUTHN")


@pytest.mark.parametrize(
    "wrong",
    [
        {"delegate_means": {"remplacant": frozenset({"CARD"})}},
        {"delegate_means": dict.fromkeys(STATUSES, frozenset({"PIGEON"}))},
        {"delegate_means": dict.fromkeys(STATUSES, frozenset())},
        {"invitation_days": 0},
        {"student_months": -1},
    ],
)
def test_settings_that_mean_nothing_are_refused_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(WrongSetting):
        settings(**wrong)
    assert isinstance(settings(), EspaceProSettings)


@pytest.mark.parametrize(
    ("gone", "reason"),
    [(BRISELAME.id, "delegate_inactive"), (MARGELLE.id, "delegator_inactive")],
)
def test_both_are_active_in_the_directory_at_each_act(
    either: Store, gone: str, reason: str
) -> None:
    """EP-07: struck off meanwhile, nobody acts and nobody is acted for."""
    with either.begin() as db:
        made = accepted(db)
        assert asked(db, made) == "full"
        db.delete(db.get_one(DirectoryRow, (1, gone, "10", "C", "SM54")))
    with either.begin() as db:
        assert asked(db, made) == reason


def test_an_employee_acts_while_the_delegator_is_active(store: Store) -> None:
    """EP-14: the directory does not hold employees; their doctor answers for them."""
    with store.begin() as db:
        made = accepted(db, wish(**SECRETARY), DRAPEYRON)
        assert asked(db, made, "dmt", by=DRAPEYRON.id) == "full"
        db.delete(db.get_one(DirectoryRow, (1, MARGELLE.id, "10", "C", "SM54")))
        db.flush()
        assert asked(db, made, "dmt", by=DRAPEYRON.id) == "delegator_inactive"


def test_a_substitute_who_left_the_profession_does_not_act(either: Store) -> None:
    """Domain, 6: still active, but as a nurse."""
    with either.begin() as db:
        made = accepted(db)
        db.get_one(DirectoryRow, (1, BRISELAME.id, "10", "C", "SM54")).profession = "60"
    with either.begin() as db:
        assert asked(db, made) == "profession_differs"


def test_a_student_acts_on_days_of_a_licence_alone(either: Store) -> None:
    """Domain, 6: withdrawn by the Order, it counts at the next act."""
    student = Delegate(COQUELUNE, "Maïwenn COQUELUNE")
    with either.begin() as db:
        made = accepted(db, first_wish(COQUELUNE, "COQUELUNE", "Maïwenn"), student)
        assert asked(db, made, by=COQUELUNE) == "full"
        withdraw(db, "LR-99-2026-0003")
    with either.begin() as db:
        assert asked(db, made, by=COQUELUNE) == "licence_missing"
        with pytest.raises(LicenceRefused):
            withdraw(db, "LR-99-2026-0003")


def test_a_student_needs_a_licence_on_the_day_of_the_act_and_not_on_the_first(
    either: Store,
) -> None:
    """Domain, 6: the Order put a shorter one in the place of the one that covered all days."""
    student = Delegate(COQUELUNE, "Maïwenn COQUELUNE")
    with either.begin() as db:
        made = accepted(db, first_wish(COQUELUNE, "COQUELUNE", "Maïwenn"), student)
        withdraw(db, "LR-99-2026-0003")
        first_day = {"starts_on": made.starts_on, "ends_on": made.starts_on}
        register(db, LicenceRow(number="L", national_id=COQUELUNE, specialty="SM54", **first_day))
        begun = datetime.combine(made.starts_on, NOW.timetz())
        assert asked(db, made, by=COQUELUNE, now=begun) == "full"
        assert asked(db, made, by=COQUELUNE, now=begun + A_DAY) == "licence_missing"


def test_a_substitution_to_come_is_accepted_before_its_licence_begins(store: Store) -> None:
    """Domain, 6: what counts is the licence on the first day, not that of the acceptance."""
    student = Delegate(COQUELUNE, "Maïwenn COQUELUNE")
    dates = {"starts_on": date(2025, 11, 20), "ends_on": date(2025, 11, 30)}
    early = datetime(2025, 11, 10, 9, tzinfo=UTC)
    wanted = first_wish(COQUELUNE, "COQUELUNE", "Maïwenn", **dates)
    with store.begin() as db:
        made = accepted(db, wanted, student, now=early)
        assert asked(db, made, by=COQUELUNE, now=early) == "not_yet"
        assert asked(db, made, by=COQUELUNE, now=early + 10 * A_DAY) == "full"


PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 3, 29), date(2026, 10, 25)
"""The days on which summer time begins and ends in 2026: one of 23 hours, one of 25."""


@pytest.mark.parametrize(
    ("instant", "answer"),
    [
        (datetime(2026, 3, 28, 22, 59, 59, 999_999, UTC), "not_yet"),
        (datetime(2026, 3, 28, 23, tzinfo=UTC), "full"),
        (datetime(2026, 10, 25, 22, 59, 59, 999_999, UTC), "full"),
        (datetime(2026, 10, 25, 23, tzinfo=UTC), "over"),
    ],
)
def test_days_are_whole_days_of_paris(store: Store, instant: datetime, answer: str) -> None:
    """EP-11: from the first instant of the first day to the last of the last, summer or winter."""
    before = datetime(2026, 3, 20, 12, tzinfo=UTC)
    with store.begin() as db:
        made = accepted(db, wish(starts_on=FIRST, ends_on=LAST), now=before)
        assert asked(db, made, now=instant) == answer
        assert bool(current_of_delegate(db, instant, BRISELAME.id)) == (answer == "full")


around_midnight = st.builds(
    lambda day, offset: (
        datetime.combine(day, datetime.min.time(), PARIS).astimezone(UTC)
        + timedelta(microseconds=offset)
    ),
    st.dates(FIRST - 3 * A_DAY, LAST + 3 * A_DAY),
    st.integers(-7_200_000_000, 7_200_000_000) | st.integers(-2, 2),
)


@given(instant=around_midnight)
@hypothesis_settings(
    max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
def test_an_act_is_judged_by_the_date_on_a_calendar_in_paris(
    store: Store, instant: datetime
) -> None:
    """EP-11."""
    before = datetime(2026, 3, 20, 12, tzinfo=UTC)
    days = (instant.astimezone(PARIS).date() - FIRST).days
    length = (LAST - FIRST).days
    expected = "not_yet" if days < 0 else "over" if days > length else "full"
    with store.begin() as db:
        made = accepted(db, wish(starts_on=FIRST, ends_on=LAST), now=before)
        assert asked(db, made, now=instant) == expected
        db.rollback()
