"""The demonstration service as business software: the page stands for the software's screen."""

import hmac
import secrets
from typing import Any

from authlib.integrations.base_client import OAuthError
from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.demo.kept import Kept
from relying_services.demo.views import enter
from relying_services.service.ciba import CHANNELS, Asked, Software, StillWaits

bp = Blueprint("software", __name__)


@bp.get("/software")
def ask() -> ResponseReturnValue:
    """Whom to ask for, and by which means."""
    csrf = session.setdefault("software_csrf", secrets.token_urlsafe(24))
    return render_template("demo/software.html", csrf=csrf)


@bp.post("/software")
def start() -> ResponseReturnValue:
    """Ask the provider for the person."""
    expected, given = session.get("software_csrf", ""), request.form.get("csrf", "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        abort(403, _("Ce formulaire ne vient pas de cette page."))
    channel = request.form.get("channel", "")
    if channel not in CHANNELS:
        abort(400)
    asked = _software().ask(request.form.get("national_id", "").strip(), channel)
    session["waiting"] = _waiting().keep(asked)
    return redirect(url_for("software.wait"))


@bp.get("/software/waiting")
def wait() -> ResponseReturnValue:
    """Ask for the outcome once; the page comes back until there is one."""
    handle = session.get("waiting")
    asked = _waiting().find(handle)
    if asked is None:
        return redirect(url_for("software.ask"))
    try:
        token = _software().tokens(asked.auth_req_id)
    except StillWaits:
        is_paused = "pause" in request.args
        return render_template("demo/software_waiting.html", asked=asked, is_paused=is_paused)
    except OAuthError:
        _waiting().end(handle)
        raise
    _waiting().end(handle)
    return enter(token)


def _software() -> Software:
    settings = current_app.extensions["demo"]
    psc: Any = current_app.extensions["authlib.integrations.flask_client"].create_client("psc")
    return Software(psc, settings.client_id, settings.client_secret, settings.timeout)


def _waiting() -> Kept[Asked]:
    waiting: Kept[Asked] = current_app.extensions["demo.waiting"]
    return waiting
