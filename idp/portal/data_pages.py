"""My data: what is held, from where, for how long; and its export (RGPD, articles 15 and 20)."""

from flask import Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.people import find_contact
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.portal.export import export_of, masked_contact
from idp.portal.holdings import HOLDINGS
from idp.provider import current_provider

PAGE = "donnees"
EXPORT_PAGE = "export"


@bp.get("/donnees")
def data_page() -> ResponseReturnValue:
    """What is stored about the person, from where, and for how long."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        contact = masked_contact(find_contact(db, visitor.person.national_id))
        identifiers = visitor.identifiers(db)
    settings = provider.settings
    return render_template(
        "portal/data.html",
        person=visitor.person,
        identifiers=identifiers,
        contact=contact,
        holdings=[(each, each.kept(settings)) for each in HOLDINGS],
        support=settings.support_contact,
    )


@bp.get("/donnees/export")
def export_page() -> ResponseReturnValue:
    """What the document holds, and the button that gives it."""
    provider = current_provider()
    with provider.store.read() as db:
        require_visitor(provider, db, EXPORT_PAGE)
    return render_template("portal/export.html")


@bp.post("/donnees/export")
def export_data() -> ResponseReturnValue:
    """The document, to be kept by the browser as a file; noted in the journal."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, EXPORT_PAGE)
        document = export_of(provider, db, visitor)
        national_id, now = visitor.person.national_id, provider.clock.now()
        record(db, Event.DATA_EXPORTED, now=now, person=national_id, sid=visitor.session.sid)
    response: Response = jsonify(document)
    response.headers["Content-Disposition"] = f'attachment; filename="donnees-{now:%Y-%m-%d}.json"'
    return response
