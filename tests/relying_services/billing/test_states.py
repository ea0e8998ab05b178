"""The states of a session, their one table, and who moves it (SV-13)."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from relying_services.billing.errors import WrongState
from relying_services.billing.states import TRANSITIONS, Act, State, follow
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.models import SessionRow
from tests.relying_services.billing.surgery import SUBSTITUTE, Surgery, error_of
from tests.relying_services.signed_in import confirmed, post


def test_the_table_is_the_requirement() -> None:
    """SV-13: prepared, active and suspended, deactivated, then prepared again or purged."""
    assert {(before, after) for (before, _), after in TRANSITIONS.items()} == {
        ("preparee", "active"),
        ("active", "active"),
        ("active", "suspendue"),
        ("suspendue", "active"),
        ("active", "desactivee"),
        ("suspendue", "desactivee"),
        ("preparee", "desactivee"),
        ("desactivee", "preparee"),
        ("desactivee", "purgee"),
    }


def test_whatever_is_not_in_the_table_is_refused() -> None:
    """SV-13: nothing leaves a purged session, for one."""
    for state in State:
        for act in Act:
            if (state, act) not in TRANSITIONS:
                with pytest.raises(WrongState):
                    follow(state, act)


def test_a_session_lives_and_each_transition_is_traced_and_signed(surgery: Surgery) -> None:
    """SV-13: with actor and card number; each is kept with the signature of that card."""
    name, _ = surgery.working()
    for act in ("suspend", "resume", "deactivate"):
        assert surgery.act(name, act).status_code == 302
    moves = [each for each in surgery.traced() if each.object == f"replacement:{name}"]
    assert [(each.action, each.actor, each.details["card"]) for each in moves] == [
        ("replacement:prepare", surgery.doctor.national_id, surgery.doctor.number),
        ("replacement:activate", SUBSTITUTE, surgery.substitute.number),
        ("replacement:suspend", surgery.doctor.national_id, surgery.doctor.number),
        ("replacement:resume", surgery.doctor.national_id, surgery.doctor.number),
        ("replacement:deactivate", surgery.doctor.national_id, surgery.doctor.number),
    ]
    assert [each.details["after"] for each in moves] == [
        "preparee", "active", "suspendue", "active", "desactivee",
    ]  # fmt: skip
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}")
    assert page.text.count(surgery.doctor.number) == 4
    assert page.text.count(surgery.substitute.number) == 1


def test_a_whole_replacement_on_either_database(
    tmp_path: Path, either_url: str, clock: Clock
) -> None:
    """SV-03 to SV-13: prepared, used, suspended, closed and purged; the invoice stays."""
    surgery = Surgery(tmp_path, either_url, clock)
    name, browser = surgery.working()
    assert surgery.bill(browser, name).status_code == 302
    assert post(browser, "/batches", replacement=name, invoices=["1"]).status_code == 302
    assert post(browser, "/batches/1/send").status_code == 302
    assert post(browser, "/mailbox").status_code == 302
    for act in ("suspend", "resume", "deactivate", "purge"):
        assert surgery.act(name, act).status_code == 302
    doctor = surgery.sign_in(surgery.doctor)
    assert doctor.get(f"/replacements/{name}").status_code == 404
    assert "accepté" in doctor.get("/mailbox").text
    assert surgery.bill(doctor, "").location == "/invoices/2"
    service_of(surgery.app).store.close()


@pytest.mark.parametrize("act", ["suspend", "resume", "deactivate"])
def test_only_the_replaced_doctors_card_moves_it(surgery: Surgery, act: str) -> None:
    """SV-11, attack: the doctor's browser is open, the substitute's card is in the reader."""
    name, _ = surgery.working()
    if act == "resume":
        surgery.act(name, "suspend")
    browser = surgery.sign_in(surgery.doctor)
    surgery.insert(surgery.substitute)
    went = post(browser, f"/replacements/{name}/{act}")
    assert error_of(went) == "card_of_another"
    assert surgery.last() == (f"replacement:{act}", "refused", "card_of_another")


def test_whatever_changes_a_session_asks_for_the_card_anew(surgery: Surgery, clock: Clock) -> None:
    """SV-04, SV-06, SV-11: the page that says what is done as well as the doing."""
    name, long_ago = surgery.prepare(), clock.now() - timedelta(minutes=6)
    acts = ("suspend", "resume", "deactivate", "purge", "again", "mailbox")
    pages = [(surgery.doctor, f"/replacements/{name}/{act}") for act in acts]
    pages += [(surgery.doctor, "/replacements/new"), (surgery.substitute, f"/activation/{name}")]
    for card, address in pages:
        browser = surgery.sign_in(card, authenticated=long_ago)
        for went in (browser.get(address), post(browser, address)):
            assert went.location == "/login?means=CARD&anew=1", address


@pytest.mark.parametrize("act", ["suspend", "deactivate"])
def test_of_two_acts_at_once_the_one_that_comes_too_late_is_refused(
    surgery: Surgery, act: str
) -> None:
    """SV-13: the session was closed in another window while the card signed."""
    name, _ = surgery.working()
    surgery.while_it_signs(name, state=State.DESACTIVEE)
    assert error_of(surgery.act(name, act)) == "wrong_state"
    assert surgery.state(name) == "desactivee"
    assert surgery.last() == (f"replacement:{act}", "refused", "wrong_state")


def test_an_act_out_of_order_is_refused_and_traced(surgery: Surgery) -> None:
    """SV-13: no suspension before the activation, no purge before the end."""
    name = surgery.prepare()
    for act in ("suspend", "resume", "purge"):
        went = surgery.act(name, act)
        assert (went.status_code, error_of(went)) == (409, "wrong_state")
        assert surgery.last() == (f"replacement:{act}", "refused", "wrong_state")


def test_a_prepared_session_that_never_came_about_is_closed(surgery: Surgery) -> None:
    """SV-11: the substitute cannot activate it any more."""
    name = surgery.prepare()
    assert surgery.act(name, "deactivate").status_code == 302
    assert error_of(surgery.activate(name)[1]) == "no_prepared_session"


def test_the_effect_is_said_before_it_happens(surgery: Surgery) -> None:
    """SV-11: a page of confirmation, and nothing by following a link."""
    name, _ = surgery.working()
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}/deactivate")
    assert "Votre remplaçant ne peut plus facturer" in page.text
    assert surgery.state(name) == "active"
    assert surgery.sign_in(surgery.doctor).get(f"/replacements/{name}/erase").status_code == 404


def test_a_repeated_replacement_is_prepared_again_from_what_is_memorised(surgery: Surgery) -> None:
    """SV-12: the preparation is kept for next time, though the doctor's card changed since."""
    name, _ = surgery.working(kind="repeated")
    surgery.act(name, "deactivate")
    before = json.loads(surgery.row(name).text)["situations"]
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}")
    assert "la préparation est gardée pour la prochaine fois" in page.text
    surgery.doctor.activities = [surgery.doctor.activities[0] | {"convention": "3"}]
    went = post(
        surgery.sign_in(surgery.doctor),
        f"/replacements/{name}/again",
        ends_on="2099-12-31",
        mailbox="granted",
    )
    assert went.status_code == 302
    row = surgery.row(name)
    assert (row.state, str(row.ends_on), row.held_by) == ("preparee", "2099-12-31", None)
    assert json.loads(row.text)["situations"] == before
    assert surgery.activate(name)[1].status_code == 302


def test_wrong_dates_do_not_prepare_again(surgery: Surgery) -> None:
    """SV-12: nor is an open session prepared a second time."""
    name, _ = surgery.working(kind="repeated")
    assert surgery.sign_in(surgery.doctor).get(f"/replacements/{name}/again").status_code == 409
    assert error_of(surgery.act(name, "again")) == "wrong_state"
    surgery.act(name, "deactivate")
    browser = surgery.sign_in(surgery.doctor)
    assert browser.get(f"/replacements/{name}/again").status_code == 200
    for wrong in ({"ends_on": "2020-01-01", "mailbox": "granted"}, {"mailbox": ""}):
        assert post(browser, f"/replacements/{name}/again", **wrong).status_code == 400
    assert surgery.state(name) == "desactivee"


def test_a_sign_in_that_ended_holds_nothing(surgery: Surgery) -> None:
    """SV-11: after a cut the substitute shows the card again, and the session is taken over."""
    name, first = surgery.working()
    with service_of(surgery.app).store.begin() as db:
        for row in db.query(SessionRow).filter_by(actor=SUBSTITUTE):
            db.delete(row)
    assert first.get("/invoices").location == "/login"
    again, went = surgery.activate(name)
    assert went.status_code == 302
    assert surgery.bill(again, name).status_code == 302


def test_each_act_is_confirmed_in_words_and_by_no_link(surgery: Surgery) -> None:
    """RGAA 7.5, SV-13: what a page tells was done, by this browser."""
    name, browser = surgery.working()
    assert [told[:41] for told in confirmed(browser.get("/"))] == [
        "La session de remplacement est active : v"
    ]
    assert not confirmed(browser.get("/?activated=1&purged=1"))
    doctor = surgery.sign_in(surgery.doctor)
    for act, told in (
        ("suspend", "La session de remplacement est suspendue."),
        ("resume", "La session de remplacement est reprise."),
        ("deactivate", "La session de remplacement est désactivée."),
        ("purge", "Les informations mémorisées sont supprimées de ce poste."),
    ):
        went = post(doctor, f"/replacements/{name}/{act}")
        assert confirmed(doctor.get(str(went.location))) == [told]
