"""The private contacts of a person: each look at them is in the journal (decision 26)."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.asking import needs_second
from idp.console.acts.attempt import attempt_form, back_to
from idp.console.entry.roles import REGISTRAR
from idp.console.entry.visitors import Visitor, require, require_proof
from idp.console.forms import Form
from idp.console.people.acts import CONTACTS
from idp.console.people.blueprint import bp
from idp.console.people.overview import Identity
from idp.console.people.person_pages import found
from idp.directory.mailboxes import mailbox
from idp.directory.phones import e164
from idp.provider import current_provider


@bp.get("/coordonnees/<path:national_id>")
def contacts(national_id: str) -> ResponseReturnValue:
    """The contacts in full, and the form that changes them."""
    visitor = require(REGISTRAR)
    provider = current_provider()
    with provider.store.begin() as db:
        identity = found(db, national_id)
        record(
            db,
            Event.CONTACT_SHOWN,
            now=provider.clock.now(),
            person=identity.person.national_id,
        )
    contact = identity.contact
    given = {"mobile": contact.mobile, "email": contact.email} if contact else {}
    return _page(visitor, identity, Form(given))


@bp.post("/coordonnees/<path:national_id>")
def change_contacts(national_id: str) -> ResponseReturnValue:
    """Change them, once another operator agrees; the old ones are told."""
    visitor = require_proof(REGISTRAR)
    with current_provider().store.read() as db:
        identity = found(db, national_id)
    form = Form(request.form)
    if form["mobile"] and not e164(form["mobile"]):
        text = _("Donnez un numéro français ou international, par exemple 06 39 98 00 99.")
        form.refuse("mobile", text)
    if form["email"] and not mailbox(form["email"]):
        form.refuse(
            "email",
            _("Donnez une adresse, par exemple ada.exemple@exemple.test ; pas une MSSanté."),
        )
    arguments = {"mobile": form["mobile"], "email": form["email"]}
    here = identity.person.national_id
    outcome = attempt_form(visitor, CONTACTS, here, arguments, form)
    if outcome is None:
        return _page(visitor, identity, form), form.status
    return back_to(outcome, CONTACTS, "people.person", national_id=here)


def _page(visitor: Visitor, identity: Identity, form: Form) -> str:
    return render_template(
        "console/people/contacts.html",
        identity=identity,
        form=form,
        needs_second=needs_second(visitor, CONTACTS),
        hold=current_provider().settings.contact_change_hold,
    )
