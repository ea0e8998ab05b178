"""Invoices: the list, the form, one of them; each is signed by the card in the reader."""

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.billing import invoices, numbering, tariff
from relying_services.billing.blueprint import Acting, acting, bp, refusals_traced, settings
from relying_services.billing.card_errors import SituationWithoutNumber
from relying_services.billing.chip import Chip
from relying_services.billing.desk import Signed, this_desk
from relying_services.billing.errors import NotActive, SnapshotAltered
from relying_services.billing.invoices import LONGEST_PATIENT, BilledFor
from relying_services.billing.situation import Situation
from relying_services.billing.store import invoices as store
from relying_services.service.errors import NotYours
from relying_services.service.numbers import number_of
from relying_services.service.service import this_service

_SHOWN = 50
_ISSUE = "invoice:issue"


@bp.get("/invoices")
def invoice_list() -> ResponseReturnValue:
    """The invoices in the name of whom is billed for, newest first."""
    at = acting()
    before = number_of(request.args.get("before", ""))
    with this_service().store.read() as db:
        found = store.newest(db, at.owner, before, _SHOWN + 1)
    older = found[_SHOWN - 1].number if len(found) > _SHOWN else None
    return render_template("billing/invoices.html", invoices=found[:_SHOWN], older=older)


@bp.get("/invoices/new")
def new_invoice() -> ResponseReturnValue:
    """The form of an invoice."""
    at = acting()
    with refusals_traced(at.actor, _ISSUE):
        chip = this_desk().card_of(at.row, this_service().clock.now())
        situations = _situations(at, chip)
    return _form(at, situations, {}, {})


@bp.post("/invoices/new")
def issue_invoice() -> ResponseReturnValue:
    """Price, sign and number an invoice; it is never changed afterwards."""
    at, service, desk = acting(), this_service(), this_desk()
    now = service.clock.now()
    with refusals_traced(at.actor, _ISSUE):
        # A form that was shown during a replacement does not become one of one's own after it.
        if request.form.get("replacement", "") != at.token:
            raise NotActive
        chip = desk.card_of(at.row, now)
        situations = _situations(at, chip)
    errors: dict[str, str] = {}
    patient, quantities = _patient(errors), _quantities(errors)
    if errors:
        return _form(at, situations, request.form.to_dict(), errors), 400
    billed_for = _billed_for(at, chip, situations)

    def sign(number: int) -> Signed:
        document = invoices.document(
            number=number,
            workstation=settings().workstation,
            billed_for=billed_for,
            author=chip,
            patient=patient,
            quantities=quantities,
            now=now,
        )
        return desk.sign(chip, document, now)

    def keep(db: Session, number: int, signed: Signed) -> None:
        invoices.keep(db, at.row.handle, number, billed_for, signed)
        obj = f"invoice:{invoices.named(number)}"
        service.note(db, at.actor, _ISSUE, object=obj, card=chip.number, replacement=at.token)

    with refusals_traced(at.actor, _ISSUE):
        number = numbering.issue(service.store, invoices.SERIES, sign, keep)
    flash(_("La feuille de soins est signée."))
    return redirect(url_for("billing.invoice", number=number))


@bp.get("/invoices/<number>")
def invoice(number: str) -> ResponseReturnValue:
    """One invoice, with both identities (SV-08)."""
    at, wanted = acting(), number_of(number)
    obj = f"invoice:{number if wanted is None else invoices.named(wanted)}"
    with refusals_traced(at.actor, "invoice:read", obj), this_service().store.read() as db:
        found = store.find(db, wanted) if wanted is not None else None
        if found is None or found.billed_for != at.owner:
            raise NotYours
    return render_template(
        "billing/invoice.html", invoice=found, told=json.loads(found.text), acts=tariff.ACTS
    )


def _situations(at: Acting, chip: Chip) -> list[Situation]:
    """Under what may be billed: what was memorised, or the doctor's own card."""
    if at.memorised is not None and at.replacement is not None:
        found = at.memorised.situations.get(at.replacement.situation or "")
        if found is None:
            raise SnapshotAltered
        return [found]
    if not chip.billing:
        raise SituationWithoutNumber
    return chip.billing


def _billed_for(at: Acting, chip: Chip, situations: list[Situation]) -> BilledFor:
    asked = request.form.get("situation", situations[0].activity_id)
    found = next((each for each in situations if each.activity_id == asked), None)
    if found is None:
        raise NotYours
    name = at.memorised.replaced_name if at.memorised else chip.name
    return BilledFor(at.owner, name, found, at.replacement)


def _patient(errors: dict[str, str]) -> str:
    patient = " ".join(request.form.get("patient", "").split())
    if not 0 < len(patient) <= LONGEST_PATIENT:
        errors["patient"] = _("Saisissez le nom du patient, en 80 caractères au plus.")
    return patient


def _quantities(errors: dict[str, str]) -> dict[str, int]:
    """How often each act was done; those that were not are left out."""
    found: dict[str, int] = {}
    for code in tariff.ACTS:
        count = number_of(request.form.get(f"act_{code}", "").strip() or "0")
        if count is None or count > tariff.MOST:
            errors[f"act_{code}"] = _("Saisissez un nombre de 0 à 9.")
        elif count:
            found[code] = count
    if not found and not errors:
        errors["act_G"] = _("Saisissez au moins un acte, exemple 1 consultation.")
    return found


def _form(
    at: Acting, situations: list[Situation], form: dict[str, str], errors: dict[str, str]
) -> str:
    return render_template(
        "billing/new_invoice.html",
        token=at.token,
        situations=situations,
        acts=tariff.ACTS,
        form=form,
        errors=errors,
    )
