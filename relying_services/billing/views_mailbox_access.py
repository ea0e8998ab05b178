"""The replaced doctor confirms that the provider of the mailbox opened it (SV-05)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.billing import mailbox_access, replacements
from relying_services.billing.blueprint import bp, refusals_traced
from relying_services.billing.desk import this_desk
from relying_services.billing.freshness import require_fresh
from relying_services.service import trace
from relying_services.service.service import this_service

_OPEN = "mailbox:open"


@bp.get("/replacements/<replacement_id>/mailbox")
def mailbox_confirmation(replacement_id: str) -> ResponseReturnValue:
    """What the confirmation does, before it is given (RGAA 11.12)."""
    row, obj = require_fresh(), f"replacement:{replacement_id}"
    with refusals_traced(trace.Actor.of(row), _OPEN, obj), this_service().store.read() as db:
        found = replacements.of_replaced(db, replacement_id, row.actor)
        access = mailbox_access.check_awaited(db, found)
    return render_template("billing/mailbox_opened.html", replacement=found, access=access)


@bp.post("/replacements/<replacement_id>/mailbox")
def confirm_mailbox(replacement_id: str) -> ResponseReturnValue:
    """The substitute may use it from now on; the doctor's card signs that."""
    row, service, desk = require_fresh(), this_service(), this_desk()
    now, actor, obj = service.clock.now(), trace.Actor.of(row), f"replacement:{replacement_id}"
    with refusals_traced(actor, _OPEN, obj):
        with service.store.read() as db:
            found = replacements.of_replaced(db, replacement_id, row.actor)
            mailbox_access.check_awaited(db, found)
        chip = desk.card_of(row, now)
        document = replacements.act_document(replacements.MAILBOX_OPENED, found, chip, now)
        signed = desk.sign(chip, document, now)
        with service.store.begin() as db:
            replacements.confirm_mailbox(db, found, signed)
            service.note(db, actor, _OPEN, object=obj, card=chip.number)
    flash(_("La boîte aux lettres est ouverte à votre remplaçant."))
    return redirect(url_for("billing.replacement", replacement_id=replacement_id))
