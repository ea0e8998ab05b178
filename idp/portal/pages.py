"""What anybody may read: what one can do here, and whom to call (CP-13, CP-17)."""

from flask import render_template
from flask.typing import ResponseReturnValue

from idp.portal.blueprint import bp


@bp.get("")
def front() -> ResponseReturnValue:
    """What can be done on the portal."""
    return render_template("portal/front.html")


@bp.get("/aide")
def help_page() -> ResponseReturnValue:
    """Loss, theft, malfunction: what to do, the two numbers and their hours."""
    return render_template("portal/help.html")
