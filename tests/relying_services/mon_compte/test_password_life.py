"""Passwords: changed every six months, never to an earlier one, blocked when unused (domain, 6)."""

from datetime import timedelta

import pytest
from flask import Flask

from relying_services.clock import Clock
from relying_services.mon_compte.entries import on_entry
from relying_services.mon_compte.passwords import Passwords
from relying_services.service import trace
from relying_services.service.app import service_of
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.passwords import (
    EMAIL,
    NEXT,
    PASSWORD,
    a_letter,
    change,
    create,
    enter,
    is_in,
    messages,
    with_passwords,
)
from tests.relying_services.mon_compte.rows import OWNER, refusals

A_DAY = timedelta(days=1)
SIX_MONTHS = 182 * A_DAY


@pytest.fixture
def app(made: Made, service_url: str) -> Flask:
    app = with_passwords(made, service_url)
    create(app.test_client(), a_letter(app))
    return app


def by_card(app: Flask) -> None:
    """The sign-in by card, as the kit tells it to the service."""
    with app.test_request_context(), service_of(app).store.begin() as db:
        on_entry(db, trace.Actor(OWNER, "CARD"))


def test_an_access_unused_for_six_months_is_blocked(app: Flask, clock: Clock) -> None:
    """MA-01; domain 6: the right password does not open it, nor does changing it."""
    clock.move(SIX_MONTHS + A_DAY)
    page = enter(app.test_client())
    assert page.status_code == 403
    assert "access_blocked" in page.text
    assert change(app.test_client()).status_code == 403
    assert {each[2] for each in refusals(app)} == {"access_blocked"}
    assert enter(app.test_client(), "un autre mot de passe").status_code == 400


def test_a_sign_in_by_card_unblocks_it(app: Flask, clock: Clock) -> None:
    """MA-01; domain 6: the password itself is over by then and must be changed."""
    clock.move(SIX_MONTHS + A_DAY)
    by_card(app)
    assert enter(app.test_client()).location == "/acces/mot-de-passe?perime=1"
    assert change(app.test_client()).status_code == 200
    assert is_in(enter(app.test_client(), NEXT))


def test_a_new_letter_unblocks_it(app: Flask, clock: Clock) -> None:
    """MA-01; domain 6."""
    clock.move(SIX_MONTHS + A_DAY)
    assert create(app.test_client(), a_letter(app), password=NEXT).status_code == 200
    assert is_in(enter(app.test_client(), NEXT))


def test_a_sign_in_by_card_is_mailed_to_who_has_a_password(app: Flask) -> None:
    """MA-01; domain 6: whatever the means."""
    before = len(messages(app))
    by_card(app)
    assert [
        (each.recipient, "avec votre carte" in each.text) for each in messages(app)[before:]
    ] == [(EMAIL, True)]


def test_a_password_of_six_months_must_be_changed_before_anything_else(
    app: Flask, clock: Clock
) -> None:
    """MA-01; domain 6: no session is opened with it."""
    clock.move(SIX_MONTHS - A_DAY)
    browser = app.test_client()
    assert is_in(enter(browser))
    clock.move(2 * A_DAY)
    browser = app.test_client()
    answer = enter(browser)
    assert answer.location == "/acces/mot-de-passe?perime=1"
    assert "mot de passe est trop ancien" in browser.get(answer.location).text
    assert browser.get("/").status_code == 302
    assert change(browser).status_code == 200
    assert is_in(enter(browser, NEXT))


def test_attack_no_earlier_password_is_taken_again(app: Flask) -> None:
    """MA-01; domain 6: never an earlier one: not by changing, not by letter, not the present."""
    browser = app.test_client()
    assert 'id="password-error"' in change(browser, PASSWORD).text
    assert change(browser, NEXT).status_code == 200
    back = change(browser, PASSWORD, NEXT)
    assert back.status_code == 400
    assert "déjà utilisé ce mot de passe" in back.text
    assert create(browser, a_letter(app), password=PASSWORD).status_code == 400
    assert is_in(enter(browser, PASSWORD)) is False
    assert is_in(enter(browser, NEXT))


def test_attack_changing_needs_the_present_password(app: Flask) -> None:
    """MA-01."""
    page = change(app.test_client(), current="un autre mot de passe")
    assert page.status_code == 400
    assert 'id="current-error"' in page.text
    assert is_in(enter(app.test_client()))


def test_attack_who_is_in_by_an_old_password_is_out_when_it_is_changed(app: Flask) -> None:
    """MA-01: somebody who stole the password loses the session, too."""
    thief = app.test_client()
    assert is_in(enter(thief))
    assert thief.get("/").status_code == 200
    assert change(app.test_client()).status_code == 200
    assert thief.get("/").status_code == 302


def test_attack_a_forged_form_neither_enters_nor_changes(app: Flask) -> None:
    """MA-01: a site that knows a password cannot sign a visitor in as somebody else."""
    browser = app.test_client()
    fields = {"login": "991234567", "password": PASSWORD, "current": PASSWORD, "again": PASSWORD}
    for address in ("/acces", "/acces/creation", "/acces/mot-de-passe"):
        page = browser.post(address, data=fields)
        assert page.status_code == 403, address
        assert "form_forged" in page.text


def test_a_sign_in_by_password_leads_back_to_the_place(app: Flask, clock: Clock) -> None:
    """MA-07: after a cut as after the first sign-in; the login must be typed again."""
    browser = app.test_client()
    assert browser.get("/paiements?apres=").location == "/acces"
    assert enter(browser).location == "/paiements?apres="
    clock.move(timedelta(hours=1, seconds=1))
    assert browser.get("/paiements").location == "/cut"
    assert 'href="/acces"' in browser.get("/cut").text
    assert enter(browser).location == "/paiements"


def test_attack_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    made: Made, either_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-01: the slow check of a thief began before the change, and ends after it."""
    app = with_passwords(made, either_url)
    create(app.test_client(), a_letter(app))
    thief, owner, check = app.test_client(), app.test_client(), Passwords.matches

    def slow(passwords: Passwords, password: str, kept: str | None) -> bool:
        is_right = check(passwords, password, kept)
        monkeypatch.setattr(Passwords, "matches", check)
        assert change(owner).status_code == 200
        return is_right

    monkeypatch.setattr(Passwords, "matches", slow)
    before = len(messages(app))
    assert enter(thief).status_code == 409
    assert thief.get("/").status_code == 302
    assert [each for each in messages(app)[before:] if "Connexion" in each.subject] == []
    assert is_in(enter(owner, NEXT))


def test_attack_of_two_changes_of_a_password_at_once_the_later_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-01: a thief's change that began before the owner's does not undo it."""
    thief, owner, hashed = app.test_client(), app.test_client(), Passwords.hashed

    def slow(passwords: Passwords, password: str) -> str:
        monkeypatch.setattr(Passwords, "hashed", hashed)
        assert change(owner).status_code == 200
        return hashed(passwords, password)

    monkeypatch.setattr(Passwords, "hashed", slow)
    assert change(thief, "six mots de quelque voleur").status_code == 409
    assert is_in(enter(owner, NEXT))


def test_who_has_a_password_is_told_that_it_changed(app: Flask) -> None:
    """MA-01, decision 26: at the address known before, whoever chose the new one."""
    before = len(messages(app))
    assert change(app.test_client()).status_code == 200
    code = a_letter(app)
    stolen = {"password": "sept mots de plus sans lien", "email": "voleur@exemple.test"}
    assert create(app.test_client(), code, **stolen).status_code == 200
    mails = [each for each in messages(app)[before:] if each.kind == "mail"]
    assert [each.recipient for each in mails] == [EMAIL, EMAIL]
    assert all("mot de passe" in each.subject for each in mails)
    assert all(stolen["email"] not in each.text and NEXT not in each.text for each in mails)
