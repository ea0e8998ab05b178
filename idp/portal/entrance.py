"""Signing in to the portal, by OpenID Connect as any service does (Core 3.1.2).

The code comes back to this very provider, which spends it here: what the portal learns from it
is that the session of this browser entered. It takes no token.
"""

import hmac
import json
import secrets
from dataclasses import astuple, dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from idp.keys.sealing import sha256
from idp.portal.blueprint import bp
from idp.portal.client import CLIENT_ID, register_portal, return_address
from idp.provider import Provider, current_provider
from idp.psc.means import CARD
from idp.signin.sessions import find_session
from idp.store.grants import find_code, revoke_grant, spend_code
from idp.web.cookies import cookie_name, drop_cookie, set_cookie
from idp.web.errors import error_page

COOKIE = "ecps_portal"
PAGES = {"e-cps": "portal.pairing_page", "cartes": "portal.cards_page"}
"""What one may sign in for, by the name in the address."""
BY_CARD = {"e-cps"}
"""Pages that only a card opens."""
_SECRET_BYTES = 32


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
    page = wanted if wanted in PAGES else "cartes"
    begun = Begun(page, *(secrets.token_urlsafe(_SECRET_BYTES) for _secret in range(3)))
    provider = current_provider()
    with provider.store.begin() as db:
        register_portal(provider, db)
    settings = provider.settings
    address = f"{settings.wallet_base_url}/auth?{urlencode(_authorization_request(begun))}"
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
        return _not_entered()
    with provider.store.begin() as db:
        entered = _enter(provider, db, begun, request.args.get("code", ""))
    response = redirect(url_for(PAGES[begun.page]), HTTPStatus.SEE_OTHER)
    if not entered:
        response = _not_entered()
    drop_cookie(response, COOKIE)
    return response


def to_entrance(page: str) -> Response:
    """Ask for a sign-in; the page is shown afterwards."""
    return redirect(url_for("portal.sign_in", pour=page), HTTPStatus.SEE_OTHER)


def _authorization_request(begun: Begun) -> dict[str, str]:
    settings = current_provider().settings
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
    if begun.page not in BY_CARD:
        return asked
    by_card = {"id_token": {"authMode": {"essential": True, "value": CARD}}}
    age = int(settings.pairing_card_age.total_seconds())
    return asked | {"claims": json.dumps(by_card), "max_age": str(age)}


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


def _not_entered() -> Response:
    refused = request.args.get("error", "")
    if refused == "unmet_authentication_requirements":
        text = _("La connexion par carte n’est pas proposée ici.")
    else:
        text = _("La connexion au portail n’a pas abouti : recommencez depuis la page du portail.")
    return error_page(HTTPStatus.FORBIDDEN, text=text)
