"""Making a test identity, as the portal of the sandbox does (EC-31); in simulations alone."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from idp.console.acts.asking import Done
from idp.console.acts.attempt import attempt_form
from idp.console.entry.roles import READER, REGISTRAR
from idp.console.entry.visitors import require, require_proof
from idp.console.forms import Form, options
from idp.console.people.activity_pages import activity_tables
from idp.console.people.acts import MAKE_IDENTITY
from idp.console.people.blueprint import bp
from idp.console.people.identity_form import (
    BEGUN,
    CIVILITES,
    MOST_ACTIVITIES,
    count_of,
    read_identity,
)
from idp.console.people.overview import means_of
from idp.console.people.person_pages import found
from idp.directory.labels import CATEGORIES, PROFESSIONS, SPECIALTIES, TITLES
from idp.provider import current_provider

_ANOTHER = "another"
_ONE_LESS = "fewer"


@bp.route("/identite-de-test", methods=["GET", "POST"])
def test_identity() -> ResponseReturnValue:
    """Ask who it shall be; make them; say what to do with them."""
    visitor = require_proof(REGISTRAR)
    if not current_provider().is_simulation:
        raise NotFound
    if request.method != "POST":
        return _page(Form(BEGUN))
    form = Form(request.form)
    if form[_ANOTHER] or form[_ONE_LESS]:
        count = count_of(form) + (1 if form[_ANOTHER] else -1)
        wanted = str(min(max(count, 1), MOST_ACTIVITIES))
        return _page(Form(BEGUN | request.form.to_dict() | {"count": wanted}))
    asked = read_identity(form)
    if asked is None:
        return _page(form), form.status
    outcome = attempt_form(visitor, MAKE_IDENTITY, "ANS", asked, form)
    if not isinstance(outcome, Done) or outcome.result is None:
        return _page(form), form.status
    address = url_for("people.made", national_id=outcome.result["national_id"])
    return redirect(address, HTTPStatus.SEE_OTHER)


@bp.get("/identite-de-test/<path:national_id>")
def made(national_id: str) -> ResponseReturnValue:
    """What was made, and what to do next."""
    require(READER)
    provider = current_provider()
    if not provider.is_simulation:
        raise NotFound
    with provider.store.read() as db:
        identity = found(db, national_id)
        held = means_of(provider, db, identity, provider.clock.now())
    return render_template(
        "console/people/identity_made.html",
        identity=identity,
        held=held,
        wallet=provider.settings.wallet_base_url,
    )


def _page(form: Form) -> str:
    return render_template(
        "console/people/identity.html",
        form=form,
        count=count_of(form),
        most=MOST_ACTIVITIES,
        tables=activity_tables()
        | {
            "civilite": list(CIVILITES.items()),
            "profession": options(PROFESSIONS),
            "category": options(CATEGORIES),
            "title": options(TITLES, none="–"),
            "specialty": options(SPECIALTIES, none="–"),
        },
    )
