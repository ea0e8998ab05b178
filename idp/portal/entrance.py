"""Signing in to the portal, by OpenID Connect as any service does (Core 3.1.2).

The code comes back to this very provider, which spends it here: what the portal learns from it
is that the session of this browser entered. It takes no token.
"""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from idp.keys.sealing import sha256
from idp.portal.blueprint import bp
from idp.portal.client import CLIENT_ID, register_portal, return_address
from idp.portal.visitors import Visitor, find_visitor
from idp.provider import Provider, current_provider
from idp.psc.means import CARD, MOBILE
from idp.security_keys.vouching import VOUCHING
from idp.settings import Settings
from idp.signin.sessions import find_session, session_of_browser
from idp.store.grants import find_code, revoke_grant, spend_code
from idp.web.cookies import cookie_name, drop_cookie, set_cookie
from idp.web.errors import error_page

COOKIE = "ecps_portal"
_SECRET_BYTES = 32


def _lately(settings: Settings) -> timedelta:
    return settings.portal_recent_signin


def _with_the_card_at_hand(settings: Settings) -> timedelta:
    return settings.pairing_card_age


def _to_vouch_for_a_key(settings: Settings) -> timedelta:
    return settings.security_key_vouching_age


@dataclass(frozen=True)
class Opening:
    """A page that one may sign in for, and what it demands of that sign-in."""

    endpoint: str
    by: tuple[str, ...] = ()
    """The only means that open it; none: any."""
    within: Callable[[Settings], timedelta] | None = None
    """How long ago the sign-in may be; none: as long as the session lives."""
    anew: bool = False
    """A sign-in of its own, however recent the last one."""


PAGES = {
    "compte": Opening("portal.account_page"),
    "e-cps": Opening("portal.pairing_page", by=(CARD,), within=_with_the_card_at_hand),
    "telephones": Opening("portal.phones_page"),
    "code-de-revocation": Opening("portal.revocation_code_page", by=VOUCHING, within=_lately),
    "test": Opening("portal.test_passed", by=(MOBILE,), anew=True),
    "cartes": Opening("portal.cards_page"),
    "cles": Opening("portal.keys_page", by=VOUCHING),
    "cle": Opening("portal.add_key_page", by=VOUCHING, within=_to_vouch_for_a_key),
    "sessions": Opening("portal.sessions_page"),
    "code-logiciels": Opening("portal.software_code_page", by=VOUCHING, within=_lately),
    "historique": Opening("portal.history_page"),
    "donnees": Opening("portal.data_page"),
    "export": Opening("portal.export_page", within=_lately),
}
"""By the name in the address (`pour`)."""


class SigninNeeded(HTTPException):
    """A page is shown after a sign-in that its table entry accepts."""

    def __init__(self, page: str) -> None:
        super().__init__(response=to_entrance(page))


@dataclass(frozen=True)
class Begun:
    """A sign-in under way, kept in a cookie of the browser that began it."""

    page: str
    state: str
    nonce: str
    verifier: str
    """PKCE (RFC 7636)."""


@bp.get("/connexion")
def sign_in() -> ResponseReturnValue:
    """Send the browser to the authorization endpoint, for the page named by `pour`."""
    wanted = request.args.get("pour", "")
    page = wanted if wanted in PAGES else "compte"
    begun = Begun(page, *(secrets.token_urlsafe(_SECRET_BYTES) for _secret in range(3)))
    provider = current_provider()
    with provider.store.begin() as db:
        register_portal(provider, db)
        session = session_of_browser(provider, db)
    settings, asked = provider.settings, _authorization_request(begun)
    if session is not None:
        asked["login_hint"] = session.national_id
    address = f"{settings.wallet_base_url}/auth?{urlencode(asked)}"
    response = redirect(address, HTTPStatus.SEE_OTHER)
    set_cookie(response, COOKIE, ".".join(astuple(begun)), max_age=settings.interaction_lifetime)
    return response


@bp.get("/retour")
def come_back() -> ResponseReturnValue:
    """Take the answer, in the browser that asked and for its own session alone."""
    if request.method == "HEAD":  # a look ahead must not spend the code
        raise MethodNotAllowed(["GET"])
    provider = current_provider()
    begun = _begun_here()
    if begun is None or not _answers(provider, begun):
        return _not_entered("")
    with provider.store.begin() as db:
        entered = _enter(provider, db, begun, request.args.get("code", ""))
    response = redirect(url_for(PAGES[begun.page].endpoint), HTTPStatus.SEE_OTHER)
    if not entered:
        response = _not_entered(begun.page)
    drop_cookie(response, COOKIE)
    return response


def to_entrance(page: str) -> Response:
    """Ask for a sign-in; the page is shown afterwards."""
    return redirect(url_for("portal.sign_in", pour=page), HTTPStatus.SEE_OTHER)


def require_visitor(provider: Provider, db: Session, page: str) -> Visitor:
    """Who may see a page that is named in the table, by a sign-in as it demands.

    Raises:
        SigninNeeded: nobody may, before they sign in.
        HolderClosed: the session's person may no longer do anything here.
    """
    visitor = find_visitor(provider, db)
    if visitor is None:
        raise SigninNeeded(page)
    opening, now = PAGES[page], provider.clock.now()
    used_at = [
        datetime.fromtimestamp(at, UTC)
        for means, at in visitor.session.means.items()
        if not opening.by or means in opening.by
    ]
    if not used_at:
        raise SigninNeeded(page)
    if opening.within is not None and now - max(used_at) > opening.within(provider.settings):
        raise SigninNeeded(page)
    return visitor


def _authorization_request(begun: Begun) -> dict[str, str]:
    settings, opening = current_provider().settings, PAGES[begun.page]
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": return_address(settings),
        "response_type": "code",
        "scope": "openid",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    if opening.by:
        wanted = {"id_token": {"authMode": {"essential": True, "values": opening.by}}}
        asked["claims"] = json.dumps(wanted)
    if opening.within is not None:
        asked["max_age"] = str(int(opening.within(settings).total_seconds()))
    if opening.anew:
        asked["prompt"] = "login"
    return asked


def _begun_here() -> Begun | None:
    parts = request.cookies.get(cookie_name(COOKIE), "").split(".")
    known = len(parts) == len(Begun.__dataclass_fields__) and parts[0] in PAGES
    return Begun(*parts) if known else None


def _answers(provider: Provider, begun: Begun) -> bool:
    """Whether this is the answer to what the browser asked, from this provider (RFC 9207)."""
    state, issuer = request.args.get("state", ""), request.args.get("iss", "")
    return (
        hmac.compare_digest(state.encode(), begun.state.encode())
        and issuer == provider.settings.issuer
    )


def _enter(provider: Provider, db: Session, begun: Begun, code: str) -> bool:
    """Spend the code; the session it was given in must be the one of this browser."""
    found = find_code(db, sha256(code))
    if found is None:
        return False
    row, granted = found
    grant, now = granted.grant, provider.clock.now()
    session, _confirmed = find_session(provider, db, CLIENT_ID)
    is_own = (
        row.client_id == CLIENT_ID
        and row.redirect_uri == return_address(provider.settings)
        and row.code_challenge == create_s256_code_challenge(begun.verifier)
        and grant.nonce == begun.nonce
        and session is not None
        and session.sid == grant.sid
    )
    if not is_own or not spend_code(db, row.code_hash, now):
        return False
    # The portal asks for no token: nothing of this grant need outlive the code.
    revoke_grant(db, grant.grant_id, now)
    return True


def _not_entered(page: str) -> Response:
    if page == "test":  # which says itself what failed
        return redirect(url_for("portal.test_failed"), HTTPStatus.SEE_OTHER)
    refused = request.args.get("error", "")
    if refused == "unmet_authentication_requirements":
        text = _("La connexion par carte n’est pas proposée ici.")
    else:
        text = _("La connexion au portail n’a pas abouti : recommencez depuis la page du portail.")
    return error_page(HTTPStatus.FORBIDDEN, text=text)
