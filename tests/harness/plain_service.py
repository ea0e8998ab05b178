"""The smallest service there is: it sends the browser off, and shows what came back."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from wallet_sim.harness.psc import Psc

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ORIGIN = "https://plain.test"


class PlainService:
    """A WSGI application; `more` are further parameters of its authorization request."""

    def __init__(self, psc: Psc, client_id: str, origin: str = ORIGIN, **more: str) -> None:
        self._address = f"{psc.base_url}/auth"
        self._parameters = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": f"{origin}/callback",
            "scope": "openid scope_all",
            "state": "a-state-of-the-plain-service",
            "acr_values": "eidas1",
            **more,
        }

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/login":
            location = f"{self._address}?{urlencode(self._parameters)}"
            return Response(status=302, headers={"Location": location})
        if request.path == "/callback":
            response = Response(f"back by {request.method} with {sorted(request.values)}")
            response.set_cookie("seen", "yes", secure=True)
            return response
        return Response("a page that leads nowhere")


@contextmanager
def listening(service: PlainService, port: int = 0) -> Iterator[str]:
    """The service behind an address."""
    server = make_server("localhost", port, service, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
