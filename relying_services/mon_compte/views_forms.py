"""The tab of orders of paper forms: drawn up, read again, confirmed (MA-06; RGAA 11.12)."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.mon_compte.access import Access, access
from relying_services.mon_compte.errors import LevelTooLow, OrderOver, not_yours
from relying_services.mon_compte.forms import FORMS, quantities_of
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.accounts import practice_of, practices_of
from relying_services.mon_compte.store.models import OrderRow
from relying_services.mon_compte.store.orders import (
    add_draft,
    confirm,
    drop,
    lines_of,
    order_of,
    orders,
)
from relying_services.service.activity_first import activity_first
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.numbers import NUMBER
from relying_services.service.refusals import refuse
from relying_services.service.service import signed_in, this_service

bp = Blueprint("forms", __name__, url_prefix="/imprimes")
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("")
def index() -> ResponseReturnValue:
    """What can be ordered, and the orders there are."""
    granted = _granted("orders:read")
    return _page(granted, {})


@bp.post("")
def draw_up() -> ResponseReturnValue:
    """Draw an order up: it is shown to be confirmed, and has no effect yet."""
    granted = _granted("order:drawn_up")
    service = this_service()
    number = request.form.get("livraison", "")
    try:
        quantities = quantities_of(request.form)
    except FormWrong as error:
        return _page(granted, error.errors), 400
    with service.store.begin() as db:
        practice = practice_of(db, granted.owner, number)
        if practice is not None:
            draft = OrderRow(
                owner=granted.owner,
                ordered_by=granted.actor.id,
                ordered_by_name=signed_in().name,
                practice_name=practice.name,
                address=f"{practice.street}, {practice.town}",
                drawn_at=service.clock.now(),
                confirmed_at=None,
            )
            add_draft(db, draft, quantities)
            service.note(db, granted.actor, "order:drawn_up", object=f"order:{draft.id}")
    if practice is None:
        return _page(granted, {"livraison": _("Choisissez un lieu de la liste.")}), 400
    return redirect(url_for("forms.order", number=draft.id), 303)


@bp.get(f"/{NUMBER}")
def order(number: int) -> ResponseReturnValue:
    """One order: to be confirmed, or as it was confirmed."""
    granted = _granted("order:read", f"order:{number}")
    with this_service().store.read() as db:
        found = order_of(db, granted.owner, number)
        lines = lines_of(db, number)
    if found is None:
        not_yours(granted, "order:read", f"order:{number}")
    is_open = found.drawn_at > _drawn_since()
    return render_template(
        "mon_compte/order.html", order=found, lines=lines, forms=FORMS, is_open=is_open
    )


@bp.post(f"/{NUMBER}/confirmation")
def confirmed(number: int) -> ResponseReturnValue:
    """Let an order take effect."""
    action, obj = "order:confirmed", f"order:{number}"
    granted = _granted(action, obj)
    if granted.level != "full":
        refuse(action, obj, LevelTooLow, by=granted.actor)
    service = this_service()
    with service.store.begin() as db:
        found = order_of(db, granted.owner, number)
        is_done = found is not None and confirm(db, found, service.clock.now(), _drawn_since())
        if is_done:
            service.note(db, granted.actor, action, object=obj)
    _hold(granted, action, obj, found=found, is_done=is_done)
    flash(_("La commande n° %(number)s est confirmée.", number=number))
    return redirect(url_for("forms.order", number=number), 303)


@bp.post(f"/{NUMBER}/abandon")
def dropped(number: int) -> ResponseReturnValue:
    """Forget an order that was not confirmed."""
    action, obj = "order:dropped", f"order:{number}"
    granted = _granted(action, obj)
    service = this_service()
    with service.store.begin() as db:
        found = order_of(db, granted.owner, number)
        is_done = found is not None and drop(db, found)
        if is_done:
            service.note(db, granted.actor, action, object=obj)
    _hold(granted, action, obj, found=found, is_done=is_done)
    flash(_("La commande n° %(number)s est abandonnée.", number=number))
    return redirect(url_for("forms.index"), 303)


def _granted(action: str, obj: str = "") -> Access:
    granted = access("imprimes", action, obj)
    if granted.level == "masked":
        refuse(action, obj, LevelTooLow, by=granted.actor)
    return granted


def _page(granted: Access, errors: Errors) -> str:
    before = number_asked("apres")
    with this_service().store.read() as db:
        known = before is None or order_of(db, granted.owner, before) is not None
        rows = orders(db, granted.owner, before=before, limit=settings().page_rows + 1)
        practices = practices_of(db, granted.owner)
    if not known:
        not_yours(granted, "orders:read", f"order:{before}")
    shown, last = page_of(rows, settings().page_rows)
    return render_template(
        "mon_compte/forms.html",
        forms=FORMS,
        orders=shown,
        last=last,
        is_continued=before is not None,
        practices=practices,
        typed=request.form,
        errors=errors,
    )


def _hold(granted: Access, action: str, obj: str, *, found: OrderRow | None, is_done: bool) -> None:
    if found is None:
        not_yours(granted, action, obj)
    if not is_done:
        refuse(action, obj, OrderOver, by=granted.actor)


def _drawn_since() -> datetime:
    return this_service().clock.now() - timedelta(hours=settings().draft_hours)
