"""Activating a session: only the substitute, only their own card, only a situation memorised."""

from datetime import timedelta

import pytest

from relying_services.clock import Clock
from relying_services.paris import day_of
from relying_services.service.app import service_of
from tests.relying_services.billing.cards import SUBSTITUTING, activity
from tests.relying_services.billing.surgery import OTHER, SUBSTITUTE, Surgery, error_of


def test_without_a_prepared_session_nothing_is_activated(surgery: Surgery) -> None:
    """SV-07: the refusal says that nothing was prepared."""
    _, went = surgery.activate("R-0000000000000000")
    assert (went.status_code, error_of(went)) == (409, "no_prepared_session")
    browser = surgery.sign_in(surgery.substitute)
    assert error_of(browser.get("/activation")) == "no_prepared_session"
    assert surgery.last() == ("replacement:activate", "refused", "no_prepared_session")


def test_another_substitute_than_the_one_prepared_for_is_refused(surgery: Surgery) -> None:
    """SV-07, attack: somebody else who knows the session's name, with a good card of their own."""
    name = surgery.prepare()
    other = surgery.card(national_id=OTHER, number="9700000003", activities=[SUBSTITUTING])
    browser, went = surgery.activate(name, other)
    assert (went.status_code, error_of(went)) == (409, "another_substitute")
    assert error_of(browser.get("/activation")) == "another_substitute"
    assert surgery.state(name) == "preparee"


def test_the_replaced_doctor_does_not_activate_as_substitute(surgery: Surgery) -> None:
    """SV-07, attack: the replaced doctor's identity opens no session as substitute."""
    name = surgery.prepare()
    _, went = surgery.activate(name, surgery.doctor)
    assert error_of(went) == "another_substitute"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"profession": "40C"}, "Profession : « chirurgien-dentiste (40) »"),
        ({"profession": "10M"}, "Catégorie professionnelle : « militaire (M) »"),
        ({"specialty": "SM26"}, "Spécialité : « SM26 » sur votre carte, « médecine générale"),
        ({"specialty": None}, "Spécialité : « aucune »"),
        (
            {"activities": [activity("A-remplacement", mode="S")]},
            "Mode d’exercice : « salarié (S) » sur votre carte, « libéral (L) » mémorisée",
        ),
        (
            {"activities": [activity("A-remplacement", convention="3", zone="20")]},
            "Convention : « secteur 2 (3) » sur votre carte, « secteur 1 (1) » mémorisée",
        ),
    ],
)
def test_a_situation_that_differs_is_refused_and_named(
    surgery: Surgery, changes: dict[str, object], named: str
) -> None:
    """SV-06: the message names what differs, and both values."""
    name = surgery.prepare()
    card = surgery.card(
        **({"national_id": SUBSTITUTE, "number": "9700000002", "activities": [SUBSTITUTING]}
           | changes)
    )  # fmt: skip
    _, went = surgery.activate(name, card)
    assert (went.status_code, error_of(went)) == (409, "situation_differs")
    assert named in went.text
    assert surgery.state(name) == "preparee"


def test_every_member_that_differs_is_named(surgery: Surgery) -> None:
    """SV-06: not only the first."""
    name = surgery.prepare()
    card = surgery.card(
        national_id=SUBSTITUTE, specialty="SM26", activities=[activity("A-remplacement", mode="S")]
    )
    _, went = surgery.activate(name, card)
    assert "Spécialité" in went.text
    assert "Mode d’exercice" in went.text


def test_a_student_replaces_a_civil_doctor_without_a_specialty_of_their_own(
    surgery: Surgery,
) -> None:
    """SV-06: a CPF says no specialty, and its category is another one."""
    name = surgery.prepare()
    student = surgery.card(
        national_id=SUBSTITUTE,
        profession="10E",
        family="CPF",
        specialty=None,
        activities=[SUBSTITUTING],
    )
    _, went = surgery.activate(name, student)
    assert went.status_code == 302
    assert surgery.state(name) == "active"


@pytest.mark.parametrize("form", [{"presented": "A-unknown"}, {"replaced": "A-unknown"}])
def test_a_situation_that_is_nowhere_is_not_found(surgery: Surgery, form: dict[str, str]) -> None:
    """SV-06, attack: the form names a situation that neither card nor session has."""
    name = surgery.prepare()
    _, went = surgery.activate(name, None, **form)
    assert went.status_code == 404
    assert surgery.state(name) == "preparee"


def test_only_within_the_dates_that_were_set(surgery: Surgery, clock: Clock) -> None:
    """SV-07: both days are included."""
    today = day_of(clock.now())
    first, last = today + timedelta(days=1), today + timedelta(days=2)
    name = surgery.prepare(starts_on=first.isoformat(), ends_on=last.isoformat())
    assert error_of(surgery.activate(name)[1]) == "outside_dates"
    clock.move(timedelta(days=1))
    assert surgery.activate(name)[1].status_code == 302
    clock.move(timedelta(days=2))
    assert error_of(surgery.activate(name)[1]) == "outside_dates"


def test_the_session_of_these_days_is_offered_before_one_that_is_over_or_comes(
    surgery: Surgery, clock: Clock
) -> None:
    """SV-07: one of last month was left open, the next one is prepared already."""
    today = day_of(clock.now())
    surgery.working(starts_on=today.isoformat(), ends_on=today.isoformat())
    clock.move(timedelta(days=30))
    first, last = (day_of(clock.now() + timedelta(days=days)).isoformat() for days in (0, 2))
    current = surgery.prepare(starts_on=first, ends_on=last)
    clock.move(timedelta(minutes=1))
    coming = (day_of(clock.now()) + timedelta(days=20)).isoformat()
    surgery.prepare(starts_on=coming, ends_on=coming)
    offered = surgery.sign_in(surgery.substitute).get("/activation")
    assert offered.location == f"/activation/{current}"


def test_of_several_that_can_begin_the_substitute_chooses(surgery: Surgery) -> None:
    """SV-07: none is taken for the other."""
    names = [surgery.prepare(), surgery.prepare()]
    browser = surgery.sign_in(surgery.substitute)
    assert browser.get("/activation").location == "/"
    page = browser.get("/").text
    assert all(f"/activation/{name}" in page for name in names)


def test_a_suspended_session_is_said_to_be_suspended(surgery: Surgery) -> None:
    """SV-07, SV-11: not that nothing was prepared; the other substitute learns nothing of it."""
    name, browser = surgery.working()
    surgery.act(name, "suspend")
    surgery.insert(surgery.substitute)
    assert browser.get("/activation").location == f"/activation/{name}"
    assert error_of(browser.get(f"/activation/{name}")) == "session_suspended"
    assert error_of(surgery.activate(name)[1]) == "session_suspended"
    assert surgery.last() == ("replacement:activate", "refused", "session_suspended")
    assert surgery.state(name) == "suspendue"
    other = surgery.card(national_id=OTHER, number="9700000003", activities=[SUBSTITUTING])
    assert error_of(surgery.activate(name, other)[1]) == "another_substitute"


def test_without_dates_any_day_will_do(surgery: Surgery, clock: Clock) -> None:
    """SV-07: dates are checked where they were set."""
    name = surgery.prepare()
    clock.move(timedelta(days=90))
    assert surgery.activate(name)[1].status_code == 302


def test_what_was_memorised_cannot_be_changed_in_the_database(surgery: Surgery) -> None:
    """SV-04, SV-09, attack: a situation changed after the preparation, for a better tariff."""
    name = surgery.prepare()
    with service_of(surgery.app).store.begin() as db:
        row = db.merge(surgery.row(name))
        assert '"convention":"1"' in row.text
        row.text = row.text.replace('"convention":"1"', '"convention":"2"')
    assert error_of(surgery.activate(name)[1]) == "snapshot_altered"
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}")
    assert "ont été modifiées depuis leur signature" in page.text
    assert surgery.act(name, "deactivate").status_code == 302


def test_a_substitute_cannot_be_put_in_place_of_another_in_the_database(surgery: Surgery) -> None:
    """SV-07, attack: the row names somebody else than what the doctor's card signed."""
    name = surgery.prepare()
    with service_of(surgery.app).store.begin() as db:
        db.merge(surgery.row(name)).substitute = OTHER
    other = surgery.card(national_id=OTHER, number="9700000003", activities=[SUBSTITUTING])
    assert error_of(surgery.activate(name, other)[1]) == "snapshot_altered"


def test_a_preparation_signed_by_another_card_than_the_replaced_doctors_is_none(
    surgery: Surgery,
) -> None:
    """SV-04, attack: whoever reaches the database signs a better tariff with their own card."""
    name = surgery.prepare()
    with service_of(surgery.app).store.begin() as db:
        row = db.merge(surgery.row(name))
        row.text = row.text.replace('"convention":"1"', '"convention":"2"')
        row.signed = surgery.substitute.sign(row.text.encode())
    assert error_of(surgery.activate(name)[1]) == "snapshot_altered"


def test_activation_is_shown_and_traced_with_actor_and_card(surgery: Surgery) -> None:
    """SV-06, SV-13: one's own situation, and whom one replaces."""
    name = surgery.prepare()
    browser = surgery.sign_in(surgery.substitute)
    assert browser.get("/activation").location == f"/activation/{name}"
    page = browser.get(f"/activation/{name}")
    assert "Carte lue : Basile ALTERNE, n° 9700000002." in page.text
    browser, went = surgery.activate(name)
    entry = surgery.traced()[-1]
    assert (entry.actor, entry.on_behalf_of) == (SUBSTITUTE, surgery.doctor.national_id)
    assert entry.details == {"card": "9700000002", "before": "preparee", "after": "active"}
    assert "Vous agissez en qualité de remplaçant de Solène MARGELLE" in browser.get("/").text
    assert went.status_code == 302


def test_a_card_shown_too_long_ago_is_asked_for_anew(surgery: Surgery, clock: Clock) -> None:
    """SV-06: single sign-on opens the workstation, but not a session of replacement."""
    name = surgery.prepare()
    browser = surgery.sign_in(surgery.substitute, authenticated=clock.now() - timedelta(minutes=6))
    went = browser.get(f"/activation/{name}")
    assert went.location == "/login?means=CARD&anew=1"
    with browser.session_transaction() as session:
        assert session["place"] == f"/activation/{name}"
