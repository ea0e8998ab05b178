"""Who has several activities chooses one before anything else (CP-08)."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from relying_services.service.places import keep_place
from relying_services.service.service import who


def activity_first() -> ResponseReturnValue | None:
    """Send a person without a chosen activity to the choice; they are back here after it."""
    row = who()
    if row is None or row.activity is not None:
        return None
    keep_place()
    return redirect(url_for("sign_in.activity"))
