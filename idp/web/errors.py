"""Every error gets the right status and a shape its caller can read; never a traceback.

People get a page, phone, card and the development addresses problem+json (RFC 9457), programs at
the protocol's addresses an OAuth error (RFC 6749, 5.2).
"""

from http import HTTPStatus

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004
from werkzeug.exceptions import HTTPException

from idp.provider import current_provider
from idp.web.problems import problem_body, problem_response

RETRY_AFTER = 5
"""Seconds after which a caller may try an unavailable database again."""

_CODES = {
    HTTPStatus.BAD_REQUEST: "bad_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.GONE: "gone",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many_requests",
    HTTPStatus.SERVICE_UNAVAILABLE: "unavailable",
}
_TITLES = {
    HTTPStatus.BAD_REQUEST: lazy_gettext("La demande n’est pas correcte"),
    HTTPStatus.FORBIDDEN: lazy_gettext("Accès refusé"),
    HTTPStatus.NOT_FOUND: lazy_gettext("Page introuvable"),
    HTTPStatus.METHOD_NOT_ALLOWED: lazy_gettext("Cette adresse ne s’emploie pas ainsi"),
    HTTPStatus.GONE: lazy_gettext("Cette page n’est plus valable"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: lazy_gettext("La demande est trop volumineuse"),
    HTTPStatus.TOO_MANY_REQUESTS: lazy_gettext("Trop de demandes"),
    HTTPStatus.SERVICE_UNAVAILABLE: lazy_gettext("Service momentanément indisponible"),
}
_ADVICE = {
    HTTPStatus.BAD_REQUEST: lazy_gettext(
        "Retournez au service d’où vous venez, et recommencez depuis le début."
    ),
    HTTPStatus.FORBIDDEN: lazy_gettext(
        "Revenez à la page précédente, rechargez-la, puis recommencez."
    ),
    HTTPStatus.NOT_FOUND: lazy_gettext(
        "Vérifiez l’adresse, ou retournez au service d’où vous venez."
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: lazy_gettext(
        "Revenez à la page précédente, et servez-vous de ses boutons."
    ),
    HTTPStatus.GONE: lazy_gettext(
        "Retournez au service d’où vous venez, et connectez-vous de nouveau : rien n’a été "
        "transmis."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: lazy_gettext(
        "Revenez à la page précédente, et envoyez moins à la fois."
    ),
    HTTPStatus.TOO_MANY_REQUESTS: lazy_gettext("Attendez quelques minutes, puis recommencez."),
    HTTPStatus.SERVICE_UNAVAILABLE: lazy_gettext(
        "Rien n’est perdu : attendez quelques secondes, puis rechargez la page."
    ),
}


class Told(HTTPException):
    """An error whose description is written for the person, in their language."""

    def __init__(self, code: int, text: str, *, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.retry_after = retry_after
        """Seconds to wait, where waiting helps."""


def init_app(app: Flask) -> None:
    """Answer every error that reaches the application."""
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Told, _answer_told)
    for unavailable in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(unavailable, _answer_unavailable)


def error_page(status: int, *, title: str = "", text: str = "") -> Response:
    """A page that says what went wrong and what to do next, with the reference of the logs.

    A text written for the case says both.
    """
    body = render_template(
        "error.html",
        title=title or _TITLES.get(HTTPStatus(status), _("Une erreur est survenue")),
        text=text,
        advice="" if text else _ADVICE.get(HTTPStatus(status), _told_later()),
        reference=g.get("request_id", ""),
    )
    return make_response(body, status)


def _answer_http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    response = _shape(status, error.description or "")
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _answer_told(error: Told) -> Response:
    response = error_page(error.code or HTTPStatus.BAD_REQUEST, text=error.description or "")
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _answer_unavailable(_error: Exception) -> Response:
    response = _shape(HTTPStatus.SERVICE_UNAVAILABLE, "the database does not answer")
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _shape(status: int, description: str) -> Response:
    code = _CODES.get(HTTPStatus(status), "server_error")
    if request.path.startswith(("/wallet/", "/cards/", "/dev/")):
        detail = description if request.path.startswith("/dev/") else _told(status)
        reference = g.get("request_id", "")
        return problem_response(problem_body(status, code, detail, reference=reference))
    if _is_protocol_address():
        return _oauth_error(status, description)
    return error_page(status)


def _told(status: int) -> str:
    return str(_TITLES.get(HTTPStatus(status), _("Une erreur est survenue")))


def _told_later() -> str:
    return str(_("Ce n’est pas votre faute. Attendez un instant, puis recommencez."))


def _is_protocol_address() -> bool:
    if current_provider().settings.is_of_an_api:  # there are no others, and no pages
        return True
    realm = current_provider().settings.realm_path
    if not request.path.startswith((realm, "/.well-known/")):
        return False
    offered = ("application/json", "text/html")
    return request.accept_mimetypes.best_match(offered, offered[0]) == offered[0]


def _oauth_error(status: int, description: str) -> Response:
    error = "invalid_request"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        error = "temporarily_unavailable"
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error, description = "server_error", "the request failed here; nothing was granted"
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    return response
