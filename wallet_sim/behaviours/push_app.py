"""Where pushes to the phones of a pool arrive.

with serve(PushApp(pool), host="localhost", port=0) as port:
    pool.push_origin = f"http://localhost:{port}"
    pool.add("martin", phone)
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from wallet_sim.behaviours.pool import PhonePool, PushAddressUnknown
from wallet_sim.errors import PushRefused

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_LARGEST_PUSH = 4096  # RFC 8030, section 7.2


class PushApp:
    """A WSGI application that takes pushes (RFC 8030), and nothing else.

    Args:
        pool: the phones; the address of each holds a secret that the provider alone is told.
    """

    def __init__(self, pool: PhonePool) -> None:
        self._pool = pool

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status=HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": "POST"})
        if (request.content_length or 0) > _LARGEST_PUSH:
            return Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            self._pool.take_push(request.path, request.get_data(), headers)
        except PushAddressUnknown:
            return Response(status=HTTPStatus.NOT_FOUND)
        except PushRefused as error:
            return Response(str(error), HTTPStatus.BAD_REQUEST, content_type="text/plain")
        return Response(status=HTTPStatus.CREATED)
