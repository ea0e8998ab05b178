"""Batches: made and signed with the card in the reader, exported, sent, answered."""

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.billing import batch_file, batches, fund, mailbox_access, numbering
from relying_services.billing.blueprint import acting, bp, refusals_traced, settings
from relying_services.billing.desk import Signed, this_desk
from relying_services.billing.errors import NotActive
from relying_services.billing.store import batches as store
from relying_services.billing.store import invoices as invoice_store
from relying_services.billing.store.models import BatchRow
from relying_services.service.errors import NotYours
from relying_services.service.numbers import number_of
from relying_services.service.service import this_service

_SHOWN = 100
_MAKE, _SEND, _READ = "batch:sign", "batch:send", "batch:read"


@bp.get("/batches")
def batch_list() -> ResponseReturnValue:
    """Batches, and the invoices that are in none."""
    at = acting()
    with this_service().store.read() as db:
        made = store.newest(db, at.owner, _SHOWN)
        waiting = invoice_store.unbatched(db, at.owner, settings().batch_most)
    return render_template(
        "billing/batches.html", batches=made, waiting=waiting, token=at.token, own=at.row.actor
    )


@bp.post("/batches")
def make_batch() -> ResponseReturnValue:
    """Sign a batch of invoices, of whoever issued them, with one's own card (SV-10)."""
    at, service, desk = acting(), this_service(), this_desk()
    now = service.clock.now()

    def sign(number: int) -> Signed:
        document = batch_file.document(
            number=number,
            workstation=settings().workstation,
            billed_for=at.owner,
            signer=chip,
            invoices=invoices,
            now=now,
        )
        return desk.sign(chip, document, now)

    def keep(db: Session, number: int, signed: Signed) -> None:
        batches.keep(db, number, at.owner, invoices, signed)
        obj = f"batch:{batch_file.named(number)}"
        service.note(db, at.actor, _MAKE, object=obj, card=chip.number, invoices=len(invoices))

    with refusals_traced(at.actor, _MAKE):
        if request.form.get("replacement", "") != at.token:
            raise NotActive
        with service.store.read() as db:
            invoices = batches.chosen(db, at.owner, _numbers(), settings().batch_most)
        chip = desk.card_of(at.row, now)
        number = numbering.issue(service.store, batch_file.SERIES, sign, keep)
    flash(_("Le lot est signé avec votre carte."))
    return redirect(url_for("billing.batch", number=number))


@bp.get("/batches/<number>")
def batch(number: str) -> ResponseReturnValue:
    """One batch, and how it is verified by command."""
    found = _found(number)
    told = json.loads(found.text)
    issued = [json.loads(each["text"]) for each in told["invoices"]]
    return render_template("billing/batch.html", batch=found, invoices=issued)


@bp.get("/batches/<number>/LOT.json")
def batch_content(number: str) -> ResponseReturnValue:
    """The file of a batch: the bytes that were signed."""
    found = _found(number)
    return _file(found, found.text, "")


@bp.get("/batches/<number>/LOT.json.sig.json")
def batch_signature(number: str) -> ResponseReturnValue:
    """What stands beside it, as `ecps-wallet card verify` reads it."""
    found = _found(number)
    return _file(found, json.dumps(found.signed, indent=1) + "\n", ".sig.json")


@bp.post("/batches/<number>/send")
def send_batch(number: str) -> ResponseReturnValue:
    """Send a batch through the mailbox of the doctor it is billed for (SV-05)."""
    at, service = acting(), this_service()
    with refusals_traced(at.actor, _SEND, _object(number)), service.store.begin() as db:
        found = batches.find(db, _number(number), at.owner)
        batches.send(db, found, at.row.actor, service.clock.now())
        service.note(db, at.actor, _SEND, object=_object(number))
    flash(_("Le lot est parti."))
    return redirect(url_for("billing.mailbox"))


@bp.get("/mailbox")
def mailbox() -> ResponseReturnValue:
    """What went out, and the answers of the fund (ARL)."""
    at = acting()
    with refusals_traced(at.actor, "mailbox:read"), this_service().store.read() as db:
        mailbox_access.check_use(db, at.owner, at.row.actor)
        sent = store.unanswered(db, at.owner)
        answers = store.returns(db, at.owner, _SHOWN)
    return render_template("billing/mailbox.html", sent=sent, answers=answers)


@bp.post("/mailbox")
def collect() -> ResponseReturnValue:
    """Collect what came: the fund, simulated here, verifies each batch before it answers."""
    at, service, desk = acting(), this_service(), this_desk()
    now = service.clock.now()
    with refusals_traced(at.actor, "mailbox:collect"):
        revoked = desk.revoked.current(now)
        with service.store.begin() as db:
            mailbox_access.check_use(db, at.owner, at.row.actor)
            answered = fund.answer_all(db, at.owner, desk.authority, revoked, now)
            service.note(db, at.actor, "mailbox:collect", answers=answered)
    flash(_("La boîte aux lettres est relevée."))
    return redirect(url_for("billing.mailbox"))


def _found(number: str) -> BatchRow:
    at = acting()
    with refusals_traced(at.actor, _READ, _object(number)), this_service().store.read() as db:
        return batches.find(db, _number(number), at.owner)


def _object(text: str) -> str:
    """A batch as the trace names it; what is no number of one, as it stands in the address."""
    number = number_of(text)
    return f"batch:{text if number is None else batch_file.named(number)}"


def _number(text: str) -> int:
    """Raises NotYours where a batch has no such number."""
    number = number_of(text)
    if number is None:
        raise NotYours
    return number


def _file(batch: BatchRow, text: str, ending: str) -> Response:
    name = f"{batch_file.named(batch.number)}.json{ending}"
    response = Response(text, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _numbers() -> list[int]:
    given = (number_of(each) for each in request.form.getlist("invoices"))
    return [each for each in given if each is not None]
