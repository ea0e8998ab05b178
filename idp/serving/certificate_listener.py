"""The embedded listener that asks for certificates, of cards and of relying services.

It accepts any certificate at the handshake, which proves no more than that its key is there, and
hands it to the application, which judges it and names the reason of a refusal (decision 31,
RFC 8705). TLS 1.3 alone, and no connection resumes another: a card that was pulled out opens
nothing any more.

It stands open to anybody, so a client that is slow holds only itself: a thread is taken when the
whole request is there and no sooner, bodies are read for relying services and answers of cards
alone and up to their limit, and every connection ends at its deadline.
"""

import contextlib
import io
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from cheroot.server import HTTPConnection
from cheroot.ssl.pyopenssl import pyOpenSSLAdapter
from cheroot.wsgi import Server
from OpenSSL import SSL, crypto

from idp.clock import monotonic
from idp.serving.certificate_addresses import is_for_cards, length_of_body, takes_body
from idp.serving.wsgi import Served, load_application
from idp.settings import Settings
from idp.web.client_certificate import KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_CONNECTION = "ecps.tls_connection"
_SESSION_CONTEXT = b"ecps-certificate"
"""OpenSSL fails the handshake of whoever asks to resume where this is not set."""
_BACKLOG = 128
_HEADERS = 32 * 1024
_END_OF_HEAD = b"\r\n\r\n"
_CHUNK = 16 * 1024
_PACE = 0.5
"""Seconds between two looks at the deadlines."""


@dataclass(frozen=True)
class CertificateListener:
    """Where certificates are shown, and the server's own there (PEM, with its chain)."""

    address: str
    port: int
    certificate: Path
    key: Path


def serve_certificates(listener: CertificateListener, served: Served) -> None:
    """Serve until the process is ended; the databases are migrated already."""
    issuers = {path: _settings_of_listener(each) for path, each in served.issuers.items()}
    first = next(iter(issuers.values()))
    app = load_application(issuers, served.demand)
    CertificateServer(listener, only_certificates(app), first).safe_start()


def only_certificates(app: "WSGIApplication") -> "WSGIApplication":
    """Serve the addresses that need one, with the certificate of the connection beside."""

    def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ[KEY] = _certificate_of(environ.pop(_CONNECTION))
        path = environ["PATH_INFO"]
        if takes_body(path):
            if "HTTP_TRANSFER_ENCODING" in environ:  # the end of such a body cannot be foreseen
                return _refuse(HTTPStatus.LENGTH_REQUIRED, start_response)
        elif is_for_cards(path):
            environ |= {"CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()}
        else:
            return _refuse(HTTPStatus.NOT_FOUND, start_response)
        return app(environ, start_response)

    return guarded


class CertificateServer(Server):
    """cheroot, with a deadline for each connection and an end to their number."""

    keep_alive_conn_limit = 0
    max_request_header_size = _HEADERS
    max_request_body_size: int

    def __init__(
        self, listener: CertificateListener, app: "WSGIApplication", settings: Settings
    ) -> None:
        timeout = settings.certificate_listener_timeout
        threads = settings.certificate_listener_threads
        super().__init__(
            (listener.address, listener.port),
            app,
            numthreads=threads,
            max=threads,
            server_name="ecps",
            request_queue_size=_BACKLOG,
        )
        self.timeout = timeout.total_seconds()
        self.max_request_body_size = settings.max_body
        self.ConnectionClass = _Connection
        self.ssl_adapter = _Adapter(listener)
        self._most = settings.certificate_listener_connections
        self._open: dict[_Connection, None] = {}
        """Every connection, oldest first."""

    def serve(self) -> None:
        """Serve, and watch the deadlines."""
        threading.Thread(target=self._watch, name="certificate-deadlines", daemon=True).start()
        super().serve()

    def process_conn(self, conn: Any) -> None:
        """Read what a connection has to say, and give it a thread once that is a request.

        Called by the one thread that waits for all connections: nothing here waits.
        """
        self._admit(conn)
        try:
            is_whole = conn.read_ahead()
        except SSL.Error:
            conn.close()
            return
        if is_whole:
            super().process_conn(conn)
        else:
            self.put_conn(conn)

    def forget(self, conn: "_Connection") -> None:
        """A connection was closed."""
        self._open.pop(conn, None)

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        """Tell of what went wrong as all other logs do, and of no client that left early."""
        del level
        if traceback:
            structlog.get_logger().error("certificate listener", message=msg)

    def _admit(self, conn: "_Connection") -> None:
        self._open.setdefault(conn)
        if len(self._open) > self._most:
            next(iter(list(self._open))).hang_up()

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(_PACE):
            late = monotonic() - self.timeout
            for conn in list(self._open):
                if conn.began <= late:
                    conn.hang_up()


class _Connection(HTTPConnection):
    """A connection whose request is read before a thread is taken for it."""

    def __init__(self, server: CertificateServer, sock: Any, makefile: Any) -> None:
        super().__init__(server, sock, makefile)
        self.began = monotonic()
        self._read = bytearray()
        self._length: int | None = None
        """Of the whole request, once its head is there."""

    def read_ahead(self) -> bool:
        """Shake hands and read what is there; whether the request is complete.

        Raises:
            SSL.Error: the client left, or does not speak TLS 1.3.
        """
        while not self._is_complete():
            try:
                self._read += self.socket.recv(_CHUNK)
            except (SSL.WantReadError, SSL.WantWriteError):
                return False
        self.rfile = io.BytesIO(self._read)
        self._wait_in_kernel()
        return True

    def _is_complete(self) -> bool:
        """Whether all is there; what is too long is complete, so that it is refused at once."""
        if self._length is None:
            end = self._read.find(_END_OF_HEAD)
            if end < 0:
                return len(self._read) > _HEADERS
            head = bytes(self._read[: end + 2])
            most = self.server.max_request_body_size
            self._length = end + len(_END_OF_HEAD) + length_of_body(head, most)
        return len(self._read) >= self._length

    def _wait_in_kernel(self) -> None:
        """OpenSSL writes to the descriptor itself: Python's own timeout would make it poll."""
        self.socket.setblocking(True)
        wait = _timeval(timedelta(seconds=self.server.timeout))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)

    def hang_up(self) -> None:
        """End it from outside: whoever waits for it finds its end, and closes it."""
        with contextlib.suppress(OSError):
            self.socket.sock_shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Say so, close it, and leave the place to another."""
        self.server.forget(self)
        with contextlib.suppress(SSL.Error):  # where no handshake was, there is nothing to end
            self.socket.shutdown()
        super().close()


class _Adapter(pyOpenSSLAdapter):
    """TLS that asks for a certificate and leaves judging it to the application."""

    def __init__(self, listener: CertificateListener) -> None:
        super().__init__(str(listener.certificate), str(listener.key))
        self.context = _context(listener)

    def wrap(self, sock: Any) -> tuple[Any, dict[str, Any]]:
        """The handshake comes with the first reads."""
        return sock, self.get_environ() | {_CONNECTION: sock}

    def get_environ(self) -> dict[str, Any]:
        """What the application is told of the connection."""
        return {"wsgi.url_scheme": "https"}

    def makefile(self, sock: Any, mode: str = "r", bufsize: int = -1) -> Any:
        """A file that takes the kernel's timeout as one, and does not try again."""
        file = super().makefile(sock, mode, bufsize)
        file.ssl_timeout = 0
        return file


def _context(listener: CertificateListener) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.use_certificate_chain_file(str(listener.certificate))
    context.use_privatekey_file(str(listener.key))
    context.set_verify(SSL.VERIFY_PEER, lambda *_: True)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET)
    context.set_session_id(_SESSION_CONTEXT)
    return context


def _refuse(status: HTTPStatus, start_response: Any) -> Iterable[bytes]:
    start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
    return []


def _certificate_of(connection: SSL.Connection) -> bytes:
    """DER, as it was sent; empty where the client has none to show."""
    certificate = connection.get_peer_certificate()
    if certificate is None:
        return b""
    return crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate)


def _settings_of_listener(settings: Settings) -> Settings:
    """No job runs here, and no proxy stands before it whose word on addresses would count."""
    return settings.model_copy(update={"embedded_worker": False, "trusted_proxies": 0})


def _timeval(length: timedelta) -> bytes:
    return struct.pack("ll", int(length.total_seconds()), length.microseconds)
