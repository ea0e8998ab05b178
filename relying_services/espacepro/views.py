"""The first page: the services of the person, or of whom they act for; and their account."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from relying_services.espacepro.acting import ACTING, own, practises, settings, standing, traced
from relying_services.espacepro.delegations import current_of_delegate
from relying_services.espacepro.directory import person
from relying_services.espacepro.teleservices import TELESERVICES
from relying_services.service.activity_first import activity_first
from relying_services.service.means import means_first
from relying_services.service.service import this_service, who

bp = Blueprint("espacepro", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Where a sign-in begins and ends: the services that the person may use now."""
    row = who()
    if row is None:
        return render_template("espacepro/front.html")
    delegation_id = row.kept.get(ACTING)
    if delegation_id is not None:
        with traced("services:read"), this_service().store.read() as db:
            delegation = standing(db, row, delegation_id)
        return render_template(
            "espacepro/acting.html", delegation=delegation, mon_compte=settings().mon_compte_url
        )
    with this_service().store.read() as db:
        received = current_of_delegate(db, this_service().clock.now(), row.actor)
        is_doctor = practises(db, row)
    return render_template(
        "espacepro/home.html",
        teleservices=TELESERVICES.values() if is_doctor else (),
        received=received,
        mon_compte=settings().mon_compte_url,
    )


@bp.get("/mon-compte")
def account() -> ResponseReturnValue:
    """Who the person is here, and what their delegations and traces are for."""
    row = own("account:read")
    with this_service().store.read() as db:
        known = person(db, row.actor)
    return render_template("espacepro/account.html", row=row, known=known)
