"""An accountant, from the invitation to the revocation, with the real EspacePro."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from relying_services import espacepro
from relying_services.clock import Clock
from relying_services.espacepro.delegations import (
    Delegate,
    Delegation,
    accept,
    by_invitation,
    draft,
    own,
    revoke,
    send,
)
from relying_services.espacepro.sample import import_sample
from relying_services.espacepro.wishes import Party, Wish
from relying_services.mon_compte.espacepro_api import EXTENSION
from relying_services.paris import day_of
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.in_process import InProcess
from tests.relying_services.mon_compte.passwords import (
    NEXT,
    PASSWORD,
    a_letter,
    create,
    enter,
    is_in,
    with_passwords,
)
from tests.relying_services.mon_compte.rows import OTHER, OWNER, invoice, pay
from tests.relying_services.signed_in import post, sign_in, text_of

SECRET = "between the two"
EMAIL = "ilan.comptant@exemple.test"
DELEGATOR = Party(OWNER, "Solène MARGELLE", "solene.margelle@exemple.test")
ELSE = Party(OTHER, "Anatole BRISELAME", "anatole.briselame@exemple.test")
SECRETARY = Delegate("699700990015001/0000000001", "Mauricette DRAPEYRON")


@pytest.fixture
def delegating(tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """EspacePro, with the directory's sample."""
    app = espacepro.create_app(
        espacepro.EspaceProSettings(
            issuer="http://localhost:8000/auth/realms/esante-wallet",
            client_id="espacepro",
            client_secret="secret of EspacePro",
            base_url="http://localhost:8009",
            database_url=f"sqlite:///{tmp_path / 'espacepro.db'}",
            api_secret=SECRET,
            mon_compte_url="http://localhost:8010",
        ),
        clock,
    )
    import_sample(service_of(app).store, clock)
    yield app
    service_of(app).store.close()


@pytest.fixture
def account(made: Made, service_url: str, delegating: Flask) -> Flask:
    """The account, which reaches it."""
    app = with_passwords(made, service_url, espacepro_secret=SECRET)
    service_of(app).more[EXTENSION].session.mount("http://", InProcess(delegating))
    pay(app, 1, OWNER)
    invoice(app, 1, 1, OWNER, patient="ÉTANGLIN Zoé")
    pay(app, 2, OTHER)
    return app


def drawn_up(app: Flask, delegator: Party = DELEGATOR, **more: object) -> tuple[Delegation, str]:
    """A delegation that was sent, and the secret of its invitation."""
    service = service_of(app)
    now = service.clock.now()
    today = day_of(now)
    given = {
        "email": EMAIL,
        "status": "comptable",
        "services": ["paiements"],
        "starts_on": today,
        "ends_on": date(2040, 12, 31),
    }
    wish = Wish(**(given | more))  # type: ignore[arg-type]  # each of the type of its member
    with service.store.begin() as db:
        made = draft(
            db,
            now,
            service.settings,  # type: ignore[arg-type]  # of EspacePro
            delegator=delegator,
            wish=wish,
            created_by=delegator.id,
        )
        return made, send(db, now, service.settings, made)  # type: ignore[arg-type]  # of EspacePro


def open_account(browser: FlaskClient, secret: str, **fields: str) -> int:
    given = {"name": "Ilan COMPTANT", "password": PASSWORD, "again": PASSWORD}
    return post(browser, f"/invitations/{secret}/acceptation", **(given | fields)).status_code


def accountant(app: Flask, secret: str) -> FlaskClient:
    """A browser of the accountant, signed in with the account opened by an invitation."""
    assert open_account(app.test_client(), secret) == 200
    browser = app.test_client()
    assert is_in(enter(browser, login=EMAIL))
    return browser


def test_attack_a_guessed_invitation_opens_no_account(account: Flask, delegating: Flask) -> None:
    """EP-09, MA-01: unknown, and one for somebody who is no accountant, are alike."""
    _made, for_a_doctor = drawn_up(
        delegating,
        email="anatole.briselame@exemple.test",
        status="remplacant",
        services=["aat"],
        ends_on=day_of(service_of(delegating).clock.now()) + timedelta(days=6),
    )
    browser = account.test_client()
    for secret in ("guessed", for_a_doctor, "../delegations?delegate=x", "%2e%2e"):
        assert browser.get(f"/invitations/{secret}").status_code == 404, secret
        assert open_account(browser, secret) == 404, secret
    assert is_in(enter(browser, login=EMAIL)) is False


def test_attack_an_answered_invitation_opens_no_second_account(
    account: Flask, delegating: Flask
) -> None:
    """EP-09: the mail, found later, opens nothing."""
    _made, secret = drawn_up(delegating)
    accountant(account, secret)
    assert account.test_client().get(f"/invitations/{secret}").status_code == 404
    assert open_account(account.test_client(), secret, password=NEXT, again=NEXT) == 404
    assert is_in(enter(account.test_client(), NEXT, EMAIL)) is False


def test_attack_an_invitation_to_an_account_is_not_accepted_by_another(
    account: Flask, delegating: Flask
) -> None:
    """EP-08, EP-09: one account for all practitioners; its password is not set anew by a link."""
    _made, first = drawn_up(delegating)
    browser = accountant(account, first)
    _made, second = drawn_up(delegating, delegator=ELSE)
    stranger = account.test_client()
    assert stranger.get(f"/invitations/{second}").location == "/acces"
    assert open_account(stranger, second, password=NEXT, again=NEXT) == 302
    assert is_in(enter(account.test_client(), NEXT, EMAIL)) is False
    other = sign_in(account, OTHER)
    assert other.get(f"/invitations/{second}").status_code == 403
    assert open_account(other, second) == 403
    assert post(other, f"/invitations/{second}/refus").status_code == 403
    assert post(browser, f"/invitations/{second}/acceptation").location == "/agir"
    assert "Anatole BRISELAME" in browser.get("/agir").text


def test_attack_a_forged_acceptance_is_refused(account: Flask, delegating: Flask) -> None:
    """EP-10."""
    _made, secret = drawn_up(delegating)
    for answer in ("acceptation", "refus"):
        page = account.test_client().post(f"/invitations/{secret}/{answer}", data={"name": "X"})
        assert page.status_code == 403
    assert account.test_client().get(f"/invitations/{secret}").status_code == 200


def test_a_refused_invitation_opens_nothing(account: Flask, delegating: Flask) -> None:
    """EP-10."""
    _made, secret = drawn_up(delegating)
    page = post(account.test_client(), f"/invitations/{secret}/refus")
    assert page.status_code == 200
    assert open_account(account.test_client(), secret) == 404
    assert is_in(enter(account.test_client(), login=EMAIL)) is False


def test_a_form_to_be_corrected_does_not_use_the_invitation_up(
    account: Flask, delegating: Flask
) -> None:
    """RGAA 11.10."""
    _made, secret = drawn_up(delegating)
    browser = account.test_client()
    assert open_account(browser, secret, name="") == 400
    assert open_account(browser, secret, again="autre") == 400
    assert open_account(browser, secret, password=EMAIL, again=EMAIL) == 400
    assert open_account(browser, secret) == 200


def test_an_accountant_reads_payments_without_patients_until_revoked(
    account: Flask, delegating: Flask
) -> None:
    """EP-05, EP-06, EP-17, MA-10: one trace at EspacePro, the revocation counts at once."""
    made, secret = drawn_up(delegating)
    browser = accountant(account, secret)
    assert post(browser, "/agir", delegation=made.id).status_code == 303
    page = browser.get("/paiements/1")
    assert page.status_code == 200
    assert "Vous agissez en qualité de comptable de Solène MARGELLE" in text_of(page, "acting-as")
    assert "ÉTANGLIN" not in browser.get("/paiements/tiers-payant").text
    assert browser.get("/paiements/2").status_code == 404
    assert browser.get("/contact").status_code == 403
    service = service_of(delegating)
    with service.store.begin() as db:
        revoke(db, service.clock.now(), own(db, OWNER, made.id), OWNER)
    assert browser.get("/paiements/1").status_code == 403
    with service.store.read() as db:
        read = [
            (each.action, each.outcome, each.reason)
            for each in entries(db, delegation_id=made.id)
            if each.client_id == "mon_compte" and each.actor.startswith("account:")
        ]
    assert read[0] == ("payment:read", "refused", "revoked")
    assert ("payment:read", "done", "") in read
    assert ("questions:read", "refused", "service_outside") in read


def test_attack_the_day_after_the_last_is_over(
    account: Flask, delegating: Flask, clock: Clock
) -> None:
    """EP-11: the last day is included, the next is not, without anybody doing anything."""
    today = day_of(clock.now())
    made, secret = drawn_up(delegating, ends_on=today + timedelta(days=1))
    browser = accountant(account, secret)
    post(browser, "/agir", delegation=made.id)
    clock.move(timedelta(days=2))
    again = account.test_client()
    assert is_in(enter(again, login=EMAIL))
    assert post(again, "/agir", delegation=made.id).status_code == 404


def test_attack_an_assistant_acts_with_the_card_alone(account: Flask, delegating: Flask) -> None:
    """EP-05, EP-16; domain 6: by telephone, the same person opens nothing of the delegator."""
    made, secret = drawn_up(
        delegating,
        email="mauricette.drapeyron@exemple.test",
        status="assistant_medical",
        services=["contact", "imprimes"],
        rpps=SECRETARY.id,
        family_name="DRAPEYRON",
        given_name="Mauricette",
    )
    service = service_of(delegating)
    with service.store.begin() as db:
        now = service.clock.now()
        accept(db, now, by_invitation(db, now, secret), SECRETARY)
    by_phone = sign_in(account, SECRETARY.id, name=SECRETARY.name, means="MOBILE")
    post(by_phone, "/agir", delegation=made.id)
    refused = by_phone.get("/contact")
    assert refused.status_code == 403
    assert "means_refused" in refused.text
    by_card = sign_in(account, SECRETARY.id, name=SECRETARY.name)
    post(by_card, "/agir", delegation=made.id)
    assert by_card.get("/contact").status_code == 200
    assert by_card.get("/paiements").status_code == 403


def test_an_accountant_who_forgot_the_password_gets_a_code_by_mail(
    account: Flask, delegating: Flask
) -> None:
    """MA-01: the account stays the same, with its delegations."""
    made, secret = drawn_up(delegating)
    browser = accountant(account, secret)
    post(browser, "/agir", delegation=made.id)
    service = service_of(delegating)
    with service.store.read() as db:
        account_id = entries(db, delegation_id=made.id)[0].actor
    code = a_letter(account, account_id)
    assert (
        create(account.test_client(), code, login=EMAIL, email="", password=NEXT).status_code == 200
    )
    again = account.test_client()
    assert is_in(enter(again, NEXT, EMAIL))
    assert post(again, "/agir", delegation=made.id).status_code == 303
