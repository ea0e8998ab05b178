"""A service on Authlib's own Flask client, unmodified, against a provider that listens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.flask_client import OAuth
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from idp import create_app
from idp.provider import Provider
from tests.conftest import make_settings, provider_of
from tests.dev.faults.asking import Faults
from tests.dev.faults.browser import signed_in_browser
from tests.oauth.helpers import REDIRECT, SECRET, add_client


class AboutSomebodyElse(Exception):
    """What OpenID Connect Core 1.0, 5.3.2 leaves to the service."""


class MixedUp(Exception):
    """What Authlib leaves to the service: whom the answer and the ID token are from and for."""


def authlib_service(issuer: str, client_id: str, secret: str, *, is_careful: bool) -> Flask:
    """Signs a person in, and shows what it learned of them.

    A careful one does what Authlib leaves to it (docs/testing/faults.md).
    """
    app = Flask(__name__)
    app.secret_key = "of the service in tests"
    app.testing = True  # what goes wrong is raised to the test
    psc = OAuth(app).register(
        "psc",
        client_id=client_id,
        client_secret=secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid scope_all", "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> ResponseReturnValue:
        answer: ResponseReturnValue = psc.authorize_redirect(REDIRECT)
        return answer

    @app.get("/callback")
    def callback() -> ResponseReturnValue:
        if is_careful and request.args.get("iss") != issuer:  # RFC 9207
            raise MixedUp
        token = psc.authorize_access_token()
        if is_careful and token["userinfo"]["aud"] != client_id:  # Core 3.1.3.7 (3)
            raise MixedUp
        told = psc.userinfo(token=token)
        if told["sub"] != token["userinfo"]["sub"]:
            raise AboutSomebodyElse
        return jsonify(sub=told["sub"])

    return app


@dataclass
class World:
    """A provider that listens, a browser whose person has a session there, and the service."""

    provider: Provider
    app: Flask
    faults: Faults
    browser: Any
    careful: Flask
    stock: Flask
    """With nothing but what Authlib does by itself."""

    def fresh_service(self) -> Flask:
        """A careful one that has just started."""
        issuer = self.provider.settings.issuer
        return authlib_service(issuer, "service", SECRET, is_careful=True)

    def sign_in(self, service: Flask | None = None) -> Any:
        """One whole sign-in at a service; raises what the service's library raises."""
        visitor = (service or self.careful).test_client()
        asked = urlsplit(visitor.get("/login").headers["Location"])
        answered = self.browser.get(f"{asked.path}?{asked.query}")
        assert answered.status_code == 303, answered.text
        return visitor.get("/callback?" + urlsplit(answered.headers["Location"]).query)


@contextmanager
def running_world(database: Path, master_key: str, *others: str) -> Iterator[World]:
    """``others`` are clients that the person let in as well."""
    server = make_server("127.0.0.1", 0, Flask("nothing yet"), threaded=True)
    base_url = f"http://localhost:{server.server_port}"
    app = create_app(make_settings(f"sqlite:///{database}", master_key, base_url=base_url))
    server.app = app
    listening = Thread(target=server.serve_forever, daemon=True)
    listening.start()
    provider = provider_of(app)
    add_client(provider)
    browser = signed_in_browser(app, provider, "service", *others)
    careful, stock = (
        authlib_service(provider.settings.issuer, "service", SECRET, is_careful=is_careful)
        for is_careful in (True, False)
    )
    try:
        yield World(provider, app, Faults(app), browser, careful, stock)
    finally:
        server.shutdown()
        listening.join()
        server.server_close()
        provider.store.close()
