"""The workstation itself: its settings, whom it lets in, its pages, whom it sends to for help."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from relying_services.billing import BillingSettings, create_app
from relying_services.billing.__main__ import main
from relying_services.service.app import service_of
from relying_services.service.settings import WrongSetting
from relying_services.service.store.trace import entries
from tests.relying_services.billing.surgery import Surgery, error_of
from tests.relying_services.signed_in import post, sign_in

GIVEN: dict[str, Any] = {
    "issuer": "http://nowhere.test/auth/realms/esante-wallet",
    "client_id": "billing",
    "client_secret": "secret",
    "base_url": "http://localhost:8011",
    "database_url": "sqlite://",
    "reader_secret": "secret",
    "authority_file": "/nowhere/persons.crt",
}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"means": frozenset({"CARD", "MOBILE"})}, "by card alone"),
        ({"reader_secret": ""}, "reader_secret is missing"),
        ({"authority_file": ""}, "authority_file is missing"),
        ({"list_hold_kept": timedelta(milliseconds=999)}, "list_hold_kept is at least a second"),
    ],
)
def test_a_setting_that_opens_the_workstation_is_refused(
    changes: dict[str, Any], named: str
) -> None:
    """SV-02: it does not start with it."""
    with pytest.raises(WrongSetting, match=named):
        BillingSettings(**(GIVEN | changes))


def test_without_its_authority_it_does_not_start(surgery: Surgery, tmp_path: Path) -> None:
    """SV-01: a card's own certificate is no authority's, and neither is a text."""
    with pytest.raises(WrongSetting, match="authority_file"):
        create_app(BillingSettings(**GIVEN))
    wrong = tmp_path / "card.pem"
    wrong.write_text(surgery.doctor.told()["certificates"]["signature"])
    with pytest.raises(WrongSetting, match="no authority's certificate"):
        create_app(BillingSettings(**(GIVEN | {"authority_file": str(wrong)})))


def test_a_pem_authority_serves_as_a_der_one_does(surgery: Surgery, tmp_path: Path) -> None:
    """SV-01: as `GET /pki/persons.crt` gives it, or as a chain holds it."""
    pem = tmp_path / "persons.pem"
    pem.write_text(surgery.doctor.told()["certificates"]["chain"])
    url = f"sqlite:///{tmp_path / 'other.db'}"
    app = create_app(BillingSettings(**(GIVEN | {"authority_file": str(pem), "database_url": url})))
    assert app.test_client().get("/help").status_code == 200
    service_of(app).store.close()


def test_every_page_but_the_help_wants_a_sign_in(surgery: Surgery) -> None:
    """SV-02: a card left in the reader opens nothing."""
    surgery.insert(surgery.doctor)
    browser = surgery.app.test_client()
    pages = [
        each.rule.replace("<int:number>", "1").replace("<replacement_id>", "R-0")
        for each in surgery.app.url_map.iter_rules()
        if each.endpoint.startswith("billing.") and "GET" in (each.methods or ())
    ]
    assert len(pages) > 15
    for address in set(pages) - {"/help"}:
        assert browser.get(address.replace("<act>", "purge")).location == "/login", address
    assert browser.get("/help").status_code == 200


def test_attack_a_session_of_a_phone_opens_no_page(surgery: Surgery) -> None:
    """SV-02, EP-16: at every request, and not only where a session begins; it is traced."""
    by_phone = sign_in(surgery.app, surgery.doctor.national_id, means="MOBILE")
    surgery.insert(surgery.doctor)
    for told in (by_phone.get("/"), by_phone.get("/batches"), post(by_phone, "/replacements/new")):
        assert (told.status_code, error_of(told)) == (403, "means_refused")
        assert 'id="other-means" href="/login"' in told.text
    with service_of(surgery.app).store.read() as db:
        assert [each.reason for each in entries(db)] == ["means_refused"] * 3


def test_no_form_is_taken_from_another_site(surgery: Surgery) -> None:
    """SV-02, attack: the card is in the reader, and the browser signed in."""
    browser = surgery.sign_in(surgery.doctor)
    forms = [
        each.rule.replace("<int:number>", "1").replace("<replacement_id>", "R-0")
        for each in surgery.app.url_map.iter_rules()
        if each.endpoint.startswith("billing.") and "POST" in (each.methods or ())
    ]
    assert len(forms) > 6
    for address in forms:
        went = browser.post(address.replace("<act>", "deactivate"))
        assert error_of(went) == "form_forged", address


def test_the_help_names_whom_to_ask(surgery: Surgery) -> None:
    """SV-14: convention, on-line services, and a number for the rest."""
    page = surgery.app.test_client().get("/help")
    assert 'href="mailto:dam@cpam.exemple.test"' in page.text
    assert 'href="mailto:cis@cpam.exemple.test"' in page.text
    assert 'href="tel:0811701064"' in page.text
    assert 'href="/help"' in surgery.sign_in(surgery.doctor).get("/").text


def test_a_reader_that_does_not_answer_is_told(surgery: Surgery) -> None:
    """SV-04: and so is one that does not speak as a reader does."""
    browser = surgery.sign_in(surgery.doctor)
    surgery.desk.http.mount("http://reader.test", surgery.desk.http.get_adapter("https://x"))
    went = browser.get("/invoices/new")
    assert (went.status_code, error_of(went)) == (502, "reader_unreachable")


def test_the_code_is_typed_at_the_reader_and_nowhere_else(surgery: Surgery) -> None:
    """SV-04: no page of the workstation asks for it."""
    name, browser = surgery.working()
    pages = ["/", "/invoices/new", "/batches", "/mailbox", f"/activation/{name}"]
    doctor = surgery.sign_in(surgery.doctor)
    shown = [doctor.get("/replacements/new").text]
    shown += [doctor.get(f"/replacements/{name}/{act}").text for act in ("suspend", "deactivate")]
    surgery.insert(surgery.substitute)
    shown += [browser.get(each).text for each in pages]
    assert not any('type="password"' in each for each in shown)


def test_pages_have_one_heading_a_title_of_their_own_and_named_tables(surgery: Surgery) -> None:
    """RGAA 5.4, 8.6, 9.1, 11.1: of every page of a session that was used."""
    name, substitute = surgery.working()
    surgery.bill(substitute, name)
    post(substitute, "/batches", replacement=name, invoices=["1"])
    surgery.bill(substitute, name)
    post(substitute, "/batches/1/send")
    post(substitute, "/mailbox")
    doctor = surgery.sign_in(surgery.doctor)
    addresses = [
        "/", "/help", "/replacements/new", f"/replacements/{name}",
        f"/replacements/{name}/suspend", f"/replacements/{name}/deactivate",
    ]  # fmt: skip
    shown = [doctor.get(each).text for each in addresses]
    surgery.insert(surgery.substitute)
    shown.append(doctor.get("/replacements/substitute").text)
    addresses = [
        f"/activation/{name}", "/invoices", "/invoices/new", "/invoices/1", "/batches",
        "/batches/1", "/mailbox",
    ]  # fmt: skip
    shown += [substitute.get(each).text for each in addresses]
    titles = [re.search("<title>(.*?)</title>", each) for each in shown]
    assert len({each[1] for each in titles if each}) == len(shown)
    for page in shown:
        assert page.count("<h1") == 1
        assert page.count("<table") == page.count("<caption") == page.count('class="scroll"')
        assert not re.search(r"<th(?! scope=)[ >]", page.replace("<thead", ""))
        assert not re.search(r"<script(?! src)|<style|style=", page)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        for field in re.findall(r'<input id="([^"]+)"', page):
            assert f'<label for="{field}">' in page


def test_a_session_that_was_cut_is_found_again(surgery: Surgery) -> None:
    """MA-07: the page where one was is kept; the replacement stays active, and held by nobody."""
    name, browser = surgery.working()
    surgery.clock.move(timedelta(hours=2))
    assert browser.get("/invoices").location == "/cut"
    with browser.session_transaction() as session:
        assert session["place"] == "/invoices"
    assert surgery.state(name) == "active"


def test_the_command_wants_what_the_workstation_cannot_do_without(tmp_path: Path) -> None:
    """SV-01, SV-04: the reader's secret and the authority's certificate."""
    ran = CliRunner().invoke(main, ["serve", "--client-secret", "x"])
    assert ran.exit_code == 2
    assert "--reader-secret" in ran.output
    ran = CliRunner().invoke(main, ["serve", "--client-secret", "x", "--reader-secret", "y"])
    assert "--authority-file" in ran.output
    wrong = tmp_path / "persons.crt"
    wrong.write_text("no certificate")
    given = ["--client-secret", "x", "--reader-secret", "y", "--authority-file", str(wrong)]
    ran = CliRunner().invoke(main, ["serve", *given])
    assert (ran.exit_code, "authority_file: " in ran.output) == (2, True)
