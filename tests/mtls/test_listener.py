"""Relying services at the real listener, by TLS clients that are not ours."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from idp.provider import Provider
from idp.psc.addresses import MTLS_ENDPOINTS
from idp.serving.authority import ServerCertificate
from idp.serving.certificate_listener import only_certificates
from idp.settings import Settings
from tests.mtls.helpers import DAY, SUBJECT, Made, Pki, make
from tests.oauth.helpers import PROTOCOL, REDIRECT, Service, add_client, parameters
from tests.wallet.listener import certificate_for, listen

THREADS = 2
MAX_BODY = 4000
METADATA: dict[str, Any] = {
    "token_endpoint_auth_method": "tls_client_auth",
    "tls_client_auth_subject_dn": SUBJECT,
    "tls_client_certificate_bound_access_tokens": True,
}


@dataclass
class Line:
    """What a relying service needs to reach the listener."""

    address: str
    folder: Path
    trust: ServerCertificate

    def context(self, shown: Made | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.trust.authority))
        if shown is not None:
            context.load_cert_chain(*shown.files(self.folder))
        return context

    def send(self, method: str, path: str, shown: Made | None, **given: Any) -> Any:
        """One request on a connection of its own."""
        with httpx.Client(verify=self.context(shown), trust_env=False, timeout=30) as client:
            return client.request(method, f"{self.address}{PROTOCOL}/{path}", **given)

    def raw(self, shown: Made | None = None) -> ssl.SSLSocket:
        host, _, port = self.address.removeprefix("https://").partition(":")
        plain = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
        return self.context(shown).wrap_socket(plain, server_hostname=host)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    few = {"certificate_listener_threads": THREADS, "max_body": MAX_BODY}
    return settings.model_copy(update=few)


@pytest.fixture
def line(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Line]:
    trust = certificate_for(tmp_path / "tls")
    with listen(only_certificates(app), trust, settings) as address:
        yield Line(address, tmp_path, trust)


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider, **METADATA)
    return Service(app, provider)


def test_a_service_gets_and_uses_a_bound_token(line: Line, service: Service, shown: Made) -> None:
    """RFC 8705; FAPI: fapi2-security-profile-final-happy-flow with mtls for both."""
    pushed = line.send("POST", "ext/par/request", shown, data=dict(parameters()))
    assert pushed.status_code == 201, pushed.text
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "client_id": "service"}
    form |= {"code": service.authorize()["code"]}
    told = line.send("POST", "token", shown, data=form).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    assert line.send("GET", "userinfo", shown, headers=bearer).json()["SubjectNameID"]
    form = {"token": told["access_token"], "client_id": "service"}
    assert line.send("POST", "token/introspect", shown, data=form).json()["active"] is True
    assert line.send("POST", "revoke", shown, data=form).status_code == 200


def test_another_certificate_does_not_use_the_token(
    line: Line, service: Service, shown: Made
) -> None:
    """RFC 8705, 3."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "client_id": "service"}
    form |= {"code": service.authorize()["code"]}
    told = line.send("POST", "token", shown, data=form).json()
    bearer = {"Authorization": f"Bearer {told['access_token']}"}
    for other in (None, make("CN=other")):
        assert line.send("GET", "userinfo", other, headers=bearer).status_code == 401
    assert service.userinfo(told["access_token"]).status_code == 401


@pytest.mark.parametrize("other", ["none", "stranger", "expired"])
def test_a_certificate_that_proves_nothing_passes_the_handshake_alone(
    line: Line, service: Service, pki: Pki, other: str
) -> None:
    """The provider judges, by its own clock, and says why in its log."""
    del service
    shown = {
        "none": None,
        "stranger": make(),
        "expired": pki.issue(starts=-9 * DAY, ends=-DAY),
    }[other]
    answer = line.send("POST", "revoke", shown, data={"token": "t", "client_id": "service"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_header_stands_in_for_no_certificate(line: Line, service: Service, shown: Made) -> None:
    """Attack 39."""
    del service
    text = shown.pem.decode().replace("\n", "%0A")
    answer = line.send(
        "POST",
        "revoke",
        None,
        data={"token": "t", "client_id": "service"},
        headers={"X-SSL-Client-Cert": text},
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("path", MTLS_ENDPOINTS.values())
def test_every_alias_is_served(line: Line, service: Service, path: str) -> None:
    """RFC 8705, 5: what discovery names answers there."""
    del service
    answer = line.send("POST", path.removeprefix("/protocol/openid-connect/"), None, data={})
    assert answer.status_code in {400, 401}


@pytest.mark.parametrize("path", ["logout", "certs", "auth", "tokens", "token/x"])
def test_nothing_else_is_served(line: Line, service: Service, path: str) -> None:
    del service
    assert line.send("GET", path, None).status_code == 404


# -- bodies --------------------------------------------------------------------------------------


def head(length: str, path: str = "revoke") -> bytes:
    return (
        f"POST {PROTOCOL}/{path} HTTP/1.1\r\nHost: localhost\r\n{length}"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode()


def test_a_body_in_many_pieces_is_read_whole(line: Line, service: Service, shown: Made) -> None:
    del service
    body = b"token=t&client_id=service&more=" + b"x" * (MAX_BODY - 100)
    with line.raw(shown) as tls:
        sent = head(f"Content-Length: {len(body)}\r\n") + body
        for start in range(0, len(sent), 501):
            tls.sendall(sent[start : start + 501])
        assert tls.recv(100).startswith(b"HTTP/1.1 200")


def test_a_body_that_never_ends_holds_no_thread(line: Line, service: Service, shown: Made) -> None:
    """Attack 46: more clients than threads began one and stopped; others are served meanwhile."""
    del service
    waiting = [line.raw() for _ in range(3 * THREADS)]
    for tls in waiting:
        tls.sendall(head("Content-Length: 900\r\n") + b"token=")
    answer = line.send("POST", "revoke", shown, data={"token": "t", "client_id": "service"})
    assert answer.status_code == 200
    for tls in waiting:
        tls.close()


def test_a_body_beyond_the_limit_is_refused_unread(line: Line, service: Service) -> None:
    del service
    with line.raw() as tls:
        tls.sendall(head(f"Content-Length: {MAX_BODY + 1}\r\n"))
        assert tls.recv(100).startswith(b"HTTP/1.1 413")


def test_a_chunked_body_is_refused(line: Line, service: Service, shown: Made) -> None:
    """Its end cannot be foreseen: RFC 9110, 15.5.12."""
    del service
    with line.raw(shown) as tls:
        chunked = head("Transfer-Encoding: chunked\r\n")
        tls.sendall(chunked + b"19\r\ntoken=t&client_id=service\r\n0\r\n\r\n")
        assert tls.recv(100).startswith(b"HTTP/1.1 411")


@pytest.mark.parametrize(
    "length",
    [
        "Content-Length: x\r\n",
        "Content-Length: 5\r\nContent-Length: 900\r\n",
        "Content-Length: -1\r\n",
    ],
)
def test_a_length_that_is_none_is_not_waited_for(line: Line, service: Service, length: str) -> None:
    """Attack 46: what is no number, or two, is no length; nobody is authenticated by it."""
    del service
    with line.raw() as tls:
        tls.sendall(head(length) + b"token")
        status = tls.recv(100).split(b" ")[1]
    assert status in {b"400", b"401"}
