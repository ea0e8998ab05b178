"""What goes wrong, as a page like the others; and what every page is told."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from authlib.integrations.base_client import OAuthError
from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.exceptions import HTTPException

from relying_services.paris import PARIS
from relying_services.service.errors import MeansRefused, NotSignedIn, ServiceError
from relying_services.service.places import keep_place
from relying_services.service.service import Service, this_service, who


def init_app(app: Flask, service: Service) -> None:
    """Show errors as pages, and tell each page who is signed in."""
    app.register_error_handler(NotSignedIn, send_to_sign_in)
    app.register_error_handler(ServiceError, refused)
    app.register_error_handler(MeansRefused, means_refused)
    app.register_error_handler(OAuthError, provider_refused)
    app.register_error_handler(JoseError, not_genuine)
    app.register_error_handler(RequestException, unreachable)
    app.register_error_handler(HTTPException, not_served)
    app.context_processor(told_to_pages)
    app.add_template_filter(in_paris, "in_paris")
    app.jinja_env.globals.update(
        service_title=service.kind.title,
        service_home=service.kind.home,
        service_entrance=service.kind.entrance,
        kind_base=f"{service.kind.name}/base.html",
    )


def told_to_pages() -> dict[str, Any]:
    """Who is signed in, and in how many seconds a page that stays open warns, and is cut.

    Whichever limit comes first: a page can stay open over the last minutes of either.
    """
    row = who()
    if row is None:
        return {"signed_in": None}
    service = this_service()
    cut_after = int((row.ends_at - service.clock.now()).total_seconds())
    warning = int(service.settings.limits.warning.total_seconds())
    return {
        "signed_in": row,
        "cut_after": cut_after,
        "warn_after": max(0, cut_after - warning),
        "warn_minutes": -(-min(cut_after, warning) // 60),
    }


def in_paris(instant: datetime) -> datetime:
    """The local time of an instant, for a page."""
    return instant.astimezone(PARIS)


def send_to_sign_in(error: NotSignedIn) -> ResponseReturnValue:
    """Sign in first; the browser is back at its place afterwards (MA-07)."""
    del error
    keep_place()
    entrance = this_service().kind.entrance
    return redirect(url_for("sign_in.cut" if g.get("was_cut") else entrance))


def refused(error: ServiceError) -> ResponseReturnValue:
    """This service says no, and why."""
    body = _page(title=error.title, meaning=error.meaning, error=error.code)
    return body, error.status


def means_refused(error: MeansRefused) -> ResponseReturnValue:
    """Offer to sign in by another means (EP-16).

    To one means alone the provider steps its session up by itself; among several it would use the
    session that it has, which is of none of them, unless it is asked to authenticate anew.
    """
    anew = None if len(this_service().settings.means) == 1 else 1
    way = url_for("sign_in.login", anew=anew)
    body = _page(title=error.title, meaning=error.meaning, error=error.code, way=way)
    return body, error.status


def provider_refused(error: OAuthError) -> ResponseReturnValue:
    """The provider or Authlib said no: tell which error, in the protocol's word."""
    code = error.error or "mismatching_state"
    meanings: dict[str, str] = {
        "access_denied": _("La demande a été refusée."),
        "expired_token": _("Personne n’a répondu à temps."),
        "unknown_user_id": _("Ce n’est pas un identifiant national."),
        "mismatching_state": _(
            "Cette réponse ne vient pas d’une connexion commencée dans ce navigateur."
        ),
    }
    return _failed(code, error.description or "", meanings.get(code, "")), HTTPStatus.BAD_REQUEST


def not_genuine(error: JoseError) -> ResponseReturnValue:
    """An ID token that does not verify signs nobody in."""
    return _failed(error.error, error.description or "", ""), HTTPStatus.BAD_REQUEST


def unreachable(_error: RequestException) -> ResponseReturnValue:
    """The provider does not answer."""
    meaning = _("Le fournisseur d’identité ne répond pas. Attendez une minute, puis recommencez.")
    return _failed("provider_unreachable", "", meaning), HTTPStatus.BAD_GATEWAY


def not_served(error: HTTPException) -> ResponseReturnValue:
    """Whatever else goes wrong here: a page like the others, never a bare one."""
    if error.response is not None:
        return error.response
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    titles = {HTTPStatus.NOT_FOUND: _("Page introuvable"), HTTPStatus.FORBIDDEN: _("Accès refusé")}
    title = titles.get(HTTPStatus(status), _("Une erreur est survenue"))
    return _page(title=title, meaning=_meaning_of(status)), status


def _meaning_of(status: int) -> str:
    """What to do about a request that no page answers."""
    meaning: str = _("Le service n’a pas pu répondre. Attendez une minute, puis recommencez.")
    if status == HTTPStatus.NOT_FOUND:
        meaning = _("Aucune page n’a cette adresse : vérifiez-la, ou repartez de l’accueil.")
    elif status < HTTPStatus.INTERNAL_SERVER_ERROR:
        meaning = _("Cette demande n’a pas été comprise : repartez de l’accueil.")
    return meaning


def _failed(error: str, description: str, meaning: str) -> str:
    title = _("La connexion n’a pas abouti")
    return _page(title=title, error=error, description=description, meaning=meaning)


def _page(**told: Any) -> str:
    return render_template("service/error.html", address=request.path, **told)
