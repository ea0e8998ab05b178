"""The integration checklists of services: all of them, and one, login by login."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound

from idp.checklists.reading import checklist_of, checklists_of
from idp.checklists.report import told_step
from idp.console.checklists.words import RULE_WORDS
from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.provider import current_provider
from idp.store.clients import find_client
from idp.store.exchanges import clients_recorded
from idp.web.asked import asked_text
from idp.web.words import Words

bp = Blueprint("checklists", __name__, url_prefix="/integration")

SEVERITIES: dict[str, Words] = {
    "refused": Words("error", lazy_gettext("refusé par Pro Santé Connect")),
    "violation": Words("warning", lazy_gettext("contraire à une norme")),
    "advice": Words("info", lazy_gettext("conseil")),
    "passed": Words("success", lazy_gettext("sans faute")),
    "nothing_seen": Words("", lazy_gettext("rien vu")),
}
VERDICTS: dict[str, tuple[str, Any]] = {
    "refused": ("error", lazy_gettext("Pro Santé Connect refuserait ce service en l’état.")),
    "violation": ("warning", lazy_gettext("Ce service s’écarte d’une norme.")),
    "advice": ("info", lazy_gettext("Rien de faux ; des conseils restent.")),
    "passed": ("success", lazy_gettext("Aucune faute dans ce qui a été vu.")),
    "nothing_seen": ("info", lazy_gettext("Rien n’a encore été vu de ce service.")),
}


@bp.get("")
def index() -> ResponseReturnValue:
    """Every service of which something was recorded, with its verdict."""
    require(READER)
    provider = current_provider()
    length = provider.settings.console_page_length
    after = asked_text("apres")
    with provider.store.read() as db:
        found = clients_recorded(db, after=after, limit=length + 1)
        judged = checklists_of(provider, db, [one[0] for one in found[:length]])
        shown = [
            (client_id, count, last_at, checklist.verdict)
            for (client_id, count, last_at), checklist in zip(found[:length], judged, strict=True)
        ]
    more = shown[-1][0] if len(found) > length else ""
    return render_template(
        "console/checklists/list.html",
        shown=shown,
        severities=SEVERITIES,
        older=more and url_for("checklists.index", apres=more),
        newer=after and url_for("checklists.index"),
    )


@bp.get("/service/<path:client_id>")
def service(client_id: str) -> ResponseReturnValue:
    """What a service did, step by step, with what is wrong of it and what to do."""
    require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        checklist = checklist_of(provider, db, client_id)
        client = find_client(db, client_id)
    if client is None and checklist.verdict == "nothing_seen":
        raise NotFound
    length = provider.settings.console_page_length
    return render_template(
        "console/checklists/service.html",
        checklist=checklist,
        name=client.name if client else _("Service inconnu"),
        verdict=VERDICTS[checklist.verdict],
        logins=checklist.logins[-length:],
        skipped=max(0, len(checklist.logins) - length),
        severities=SEVERITIES,
        words=RULE_WORDS,
        told_step=told_step,
    )
