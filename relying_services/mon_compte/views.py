"""The first page of the account, and the tabs that one reads: information and activity."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from relying_services.mon_compte.access import access
from relying_services.mon_compte.personal import person_of
from relying_services.mon_compte.shown import since
from relying_services.mon_compte.store.accounts import account_of, practices_of
from relying_services.mon_compte.store.activity import months_of
from relying_services.service.activity_first import activity_first
from relying_services.service.means import means_first
from relying_services.service.service import signed_in, this_service

bp = Blueprint("mon_compte", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The five tabs, and what each holds."""
    signed_in()
    return render_template("mon_compte/home.html")


@bp.get("/informations")
def informations() -> ResponseReturnValue:
    """Who the person is, as the provider tells it and as the fund knows it."""
    granted = access("informations", "informations:read")
    row = signed_in()
    with this_service().store.read() as db:
        account = account_of(db, granted.owner)
        practices = practices_of(db, granted.owner)
    return render_template(
        "mon_compte/informations.html",
        name=row.name,
        person=person_of(granted.owner, row.userinfo),
        account=account,
        practices=practices,
    )


@bp.get("/activite")
def activity() -> ResponseReturnValue:
    """What was billed, month by month."""
    granted = access("activite", "activity:read")
    with this_service().store.read() as db:
        months = months_of(db, granted.owner, since())
    return render_template("mon_compte/activity.html", months=months)
