"""The replaced doctor's mailbox: opened on the workstation, or asked of its provider (SV-05)."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from relying_services.billing.__main__ import main
from relying_services.billing.store.mailbox_access import note_opened
from relying_services.clock import Clock
from relying_services.paris import day_of
from relying_services.service.app import service_of
from relying_services.service.formats import day_of_a_mail
from relying_services.service.messages import deliver
from relying_services.service.store.messages import messages_after
from relying_services.service.store.models import MessageRow
from tests.outbox.servers import mail_server
from tests.relying_services.billing.surgery import OTHER, SUBSTITUTE, Surgery, error_of, wish
from tests.relying_services.billing.test_purge import files
from tests.relying_services.signed_in import confirmed, post, text_of

PROVIDER = "boites-aux-lettres@operateur.exemple.test"


def mails(surgery: Surgery) -> list[MessageRow]:
    with service_of(surgery.app).store.read() as db:
        return messages_after(db)


def state_told(surgery: Surgery, name: str) -> str:
    return text_of(surgery.sign_in(surgery.doctor).get(f"/replacements/{name}"), "mailbox")


def today(surgery: Surgery) -> str:
    return day_of_a_mail(day_of(surgery.clock.now()))


def test_until_the_provider_opened_it_the_substitute_does_not_use_the_mailbox(
    surgery: Surgery,
) -> None:
    """SV-05, attack: billing and signing go on, nothing goes out and nothing is read."""
    name, browser = surgery.working(mailbox="asked")
    assert surgery.bill(browser, name).status_code == 302
    assert post(browser, "/batches", replacement=name, invoices=["1"]).status_code == 302
    refused = [post(browser, "/batches/1/send"), browser.get("/mailbox"), post(browser, "/mailbox")]
    assert [error_of(each) for each in refused] == ["mailbox_awaited"] * 3
    assert f"depuis le {today(surgery)}" in refused[0].text
    assert surgery.last() == ("mailbox:collect", "refused", "mailbox_awaited")


def test_the_replaced_doctors_card_confirms_that_it_was_opened(surgery: Surgery) -> None:
    """SV-05: shown before it is done, signed, traced; from then on the mailbox is used."""
    name, browser = surgery.working(mailbox="asked")
    doctor = surgery.sign_in(surgery.doctor)
    assert state_told(surgery, name) == (
        f"demandé au fournisseur le {today(surgery)}, pas encore ouvert"
    )
    shown = doctor.get(f"/replacements/{name}/mailbox")
    assert f"Demande envoyée le {today(surgery)} à {PROVIDER}." in shown.text
    went = post(doctor, f"/replacements/{name}/mailbox")
    assert went.location == f"/replacements/{name}"
    entry = surgery.traced()[-1]
    assert (entry.action, entry.object) == ("mailbox:open", f"replacement:{name}")
    told = confirmed(doctor.get(f"/replacements/{name}"))
    assert told == ["La boîte aux lettres est ouverte à votre remplaçant."]
    assert entry.details == {"card": surgery.doctor.number}
    assert state_told(surgery, name) == (f"ouvert par le fournisseur, confirmé le {today(surgery)}")
    assert "boîte aux lettres ouverte" in doctor.get(f"/replacements/{name}").text
    surgery.insert(surgery.substitute)
    assert browser.get("/mailbox").status_code == 200


def test_the_mailbox_of_one_doctor_opens_not_that_of_another(surgery: Surgery) -> None:
    """SV-05, attack: granted by the one, asked by the other for the same substitute."""
    surgery.prepare()
    other = surgery.sign_in(surgery.card(national_id=OTHER, number="9700000003"))
    went = post(other, "/replacements/new", **(wish() | {"mailbox": "asked"}))
    browser, _ = surgery.activate(str(went.location).rpartition("/")[2])
    assert error_of(browser.get("/mailbox")) == "mailbox_awaited"


@pytest.mark.parametrize("who", ["substitute", "nobody"])
def test_nobody_else_confirms_it(surgery: Surgery, who: str) -> None:
    """SV-05, attack: the substitute, and whoever is not signed in."""
    name, browser = surgery.working(mailbox="asked")
    attacker = browser if who == "substitute" else surgery.app.test_client()
    went = post(attacker, f"/replacements/{name}/mailbox")
    assert went.status_code == 404 if who == "substitute" else went.location == "/login"
    assert error_of(surgery.sign_in(surgery.substitute).get(f"/replacements/{name}/mailbox")) == (
        "not_found"
    )
    assert "pas encore ouvert" in state_told(surgery, name)


def test_another_card_in_the_reader_confirms_nothing(surgery: Surgery) -> None:
    """SV-05, attack: the doctor's browser is open, the substitute's card is in the reader."""
    name = surgery.prepare(mailbox="asked")
    doctor = surgery.sign_in(surgery.doctor)
    surgery.insert(surgery.substitute)
    assert error_of(post(doctor, f"/replacements/{name}/mailbox")) == "card_of_another"
    assert surgery.last() == ("mailbox:open", "refused", "card_of_another")
    assert "pas encore ouvert" in state_told(surgery, name)


def test_of_two_confirmations_at_once_one_counts(surgery: Surgery) -> None:
    """SV-05: the other window was quicker while the card signed."""
    name = surgery.prepare(mailbox="asked")

    def confirmed() -> None:
        with service_of(surgery.app).store.begin() as db:
            assert note_opened(db, name, surgery.clock.now())

    surgery.wire.meanwhile = confirmed
    went = post(surgery.sign_in(surgery.doctor), f"/replacements/{name}/mailbox")
    assert (went.status_code, error_of(went)) == (409, "mailbox_not_asked")
    assert surgery.last() == ("mailbox:open", "refused", "mailbox_not_asked")


def test_what_was_not_asked_or_is_open_is_not_confirmed(surgery: Surgery) -> None:
    """SV-05: granted here, confirmed already, or closed."""
    granted, asked = surgery.prepare(), surgery.prepare(mailbox="asked")
    doctor = surgery.sign_in(surgery.doctor)
    assert post(doctor, f"/replacements/{asked}/mailbox").status_code == 302
    closed = surgery.prepare(mailbox="asked")
    surgery.act(closed, "deactivate")
    doctor = surgery.sign_in(surgery.doctor)
    for name in (granted, asked, closed):
        address = f"/replacements/{name}/mailbox"
        for went in (doctor.get(address), post(doctor, address)):
            assert (went.status_code, error_of(went)) == (409, "mailbox_not_asked")
    assert state_told(surgery, granted) == f"ouvert sur ce poste le {today(surgery)}"
    assert state_told(surgery, closed) == "fermé"


def test_the_provider_is_asked_by_a_mail_that_says_who_and_when(surgery: Surgery) -> None:
    """SV-05: in the transaction of the preparation; what is granted here asks nobody."""
    surgery.prepare()
    assert not mails(surgery)
    name = surgery.prepare(mailbox="asked", starts_on="2098-01-02", ends_on="2099-12-31")
    [mail] = mails(surgery)
    assert (mail.kind, mail.recipient) == ("mail", PROVIDER)
    for said in ("Solène MARGELLE (99700990015)", "Remplaçant : Basile ALTERNE", "99700990023"):
        assert said in mail.text
    for said in (
        "Premier jour : 2 janvier 2098",
        "Dernier jour : 31 décembre 2099",
        f"Référence : {name}",
    ):
        assert said in mail.text
    entry = surgery.traced()[-1]
    assert (entry.action, entry.details["mailbox"]) == ("replacement:prepare", "asked")
    assert json.loads(surgery.row(name).text)["mailbox_asked_of"] == PROVIDER
    with mail_server() as server:
        store = service_of(surgery.app).store
        assert deliver(store, surgery.clock, server.url, surgery.settings.sender) == 1
        assert server.mails[0]["To"] == PROVIDER


def test_no_mail_about_a_mailbox_names_a_patient(surgery: Surgery) -> None:
    """SV-05: whatever was billed between asking and ending."""
    name, browser = surgery.working(mailbox="asked")
    surgery.bill(browser, name, patient="Nadia FICTIVE")
    surgery.act(name, "deactivate")
    assert not any("FICTIVE" in mail.subject + mail.text for mail in mails(surgery))


def test_the_provider_that_was_asked_is_asked_to_end_it(surgery: Surgery) -> None:
    """SV-05, SV-11: with the session; the one that named the substitute goes."""
    name = surgery.prepare(mailbox="asked")
    surgery.act(name, "deactivate")
    [mail] = mails(surgery)
    assert (mail.recipient, f"Référence : {name}" in mail.text) == (PROVIDER, True)
    assert "Fermez l’accès ouvert sous cette référence" in mail.text
    assert "ALTERNE" not in mail.text
    assert SUBSTITUTE.removeprefix("8") not in mail.text


def test_after_a_purge_no_mail_names_the_substitute(surgery: Surgery, tmp_path: Path) -> None:
    """SV-12: of a preparation that nobody used, not one byte is left."""
    name = surgery.prepare(mailbox="asked")
    surgery.act(name, "deactivate")
    assert surgery.act(name, "purge").status_code == 302
    left = files(tmp_path)
    for known in (SUBSTITUTE, SUBSTITUTE.removeprefix("8"), "ALTERNE"):
        assert known.encode() not in left


def test_a_kept_session_asks_as_before_unless_told_otherwise(surgery: Surgery) -> None:
    """SV-05, SV-12: the choice is kept with the preparation, and asked for again with its dates."""
    name = surgery.prepare(kind="repeated", mailbox="asked")
    surgery.act(name, "deactivate")
    page = surgery.sign_in(surgery.doctor).get(f"/replacements/{name}/again")
    assert 'value="asked" checked' in page.text
    went = post(surgery.sign_in(surgery.doctor), f"/replacements/{name}/again", mailbox="asked")
    assert went.status_code == 302
    assert ["Ouverture" in mail.subject for mail in mails(surgery)] == [False, True]
    assert "pas encore ouvert" in state_told(surgery, name)
    surgery.act(name, "deactivate")
    post(surgery.sign_in(surgery.doctor), f"/replacements/{name}/again", mailbox="granted")
    assert "ouvert sur ce poste" in state_told(surgery, name)


def test_the_substitute_is_told_before_activating(surgery: Surgery) -> None:
    """SV-05: on the page of the activation."""
    name = surgery.prepare(mailbox="asked")
    page = surgery.sign_in(surgery.substitute).get(f"/activation/{name}")
    assert "pas encore ouvert" in text_of(page, "mailbox")


def test_on_either_database_it_is_asked_opened_and_ended(
    tmp_path: Path, either_url: str, clock: Clock
) -> None:
    """SV-05: conditional statements, and a row that a mail belongs to."""
    surgery = Surgery(tmp_path, either_url, clock)
    name, browser = surgery.working(mailbox="asked")
    assert error_of(browser.get("/mailbox")) == "mailbox_awaited"
    assert post(surgery.sign_in(surgery.doctor), f"/replacements/{name}/mailbox").status_code == 302
    assert browser.get("/mailbox").status_code == 200
    surgery.act(name, "deactivate")
    assert ["Fin" in mail.subject for mail in mails(surgery)] == [True]
    service_of(surgery.app).store.close()


def test_a_wrong_address_of_the_provider_starts_nothing(tmp_path: Path) -> None:
    """SV-05: told at the start, and not by a mail that goes nowhere."""
    certificate = tmp_path / "persons.crt"
    certificate.write_text("not read before")
    given = ["--client-secret", "x", "--reader-secret", "y", "--authority-file", str(certificate)]
    ran = CliRunner().invoke(main, ["serve", *given, "--mailbox-email", "nobody"])
    assert (ran.exit_code, "mailbox_email" in ran.output) == (2, True)
