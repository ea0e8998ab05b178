"""The first page of the console: what wants an eye, how the provider is, who is at work."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.console.entry.roles import DUTIES, READER, ROLES
from idp.console.entry.visitors import require
from idp.console.running.attention import concerns, health
from idp.provider import current_provider
from idp.store.pending_acts import waiting_acts

bp = Blueprint("console", __name__)
_MOST = 100


@bp.get("/")
def home() -> ResponseReturnValue:
    """What waits for a decision or an eye, how the provider is, and one's own roles."""
    visitor = require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        waiting = waiting_acts(db, now=provider.clock.now(), limit=_MOST)
        told = {"concerns": concerns(provider, db), "health": health(provider, db)}
    roles = [(ROLES[role], DUTIES[role]) for role in ROLES if role in visitor.roles]
    return render_template(
        "console/home.html", at_work=visitor, roles=roles, waiting=len(waiting), **told
    )
