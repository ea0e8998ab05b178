"""The tab of payments: transfers, and the aid for electronic transmission (MA-03, MA-05)."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from relying_services.mon_compte.access import Access, access
from relying_services.mon_compte.errors import not_yours
from relying_services.mon_compte.payments import AID, KINDS
from relying_services.mon_compte.shown import settings, since
from relying_services.mon_compte.store.invoices import invoices_of_payment
from relying_services.mon_compte.store.payments import payment_of, payments, total
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotUnderstood
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.numbers import NUMBER
from relying_services.service.service import this_service

bp = Blueprint("payments", __name__, url_prefix="/paiements")
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("")
def index() -> ResponseReturnValue:
    """Transfers, newest first; of one kind where the address says so."""
    granted = access("paiements", "payments:read")
    kind = request.args.get("nature", "")
    if kind and kind not in KINDS:
        raise NotUnderstood
    return _listed(granted, "mon_compte/payments.html", kind)


@bp.get("/aide-teletransmission")
def aid() -> ResponseReturnValue:
    """Payments of the aid for electronic transmission, with what each counts (MA-05)."""
    granted = access("paiements", "payments:read")
    return _listed(granted, "mon_compte/aid.html", AID)


@bp.get(f"/{NUMBER}")
def payment(number: int) -> ResponseReturnValue:
    """One transfer, and the invoices that it paid."""
    obj = f"payment:{number}"
    granted = access("paiements", "payment:read", obj)
    after = number_asked("apres")
    with this_service().store.read() as db:
        found = payment_of(db, granted.owner, since(), number)
        rows = invoices_of_payment(
            db, granted.owner, number, after=after or 0, limit=settings().page_rows + 1
        )
    if found is None:
        not_yours(granted, "payment:read", obj)
    invoices, last = page_of(rows, settings().page_rows)
    return render_template(
        "mon_compte/payment.html",
        payment=found,
        invoices=invoices,
        last=last,
        is_continued=after is not None,
        kinds=KINDS,
        masked=granted.level != "full",
    )


def _listed(granted: Access, template: str, kind: str) -> ResponseReturnValue:
    after, first = number_asked("apres"), since()
    before = None
    with this_service().store.read() as db:
        if after is not None:
            before = payment_of(db, granted.owner, first, after)
        rows = payments(
            db, granted.owner, first, kind=kind, after=before, limit=settings().page_rows + 1
        )
        amount = total(db, granted.owner, first, kind=kind)
    if after is not None and before is None:
        not_yours(granted, "payments:read", f"payment:{after}")
    shown, last = page_of(rows, settings().page_rows)
    return render_template(
        template,
        payments=shown,
        last=last,
        is_continued=after is not None,
        total=amount,
        kind=kind,
        kinds=KINDS,
        months=settings().months,
        since=first,
    )
