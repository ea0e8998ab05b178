"""The smallest service there is, behind an address: it sends the browser off, and shows it back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.control.helpers import Control


class Service:
    """A WSGI application; it holds the session of who came back in a cookie."""

    def __init__(self, control: Control, **members: object) -> None:
        self._control = control
        self._members = members
        self.address = ""
        self._parameters: dict[str, str] = {}

    def register(self, address: str) -> None:
        client = self._control.told(
            "POST",
            "provider/clients",
            {
                "redirect_uris": [f"{address}/callback"],
                "post_logout_redirect_uris": [f"{address}/"],
                **self._members,
            },
        )
        self.address = address
        self._issuer = self._control.told("GET", "place")["issuer"]
        self._parameters = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": f"{address}/callback",
            "scope": "openid scope_all",
            "state": "a-state",
            "acr_values": "eidas1",
        }

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        protocol = f"{self._issuer}/protocol/openid-connect"
        if request.path == "/login":
            return _to(f"{protocol}/auth?{urlencode(self._parameters)}")
        if request.path == "/logout":
            back = {
                "client_id": self._parameters["client_id"],
                "post_logout_redirect_uri": f"{self.address}/",
            }
            return _to(f"{protocol}/logout?{urlencode(back)}")
        if request.path == "/callback":
            response = Response(f"back with {sorted(request.values)}")
            response.set_cookie("seen", "yes")
            return response
        return Response(f"a page; seen: {request.cookies.get('seen', 'no')}")


def _to(location: str) -> Response:
    return Response(status=302, headers={"Location": location})


@contextmanager
def listening(service: Service) -> Iterator[Service]:
    server = make_server("localhost", 0, service, threaded=True)
    service.register(f"http://localhost:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
