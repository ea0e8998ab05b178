"""What is done to a service at one stroke, after a confirmation: secret, off, on, removed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound

from idp.console.acts.asking import needs_second
from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import ADMINISTRATOR
from idp.console.entry.visitors import require_proof
from idp.console.forms import Form
from idp.console.services.acts import DISABLE, ENABLE, REMOVE, RENEW_SECRET
from idp.console.services.blueprint import bp
from idp.console.services.pages import found
from idp.portal.client import CLIENT_ID
from idp.provider import current_provider

_STROKES = {
    "secret": (
        RENEW_SECRET,
        lazy_gettext("Donner un nouveau secret"),
        lazy_gettext("Le secret d’avant cesse de valoir aussitôt. Le nouveau s’affiche une fois."),
    ),
    "desactivation": (
        DISABLE,
        lazy_gettext("Désactiver le service"),
        lazy_gettext(
            "Ses demandes sont refusées aussitôt, ses jetons ne valent plus rien. "
            "Il peut être remis en service."
        ),
    ),
    "activation": (
        ENABLE,
        lazy_gettext("Remettre en service"),
        lazy_gettext("Le service peut de nouveau demander des connexions."),
    ),
    "suppression": (
        REMOVE,
        lazy_gettext("Supprimer le service"),
        lazy_gettext("Ses codes et ses jetons ne valent plus rien. Rien ne se rétablit."),
    ),
}


@bp.route("/<stroke>/<path:client_id>", methods=["GET", "POST"])
def strike(client_id: str, stroke: str) -> ResponseReturnValue:
    """Ask for a confirmation, then do it."""
    visitor = require_proof(ADMINISTRATOR)
    if stroke not in _STROKES or client_id == CLIENT_ID:
        raise NotFound
    act, title, effect = _STROKES[stroke]
    with current_provider().store.read() as db:
        client = found(db, client_id)
    form = Form(request.form)
    page = {"client": client, "form": form, "title": title, "effect": effect}
    page |= {"needs_second": needs_second(visitor, act), "is_grave": act in (DISABLE, REMOVE)}
    if request.method != "POST":
        return render_template("console/services/confirm.html", **page)
    outcome = attempt_form(visitor, act, client_id, {}, form)
    if outcome is None:
        return render_template("console/services/confirm.html", **page), form.status
    if act is REMOVE:
        return back_to(outcome, act, "services.index")
    return back_to(outcome, act, "services.service", client_id=client_id)
