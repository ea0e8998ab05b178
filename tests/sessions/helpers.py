"""Sessions with services entered in them, and what these are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet

from idp.provider import Provider
from idp.store.models import SessionClient
from idp.worker.dispatcher import drain
from tests.cards.rows import a_session, add
from tests.oauth.helpers import add_client
from tests.outbox.servers import HttpServer, http_server


@dataclass
class Listening:
    """A receiver, and the provider whose services it stands for."""

    provider: Provider
    server: HttpServer

    def told(self) -> list[tuple[str, str]]:
        """Which client was told of which session, since the last look."""
        drain(self.provider, "logout")
        told = [(claims["aud"], claims["sid"]) for claims in self.tokens()]
        self.server.requests.clear()
        return sorted(told)

    def tokens(self) -> list[dict[str, Any]]:
        """The claims of each token that came, verified."""
        published = [key.row.public_jwk for key in self.provider.keyring.published("tokens")]
        keys = KeySet.import_key_set({"keys": published})
        forms = [parse_qs(request["body"].decode()) for request in self.server.requests]
        return [dict(jwt.decode(form["logout_token"][0], keys, ["RS256"]).claims) for form in forms]

    def metadata(self) -> dict[str, Any]:
        """What a client registers to be told here."""
        return {"backchannel_logout_uri": self.server.url, "development": True}


@contextmanager
def listening(provider: Provider) -> Iterator[Listening]:
    """Services `one` and `two`, told of logouts; `silent`, which asked for nothing."""
    with http_server() as server:
        heard = Listening(provider, server)
        add_client(provider, "one", **heard.metadata())
        add_client(provider, "two", **heard.metadata())
        add_client(provider, "silent")
        yield heard


def session_with(provider: Provider, *clients: str, **values: Any) -> str:
    """A session with services entered in it; gives its `sid`."""
    session = a_session(provider, **({"card_number": None} | values))
    now = provider.clock.now()
    entered = [
        SessionClient(sid=session.sid, client_id=client, confirmed_at=now) for client in clients
    ]
    add(provider, session, *entered)
    return session.sid
