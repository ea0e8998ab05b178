"""The sessions that live, of everybody: how many, and the newest."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.console.running.attention import counted
from idp.portal.wording import MEANS
from idp.provider import current_provider
from idp.store.running import count_live_sessions, live_sessions

bp = Blueprint("sessions", __name__, url_prefix="/sessions")


@bp.get("")
def index() -> ResponseReturnValue:
    """The newest sessions; they are ended on the page of their person."""
    require(READER)
    provider = current_provider()
    now, idle = provider.clock.now(), provider.settings.session_idle
    with provider.store.read() as db:
        count = count_live_sessions(db, now=now, idle=idle)
        shown = live_sessions(db, now=now, idle=idle, limit=provider.settings.console_page_length)
    return render_template(
        "console/running/sessions.html",
        count=count,
        told_count=counted(count),
        sessions=shown,
        means=MEANS,
    )
