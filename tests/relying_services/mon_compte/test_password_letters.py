"""The access of 2007: a code by letter, used once, then void (MA-01)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask import Flask

from relying_services.clock import Clock
from relying_services.mon_compte import MonCompteSettings
from relying_services.mon_compte.__main__ import main
from relying_services.mon_compte.passwords import Passwords
from relying_services.service.app import service_of
from relying_services.service.settings import SensitiveTakesNoPassword
from relying_services.service.store.trace import entries
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.passwords import (
    EMAIL,
    NEXT,
    NUMBER,
    PASSWORD,
    a_letter,
    create,
    enter,
    is_in,
    messages,
    with_passwords,
)
from tests.relying_services.mon_compte.rows import OWNER, refusals
from tests.relying_services.signed_in import post, sign_in


@pytest.fixture
def app(made: Made, service_url: str) -> Flask:
    return with_passwords(made, service_url)


@pytest.fixture
def either(made: Made, either_url: str) -> Flask:
    return with_passwords(made, either_url)


def test_a_sensitive_service_does_not_start_with_passwords(made: Made, service_url: str) -> None:
    """EC-09."""
    with pytest.raises(SensitiveTakesNoPassword, match="EC-09"):
        made(service_url, password_access=True, sensitive=True)


def test_the_command_of_a_sensitive_service_with_passwords_says_why_it_does_not_start() -> None:
    """EC-09."""
    done = CliRunner().invoke(
        main, ["serve", "--client-secret", "x", "--password-access", "--sensitive"]
    )
    assert done.exit_code == 2
    assert "takes no password (EC-09)" in done.output


def test_without_password_access_no_address_takes_a_password(made: Made, service_url: str) -> None:
    """EC-09: not refused, but not there."""
    app = made(service_url, sensitive=True)
    browser = app.test_client()
    for address in ("/acces", "/acces/creation", "/acces/mot-de-passe", "/invitations/x"):
        assert browser.get(address).status_code == 404, address
        assert post(browser, address).status_code in {404, 405}, address
    assert browser.get("/").location == "/login"


def test_attack_a_session_by_password_counts_nowhere_once_the_service_is_sensitive(
    made: Made, service_url: str
) -> None:
    """EC-09: what was opened before the service became sensitive is over."""
    app = made(service_url, sensitive=True)
    assert sign_in(app, OWNER).get("/").status_code == 200
    assert sign_in(app, OWNER, means="PASSWORD").get("/").status_code == 302


@pytest.mark.parametrize("field", ["login", "code"])
def test_a_wrong_login_and_a_wrong_code_are_refused_alike(app: Flask, field: str) -> None:
    """MA-01: nobody learns which numbers have a letter."""
    code = a_letter(app)
    typed = {"login": "990000000"} if field == "login" else {"code": "AAAA-BBBB-CCCC"}
    page = create(app.test_client(), **({"code": code} | typed))
    assert page.status_code == 400
    assert "Identifiant ou code inconnu, déjà utilisé ou trop ancien" in page.text
    assert refusals(app)[0] == ("letter:checked", "", "secret_wrong")
    assert is_in(enter(app.test_client())) is False


def test_attack_a_code_is_void_after_its_use(either: Flask) -> None:
    """MA-01: whoever finds the letter later opens nothing with it."""
    code = a_letter(either)
    assert create(either.test_client(), code).status_code == 200
    again = create(either.test_client(), code, password=NEXT)
    assert again.status_code == 400
    assert is_in(enter(either.test_client(), NEXT)) is False
    assert is_in(enter(either.test_client()))


def test_attack_of_two_uses_of_a_code_at_once_one_counts(either: Flask) -> None:
    """MA-01: the owner and who read the letter; the password is that of one of them."""
    code, passwords = a_letter(either), [PASSWORD, NEXT]

    def use(password: str) -> int:
        return create(either.test_client(), code, password=password).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(use, passwords))
    assert (min(answers), max(answers) in {400, 409}) == (200, True)
    entered = [is_in(enter(either.test_client(), each)) for each in passwords]
    assert entered == [each == 200 for each in answers]


def test_a_code_is_void_after_its_life(app: Flask, clock: Clock) -> None:
    """MA-01: thirty days, as the letter says."""
    code = a_letter(app)
    clock.move(timedelta(days=30, seconds=1))
    assert create(app.test_client(), code).status_code == 400


def test_a_code_whose_life_ends_while_it_is_checked_is_void(
    app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MA-01: comparing a password with those of before is slow."""
    code = a_letter(app)

    def slow(*_: object) -> bool:
        clock.move(timedelta(days=30, seconds=1))
        return False

    monkeypatch.setattr(Passwords, "was_used", slow)
    assert create(app.test_client(), code).status_code == 409
    assert is_in(enter(app.test_client())) is False


def test_a_new_letter_makes_the_older_one_void(app: Flask) -> None:
    """MA-01."""
    older, newer = a_letter(app), a_letter(app)
    assert create(app.test_client(), older).status_code == 400
    assert create(app.test_client(), newer).status_code == 200


def test_attack_the_code_of_one_login_opens_no_other(app: Flask) -> None:
    """MA-01: nor is it used up by the try."""
    code = a_letter(app)
    assert create(app.test_client(), code, login="990000001").status_code == 400
    assert create(app.test_client(), code).status_code == 200


def test_a_form_to_be_corrected_does_not_use_the_code_up(app: Flask) -> None:
    """MA-01; RGAA 11.10: each error at its field."""
    code, browser = a_letter(app), app.test_client()
    short = create(browser, code, password="court")
    assert short.status_code == 400
    assert 'id="password-error"' in short.text
    assert 'id="again-error"' in create(browser, code, again="autre chose").text
    assert 'id="email-error"' in create(browser, code, email="sans-arobase").text
    guessed = create(browser, code, password=f"mon numéro {NUMBER}")
    assert 'id="password-error"' in guessed.text
    assert create(browser, code).status_code == 200


def test_the_code_is_read_however_it_is_typed(app: Flask) -> None:
    """MA-01: small letters, spaces, no dashes."""
    code = a_letter(app).lower().replace("-", " ")
    assert create(app.test_client(), f" {code} ").status_code == 200


def test_the_letter_goes_to_the_practitioner_and_no_secret_is_kept_readable(app: Flask) -> None:
    """MA-01: login and code stand in the letter; database and trace hold neither code nor word."""
    code = a_letter(app)
    letter = messages(app)[-1]
    assert (letter.kind, letter.recipient) == ("letter", OWNER)
    assert NUMBER in letter.text
    create(app.test_client(), code)
    tables = ("credential", "earlier_password", "letter", "password_try", "service_trace")
    with service_of(app).store.engine.connect() as connection:
        kept = [
            str(row)
            for table in tables
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert kept
    assert not [row for row in kept if PASSWORD in row or code.replace("-", "") in row]
    with service_of(app).store.read() as db:
        assert [each.action for each in entries(db, actor=OWNER)] == ["access:created"]


def test_the_command_writes_letters_to_those_the_fund_knows(app: Flask) -> None:
    """MA-01: to others none; each refusal says what to do."""
    url = service_of(app).settings.database_url
    runner = CliRunner()
    unknown = runner.invoke(main, ["letter", "--database-url", url, "899700990999"])
    assert unknown.exit_code == 1
    assert "has no account here: add it with populate --person" in unknown.output
    wrong = runner.invoke(main, ["letter", "--database-url", url, "--number", "1", OWNER])
    assert f"those known are: {NUMBER}" in wrong.output
    nobody = runner.invoke(main, ["letter", "--database-url", url, "account:none"])
    assert "invite them from EspacePro" in nobody.output
    assert messages(app) == []
    done = runner.invoke(main, ["letter", "--database-url", url, OWNER])
    assert done.output == f"{OWNER}: a code for the login {NUMBER} was written\n"
    assert [each.kind for each in messages(app)] == ["letter"]


def test_each_sign_in_is_mailed_to_the_person(app: Flask) -> None:
    """MA-01; domain 6: mail at each sign-in."""
    create(app.test_client(), a_letter(app))
    before = len(messages(app))
    assert is_in(enter(app.test_client()))
    mails = messages(app)[before:]
    assert [(each.kind, each.recipient) for each in mails] == [("mail", EMAIL)]
    assert "avec votre mot de passe" in mails[0].text


def test_a_password_is_hashed_slowly_by_default(made: Made, service_url: str) -> None:
    """MA-01: scrypt, at the cost that the library recommends."""
    app = made(service_url, password_access=True, password_cost=MonCompteSettings.password_cost)
    assert service_of(app).more["passwords"].hashed("x").startswith("scrypt:32768:8:1$")
