"""A developer who registers clients, and the servers on which a client publishes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.keys.sealing import sha256
from idp.outbox.documents import fetch_documents
from idp.provider import Provider
from idp.settings import REALM_PATH
from idp.store.client_documents import documents_of
from idp.store.initial_tokens import add_initial_token
from idp.store.models import ClientDocument, InitialAccessToken

ADDRESS = f"{REALM_PATH}/clients-registrations/openid-connect"
TOKEN = "initial-access-token"
CALLBACK = "https://service.test/callback"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)


def permit(provider: Provider, *, uses: int = 100, **imposed: Any) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        add_initial_token(
            db,
            InitialAccessToken(
                token_hash=sha256(TOKEN),
                label="Editeur SA",
                imposed=imposed,
                uses_left=uses,
                created_at=now,
                expires_at=now + timedelta(hours=1),
            ),
        )


def bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


@dataclass
class Developer:
    """Whoever holds a token, at the addresses of one application."""

    app: Flask
    token: str | None = TOKEN

    def __post_init__(self) -> None:
        self.http: Any = self.app.test_client()

    def register(self, **metadata: Any) -> Any:
        given = {"redirect_uris": [CALLBACK]} | metadata
        return self.http.post(ADDRESS, json=given, headers=bearer(self.token))

    def registered(self, **metadata: Any) -> dict[str, Any]:
        answer = self.register(**metadata)
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def manage(self, method: str, client: dict[str, Any], **options: Any) -> Any:
        token = options.pop("token", client["registration_access_token"])
        return self.http.open(
            client["registration_client_uri"], method=method, headers=bearer(token), **options
        )


@dataclass
class Published:
    """What a client's server answers at one path."""

    body: bytes = b"{}"
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """A client's server on this machine."""

    pages: dict[str, Published] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://localhost:{self.port}{path}"

    def publish(self, path: str, body: bytes, content_type: str = "application/json") -> str:
        self.pages[path] = Published(body, content_type)
        return self.url(path)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append(self.path)
        page = site.pages.get(self.path, Published(status=404))
        self.send_response(page.status)
        self.send_header("Content-Type", page.content_type)
        self.send_header("Content-Length", str(len(page.body)))
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(page.body)

    def log_message(self, *args: Any) -> None:
        del args


@contextmanager
def running_site() -> Iterator[Site]:
    site = Site()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.site = site  # type: ignore[attr-defined]
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def fetch(provider: Provider) -> int:
    """Let the worker's lane do what is due."""
    return fetch_documents(provider)


def documents(provider: Provider, client_id: str) -> list[ClientDocument]:
    with provider.store.read() as db:
        return documents_of(db, client_id)


def new_key(kid: str = "k1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def key_set(*keys: ECKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(key: ECKey, claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": key.kid} | header, claims, key, ["ES256"])
