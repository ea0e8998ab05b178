"""Where people bring the code that a device shows (RFC 8628, 3.3).

A code that holds opens the pages of an ordinary sign-in, whose confirmation shows the code again,
the service, and a warning (5.4); the answer goes to the device.
"""

from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.oauth.device_flow.codes import waiting_device
from idp.oauth.device_flow.decision import request_of_device
from idp.oauth.rules.user_code import read_typed, shown
from idp.provider import current_provider
from idp.signin.blueprint import bp
from idp.signin.interactions import begin_interaction
from idp.signin.pages import to_page
from idp.signin.sessions import session_of_browser
from idp.signin.throttle import may_try_user_code
from idp.web.cookies import browser_hash
from idp.web.csrf import require_own_form
from idp.web.errors import error_page

_OUTCOMES = ("done", "refused")


@bp.get("/device")
def device() -> ResponseReturnValue:
    """Ask for the code, or show the one of `verification_uri_complete` to be compared (3.3.1).

    Nothing is looked up: a link alone neither begins anything nor tells whether a code holds.
    """
    code = read_typed(request.args.get("user_code", ""))
    return _code_page(value=shown(code) if code else "")


@bp.post("/device")
def bring_code() -> ResponseReturnValue:
    """Begin the sign-in of the device that shows the code."""
    require_own_form()
    provider = current_provider()
    typed = request.form.get("user_code", "")
    code = read_typed(typed)
    if code is None:
        text = _("Un code comporte 8 lettres, sans voyelle ni chiffre, exemple BCDF-GHJK.")
        return _code_page(value=typed, error=text)
    with provider.store.begin() as db:
        if not may_try_user_code(provider, db, session_of_browser(provider, db)):
            return _too_many()
        found = waiting_device(provider, db, code)
        if found is None:
            text = _("Ce code n’est pas celui d’un appareil qui attend, ou il a expiré.")
            return _code_page(value=shown(code), error=text)
        asked = request_of_device(provider, *found, code)
        handle = begin_interaction(provider, db, asked, browser=browser_hash())
    return to_page(handle)


@bp.get("/device/<outcome>")
def device_end(outcome: str) -> ResponseReturnValue:
    """What the person sees at the end: the rest happens on the device."""
    if outcome not in _OUTCOMES:
        raise NotFound
    return render_template("signin/device_end.html", is_done=outcome == _OUTCOMES[0])


def _code_page(*, value: str, error: str = "") -> ResponseReturnValue:
    body = render_template("signin/device.html", value=value, error=error)
    return body, HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK


def _too_many() -> ResponseReturnValue:
    wait = int(current_provider().settings.device_codes_window.total_seconds())
    response = error_page(
        HTTPStatus.TOO_MANY_REQUESTS,
        text=_("Trop de codes ont été saisis. Réessayez dans %(seconds)s secondes.", seconds=wait),
    )
    response.headers["Retry-After"] = str(wait)
    return response
