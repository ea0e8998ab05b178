"""Signing in to a service: an ordinary OpenID Connect client, nothing more.

Everything but the issuer's address comes from discovery. The session is kept here, in the service's
own database, and cut when its limits say so; the place where the person was is kept (MA-07).
"""

import json
from typing import Any

from authlib.integrations.base_client import OAuthError
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.service import provider, trace
from relying_services.service.activities import activities_of, chosen_at_provider, only_one
from relying_services.service.errors import MeansRefused
from relying_services.service.numbers import number_of
from relying_services.service.places import keep_place, kept_place, leave_place
from relying_services.service.refusals import refuse
from relying_services.service.service import HANDLE, signed_in, this_service, who
from relying_services.service.store.sessions import (
    choose_activity,
    end_session,
    live_sessions_of,
    note_use,
    open_session,
)

bp = Blueprint("sign_in", __name__)

_ENTRANCE = "sign_in.login"
_BEGUN = "_state_psc_"
"""How the names begin under which Authlib keeps what a sign-in was begun with."""
_MOST_BEGUN = 3
"""Sign-ins that a browser may have begun at a time, in as many tabs."""


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
    _leave_oldest()
    response: ResponseReturnValue = provider.psc().authorize_redirect(
        provider.here("sign_in.callback"), **asked
    )
    return response


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """The way back: redeem the code, verify the ID token, ask userinfo, open the session.

    Raises:
        MismatchingStateError: it answers no sign-in that this browser began.
        OAuthError: the provider refuses, or the answer is not its own.
        JoseError: the ID token does not verify.
    """
    return enter(dict(provider.psc().authorize_access_token()))


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
        refuse("session:opened", "", MeansRefused, by=person)
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
    place = kept_place()
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
    flash(_("L’activité est choisie."))
    return redirect(leave_place() or url_for(service.kind.home))


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
    return redirect(leave_place() or url_for(service.kind.home))


def _leave_oldest() -> None:
    """Make room for one more sign-in: a cookie that outgrows 4 KB is dropped, with all of them."""
    begun = sorted(
        (name for name in session if name.startswith(_BEGUN)), key=lambda name: session[name]["exp"]
    )
    for name in begun[: len(begun) - _MOST_BEGUN + 1]:
        session.pop(name)


def _national_id(userinfo: dict[str, Any]) -> str:
    """Who it is: a provider that is not allowed to tell signs nobody in (decision 11)."""
    found = str(userinfo.get("SubjectNameID") or userinfo.get("preferred_username") or "")
    if not found:
        raise OAuthError("invalid_token", "userinfo names nobody by a national identifier")
    return found


def _userinfo(token: Any, *, sub: str) -> dict[str, Any]:
    """The claims of the person who signed in, and of nobody else (OpenID Connect Core 5.3.2)."""
    userinfo = dict(provider.psc().userinfo(token=token))
    if userinfo.get("sub") != sub:
        raise OAuthError("invalid_token", "userinfo names another person than the ID token")
    return userinfo
