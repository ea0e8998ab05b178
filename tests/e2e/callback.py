"""A service reduced to its redirect address: it writes down what browsers bring."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from tests.e2e.demonstration import Demonstration
from wallet_sim.serving import serve

CLIENT = "rappel"
NAME = "Messagerie de santé sécurisée de l’hôpital Saint-Exemple"


@dataclass
class Callback:
    """The address, and the answers that came to it."""

    url: str = ""
    secret: str = ""
    answers: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def request(self, demonstration: Demonstration, **changes: str) -> str:
        """Address of an authorization request."""
        given = {
            "client_id": CLIENT,
            "redirect_uri": self.url,
            "response_type": "code",
            "scope": "openid scope_all",
            "state": "the-state",
            "nonce": "the-nonce",
            "acr_values": "eidas1",
        }
        return f"{demonstration.provider.base_url}/auth?{urlencode(given | changes)}"

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.path == "/callback":
            values = request.form if request.method == "POST" else request.args
            self.answers.append((request.method, values.to_dict()))
        response = Response("<title>ok</title><link rel=icon href=data:,>", mimetype="text/html")
        return response(environ, start_response)


@contextlib.contextmanager
def running_callback(demonstration: Demonstration) -> Iterator[Callback]:
    """A registered service that only listens."""
    callback = Callback()
    with serve(callback, host="localhost", port=0) as port:
        callback.url = f"http://localhost:{port}/callback"
        callback.secret = demonstration.add_client(
            CLIENT, "--name", NAME, "--redirect-uri", callback.url
        )
        yield callback
