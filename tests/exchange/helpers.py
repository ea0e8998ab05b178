"""A provider that listens on loopback, and an API's issuer that trusts it, both in this process."""

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.serving import make_server

from idp.exchange.jobs import check_sessions, read_keys
from idp.oauth.clients.metadata import read_metadata
from idp.oauth.clients.registered import EXCHANGE_GRANT_TYPES
from idp.oauth.clients.registration import register
from idp.oauth.tokens.signing import sign
from idp.provider import Provider
from idp.web.client_certificate import KEY
from tests.oauth.helpers import PROTOCOL, SECRET, Service, advance

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
BASE_URL = "http://localhost:9000/r/api"
CLIENT = "logiciel"
API = "api-dossiers"
API_ADDRESS = "https://dossiers.test/v1"
ASKING = "api-issuer"
"""The API's issuer as a client of the provider."""


def trust(issuer: str, **changes: Any) -> dict[str, Any]:
    """The settings of an API's issuer that trusts a provider."""
    trusted = {
        "issuer": issuer,
        "client_id": ASKING,
        "client_secret": SECRET,
        "clients": {"service": [CLIENT]},
    }
    return {
        "base_url": BASE_URL,
        "trusted_issuers": {"psc": trusted},
        "apis": {
            API: {"clients": [CLIENT, "lecteur"], "resources": [API_ADDRESS]},
            "api-mesures": {"clients": [CLIENT]},
            "api-autre": {"clients": ["autre"]},
        },
    } | changes


def certificate(name: str) -> bytes:
    """DER of a client's certificate, self-signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .issuer_name(subject)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=36500))
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.DER)


MINE, OTHER = certificate("logiciel"), certificate("another")


def add_api_client(provider: Provider, client_id: str = CLIENT, **changes: Any) -> None:
    values = {
        "client_id": client_id,
        "client_secret": SECRET,
        "grant_types": list(EXCHANGE_GRANT_TYPES),
        "scope": "openid profile lire ecrire",
    }
    with provider.store.begin() as db:
        register(
            db,
            read_metadata(values | changes),
            kind=provider.kind,
            sealer=provider.sealer,
            now=provider.clock.now(),
            grant_types=EXCHANGE_GRANT_TYPES,
        )


@dataclass
class Listening:
    """A WSGI application behind a real address, which may be taken away."""

    address: str = ""
    app: Callable[..., Any] | None = None
    away: bool = False
    """Answers nothing but 503."""
    asked: list[str] = field(default_factory=list)
    """Path of each request."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked.append(environ["PATH_INFO"])
        if self.away or self.app is None:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return []
        return self.app(environ, start_response)


@contextmanager
def listening() -> Iterator[Listening]:
    """An address on loopback while the block runs."""
    found = Listening()
    server = make_server("127.0.0.1", 0, found, threaded=True)
    found.address = f"http://localhost:{server.port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Exchange:
    """An API's issuer, and a client of it that shows a certificate."""

    app: Flask
    provider: Provider
    first: Service
    """The relying service of the provider whose tokens are exchanged."""
    server: Listening
    """Where that provider listens."""
    certificate: bytes | None = MINE
    client_id: str = CLIENT

    def post(self, path: str, form: dict[str, Any], *, basic: str | None = None) -> Any:
        pair = f"{basic or self.client_id}:{SECRET}".encode()
        http: Any = self.app.test_client()
        shown = {} if self.certificate is None else {KEY: self.certificate}
        return http.post(
            f"{PROTOCOL}/{path}",
            data=form,
            headers={"Authorization": "Basic " + base64.b64encode(pair).decode()},
            environ_overrides=shown,
        )

    def exchange(self, subject_token: str, /, **changes: Any) -> Any:
        form = {
            "grant_type": GRANT,
            "subject_token": subject_token,
            "subject_token_type": ACCESS_TOKEN,
            "subject_issuer": "psc",
        } | changes
        return self.post(
            "token", {name: value for name, value in form.items() if value is not None}
        )

    def exchanged(self, **changes: Any) -> dict[str, Any]:
        """What a fresh sign-in at the provider is exchanged for."""
        return self.exchanged_for(self.first.sign_in()["access_token"], **changes)

    def exchanged_for(self, subject_token: str, **changes: Any) -> dict[str, Any]:
        answer = self.exchange(subject_token, **changes)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def refresh(self, token: str, **changes: Any) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post("token", form | changes)

    def introspect(self, token: str, *, as_client: str = API) -> dict[str, Any]:
        answer = self.post("token/introspect", {"token": token}, basic=as_client)
        assert answer.status_code == 200, answer.text
        return dict(answer.json)

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, verified with the published keys."""
        http: Any = self.app.test_client()
        keys = KeySet.import_key_set(http.get(f"{PROTOCOL}/certs").json)
        return jwt.decode(token, keys, ["RS256"]).claims

    def forge(self, **changes: Any) -> str:
        """An access token of the provider, signed by it, with claims that it would not write."""
        claims = self.first.claims(self.first.sign_in()["access_token"]) | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return sign(self.first.provider, kept)

    def advance(self, seconds: float) -> None:
        """Move the time of both."""
        advance(self.provider, seconds)
        advance(self.first.provider, seconds)

    def read_keys(self) -> None:
        read_keys(self.provider)

    def check_sessions(self) -> int:
        return check_sessions(self.provider)


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]
