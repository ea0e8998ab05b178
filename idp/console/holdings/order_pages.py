"""Ordering a card for somebody: for published activities, or for an employer; in simulations."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.cards.ordering import EMPLOYEES
from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import REGISTRAR
from idp.console.entry.visitors import require_proof
from idp.console.forms import Form
from idp.console.holdings.acts import ORDER
from idp.console.holdings.blueprint import bp
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.directory.people import Person, find_person
from idp.provider import current_provider

_OF_ACTIVITIES = "activities"


@bp.route("/commande/<path:national_id>", methods=["GET", "POST"])
def order(national_id: str) -> ResponseReturnValue:
    """Choose which card, and order it."""
    visitor = require_proof(REGISTRAR)
    person = _person(national_id)
    form = Form(request.form)
    if request.method != "POST":
        return _page(person, form)
    chosen = form.choice("family", (_OF_ACTIVITIES, *EMPLOYEES), _("Choisissez quelle carte."))
    arguments = {"family": "" if chosen == _OF_ACTIVITIES else chosen}
    outcome = attempt_form(visitor, ORDER, person.national_id, arguments, form)
    if outcome is None:
        return _page(person, form), form.status
    return back_to(outcome, ORDER, "people.means", national_id=person.national_id)


def _person(national_id: str) -> Person:
    provider = current_provider()
    if not provider.is_simulation:
        raise NotFound
    try:
        canonical = parse_national_id(national_id)
    except IdentifierMalformed as error:
        raise NotFound from error
    with provider.store.read() as db:
        person = find_person(db, canonical)
    if person is None:
        raise NotFound
    return person


def _page(person: Person, form: Form) -> str:
    choices = [
        (
            _OF_ACTIVITIES,
            _("CPS ou CPF, pour ses activités publiées"),
            _("Pour celles qui ne sont sur aucune carte, par exemple d’une identité de test."),
        ),
        ("CPE", _("CPE, à la demande de son employeur"), ""),
        ("CPA", _("CPA, à la demande de son employeur"), ""),
    ]
    return render_template(
        "console/holdings/order.html",
        person=person,
        form=form,
        choices=choices,
    )
