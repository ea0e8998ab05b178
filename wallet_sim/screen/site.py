"""The WSGI side of what a person or a program reaches: one door, one set of headers."""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from wallet_sim.design import ADDRESS, serve_design
from wallet_sim.door import Door
from wallet_sim.errors import NoAnswer, PhoneError, PhoneInUse, ProviderRefusal
from wallet_sim.screen.explaining import explain, explain_status
from wallet_sim.screen.pages import Pages

Handler = Callable[..., Response]

_LARGEST_BODY = 12 * 1024 * 1024  # bytes: the picture of a QR, as base64
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
# Of a refusal, what a person may read: never the roll or the document.
_TOLD = ("retry_at", "tries_left", "unblock_tries_left", "state", "reason", "service")
_STATIC = {
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    "/screen.css": ("screen.css", "text/css"),
    "/screen.js": ("screen.js", "text/javascript"),
    "/pad.js": ("pad.js", "text/javascript"),
    "/print.js": ("print.js", "text/javascript"),
    "/camera.css": ("camera.css", "text/css"),
    "/camera.js": ("camera.js", "text/javascript"),
    "/reader.css": ("reader.css", "text/css"),
}


class Site:
    """A WSGI application.

    Args:
        door: who may come in.
        pages: how a refusal is told to a person.
        rules: addresses; the endpoint of each is its handler.
    """

    def __init__(self, door: Door, pages: Pages, rules: Iterable[Rule]) -> None:
        self._door = door
        self._pages = pages
        shared = [Rule(path, endpoint=_file(*file)) for path, file in _STATIC.items()]
        entrance = Rule("/login", endpoint=pages.login, methods=["POST"])
        look = Rule(f"{ADDRESS}<filename>", endpoint=serve_design, methods=["GET"])
        self._addresses = Map([*rules, *shared, entrance, look])

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request (PEP 3333)."""
        with Request(environ) as request:
            request.max_content_length = _LARGEST_BODY
            response = self._answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            self._door.check_origin(request)
            return follow(self._addresses, request, request.path)
        except PhoneError as error:
            if _wants_page(request):
                text = explain(error, self._pages.language(request))
                return self._pages.failure(request, HTTPStatus.CONFLICT, text)
            return _problem(error)
        except HTTPException as error:
            status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
            if _wants_page(request):
                text = explain_status(status, self._pages.language(request))
                return self._pages.failure(request, status, text)
            return as_json({"code": error.name.lower(), "detail": error.description}, status)


def follow(addresses: Map, request: Request, path: str) -> Response:
    """Answer by the handler of an address.

    Raises:
        NotFound, MethodNotAllowed: there is none.
    """
    adapter = addresses.bind(request.host, path_info=path, default_method=request.method)
    endpoint, values = adapter.match()
    handler: Handler = endpoint
    return handler(request, **values)


def _wants_page(request: Request) -> bool:
    """A browser names HTML before all else; a program often takes anything."""
    offered = ("application/problem+json", "text/html")
    return request.accept_mimetypes.best_match(offered, offered[0]) == offered[1]


def as_json(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    """An answer for programs; a refusal is a problem document (RFC 9457)."""
    kind = "application/json" if status < HTTPStatus.BAD_REQUEST else "application/problem+json"
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=kind)


def _file(name: str, kind: str) -> Handler:
    def served(request: Request) -> Response:
        del request
        return Pages.static(name, kind)

    return served


def _problem(error: PhoneError) -> Response:
    if isinstance(error, ProviderRefusal):
        members = {name: error.members[name] for name in _TOLD if name in error.members}
        return as_json(
            {"code": error.code_received, "detail": str(error), **members},
            error.status or HTTPStatus.CONFLICT,
        )
    status = {
        NoAnswer: HTTPStatus.BAD_GATEWAY,
        PhoneInUse: HTTPStatus.SERVICE_UNAVAILABLE,
    }.get(type(error), HTTPStatus.CONFLICT)
    members = {name: value for name, value in vars(error).items() if name in _TOLD}
    return as_json({"code": error.code, "detail": str(error), **members}, status)
