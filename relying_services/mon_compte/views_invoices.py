"""Third-party payment within the tab of payments: sorted, searched, exported (MA-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.mon_compte.access import Access, access
from relying_services.mon_compte.errors import (
    ExportTooLarge,
    PatientMasked,
    not_yours,
)
from relying_services.mon_compte.formats import cents_told
from relying_services.mon_compte.payments import ORDERS, SORTS
from relying_services.mon_compte.search import Sealer, Search
from relying_services.mon_compte.shown import settings, since
from relying_services.mon_compte.store.invoices import Sought, invoice_of, invoices
from relying_services.mon_compte.store.models import InvoiceRow
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotUnderstood
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.refusals import refuse
from relying_services.service.service import this_service
from relying_services.service.spreadsheet import MARK, inert, line

SEALER = "sealer"

bp = Blueprint("invoices", __name__, url_prefix="/paiements")
bp.before_request(means_first)
bp.before_request(activity_first)


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    search: Search
    sealed: str
    sort: str
    order: str


@bp.get("/tiers-payant")
def index() -> ResponseReturnValue:
    """Invoices in the order asked for, those that were searched for."""
    granted = access("paiements", "invoices:read")
    return _page(granted, _asked(granted, "invoices:read"), {})


@bp.post("/tiers-payant")
def search() -> ResponseReturnValue:
    """Search: leads to the page whose address holds the terms, sealed."""
    granted = access("paiements", "invoices:searched")
    asked = _asked(granted, "invoices:searched")
    wanted = Search.of(request.form)
    if wanted.patient:
        _see_patients(granted, "invoices:searched")
    try:
        wanted.sought()
    except FormWrong as error:
        return _page(granted, Asked(wanted, "", asked.sort, asked.order), error.errors), 400
    sealed = _sealer().seal(wanted, _whose(granted)) or None
    address = url_for("invoices.index", recherche=sealed, tri=asked.sort, ordre=asked.order)
    return redirect(address, 303)


@bp.get("/tiers-payant.csv")
def export() -> ResponseReturnValue:
    """The same invoices as a table for a spreadsheet."""
    granted = access("paiements", "invoices:exported")
    asked, most = _asked(granted, "invoices:exported"), settings().export_rows
    service = this_service()
    with service.store.read() as db:
        rows = invoices(
            db,
            granted.owner,
            since(),
            asked.search.sought(),
            sort=asked.sort,
            descending=asked.order == "desc",
            limit=most + 1,
        )
    if len(rows) > most:
        refuse("invoices:exported", "", ExportTooLarge, by=granted.actor)
    with service.store.begin() as db:
        service.note(db, granted.actor, "invoices:exported", rows=len(rows))
    response = Response(_table(rows, is_masked=granted.level != "full"), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=tiers-payant.csv"
    return response


def _page(granted: Access, asked: Asked, errors: Errors) -> str:
    after, first = number_asked("apres"), since()
    before = None
    sought = Sought() if errors else asked.search.sought()
    with this_service().store.read() as db:
        if after is not None:
            before = invoice_of(db, granted.owner, first, after)
        rows = invoices(
            db,
            granted.owner,
            first,
            sought,
            sort=asked.sort,
            descending=asked.order == "desc",
            after=before,
            limit=settings().page_rows + 1,
        )
    if after is not None and before is None:
        not_yours(granted, "invoices:read", f"invoice:{after}")
    shown, last = page_of(rows, settings().page_rows)
    return render_template(
        "mon_compte/invoices.html",
        asked=asked,
        errors=errors,
        invoices=shown,
        last=last,
        is_continued=after is not None,
        sorts=SORTS,
        masked=granted.level != "full",
        months=settings().months,
        since=first,
    )


def _asked(granted: Access, action: str) -> Asked:
    sort, order = request.args.get("tri", "date"), request.args.get("ordre", "desc")
    sealed = request.args.get("recherche", "")
    found = _sealer().open(sealed, _whose(granted))
    if sort not in SORTS or order not in ORDERS or found is None:
        raise NotUnderstood
    if sort == "patient" or found.patient:
        _see_patients(granted, action)
    return Asked(found, sealed, sort, order)


def _see_patients(granted: Access, action: str) -> None:
    if granted.level != "full":
        refuse(action, "", PatientMasked, by=granted.actor)


def _sealer() -> Sealer:
    return cast("Sealer", this_service().more[SEALER])


def _whose(granted: Access) -> str:
    return f"{granted.actor.id} {granted.owner}"


def _table(rows: Sequence[InvoiceRow], *, is_masked: bool) -> str:
    patient = [] if is_masked else [_("Patient")]
    names = (_("Payée le"), _("Date des soins"), _("N° de facture"), _("N° de lot"), _("Montant"))
    lines = [line([*names, *patient])]
    for row in rows:
        days = (row.paid_on.isoformat(), row.cared_on.isoformat())
        shown = [] if is_masked else [inert(row.patient)]
        lines.append(line([*days, row.number, row.batch, cents_told(row.amount), *shown]))
    return MARK + "".join(lines)
