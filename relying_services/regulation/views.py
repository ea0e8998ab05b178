"""The pages of the platform: calls that wait, those in hand, one call, and the acts on it."""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.regulation.calls import (
    LONGEST_NOTE,
    OUTCOMES,
    TAKEN,
    URGENCIES,
    closing_of,
)
from relying_services.regulation.errors import CallLeft, CallTaken, ProfessionRefused, TooManyTaken
from relying_services.regulation.settings import RegulationSettings
from relying_services.regulation.store import calls
from relying_services.regulation.store.models import CallRow
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotYours, ServiceError
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.means import means_first
from relying_services.service.numbers import number_of
from relying_services.service.refusals import refuse
from relying_services.service.service import actor, signed_in, this_service, who

bp = Blueprint("regulation", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.before_request
def regulators_only() -> None:
    """Let in who acts under an activity of a profession that regulates.

    Raises:
        ProfessionRefused: another profession, or none.
    """
    row = who()
    if row is None:
        return
    if (row.activity or {}).get("codeProfession", "") not in _settings().professions:
        refuse("calls:read", "", ProfessionRefused)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Calls that wait, and those that this regulator has in hand."""
    row = signed_in()
    with this_service().store.read() as db:
        waiting = calls.waiting(db, _settings().page_rows)
        mine = calls.in_hand(db, row.actor)
        done = calls.closed_by(db, row.actor, _settings().page_rows)
    return render_template(
        "regulation/home.html", waiting=waiting, mine=mine, done=done, urgencies=URGENCIES
    )


@bp.get("/appels/<name>")
def call(name: str) -> ResponseReturnValue:
    """A call, for who has it in hand or closed it."""
    found, service = _own_call("call:read", name), this_service()
    with service.store.begin() as db:
        service.note(db, actor(), "call:read", object=f"call:{found.id}")
    return _page(found, {})


@bp.post("/appels/<name>/prise")
def take(name: str) -> ResponseReturnValue:
    """Take a call that waits; of two who press at the same time, one has it.

    Who has it already and presses once more is led to it.
    """
    row, service, number = signed_in(), this_service(), number_of(name)
    most = _settings().most_taken
    with service.store.begin() as db:
        is_done = number is not None and calls.take(
            db, number, regulator=row.actor, name=row.name, most=most, now=service.clock.now()
        )
        if is_done:
            service.note(db, actor(), "call:taken", object=f"call:{number}")
        is_full = len(calls.in_hand(db, row.actor)) >= most
        found = calls.find_call(db, number) if number is not None else None
    if found is None or (found.regulator, found.state) != (row.actor, TAKEN):
        refuse("call:taken", f"call:{name}", TooManyTaken if is_full else _why_not(found))
    flash(_("Vous avez pris l’appel %(number)s.", number=found.id))
    return redirect(url_for("regulation.call", name=name), HTTPStatus.SEE_OTHER)


@bp.post("/appels/<name>/remise")
def give_back(name: str) -> ResponseReturnValue:
    """Let a call wait again."""
    service, found = this_service(), _own_call("call:given_back", name)
    with service.store.begin() as db:
        is_done = calls.give_back(db, found.id, regulator=signed_in().actor)
        if is_done:
            service.note(db, actor(), "call:given_back", object=f"call:{found.id}")
    if not is_done:
        refuse("call:given_back", f"call:{name}", CallLeft)
    flash(_("L’appel %(number)s est remis en attente.", number=found.id))
    return redirect(url_for("regulation.home"), HTTPStatus.SEE_OTHER)


@bp.post("/appels/<name>/cloture")
def close(name: str) -> ResponseReturnValue:
    """Close a call, with what was decided."""
    service, found = this_service(), _own_call("call:closed", name)
    try:
        outcome, note = closing_of(request.form)
    except FormWrong as error:
        return _page(found, error.errors), HTTPStatus.BAD_REQUEST
    with service.store.begin() as db:
        is_done = calls.close(
            db,
            found.id,
            regulator=signed_in().actor,
            outcome=outcome,
            note=note,
            now=service.clock.now(),
        )
        if is_done:
            service.note(db, actor(), "call:closed", object=f"call:{found.id}", outcome=outcome)
    if not is_done:
        refuse("call:closed", f"call:{name}", CallLeft)
    flash(_("L’appel %(number)s est clos.", number=found.id))
    return redirect(url_for("regulation.home"), HTTPStatus.SEE_OTHER)


def _own_call(action: str, name: str) -> CallRow:
    """The call of this number; unknown and another's are refused alike (MA-10)."""
    row, number = signed_in(), number_of(name)
    with this_service().store.read() as db:
        found = calls.find_call(db, number) if number is not None else None
    if found is None or found.regulator != row.actor:
        refuse(action, f"call:{name}", NotYours)
    return found


def _why_not(found: CallRow | None) -> type[ServiceError]:
    """Why a call cannot be taken."""
    if found is None:
        return NotYours
    return CallLeft if found.regulator == signed_in().actor else CallTaken


def _page(found: CallRow, errors: Errors) -> str:
    return render_template(
        "regulation/call.html",
        call=found,
        urgencies=URGENCIES,
        outcomes=OUTCOMES,
        longest=LONGEST_NOTE,
        typed=request.form,
        errors=errors,
    )


def _settings() -> RegulationSettings:
    return cast("RegulationSettings", this_service().settings)
