"""Activities of a person: added, changed and ended along the chain of registration.

In simulations alone: elsewhere the Order, the CPAM and the ANS do it, and the extract follows.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import REGISTRAR
from idp.console.entry.visitors import require_proof
from idp.console.forms import Form, options
from idp.console.people.activity_form import PLACE, read_activity, read_place
from idp.console.people.acts import ADD_ACTIVITY, CHANGE_ACTIVITY, END_ACTIVITY
from idp.console.people.blueprint import bp
from idp.console.people.overview import Identity
from idp.console.people.person_pages import found
from idp.directory.exercices import Exercice, key_of
from idp.directory.labels import CATEGORIES, KINDS, MODES, PROFESSIONS, ROLES, SECTORS
from idp.provider import current_provider
from idp.store.models import PracticeActivity
from idp.store.registration import find_activity

_BEGUN = {"mode": "L", "sector": "SA07", "role": "FON-01", "kind": "GENR01"}


@bp.route("/activites/nouvelle/<path:national_id>", methods=["GET", "POST"])
def add_activity(national_id: str) -> ResponseReturnValue:
    """Declare, record and publish an activity at once; a card takes it along."""
    visitor = require_proof(REGISTRAR)
    identity = _person(national_id)
    if request.method != "POST":
        return _add_page(identity, Form(_BEGUN))
    form = Form(request.form)
    details = read_activity(form)
    profession = form.choice(
        "profession", dict(_professions(identity)), _("Choisissez la profession.")
    )
    here = identity.person.national_id
    arguments = {"profession": profession, "details": details}
    outcome = attempt_form(visitor, ADD_ACTIVITY, here, arguments, form)
    if outcome is None:
        return _add_page(identity, form), form.status
    return back_to(outcome, ADD_ACTIVITY, "people.person", national_id=here)


@bp.route("/activites/<activity_id>", methods=["GET", "POST"])
def change_activity(activity_id: str) -> ResponseReturnValue:
    """Change where an activity takes place; directory and card follow (CP-12)."""
    visitor = require_proof(REGISTRAR)
    activity, identity = _activity(activity_id)
    if request.method != "POST":
        given = {field: activity.details.get(member, "") for field, member in PLACE.items()}
        return _change_page(identity, activity, Form(given))
    form = Form(request.form)
    place = read_place(form)
    here = identity.person.national_id
    arguments = {"activity_id": activity_id, "details": place}
    outcome = attempt_form(visitor, CHANGE_ACTIVITY, here, arguments, form)
    if outcome is None:
        return _change_page(identity, activity, form), form.status
    return back_to(outcome, CHANGE_ACTIVITY, "people.person", national_id=here)


@bp.route("/activites/<activity_id>/fin", methods=["GET", "POST"])
def end_activity(activity_id: str) -> ResponseReturnValue:
    """End an activity; directory and card follow (CP-12)."""
    visitor = require_proof(REGISTRAR)
    activity, identity = _activity(activity_id)
    form = Form(request.form)
    if request.method != "POST":
        return _end_page(identity, activity, form)
    here = identity.person.national_id
    outcome = attempt_form(visitor, END_ACTIVITY, here, {"activity_id": activity_id}, form)
    if outcome is None:
        return _end_page(identity, activity, form), form.status
    return back_to(outcome, END_ACTIVITY, "people.person", national_id=here)


def _person(national_id: str) -> Identity:
    provider = current_provider()
    if not provider.is_simulation:
        raise NotFound
    with provider.store.read() as db:
        return found(db, national_id)


def _activity(activity_id: str) -> tuple[PracticeActivity, Identity]:
    provider = current_provider()
    with provider.store.read() as db:
        activity = find_activity(db, activity_id)
    if activity is None:
        raise NotFound
    return activity, _person(activity.national_id)


def _professions(identity: Identity) -> list[tuple[str, str]]:
    """The exercises that a person has, by their keys."""
    return [(key_of(exercice), _named(exercice)) for exercice in identity.person.exercices]


def _named(exercice: Exercice) -> str:
    profession = exercice["codeProfession"]
    category = CATEGORIES.get(exercice["codeCategorieProfessionnelle"], "")
    return f"{PROFESSIONS.get(profession, profession)} – {category}"


def _add_page(identity: Identity, form: Form) -> str:
    return render_template(
        "console/people/activity_add.html",
        identity=identity,
        form=form,
        professions=_professions(identity),
        tables=activity_tables(),
    )


def _change_page(identity: Identity, activity: PracticeActivity, form: Form) -> str:
    return render_template(
        "console/people/activity_change.html",
        identity=identity,
        activity=activity,
        form=form,
    )


def _end_page(identity: Identity, activity: PracticeActivity, form: Form) -> str:
    return render_template(
        "console/people/activity_end.html",
        identity=identity,
        activity=activity,
        form=form,
    )


def activity_tables() -> dict[str, list[tuple[str, str]]]:
    """What the fields of an activity offer."""
    return {
        "mode": options(MODES),
        "sector": options(SECTORS),
        "role": options(ROLES),
        "kind": options(KINDS),
    }
