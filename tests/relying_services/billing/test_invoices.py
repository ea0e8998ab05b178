"""Invoices: both identities, the replaced doctor's tariff, and nobody who may not bill."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from idp.directory.tariffs import CONVENTIONS, ZONES
from relying_services.billing import invoices, numbering, tariff
from relying_services.billing.errors import NumberTaken, TariffUnknown
from relying_services.billing.states import State
from relying_services.billing.store import numbers
from relying_services.billing.store.models import InvoiceRow
from relying_services.billing.store.tables import TABLES
from relying_services.clock import Clock
from relying_services.paris import day_of
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import live_sessions_of
from tests.relying_services.billing.cards import OWN, SUBSTITUTING, activity
from tests.relying_services.billing.surgery import DOCTOR, OTHER, SUBSTITUTE, Surgery, error_of
from tests.relying_services.signed_in import confirmed, post


def issued(surgery: Surgery) -> list[dict[str, Any]]:
    with service_of(surgery.app).store.read() as db:
        rows = db.scalars(select(InvoiceRow).order_by(InvoiceRow.number))
        return [json.loads(each.text) for each in rows]


def test_an_invoice_bears_both_identities_and_the_replaced_doctors_number(
    surgery: Surgery,
) -> None:
    """SV-08, CP-15: billed in the name of the one, done and signed by the other."""
    name, browser = surgery.working()
    went = surgery.bill(browser, name, act_G="1", act_MEG="2")
    assert went.location == "/invoices/1"
    told = issued(surgery)[0]
    assert told["billed_for"] == {
        "national_id": DOCTOR,
        "name": "Solène MARGELLE",
        "billing_number": "991000019",
        "convention": "1",
        "tariff_zone": "20",
        "specialty": "SM54",
    }
    assert told["author"] == {
        "national_id": SUBSTITUTE,
        "name": "Basile ALTERNE",
        "card_number": "9700000002",
        "as": "remplacant",
    }
    assert told["total"] == 3000 + 2 * 500
    page = browser.get("/invoices/1")
    assert confirmed(page)[-1] == "La feuille de soins est signée."
    assert "Solène MARGELLE" in page.text
    assert "Basile ALTERNE" in page.text
    assert "40,00 €" in page.text
    entry = surgery.traced()[-1]
    assert (entry.action, entry.actor, entry.on_behalf_of) == (
        "invoice:issue", SUBSTITUTE, DOCTOR,
    )  # fmt: skip
    assert "FICTIVE" not in json.dumps(entry.details)


def test_the_tariff_is_the_memorised_one_though_the_doctors_card_changed(surgery: Surgery) -> None:
    """SV-09: the card of the replaced doctor says sector 2 by now."""
    name, browser = surgery.working()
    surgery.doctor.activities = [OWN | {"convention": "3", "tariff_zone": "40"}]
    surgery.bill(browser, name)
    assert issued(surgery)[0]["total"] == 3000


def test_the_tariff_is_never_the_substitutes(surgery: Surgery) -> None:
    """SV-09: a substitute who has a practice overseas bills as the doctor replaced does."""
    surgery.substitute.activities = [
        activity("A-remplacement"),
        activity("A-own", number="971000016", convention="2", zone="40"),
    ]
    name, browser = surgery.working()
    surgery.bill(browser, name)
    told = issued(surgery)[0]
    assert (told["total"], told["billed_for"]["billing_number"]) == (3000, "991000019")


def test_after_the_deactivation_a_substitute_bills_no_more(surgery: Surgery) -> None:
    """SV-11, attack: the page of the form is still open."""
    name, browser = surgery.working()
    surgery.act(name, "deactivate")
    surgery.insert(surgery.substitute)
    went = surgery.bill(browser, name)
    assert (went.status_code, error_of(went)) == (409, "not_active")
    assert surgery.last() == ("invoice:issue", "refused", "not_active")
    assert not issued(surgery)


def test_a_form_of_a_replacement_does_not_bill_in_ones_own_name_after_it(surgery: Surgery) -> None:
    """SV-11: a substitute with a practice of their own, whose session was closed meanwhile."""
    surgery.substitute.activities.append(
        activity("A-own", number="971000016", convention="2", zone="40")
    )
    name, browser = surgery.working()
    surgery.act(name, "deactivate")
    surgery.insert(surgery.substitute)
    assert error_of(surgery.bill(browser, name)) == "not_active"
    assert not issued(surgery)


def test_closed_while_the_card_signs_nothing_is_issued(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SV-11, attack: the session is closed between the check and the signature."""
    name, browser = surgery.working()
    sign = surgery.substitute.sign

    def slow(content: bytes) -> dict[str, str]:
        monkeypatch.setattr(surgery.substitute, "sign", sign)
        with ThreadPoolExecutor(1) as elsewhere:
            went = elsewhere.submit(surgery.act, name, "deactivate").result()
        assert went.status_code == 302
        surgery.insert(surgery.substitute)
        return sign(content)

    monkeypatch.setattr(surgery.substitute, "sign", slow)
    assert error_of(surgery.bill(browser, name)) == "not_active"
    assert not issued(surgery)
    with service_of(surgery.app).store.read() as db:
        assert numbers.next_number(db, invoices.SERIES) == 1


def test_while_it_is_suspended_only_the_doctor_bills(surgery: Surgery) -> None:
    """SV-13: the one or the other, never both."""
    name, substitute = surgery.working()
    doctor = surgery.sign_in(surgery.doctor)
    assert error_of(surgery.bill(doctor, "")) == "replacement_under_way"
    surgery.act(name, "suspend")
    assert surgery.bill(doctor, "").status_code == 302
    surgery.insert(surgery.substitute)
    assert error_of(surgery.bill(substitute, name)) == "not_active"
    surgery.act(name, "resume")
    surgery.insert(surgery.substitute)
    assert surgery.bill(substitute, name).status_code == 302


@pytest.mark.parametrize("became", [{"state": State.SUSPENDUE}, {"held_by": "another window"}])
def test_attack_an_invoice_begun_before_a_suspension_is_not_issued_after_it(
    surgery: Surgery, became: dict[str, str]
) -> None:
    """SV-11, SV-13: nor one of a sign-in that lost the session while its card signed."""
    name, browser = surgery.working()
    surgery.while_it_signs(name, **became)
    assert error_of(surgery.bill(browser, name)) == "not_active"
    assert surgery.row(name).invoices == 0


def test_attack_a_session_given_to_another_sign_in_in_the_database_bills_nothing(
    surgery: Surgery,
) -> None:
    """SV-11: whoever it is, the sign-in is that of the substitute whom the doctor's card named."""
    name, _ = surgery.working()
    other = surgery.card(national_id=OTHER, number="9700000003", activities=[SUBSTITUTING])
    browser = surgery.sign_in(other)
    service = service_of(surgery.app)
    with service.store.begin() as db:
        (theirs,) = live_sessions_of(db, OTHER, surgery.clock.now())
        db.merge(surgery.row(name)).held_by = theirs.handle
    assert error_of(surgery.bill(browser, name)) == "not_active"


def test_with_another_persons_card_nothing_is_issued(surgery: Surgery) -> None:
    """CP-15, attack: the doctor left the card in the reader."""
    name, browser = surgery.working()
    surgery.insert(surgery.doctor)
    assert error_of(surgery.bill(browser, name)) == "card_of_another"
    surgery.insert(None)
    assert error_of(surgery.bill(browser, name)) == "card_absent"


def test_a_second_browser_of_the_same_substitute_does_not_bill(surgery: Surgery) -> None:
    """SV-11, attack: the session was activated in another window, on the same card."""
    name, browser = surgery.working()
    elsewhere = surgery.sign_in(surgery.substitute)
    assert error_of(surgery.bill(elsewhere, name)) == "not_active"
    assert error_of(surgery.bill(elsewhere, "")) == "situation_without_number"
    _, went = surgery.activate(name)
    assert went.status_code == 302
    assert error_of(surgery.bill(browser, name)) == "not_active"


def test_a_sign_in_holds_one_session_at_a_time(surgery: Surgery) -> None:
    """SV-11: activating the one lets go of the other, which is then billed in by nobody."""
    first = surgery.prepare()
    second = surgery.prepare()
    browser, _ = surgery.activate(first)
    post(browser, f"/activation/{second}", presented="A-remplacement", replaced="A-cabinet")
    assert error_of(surgery.bill(browser, first)) == "not_active"
    assert surgery.bill(browser, second).status_code == 302


def test_the_name_of_a_session_bills_nothing_for_somebody_else(surgery: Surgery) -> None:
    """CP-15, attack: a third doctor posts the token of a session that is active."""
    name, _ = surgery.working()
    other = surgery.card(national_id="899700990031", number="9700000003")
    browser = surgery.sign_in(other)
    assert error_of(surgery.bill(browser, name)) == "not_active"


def test_an_opposed_card_bills_no_more(surgery: Surgery, clock: Clock) -> None:
    """SV-07, attack: it was opposed in the middle of the replacement."""
    name, browser = surgery.working()
    surgery.wire.revoked.append(surgery.substitute)
    clock.move(timedelta(minutes=2))
    assert error_of(surgery.bill(browser, name)) == "card_opposed"


def test_past_the_last_day_nothing_is_issued(surgery: Surgery, clock: Clock) -> None:
    """SV-07: the session is active still, and its dates are over."""
    today = day_of(clock.now())
    name, browser = surgery.working(ends_on=today.isoformat())
    with service_of(surgery.app).store.begin() as db:
        for row in db.scalars(select(SessionRow)):
            row.ends_at += timedelta(days=2)
    clock.move(timedelta(days=1))
    assert error_of(surgery.bill(browser, name)) == "outside_dates"
    assert not issued(surgery)


def test_what_was_memorised_is_verified_at_each_invoice(surgery: Surgery) -> None:
    """SV-09, attack: the tariff is changed in the database while the session is active."""
    name, browser = surgery.working()
    with service_of(surgery.app).store.begin() as db:
        row = db.merge(surgery.row(name))
        row.text = row.text.replace('"tariff_zone":"20"', '"tariff_zone":"40"')
    assert error_of(surgery.bill(browser, name)) == "snapshot_altered"


def test_a_situation_that_was_not_memorised_bills_nothing(surgery: Surgery) -> None:
    """SV-09, attack: another one is named in the database while the session is active."""
    name, browser = surgery.working()
    with service_of(surgery.app).store.begin() as db:
        db.merge(surgery.row(name)).situation = "A-remplacement"
    assert error_of(surgery.bill(browser, name)) == "snapshot_altered"


def test_an_invoice_of_another_doctor_is_not_found(surgery: Surgery) -> None:
    """SV-08, attack: by guessing its number."""
    name, browser = surgery.working()
    surgery.bill(browser, name)
    other = surgery.sign_in(surgery.card(national_id="899700990031", number="9700000003"))
    assert other.get("/invoices/1").status_code == 404
    assert "FSE-000001" not in other.get("/invoices").text
    assert browser.get("/invoices/2").status_code == 404


@pytest.mark.parametrize("number", [str(2**31), str(2**63), "9" * 5000])
@pytest.mark.parametrize(
    "address",
    ["/invoices/{}", "/batches/{}", "/batches/{}/LOT.json", "/batches/{}/LOT.json.sig.json"],
)
def test_a_number_that_no_database_gives_is_not_found(
    surgery: Surgery, address: str, number: str
) -> None:
    browser = surgery.sign_in(surgery.doctor)
    assert browser.get(address.format(number)).status_code == 404
    assert browser.get(f"/invoices?before={number}").status_code == 200
    assert post(browser, f"/batches/{number}/send").status_code == 404
    assert error_of(post(browser, "/batches", replacement="", invoices=[number])) == "batch_empty"
    assert surgery.bill(browser, "", act_G=number).status_code == 400


def test_each_wrong_field_of_an_invoice_has_its_error(surgery: Surgery) -> None:
    """SV-08: and no number is taken."""
    name, browser = surgery.working()
    for field, typed in (
        ("patient", ""), ("act_G", "0"), ("act_V", "10"), ("act_V", "-1"), ("act_V", "１"),
    ):  # fmt: skip
        page = surgery.bill(browser, name, **{field: typed})
        assert page.status_code == 400
        assert f'id="{field}-error"' in page.text
    assert not issued(surgery)


def test_the_doctor_bills_in_their_own_name_with_the_situation_chosen(surgery: Surgery) -> None:
    """SV-10: before and after the replacement, on the same workstation."""
    surgery.doctor.activities.append(
        activity("A-second", number="751000027", convention="2", zone="10")
    )
    browser = surgery.sign_in(surgery.doctor)
    assert "751000027" in browser.get("/invoices/new").text
    assert surgery.bill(browser, "", situation="A-second").status_code == 302
    assert surgery.bill(browser, "", situation="A-unknown").status_code == 404
    told = issued(surgery)[0]
    assert (told["total"], told["author"]["as"]) == (3400, "titulaire")
    assert told["author"]["national_id"] == told["billed_for"]["national_id"] == DOCTOR


def test_numbers_have_no_gaps(surgery: Surgery) -> None:
    """SV-08: what was refused took none."""
    name, browser = surgery.working()
    surgery.bill(browser, name)
    surgery.insert(None)
    surgery.bill(browser, name)
    surgery.insert(surgery.substitute)
    surgery.bill(browser, name, patient="")
    surgery.bill(browser, name)
    assert [each["number"] for each in issued(surgery)] == [1, 2]
    assert surgery.row(name).invoices == 2


def test_two_who_take_the_same_number_get_two(either_url: str) -> None:
    """SV-08: the second signs again, under the next number; on both databases."""
    store = Store(either_url, TABLES)
    store.upgrade()
    signed: list[int] = []

    def overtaken(number: int) -> Any:
        if not signed:
            with store.begin() as db:
                assert numbers.take(db, "FSE", number)
        signed.append(number)

    def always_overtaken(number: int) -> Any:
        with store.begin() as db:
            numbers.take(db, "FSE", number)

    assert numbering.issue(store, "FSE", overtaken, lambda *_: None) == 2
    assert signed == [1, 2]
    with pytest.raises(NumberTaken):
        numbering.issue(store, "FSE", always_overtaken, lambda *_: None)
    with store.begin() as db:
        assert [numbers.take(db, "FSE", number) for number in (1, 7, 9)] == [False, False, False]
        assert numbers.take(db, "FSE", 8)
    store.close()


def test_the_zones_that_have_prices_are_those_that_the_cpam_records() -> None:
    """SV-09: no card can bear a convention or a zone under which its holder could not bill."""
    for act in tariff.ACTS.values():
        assert (sorted(act.prices), sorted(act.by_zone)) == (sorted(CONVENTIONS), sorted(ZONES))


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("zone", ZONES)
def test_every_act_has_a_price_wherever_it_is_done(convention: str, zone: str) -> None:
    """SV-09: integer cents."""
    lines = tariff.priced(dict.fromkeys(tariff.ACTS, 2), convention, zone)
    assert [line.code for line in lines] == list(tariff.ACTS)
    assert all(line.amount == 2 * line.unit >= 0 for line in lines)


def test_without_a_tariff_nothing_is_priced() -> None:
    """SV-09: a convention or a zone that the table does not have costs nothing to nobody."""
    for code, convention, zone in (("X", "1", "20"), ("G", "9", "20"), ("G", "1", "99")):
        with pytest.raises(TariffUnknown):
            tariff.priced({code: 1}, convention, zone)
