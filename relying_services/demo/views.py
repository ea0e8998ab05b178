"""The pages of the demonstration service."""

import hmac
import json
from http import HTTPStatus
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
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.exceptions import HTTPException

from relying_services.demo.explanations import in_words
from relying_services.demo.sessions import Sessions, SignedIn
from relying_services.service.logout_token import LogoutTokenRefused, LogoutTokens

bp = Blueprint("demo", __name__)


def _psc() -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].create_client("psc")


def _sessions() -> Sessions:
    sessions: Sessions = current_app.extensions["demo.sessions"]
    return sessions


def _logout_tokens() -> LogoutTokens:
    tokens: LogoutTokens = current_app.extensions["demo.logout_tokens"]
    return tokens


def _here(endpoint: str) -> str:
    """Absolute address of a page of this service, from its settings and never from Host."""
    base: str = current_app.extensions["demo"].base_url
    return base + url_for(endpoint)


@bp.get("/")
def home() -> ResponseReturnValue:
    """Who is signed in, and what the tokens say; else the way in."""
    signed_in = _sessions().find(session.get("handle"))
    if signed_in is None:
        return render_template("demo/home.html", issuer=current_app.extensions["demo"].issuer)
    return render_template(
        "demo/signed_in.html",
        signed_in=signed_in,
        userinfo=json.dumps(signed_in.userinfo, indent=2, ensure_ascii=False),
        id_token=in_words(signed_in.token.get("id_token")),
        access_token=in_words(signed_in.token.get("access_token")),
        refresh_token=in_words(signed_in.token.get("refresh_token")),
    )


@bp.get("/login")
def login() -> ResponseReturnValue:
    """Send the browser to the provider: code flow with PKCE, state and nonce."""
    response: ResponseReturnValue = _psc().authorize_redirect(
        _here("demo.callback"), acr_values="eidas1"
    )
    return response


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """The way back: redeem the code, verify the ID token, ask userinfo."""
    return enter(dict(_psc().authorize_access_token()))


def enter(token: dict[str, Any]) -> ResponseReturnValue:
    """Sign this browser in with tokens whose ID token was verified, and ask userinfo."""
    userinfo = _userinfo(token, sub=token["userinfo"]["sub"])
    _sessions().end(session.get("handle"))
    session["handle"] = _sessions().open(token, userinfo)
    return redirect(url_for("demo.home"))


@bp.post("/refresh")
def refresh() -> ResponseReturnValue:
    """Fresh tokens from the refresh token, and userinfo once more."""
    signed_in = _signed_in()
    fresh = _psc().fetch_access_token(
        grant_type="refresh_token", refresh_token=signed_in.token["refresh_token"]
    )
    signed_in.token = {**signed_in.token, **fresh}
    signed_in.userinfo = _userinfo(signed_in.token, sub=signed_in.userinfo["sub"])
    signed_in.refreshed += 1
    return redirect(url_for("demo.home"))


def _userinfo(token: Any, *, sub: str) -> dict[str, Any]:
    """The claims of the person who signed in, and of nobody else (OpenID Connect Core 5.3.2)."""
    userinfo = dict(_psc().userinfo(token=token))
    if userinfo.get("sub") != sub:
        raise OAuthError("invalid_token", "userinfo names another person than the ID token")
    return userinfo


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget the person here, then end the session at the provider (RP-Initiated Logout 1.0)."""
    signed_in = _signed_in()
    _sessions().end(session.pop("handle", None))
    response: ResponseReturnValue = _psc().logout_redirect(
        post_logout_redirect_uri=_here("demo.signed_out"),
        id_token_hint=signed_in.token["id_token"],
    )
    return response


@bp.post("/backchannel-logout")
def backchannel_logout() -> ResponseReturnValue:
    """The provider says that a session of it ended (OpenID Connect Back-Channel Logout 1.0).

    It has no browser, and so no cookie and no form of ours: the signed token is the whole proof.
    A session that is over already was ended as asked (2.8).
    """
    try:
        claims = _logout_tokens().accept(
            request.form.get("logout_token", ""),
            issuer=current_app.extensions["demo"].issuer,
            keys=lambda anew: _psc().fetch_jwk_set(force=anew),
        )
    except LogoutTokenRefused as error:
        return {"error": "invalid_request", "error_description": str(error)}, 400
    _sessions().end_of_provider(sid=claims.get("sid"), sub=claims.get("sub"))
    return ""


@bp.get("/signed-out")
def signed_out() -> ResponseReturnValue:
    """Where the provider sends the browser after a logout."""
    _psc().validate_logout_response()
    return render_template("demo/signed_out.html")


def _signed_in() -> SignedIn:
    """The sign-in of a posted form, checked against forgery."""
    signed_in = _sessions().find(session.get("handle"))
    if signed_in is None:
        abort(403, _("Personne n’est connecté dans ce navigateur."))
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), signed_in.csrf.encode()):
        abort(403, _("Ce formulaire ne vient pas de cette page."))
    return signed_in


@bp.app_errorhandler(OAuthError)
def refused(error: OAuthError) -> ResponseReturnValue:
    """The provider or Authlib said no: tell which error, in the protocol's word."""
    return _failed(error.error or "mismatching_state", error.description or "", 400)


def _meaning(error: str) -> str:
    """What an error means to the person, where that is known."""
    meanings: dict[str, str] = {
        "access_denied": _("La demande a été refusée."),
        "expired_token": _("Personne n’a répondu à temps."),
        "unknown_user_id": _("Ce n’est pas un identifiant national."),
        "provider_unreachable": _("Le fournisseur d’identité ne répond pas."),
        "mismatching_state": _(
            "Cette réponse ne vient pas d’une connexion commencée dans ce navigateur."
        ),
    }
    return meanings.get(error, "")


@bp.app_errorhandler(JoseError)
def not_genuine(error: JoseError) -> ResponseReturnValue:
    """An ID token that does not verify signs nobody in."""
    return _failed(error.error, error.description or "", 400)


@bp.app_errorhandler(RequestException)
def unreachable(_error: RequestException) -> ResponseReturnValue:
    """The provider does not answer."""
    return _failed("provider_unreachable", "", 502)


@bp.app_errorhandler(HTTPException)
def not_served(error: HTTPException) -> ResponseReturnValue:
    """Whatever else goes wrong here: a page like the others, never a bare one."""
    if error.response is not None:
        return error.response
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    titles = {HTTPStatus.NOT_FOUND: _("Page introuvable"), HTTPStatus.FORBIDDEN: _("Accès refusé")}
    title = titles.get(HTTPStatus(status), _("Une erreur est survenue"))
    # Written for the person where this service says no itself, in English by the library elsewhere.
    told = str(error.description) if status == HTTPStatus.FORBIDDEN else ""
    return render_template("demo/error.html", title=title, meaning=told), status


def _failed(error: str, description: str, status: int) -> ResponseReturnValue:
    body = render_template(
        "demo/error.html",
        title=_("La connexion n’a pas abouti"),
        error=error,
        description=description,
        meaning=_meaning(error),
    )
    return body, status
