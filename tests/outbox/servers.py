"""Real local servers that messages are carried to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class MailServer:
    """An SMTP server that keeps what it is given; ``replies`` overrides a command's reply."""

    replies: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class _SmtpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        kept: MailServer = self.server.kept  # type: ignore[attr-defined]
        self._say("220 ready")
        for line in self.rfile:
            command = line.decode().strip()
            verb = command.split(" ", 1)[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            reply = kept.replies.get(verb, "354 go on" if verb == "DATA" else "250 fine")
            self._say(reply)
            if verb == "RCPT" and reply.startswith("2"):
                kept.recipients.append(command)
            if verb == "DATA" and reply.startswith("3"):
                self._receive(kept)

    def _receive(self, kept: MailServer) -> None:
        data = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            data += line.removeprefix(b".") if line.startswith(b"..") else line
        kept.mails.append(message_from_bytes(data, policy=policy.default))
        self._say("250 kept")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class _TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def mail_server() -> Iterator[MailServer]:
    kept = MailServer()
    with _TcpServer(("127.0.0.1", 0), _SmtpHandler) as server:
        server.kept = kept  # type: ignore[attr-defined]
        kept.port = server.server_address[1]
        with _running(server):
            yield kept


@dataclass
class HttpServer:
    """An HTTP server that keeps requests and answers what it is told to."""

    statuses: list[int] = field(default_factory=list)
    """Answered in order; then 200."""
    location: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/chemin"


class _HttpHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        kept: HttpServer = self.server.kept  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept.requests.append({"path": self.path, "headers": self.headers, "body": body})
        self.send_response(kept.statuses.pop(0) if kept.statuses else 200)
        if kept.location:
            self.send_header("Location", kept.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        del args


@contextmanager
def http_server() -> Iterator[HttpServer]:
    kept = HttpServer()
    with ThreadingHTTPServer(("127.0.0.1", 0), _HttpHandler) as server:
        server.kept = kept  # type: ignore[attr-defined]
        kept.port = server.server_address[1]
        with _running(server):
            yield kept


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
