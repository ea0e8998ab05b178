"""Batches: of both, signed with one's own card, verifiable by command, sent by one mailbox."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from idp.cards.certificates import Use
from relying_services.billing.__main__ import main
from relying_services.billing.store import batches
from relying_services.billing.store.mailbox_access import withdraw
from relying_services.billing.store.models import BatchRow
from relying_services.billing.store.tables import TABLES
from relying_services.clock import Clock
from relying_services.service.app import service_of
from relying_services.service.store.database import Store
from tests.relying_services.billing.surgery import DOCTOR, SUBSTITUTE, Surgery, error_of
from tests.relying_services.signed_in import confirmed, post
from wallet_sim.cli import main as wallet


@pytest.fixture
def mixed(surgery: Surgery) -> tuple[str, FlaskClient]:
    """An invoice of the doctor, then one of the substitute, whose session is active."""
    surgery.bill(surgery.sign_in(surgery.doctor), "")
    name, browser = surgery.working()
    surgery.bill(browser, name)
    return name, browser


def sign(browser: FlaskClient, name: str, *numbers: int) -> Any:
    return post(browser, "/batches", replacement=name, invoices=[str(each) for each in numbers])


def exported(browser: FlaskClient, folder: Path) -> Path:
    """The batch and its signature, as a browser keeps them."""
    for ending in ("", ".sig.json"):
        file = browser.get(f"/batches/1/LOT.json{ending}")
        assert file.headers["Content-Disposition"] == (
            f'attachment; filename="LOT-000001.json{ending}"'
        )
        (folder / f"LOT-000001.json{ending}").write_bytes(file.data)
    return folder / "LOT-000001.json"


@pytest.fixture
def batch(mixed: tuple[str, FlaskClient], tmp_path: Path) -> Path:
    """Both invoices in a batch that the substitute signed and took away."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    return exported(browser, tmp_path)


def listed(surgery: Surgery, folder: Path) -> tuple[str, str]:
    """The option that names the list of revoked cards as it is published now."""
    crl = folder / "persons.crl"
    crl.write_bytes(surgery.wire.make_list())
    return "--crl", str(crl)


def verify(surgery: Surgery, batch: Path, *more: str) -> tuple[int, str]:
    ran = CliRunner().invoke(main, ["verify", str(batch), "--trust", str(surgery.trust), *more])
    return ran.exit_code, ran.output


def test_a_batch_of_both_is_signed_with_ones_own_card_and_verifies_by_command(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path
) -> None:
    """SV-10, SV-02, CP-14: by this service's command, and by the one of the cards."""
    name, browser = mixed
    waiting = browser.get("/batches")
    assert "FSE-000001, 30,00 €, établie par 899700990015" in waiting.text
    assert "FSE-000002, 30,00 €, établie par vous" in waiting.text
    assert sign(browser, name, 1, 2).location == "/batches/1"
    assert confirmed(browser.get("/batches/1"))[-1] == "Le lot est signé avec votre carte."
    batch = exported(browser, tmp_path)
    crl = tmp_path / "persons.crl"
    crl.write_bytes(surgery.wire.make_list())
    code, said = verify(surgery, batch, "--crl", str(crl))
    assert (code, said.splitlines()) == (0, [
        f"LOT-000001 of POSTE-1, billed for {DOCTOR}, signed by {SUBSTITUTE}: EUR 60.00",
        f"invoice 1: signed by {DOCTOR}",
        f"invoice 2: signed by {SUBSTITUTE}",
    ])  # fmt: skip
    code, said = verify(surgery, batch)
    assert (code, said.splitlines()[-1].partition(":")[0]) == (
        0,
        "Opposed cards were not looked up",
    )
    ran = CliRunner().invoke(wallet, ["card", "verify", str(batch), "--trust", str(surgery.trust)])
    assert ran.exit_code == 0
    assert f"Signed by {SUBSTITUTE}" in ran.output
    entry = surgery.traced()[-1]
    assert (entry.action, entry.actor, entry.on_behalf_of) == ("batch:sign", SUBSTITUTE, DOCTOR)


def test_a_batch_that_was_tampered_with_is_found(surgery: Surgery, batch: Path) -> None:
    """SV-10, attack: one character more."""
    batch.write_text(batch.read_text(encoding="utf-8").replace("FICTIVE", "FICTIVA"), "utf-8")
    code, said = verify(surgery, batch)
    assert code == 1
    assert "the batch: the signature does not hold over this content" in said


def resigned(surgery: Surgery, batch: Path, changes: Any) -> str:
    """What is said of a batch that the substitute changed and signed again."""
    told = json.loads(batch.read_text(encoding="utf-8"))
    changes(told)
    text = json.dumps(told, ensure_ascii=False)
    batch.write_text(text, encoding="utf-8")
    signed = surgery.substitute.sign(text.encode())
    batch.with_name(f"{batch.name}.sig.json").write_text(json.dumps(signed))
    code, said = verify(surgery, batch)
    assert code == 1
    return said


def change_invoice(told: dict[str, Any], place: int, *pairs: tuple[str, str]) -> None:
    for old, new in pairs:
        assert old in told["invoices"][place]["text"]
        told["invoices"][place]["text"] = told["invoices"][place]["text"].replace(old, new)


LIES: list[tuple[Any, str]] = [
    (
        lambda told: change_invoice(told, 0, ("3000", "9000")),
        "invoice 1: the signature does not hold",
    ),
    (lambda told: told.update(total=1), "its total is not the sum of its invoices"),
    (lambda told: told["invoices"].append(told["invoices"][0]), "it stands twice"),
    (lambda told: told.update(billed_for="899700990031"), "in the name of another doctor"),
    (lambda told: told.update(workstation="POSTE-2"), "of another workstation"),
    (
        lambda told: told["signer"].update(national_id=DOCTOR),
        "signed by another card than it names",
    ),
    (lambda told: told.update(invoices=[], total=0), "its total is not the sum"),
    (lambda told: told.pop("invoices"), "this is no batch of invoices"),
    (lambda told: told["invoices"][0].pop("signed"), "this is no batch of invoices"),
    (
        lambda told: told.update(made_at="2001-01-01T00:00:00+00:00"),
        "the batch: the certificate was not valid then",
    ),
]
"""What a signer does to a batch, and what the verification says of it."""


def test_who_signs_a_batch_cannot_change_what_others_signed(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path
) -> None:
    """SV-10, attack: the substitute's own good signature over a batch that lies."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    for changes, named in LIES:
        assert named in resigned(surgery, exported(browser, tmp_path), changes)


def test_an_invoice_signed_by_somebody_else_than_its_author_is_found(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path
) -> None:
    """SV-10, CP-15, attack: the substitute signs an invoice as if the doctor had done it."""
    name, browser = mixed
    sign(browser, name, 1, 2)

    def forge(told: dict[str, Any]) -> None:
        signed = surgery.substitute.sign(told["invoices"][0]["text"].encode())
        told["invoices"][0]["signed"] = signed

    said = resigned(surgery, exported(browser, tmp_path), forge)
    assert "invoice 1: signed by another card than its author's" in said


def test_a_signature_of_the_authentication_key_is_none(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path
) -> None:
    """CP-14, attack: the certificate that signs in does not sign batches."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    batch = exported(browser, tmp_path)
    signed = surgery.substitute.sign(batch.read_bytes(), Use.AUTHENTICATION)
    batch.with_name(f"{batch.name}.sig.json").write_text(json.dumps(signed))
    code, said = verify(surgery, batch)
    assert code == 1
    assert "not a certificate to sign with" in said


def test_a_signature_of_an_algorithm_that_is_not_named_is_none(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path
) -> None:
    """CP-14: what is verified is what the signature says it is, and never more."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    batch = exported(browser, tmp_path)
    signature = batch.with_name(f"{batch.name}.sig.json")
    signature.write_text(signature.read_text().replace("ES256-DER", "none"))
    code, said = verify(surgery, batch)
    assert code == 1
    assert "the batch: unknown algorithm" in said


def test_a_card_opposed_before_the_signature_is_found_by_the_list(
    surgery: Surgery, batch: Path, tmp_path: Path
) -> None:
    """SV-07: and what was signed before the opposition still holds."""
    surgery.wire.revoked.append(surgery.substitute)
    surgery.clock.move(timedelta(minutes=5))
    assert verify(surgery, batch, *listed(surgery, tmp_path))[0] == 0
    surgery.clock.move(-timedelta(minutes=10))
    code, said = verify(surgery, batch, *listed(surgery, tmp_path))
    assert code == 1
    assert "signed by a card that was opposed" in said


def test_what_a_card_signed_that_is_not_activated_does_not_hold(
    surgery: Surgery, batch: Path, tmp_path: Path
) -> None:
    """SV-07, attack: dated before the hold by whoever signed; such a card never was in use."""
    surgery.wire.on_hold.append(surgery.substitute)
    surgery.clock.move(timedelta(minutes=5))
    code, said = verify(surgery, batch, *listed(surgery, tmp_path))
    assert code == 1
    assert "signed by a card that was not activated" in said


@pytest.mark.parametrize("missing", ["sig", "trust", "crl", "list of today"])
def test_the_command_says_what_it_lacks(
    surgery: Surgery, mixed: tuple[str, FlaskClient], tmp_path: Path, missing: str
) -> None:
    """SV-10: no batch is taken for good without its signature, authority and list."""
    name, browser = mixed
    sign(browser, name, 1)
    batch = exported(browser, tmp_path)
    more: list[str] = []
    if missing == "sig":
        batch.with_name(f"{batch.name}.sig.json").unlink()
    elif missing == "trust":
        surgery.trust.write_text("no certificate")
    else:
        surgery.clock.move(-timedelta(days=1))
        yesterday = surgery.wire.make_list()
        (tmp_path / "wrong.crl").write_bytes(b"no list" if missing == "crl" else yesterday)
        more = ["--crl", str(tmp_path / "wrong.crl")]
    code, said = verify(surgery, batch, *more)
    words = {"sig": "there is no", "trust": "authority_file"}
    assert code in {1, 2}
    assert words.get(missing, "is no list of that authority in force now") in said


def test_an_invoice_goes_into_one_batch(surgery: Surgery, mixed: tuple[str, FlaskClient]) -> None:
    """SV-10: and a batch has at least one."""
    name, browser = mixed
    assert error_of(sign(browser, name)) == "batch_empty"
    assert error_of(sign(browser, name, 1, 9)) == "batch_empty"
    assert sign(browser, name, 1).status_code == 302
    assert error_of(sign(browser, name, 1, 2)) == "batch_empty"
    assert sign(browser, name, 2).status_code == 302
    assert "Toutes les factures sont dans un lot." in browser.get("/batches").text


def test_after_the_deactivation_no_batch_is_signed_or_sent(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-05, SV-11, attack: the pages are still open."""
    name, browser = mixed
    sign(browser, name, 1)
    surgery.act(name, "deactivate")
    surgery.insert(surgery.substitute)
    assert error_of(sign(browser, name, 2)) == "not_active"
    for address in ("/batches/1", "/batches/1/LOT.json", "/batches/1/LOT.json.sig.json"):
        assert browser.get(address).status_code == 404
    assert post(browser, "/batches/1/send").status_code == 404
    assert surgery.last() == ("batch:send", "refused", "not_found")


def test_while_it_is_suspended_the_substitute_reaches_no_batch(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-13, attack: what was open before is closed at the next request."""
    name, browser = mixed
    sign(browser, name, 1)
    assert browser.get("/batches/1").status_code == 200
    surgery.act(name, "suspend")
    surgery.insert(surgery.substitute)
    for address in ("/batches/1", "/batches/1/LOT.json"):
        assert browser.get(address).status_code == 404
    assert error_of(sign(browser, name, 2)) == "not_active"


def test_an_invoice_that_went_into_another_batch_while_the_card_signed_goes_into_no_second(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-10: two windows sign a batch at once; no invoice is paid twice."""
    name, browser = mixed
    tab = surgery.app.test_client()
    with browser.session_transaction() as kept, tab.session_transaction() as session:
        session.update(kept)
    surgery.wire.meanwhile = partial(sign, tab, name, 1)
    assert error_of(sign(browser, name, 1, 2)) == "batch_empty"
    with service_of(surgery.app).store.read() as db:
        assert [each.invoices for each in db.scalars(select(BatchRow))] == [1]
    assert sign(browser, name, 2).status_code == 302


def test_a_batch_of_another_doctor_is_not_found(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-05, attack: by guessing its number."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    other = surgery.sign_in(surgery.card(national_id="899700990031", number="9700000003"))
    assert other.get("/batches/1").status_code == 404
    assert post(other, "/batches/1/send").status_code == 404
    assert error_of(sign(other, "", 1)) == "batch_empty"
    assert "LOT-000001" not in other.get("/batches").text
    assert "LOT-000001" not in other.get("/mailbox").text


def test_batches_go_through_the_mailbox_of_the_replaced_doctor(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-05: and both read the fund's answer there while the substitute has access."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    assert post(browser, "/batches/1/send").location == "/mailbox"
    page = browser.get("/mailbox")
    assert confirmed(page)[-1] == "Le lot est parti."
    assert "LOT-000001" in page.text
    assert error_of(post(browser, "/batches/1/send")) == "already_sent"
    post(browser, "/mailbox")
    page = browser.get("/mailbox")
    assert confirmed(page) == ["La boîte aux lettres est relevée."]
    assert "accepté" in page.text
    surgery.act(name, "deactivate")
    assert "accepté" in surgery.sign_in(surgery.doctor).get("/mailbox").text
    assert "LOT-000001" not in browser.get("/mailbox").text


def test_access_to_the_mailbox_is_asked_for_at_each_use(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-05, attack: access was withdrawn though the session is active still."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    with service_of(surgery.app).store.begin() as db:
        withdraw(db, name)
    assert error_of(post(browser, "/batches/1/send")) == "mailbox_refused"
    assert error_of(browser.get("/mailbox")) == "mailbox_refused"
    assert error_of(post(browser, "/mailbox")) == "mailbox_refused"


def test_of_two_who_collect_at_once_one_puts_the_answer_in_the_mailbox(
    either_url: str, clock: Clock
) -> None:
    """SV-05: an answer that was given does not change."""
    store, now = Store(either_url, TABLES), clock.now()
    store.upgrade()
    with store.begin() as db:
        row = BatchRow(
            number=1, made_at=now, billed_for=DOCTOR, signer=DOCTOR, invoices=1, total=1,
            text="", signed={}, sent_by=DOCTOR, sent_at=now,
        )  # fmt: skip
        batches.add(db, row)
    put = []
    for reason in ("", "the later one"):
        with store.begin() as db:
            put.append(batches.answer(db, row, now, reason))
    with store.read() as db:
        told = [(each.is_accepted, each.reason) for each in batches.returns(db, DOCTOR, 9)]
    store.close()
    assert (put, told) == ([True, False], [(True, "")])


def test_the_fund_refuses_a_batch_that_was_tampered_with_on_the_way(
    surgery: Surgery, mixed: tuple[str, FlaskClient]
) -> None:
    """SV-05, SV-10, attack: in the database of the workstation itself."""
    name, browser = mixed
    sign(browser, name, 1, 2)
    post(browser, "/batches/1/send")
    with service_of(surgery.app).store.begin() as db:
        row = db.scalar(select(BatchRow))
        assert row is not None
        row.text = row.text.replace("FICTIVE", "FICTIVA")
    post(browser, "/mailbox")
    page = browser.get("/mailbox")
    assert "rejeté" in page.text
    assert "the signature does not hold over this content" in page.text
