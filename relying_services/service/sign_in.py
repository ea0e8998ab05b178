"""Signing in to a service and out of it: an ordinary OpenID Connect client, nothing more.

Everything but the issuer's address comes from discovery. The session is kept here, in the service's
own database, and cut when its limits say so; the place where the person was is kept (MA-07).
"""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from authlib.integrations.base_client import OAuthError
from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.urls import iri_to_uri

from relying_services.service import trace
from relying_services.service.activities import activities_of, chosen_at_provider, only_one
from relying_services.service.errors import MeansRefused
from relying_services.service.logout_token import LogoutTokenRefused
from relying_services.service.numbers import number_of
from relying_services.service.service import HANDLE, signed_in, this_service, who
from relying_services.service.store.sessions import (
    choose_activity,
    end_of_provider,
    end_session,
    live_sessions_of,
    note_use,
    open_session,
)

bp = Blueprint("sign_in", __name__)

PLACE = "place"
_LONGEST_PLACE = 500
_ENTRANCE = "sign_in.login"


def here(endpoint: str, **values: Any) -> str:
    """Absolute address of a page of this service, from its settings and never from Host."""
    return this_service().settings.base_url + url_for(endpoint, **values)


def keep_place() -> None:
    """Remember where the browser was, so that it is back there after a sign-in (MA-07)."""
    wanted = _address(iri_to_uri(request.url))
    if request.method != "GET":
        came_from = urlsplit(request.referrer or "")
        own = urlsplit(this_service().settings.base_url)
        is_ours = (came_from.scheme, came_from.netloc) == (own.scheme, own.netloc)
        wanted = _address(request.referrer or "") if is_ours else ""
    if len(wanted) <= _LONGEST_PLACE and _is_page(wanted):
        session[PLACE] = wanted


@bp.get("/login")
def login() -> ResponseReturnValue:
    """Send the browser to the provider: code flow with PKCE, state and nonce.

    `?means=CARD` asks for a means that the session at the provider may not have yet: it is then
    stepped up (decision 7). So does a service that takes one means alone (EP-16). `?anew=1` asks
    the person to authenticate again.
    """
    service = this_service()
    if service.kind.entrance != _ENTRANCE and not service.kind.is_entrance_a_choice:
        return redirect(url_for(service.kind.entrance))
    wanted = request.args.get("means", "")
    means = service.settings.means & {wanted} if wanted else service.settings.means
    if not means:
        raise MeansRefused
    asked: dict[str, Any] = {"acr_values": "eidas1"}
    if len(means) == 1:
        mode = {"essential": True, "value": next(iter(means))}
        asked["claims"] = json.dumps({"id_token": {"authMode": mode}})
    if request.args.get("anew"):
        asked["prompt"] = "login"
    response: ResponseReturnValue = psc().authorize_redirect(here("sign_in.callback"), **asked)
    return response


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """The way back: redeem the code, verify the ID token, ask userinfo, open the session.

    Raises:
        MismatchingStateError: it answers no sign-in that this browser began.
        OAuthError: the provider refuses, or the answer is not its own.
        JoseError: the ID token does not verify.
    """
    return enter(dict(psc().authorize_access_token()))


def enter(token: dict[str, Any]) -> ResponseReturnValue:
    """Sign this browser in with tokens whose ID token was verified.

    Raises:
        MeansRefused: the service does not take the means that was used (EP-16).
        OAuthError: userinfo names another person than the ID token, or nobody by an identifier.
    """
    service = this_service()
    claims = token["userinfo"]
    userinfo = _userinfo(token, sub=claims["sub"])
    national_id = _national_id(userinfo)
    means = str(claims.get("authMode", ""))
    name = f"{userinfo.get('given_name', '')} {userinfo.get('family_name', '')}".strip()
    now = service.clock.now()
    person = trace.Actor(national_id, means, sid=claims.get("sid"))
    if means not in service.settings.means:
        with service.store.begin() as db:
            service.note(db, person, "session:opened", refused="means_refused")
        raise MeansRefused
    before = who()
    with service.store.begin() as db:
        if before is not None:
            end_session(db, before)
        # A card that is used while its holder is at work elsewhere may have been lent (EP-15).
        others = live_sessions_of(db, national_id, now) if means == "CARD" else []
        is_elsewhere = any(before is None or each.handle != before.handle for each in others)
        handle = open_session(
            db,
            service.settings.limits,
            now,
            actor=national_id,
            name=name,
            means=means,
            userinfo=userinfo,
            sub=claims["sub"],
            sid=claims.get("sid"),
            id_token=token["id_token"],
            activity=chosen_at_provider(userinfo) or only_one(userinfo),
        )
        flags = {"simultaneous": True} if is_elsewhere else {}
        service.note(db, person, "session:opened", **flags)
        if service.kind.on_entry is not None:
            service.kind.on_entry(db, person)
    return go_in(handle)


def go_in(handle: str) -> ResponseReturnValue:
    """Give the browser its new session, and lead it back to where it was (MA-07).

    Nothing else of the browser's cookie is kept: who set it before may have been another.
    """
    place = session.get(PLACE)
    session.clear()
    session[HANDLE] = handle
    return redirect(place or url_for(this_service().kind.home))


@bp.get("/cut")
def cut() -> ResponseReturnValue:
    """The session was cut: say so before the person signs in again (MA-07)."""
    return render_template("service/cut.html"), 401


@bp.get("/activity")
def activity() -> ResponseReturnValue:
    """Choose the activity under which to act, where there are several (CP-08)."""
    row = signed_in()
    return render_template("service/activity.html", activities=activities_of(row.userinfo))


@bp.post("/activity")
def activity_chosen() -> ResponseReturnValue:
    """Act under the activity chosen from now on."""
    row, service = signed_in(), this_service()
    offered = activities_of(row.userinfo)
    given = request.form.get("activity", "")
    number = number_of(given)
    if number is None or number >= len(offered):
        refused = _("Choisissez une activité de la liste.")
        page = render_template("service/activity.html", activities=offered, error=refused)
        return page, 400
    with service.store.begin() as db:
        choose_activity(db, row, offered[number])
        row.activity = offered[number]
        service.note(db, trace.Actor.of(row), "activity:chosen")
    return redirect(session.pop(PLACE, None) or url_for(service.kind.home))


@bp.post("/prolong")
def prolong() -> ResponseReturnValue:
    """Go on after the warning: the idle limit counts from now (RGAA 13.1).

    Nothing moves the absolute limit: near it, going on is a new sign-in, for which nothing is typed
    while the session at the provider lives (MA-08).
    """
    row, service = signed_in(), this_service()
    now, limits = service.clock.now(), service.settings.limits
    with service.store.begin() as db:
        note_use(db, row, limits, now)
    keep_place()
    if row.ends_at - now <= limits.warning:
        return redirect(url_for(service.kind.entrance))
    return redirect(session.pop(PLACE, None) or url_for(service.kind.home))


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget the person here, then end the session at the provider (RP-Initiated Logout 1.0)."""
    row, service = signed_in(), this_service()
    with service.store.begin() as db:
        end_session(db, row)
        service.note(db, trace.Actor.of(row), "session:closed")
    session.clear()
    if row.id_token is None:
        return render_template("service/signed_out.html")
    response: ResponseReturnValue = psc().logout_redirect(
        post_logout_redirect_uri=here("sign_in.signed_out"), id_token_hint=row.id_token
    )
    return response


@bp.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Where the provider sends the browser after a logout."""
    psc().validate_logout_response()
    return render_template("service/signed_out.html")


@bp.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """The provider says that a session of it ended (OpenID Connect Back-Channel Logout 1.0).

    It has no browser, and so no cookie and no form of ours: the signed token is the whole proof.
    """
    service = this_service()
    try:
        claims = service.logout_tokens.accept(
            request.form.get("logout_token", ""),
            issuer=service.settings.issuer,
            keys=lambda anew: psc().fetch_jwk_set(force=anew),
        )
    except LogoutTokenRefused as error:
        return {"error": "invalid_request", "error_description": str(error)}, 400
    with service.store.begin() as db:
        end_of_provider(db, sid=claims.get("sid"), sub=claims.get("sub"))
    return ""


def _address(url: str) -> str:
    """Path and query of an address, as they stand in it: nothing is unquoted on the way."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_page(address: str) -> bool:
    """Whether a browser can be led to an address: it is a page of this service, and of nobody's.

    A path with two slashes or a backslash is another host to a browser.
    """
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    return current_app.url_map.bind("").test(unquote(urlsplit(address).path), "GET")


def psc() -> Any:
    """Authlib's client of the provider."""
    return current_app.extensions["authlib.integrations.flask_client"].create_client("psc")


def _national_id(userinfo: dict[str, Any]) -> str:
    """Who it is: a provider that is not allowed to tell signs nobody in (decision 11)."""
    found = str(userinfo.get("SubjectNameID") or userinfo.get("preferred_username") or "")
    if not found:
        raise OAuthError("invalid_token", "userinfo names nobody by a national identifier")
    return found


def _userinfo(token: Any, *, sub: str) -> dict[str, Any]:
    """The claims of the person who signed in, and of nobody else (OpenID Connect Core 5.3.2)."""
    userinfo = dict(psc().userinfo(token=token))
    if userinfo.get("sub") != sub:
        raise OAuthError("invalid_token", "userinfo names another person than the ID token")
    return userinfo
