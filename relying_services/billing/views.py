"""The first page of the workstation, and whom to ask for help."""

from flask import render_template
from flask.typing import ResponseReturnValue

from relying_services.billing.blueprint import bp, settings
from relying_services.billing.states import State, allowed
from relying_services.billing.store import replacements as store
from relying_services.service.service import signed_in, this_service


@bp.get("/")
def home() -> ResponseReturnValue:
    """My replacement sessions, as who is replaced and as who replaces."""
    row = signed_in()
    with this_service().store.read() as db:
        mine = store.of_person(db, row.actor)
        held = store.held_by(db, row.handle)
    return render_template(
        "billing/home.html",
        replaced_in=[each for each in mine if each.replaced == row.actor],
        substitute_in=[
            each for each in mine if each.substitute == row.actor and each.state != State.DESACTIVEE
        ],
        held_id=held.id if held else "",
        allowed=allowed,
    )


@bp.get("/help")
def help_page() -> ResponseReturnValue:
    """Whom to ask (SV-14): open to everybody, signed in or not."""
    return render_template("billing/help.html", settings=settings())
