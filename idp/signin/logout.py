"""Logout: everywhere, at once (OpenID Connect RP-Initiated Logout 1.0).

An ID token as hint, also an expired one, proves that the service has a part in the session: it
ends without a question, also server to server. Without a hint the person is asked.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.challenges.wording import neutralise
from idp.oauth.end_session import LogoutPageError, LogoutRequest, validate_logout
from idp.oauth.rules.redirect_uris import origin_of
from idp.provider import Provider, current_provider
from idp.sessions import end_session as end
from idp.signin.blueprint import bp
from idp.signin.sessions import drop_session_cookie, session_cookie_hash
from idp.store.clients import find_client
from idp.store.models import BrowserSession
from idp.store.sessions import find_live_session
from idp.web.csrf import require_own_form
from idp.web.errors import error_page
from idp.web.headers import allow_form_target
from idp.web.i18n import prefer_languages

_CARRIED = ("client_id", "post_logout_redirect_uri", "state", "ui_locales")


def end_session() -> ResponseReturnValue:
    """`{issuer}/protocol/openid-connect/logout`, by GET and POST."""
    provider = current_provider()
    try:
        with provider.store.begin() as db:
            logout = validate_logout(provider, db, request.values)
            if logout.sid is not None:
                end(provider, db, logout.sid)
            # The browser may have gone on with another session, which the hint does not cover.
            other = _session_of_browser(provider, db) is not None
    except LogoutPageError as error:
        return error_page(HTTPStatus.BAD_REQUEST, text=error.message)
    if logout.needs_confirmation or other:
        return redirect(_page_address(provider, logout), HTTPStatus.SEE_OTHER)
    return _signed_out(logout)


@bp.route("/deconnexion", methods=["GET", "POST"])
def sign_out() -> ResponseReturnValue:
    """Ask the person, then end the session of this browser."""
    provider = current_provider()
    if request.method == "POST":
        require_own_form()
    try:
        with provider.store.begin() as db:
            logout = validate_logout(provider, db, request.values)
            session = _session_of_browser(provider, db)
            if session is None:
                return _signed_out(logout)
            if request.method == "POST":
                end(provider, db, session.sid)
                return _signed_out(logout)
            return _confirmation_page(db, logout)
    except LogoutPageError as error:
        return error_page(HTTPStatus.BAD_REQUEST, text=error.message)


def _confirmation_page(db: Session, logout: LogoutRequest) -> ResponseReturnValue:
    prefer_languages(logout.ui_locales)
    if logout.redirect_uri is not None:
        allow_form_target(origin_of(logout.redirect_uri))
    client = find_client(db, logout.client_id) if logout.client_id else None
    return render_template(
        "signin/signout.html",
        service=neutralise(client.name) if client else "",
        carried=_carried(logout),
    )


def _signed_out(logout: LogoutRequest) -> Response:
    prefer_languages(logout.ui_locales)
    if logout.redirect_uri is None:
        response = make_response(render_template("signin/signed_out.html"))
    else:
        response = make_response("", HTTPStatus.SEE_OTHER)
        response.headers["Location"] = logout.redirect_uri
    drop_session_cookie(response)
    return response


def _page_address(provider: Provider, logout: LogoutRequest) -> str:
    """The question stands where the session's cookie is: with the pages."""
    settings, carried = provider.settings, _carried(logout)
    if settings.wallet_base_url == settings.base_url:
        return f"{url_for('signin.sign_out')}?{urlencode(carried)}"
    return f"{settings.wallet_base_url}/deconnexion?{urlencode(carried)}"


def _carried(logout: LogoutRequest) -> dict[str, str]:
    given = {name: request.values.get(name, "") for name in _CARRIED}
    given["client_id"] = logout.client_id or ""
    return {name: value for name, value in given.items() if value}


def _session_of_browser(provider: Provider, db: Session) -> BrowserSession | None:
    cookie_hash = session_cookie_hash()
    if cookie_hash is None:
        return None
    return find_live_session(
        db, cookie_hash, now=provider.clock.now(), idle=provider.settings.session_idle
    )
