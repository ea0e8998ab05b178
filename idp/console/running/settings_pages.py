"""The settings in force, for who wonders why the provider does what it does."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.console.running.in_force import sections
from idp.console.running.words import SOURCES
from idp.provider import current_provider
from idp.web.asked import asked_text

bp = Blueprint("settings", __name__, url_prefix="/parametres")


@bp.get("")
def index() -> ResponseReturnValue:
    """Every setting, or those about something; each has an anchor of its name."""
    require(READER)
    settings = current_provider().settings
    typed = asked_text("q")
    return render_template(
        "console/running/settings.html",
        sections=sections(settings, containing=typed),
        typed=typed,
        profile=settings.profile,
        sources=SOURCES,
    )
