"""The one form by which a service is registered and changed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.console.acts.asking import Done, needs_second
from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import ADMINISTRATOR
from idp.console.entry.visitors import Visitor, require_proof
from idp.console.forms import Form
from idp.console.services import members as fields
from idp.console.services.acts import ADD, CHANGE_CREDENTIALS, act_of
from idp.console.services.blueprint import bp
from idp.console.services.pages import found
from idp.console.services.refusals import note
from idp.oauth.clients.dynamic_registration import secret_for
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import check_fits_world
from idp.portal.client import CLIENT_ID, refuse_portal
from idp.provider import current_provider
from idp.store.models import Client

_UPLOADED = "jwks_file"


@bp.route("/nouveau", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    """Register a service; its secret is shown once."""
    visitor = require_proof(ADMINISTRATOR)
    if request.method != "POST":
        return _page(visitor, Form(fields.begun()))
    form = _posted()
    client_id = form.text("client_id", _("Donnez un identifiant, par exemple mon-logiciel."))
    members = fields.members_of(current_provider(), form)
    _check(form, members | {"client_id": client_id})
    given = {name: value for name, value in members.items() if value is not None}
    outcome = attempt_form(visitor, ADD, client_id, {"members": given}, form)
    if outcome is None:
        return _page(visitor, form), form.status
    return back_to(outcome, ADD, "services.service", client_id=client_id)


@bp.route("/modification/<path:client_id>", methods=["GET", "POST"])
def change(client_id: str) -> ResponseReturnValue:
    """Change what is registered of a service."""
    visitor = require_proof(ADMINISTRATOR)
    provider = current_provider()
    with provider.store.read() as db:
        client = found(db, client_id)
    if client_id == CLIENT_ID:
        raise NotFound
    if request.method != "POST":
        return _page(visitor, Form(fields.fields_of(client)), client)
    form = _posted()
    members = fields.members_of(provider, form)
    changes = fields.changes_of(client, members)
    _check(form, members | {"client_id": client_id})
    act = act_of(changes)
    if not changes and not form.is_refused:
        return back_to(Done(None), act, "services.service", client_id=client_id)
    outcome = attempt_form(visitor, act, client_id, {"members": changes}, form)
    if outcome is None:
        return _page(visitor, form, client), form.status
    return back_to(outcome, act, "services.service", client_id=client_id)


def _posted() -> Form:
    """The form; a file of keys counts as if it had been pasted."""
    given = request.form.to_dict()
    file = request.files.get(_UPLOADED)
    if file is not None and file.filename:
        given["jwks"] = file.read().decode("utf-8", "replace")
    return Form(given)


def _check(form: Form, members: dict[str, Any]) -> None:
    """Note what the registration would refuse, before anybody is asked to agree to it."""
    if form.is_refused:
        return
    values = {name: value for name, value in members.items() if value is not None}
    try:
        refuse_portal(values["client_id"])
        metadata = read_metadata(values | {"client_secret": secret_for(values)})
        check_fits_world(metadata, kind=current_provider().kind)
    except ClientMetadataRefused as error:
        note(form, str(error))


def _page(visitor: Visitor, form: Form, client: Client | None = None) -> str:
    act = ADD if client is None else CHANGE_CREDENTIALS
    return render_template(
        "console/services/form.html",
        client=client,
        form=form,
        fields=fields,
        needs_second=needs_second(visitor, act),
    )
