"""Preparing a session: the doctor's own card is in the reader, and what it says is memorised."""

import json
from datetime import timedelta

import pytest

from relying_services.billing import identifiers
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.sessions import live_sessions_of
from tests.relying_services.billing.cards import activity
from tests.relying_services.billing.surgery import (
    DOCTOR,
    SUBSTITUTE,
    Surgery,
    error_of,
    wish,
)
from tests.relying_services.signed_in import post


@pytest.mark.parametrize("typed", ["99700990023", "899700990023", " 997 0099 0023 "])
def test_a_billing_identifier_is_the_rpps_number(typed: str) -> None:
    """SV-03: with or without the 8 in front."""
    assert identifiers.parse(typed) == SUBSTITUTE


def test_anything_else_is_no_billing_identifier(surgery: Surgery) -> None:
    """SV-03: each with a word on how to correct it."""
    browser = surgery.sign_in(surgery.doctor)
    for typed in ("", "99700990024", "9970099002", "ALTERNE", "9970099002３", "ANS1"):
        page = post(browser, "/replacements/new", **(wish() | {"substitute": typed}))
        assert page.status_code == 400
        assert 'id="substitute-error"' in page.text
    assert not surgery.traced()


def test_each_wrong_field_has_its_own_error(surgery: Surgery) -> None:
    """SV-03: nothing is memorised before all of it is right."""
    browser = surgery.sign_in(surgery.doctor)
    wrong: list[tuple[str, dict[str, str]]] = [
        ("substitute", {"substitute": DOCTOR.removeprefix("8")}),
        ("name", {"name": ""}),
        ("kind", {"kind": "for-ever"}),
        ("mailbox", {"mailbox": "for-everybody"}),
        ("starts_on", {"starts_on": "tomorrow"}),
        ("ends_on", {"starts_on": "2027-02-02", "ends_on": "2027-02-01"}),
        ("ends_on", {"ends_on": "2020-01-01"}),
        ("ends_on", {"starts_on": "2020-01-01", "ends_on": "2020-01-02"}),
    ]
    for field, changes in wrong:
        page = post(browser, "/replacements/new", **(wish() | changes))
        assert page.status_code == 400
        assert f'id="{field}-error"' in page.text
        assert page.text.count('class="error"') == 1


def test_days_may_be_typed_as_french_writes_them(surgery: Surgery) -> None:
    """SV-07: what is memorised is the day."""
    row = surgery.row(surgery.prepare(starts_on="01/02/2027", ends_on="2027-02-03"))
    assert (str(row.starts_on), str(row.ends_on)) == ("2027-02-01", "2027-02-03")


def test_without_the_doctors_card_nothing_is_prepared(surgery: Surgery) -> None:
    """SV-04: signed in is not enough, and neither is the substitute's card."""
    browser = surgery.sign_in(surgery.doctor)
    surgery.insert(None)
    assert error_of(browser.get("/replacements/new")) == "card_absent"
    surgery.insert(surgery.substitute)
    assert error_of(post(browser, "/replacements/new", **wish())) == "card_of_another"
    assert surgery.last() == ("replacement:prepare", "refused", "card_of_another")


def test_a_forged_form_prepares_nothing(surgery: Surgery) -> None:
    """SV-04, attack: another site posts in the doctor's browser, the card still in the reader."""
    browser = surgery.sign_in(surgery.doctor)
    went = browser.post("/replacements/new", data=wish())
    assert (went.status_code, error_of(went)) == (403, "form_forged")


def test_nobody_prepares_without_signing_in(surgery: Surgery) -> None:
    """SV-04: the card in the reader is open, and nobody is signed in."""
    surgery.insert(surgery.doctor)
    browser = surgery.app.test_client()
    assert post(browser, "/replacements/new", **wish()).location == "/login"


@pytest.mark.parametrize("token", ["of long ago", "without auth_time", "none"])
def test_the_card_must_have_authenticated_a_moment_ago(
    surgery: Surgery, clock: Clock, token: str
) -> None:
    """SV-04: a session that single sign-on opened does not prepare."""
    long_ago = clock.now() - timedelta(minutes=6)
    browser = surgery.sign_in(surgery.doctor, authenticated=long_ago)
    if token != "of long ago":
        service = service_of(surgery.app)
        with service.store.begin() as db:
            row = live_sessions_of(db, DOCTOR, clock.now())[0]
            row.id_token = "e30.e30.AA" if token == "without auth_time" else None
    went = post(browser, "/replacements/new", **wish())
    assert went.location == "/login?means=CARD&anew=1"


def test_the_situations_of_the_doctors_card_are_memorised_and_signed(surgery: Surgery) -> None:
    """SV-04: activity, billing number, convention, zone, specialty and dates of the card."""
    surgery.doctor.activities.append(
        activity("A-second", number="991000027", convention="3", zone="10", structure="ANNEXE")
    )
    name = surgery.prepare(situations=["A-cabinet", "A-second"])
    document = json.loads(surgery.row(name).text)
    assert [each["activity_id"] for each in document["situations"]] == ["A-cabinet", "A-second"]
    assert document["situations"][1] == {
        "activity_id": "A-second",
        "billing_number": "991000027",
        "category": "C",
        "convention": "3",
        "mode": "L",
        "profession": "10",
        "specialty": "SM54",
        "structure": "ANNEXE",
        "tariff_zone": "10",
    }
    ends_at = surgery.doctor.validity.ends_at
    assert document["card_ends_at"] == ends_at.isoformat()
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}")
    assert "991000027" in page.text
    details = {"card": surgery.doctor.number, "after": "preparee", "mailbox": "granted"}
    assert surgery.traced()[-1].details == details


def test_the_identifier_can_be_read_from_the_substitutes_card(surgery: Surgery) -> None:
    """SV-03: typed, or read from the card."""
    browser = surgery.sign_in(surgery.doctor)
    assert browser.get("/replacements/substitute").status_code == 409
    surgery.insert(surgery.substitute)
    page = browser.get("/replacements/substitute")
    assert "substitute=99700990023&amp;name=Basile+ALTERNE" in page.text
    surgery.insert(surgery.doctor)
    form = browser.get("/replacements/new?substitute=99700990023&name=Basile+ALTERNE")
    assert 'value="99700990023"' in form.text


def test_a_card_that_is_read_for_its_identifier_is_verified_too(surgery: Surgery) -> None:
    """SV-03, SV-07: an opposed card is refused here as anywhere."""
    browser = surgery.sign_in(surgery.doctor)
    surgery.insert(surgery.substitute)
    surgery.wire.revoked.append(surgery.substitute)
    assert error_of(browser.get("/replacements/substitute")) == "card_opposed"


def test_a_session_of_another_doctor_is_not_found(surgery: Surgery) -> None:
    """SV-04, attack: whoever knows its name sees and changes nothing."""
    name = surgery.prepare()
    for card in (surgery.substitute, surgery.card(national_id="899700990031", number="97X")):
        browser = surgery.sign_in(card)
        assert browser.get(f"/replacements/{name}").status_code == 404
        for act in ("suspend", "resume", "deactivate", "purge", "again"):
            assert browser.get(f"/replacements/{name}/{act}").status_code == 404
            assert post(browser, f"/replacements/{name}/{act}").status_code == 404
    assert surgery.state(name) == "preparee"
