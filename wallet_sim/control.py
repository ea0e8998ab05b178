"""Phone and card reader as a process: push receiver, control API, and pages for people.

Approving still takes the real keys and the PIN: the control API is a hand that holds the phone,
not a way around it (decision 3).
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import BadRequest, HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import ACTIONS, LOOKS
from wallet_sim.automatic import AUTOMATIC_PATH, AutomaticApprovals
from wallet_sim.card import actions as card_actions
from wallet_sim.card.pages import ReaderPages
from wallet_sim.card.reader import Reader
from wallet_sim.card.request_pages import REQUESTS_ADDRESS, SCRIPT_ADDRESS, RequestPages
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.encoding import parse_object
from wallet_sim.errors import NoAnswer, PhoneError, PhoneInUse, ProviderRefusal, PushRefused
from wallet_sim.pages import Pages
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

CONTROL_PATH = "/control/v1"

_LARGEST_BODY = 6 * 1024 * 1024  # bytes: the picture of a QR, as base64
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class ControlApp:
    """The WSGI application of one phone and one card reader.

    Args:
        phone: the phone.
        receiver: its ear; its subscription's path is served here.
        door: who may come in.
        reader: the card reader.
        automatic: answers without a person, where that was asked for at start.
    """

    def __init__(
        self,
        phone: Phone,
        receiver: Receiver,
        door: Door,
        reader: Reader,
        automatic: AutomaticApprovals | None = None,
    ) -> None:
        self._phone = phone
        self._receiver = receiver
        self._door = door
        self._reader = reader
        self._pages = Pages(phone, receiver, door)
        reader_pages = ReaderPages(reader, door, self._pages)
        request_pages = RequestPages(reader, door, self._pages)
        self._addresses = Map(
            [
                Rule(receiver.subscription.path, endpoint=self._push, methods=["POST"]),
                Rule("/", endpoint=self._pages.home, methods=["GET"]),
                Rule("/style.css", endpoint=self._pages.style, methods=["GET"]),
                Rule("/login", endpoint=self._pages.login, methods=["POST"]),
                Rule("/do/<action>", endpoint=self._pages.act, methods=["POST"]),
                Rule(READER_ADDRESS, endpoint=reader_pages.show, methods=["GET"]),
                Rule(REQUESTS_ADDRESS, endpoint=request_pages.show, methods=["GET"]),
                Rule(REQUESTS_ADDRESS, endpoint=request_pages.answer, methods=["POST"]),
                Rule(SCRIPT_ADDRESS, endpoint=request_pages.script, methods=["GET"]),
                Rule(f"{READER_ADDRESS}/<action>", endpoint=reader_pages.act, methods=["POST"]),
                Rule(f"{CONTROL_PATH}/<look>", endpoint=self._look, methods=["GET"]),
                Rule(f"{CONTROL_PATH}/<action>", endpoint=self._act, methods=["POST"]),
            ]
        )
        if automatic is not None:
            address = f"{AUTOMATIC_PATH}/<given>"
            self._addresses.add(Rule(address, endpoint=automatic.answer, methods=["POST"]))

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
            endpoint, values = self._addresses.bind_to_environ(request.environ).match()
            handler: Callable[..., Response] = endpoint
            return handler(request, **values)
        except PhoneError as error:
            return _problem(error)
        except HTTPException as error:
            status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
            return _json({"code": error.name.lower(), "detail": error.description}, status)

    def _push(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            self._receiver.receive(request.get_data(), headers)
        except PushRefused as error:
            return _json({"code": error.code, "detail": str(error)}, HTTPStatus.FORBIDDEN)
        return Response(status=HTTPStatus.CREATED)

    def _look(self, request: Request, look: str) -> Response:
        self._door.check_secret(request)
        if look in card_actions.LOOKS:
            return _json(card_actions.LOOKS[look](self._reader))
        if look not in LOOKS:
            raise NotFound
        return _json(LOOKS[look](self._phone, self._receiver))

    def _act(self, request: Request, action: str) -> Response:
        self._door.check_secret(request)
        if action not in ACTIONS and action not in card_actions.ACTIONS:
            raise NotFound
        try:
            members = parse_object(request.get_data() or b"{}")
        except ValueError as error:
            raise BadRequest("the body must be a JSON object") from error
        if action in card_actions.ACTIONS:
            return _json(card_actions.ACTIONS[action](self._reader, members))
        return _json(ACTIONS[action](self._phone, self._receiver, members))


def _problem(error: PhoneError) -> Response:
    if isinstance(error, ProviderRefusal):
        members = {name: error.members[name] for name in _TOLD if name in error.members}
        return _json(
            {"code": error.code_received, "detail": str(error), **members},
            error.status or HTTPStatus.CONFLICT,
        )
    status = {
        NoAnswer: HTTPStatus.BAD_GATEWAY,
        PhoneInUse: HTTPStatus.SERVICE_UNAVAILABLE,
    }.get(type(error), HTTPStatus.CONFLICT)
    members = {name: value for name, value in vars(error).items() if name in _TOLD}
    return _json({"code": error.code, "detail": str(error), **members}, status)


# Of a refusal, what a person may read: never the roll or the document.
_TOLD = ("retry_at", "tries_left", "unblock_tries_left", "state", "reason", "service")


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    kind = "application/json" if status < HTTPStatus.BAD_REQUEST else "application/problem+json"
    return Response(json.dumps(body, ensure_ascii=False), status=status, content_type=kind)
