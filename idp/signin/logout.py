"""Logout: everywhere, at once (OpenID Connect RP-Initiated Logout 1.0, Front-Channel Logout 1.0).

An ID token as hint, also an expired one, proves that the service has a part in the session: it
ends without a question, also server to server. Without a hint the person is asked. Services that
are told by the browser are told in the one that holds the session's cookie, and in no other: who
has an ID token of one service learns nothing of the others.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.challenges.wording import neutralise
from idp.oauth.clients.registered import FRONTCHANNEL_LOGOUT_URI
from idp.oauth.end_session import LogoutPageError, LogoutRequest, validate_logout
from idp.oauth.responses import add_to_query
from idp.oauth.rules.redirect_uris import origin_of
from idp.provider import Provider, current_provider
from idp.sessions import end_session as end
from idp.sessions import end_sessions_of_person
from idp.signin.blueprint import bp
from idp.signin.sessions import drop_session_cookie, last_session_of_browser, session_of_browser
from idp.store.clients import find_client
from idp.store.holders import identifiers_of
from idp.store.models import BrowserSession
from idp.store.sessions import clients_entered, sessions_of_person
from idp.web.csrf import require_own_form
from idp.web.errors import error_page
from idp.web.headers import allow_form_target, allow_frames
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
            other = session_of_browser(provider, db) is not None
            if logout.needs_confirmation or other or _is_for_the_pages(provider, db, logout):
                return redirect(_page_address(provider, logout), HTTPStatus.SEE_OTHER)
            return _signed_out(provider, db, logout)
    except LogoutPageError as error:
        return error_page(HTTPStatus.BAD_REQUEST, text=error.message)


@bp.route("/deconnexion", methods=["GET", "POST"])
def sign_out() -> ResponseReturnValue:
    """Ask the person, then end the session of this browser, or every one of theirs."""
    provider = current_provider()
    if request.method == "POST":
        require_own_form()
    try:
        with provider.store.begin() as db:
            logout = validate_logout(provider, db, request.values)
            session = session_of_browser(provider, db)
            if session is None:
                return _signed_out(provider, db, logout)
            if request.method != "POST":
                return _confirmation_page(provider, db, logout, session)
            if "everywhere" in request.form:
                identifiers = identifiers_of(db, session.national_id)
                end_sessions_of_person(provider, db, identifiers, reason="person")
            else:
                end(provider, db, session.sid)
            return _signed_out(provider, db, logout)
    except LogoutPageError as error:
        return error_page(HTTPStatus.BAD_REQUEST, text=error.message)


def _confirmation_page(
    provider: Provider, db: Session, logout: LogoutRequest, session: BrowserSession
) -> ResponseReturnValue:
    prefer_languages(logout.ui_locales)
    if logout.redirect_uri is not None:
        allow_form_target(origin_of(logout.redirect_uri))
    client = find_client(db, logout.client_id) if logout.client_id else None
    every = sessions_of_person(
        db,
        identifiers_of(db, session.national_id),
        now=provider.clock.now(),
        idle=provider.settings.session_idle,
    )
    return render_template(
        "signin/signout.html",
        service=neutralise(client.name) if client else "",
        carried=_carried(logout),
        sessions=len(every),
    )


def _signed_out(provider: Provider, db: Session, logout: LogoutRequest) -> Response:
    """What follows the end: the services' frames, then the address that was asked for."""
    prefer_languages(logout.ui_locales)
    last = last_session_of_browser(db)
    frames = _frames_of(provider, db, last.sid) if last else []
    if logout.redirect_uri is None or frames:
        allow_frames(origin_of(frame) for frame in frames)
        body = render_template(
            "signin/signed_out.html",
            frames=frames,
            goes_on_to=logout.redirect_uri,
            wait_seconds=int(provider.settings.frontchannel_logout_wait.total_seconds()),
        )
        response = make_response(body)
    else:
        response = make_response("", HTTPStatus.SEE_OTHER)
        response.headers["Location"] = logout.redirect_uri
    drop_session_cookie(response)
    return response


def _frames_of(provider: Provider, db: Session, sid: str) -> list[str]:
    """What the browser loads, one address a service of the session (Front-Channel Logout, 3)."""
    told = {"iss": provider.settings.issuer, "sid": sid}
    uris = [
        client.options.get(FRONTCHANNEL_LOGOUT_URI) for _sid, client in clients_entered(db, [sid])
    ]
    return [add_to_query(uri, told) for uri in uris if uri]


def _is_for_the_pages(provider: Provider, db: Session, logout: LogoutRequest) -> bool:
    """Whether services are told by the browser, and its cookie did not come here.

    Another site's form carries none, and it belongs to the pages' host.
    """
    if logout.sid is None or last_session_of_browser(db) is not None:
        return False
    return bool(_frames_of(provider, db, logout.sid))


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
