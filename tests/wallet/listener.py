"""The provider's own card listener, in this process, and a development authority for it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from idp.serving.authority import ServerCertificate, server_certificate
from idp.serving.certificate_listener import CertificateListener, CertificateServer
from idp.settings import Settings
from tests.wallet.cards import MadeCard, make

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def certificate_for(folder: Path, host: str = "localhost") -> ServerCertificate:
    """A server certificate of an authority of its own."""
    return server_certificate(folder, host=host, now=datetime.now(UTC))


@contextmanager
def listen(
    app: "WSGIApplication", certificate: ServerCertificate, settings: Settings
) -> Iterator[str]:
    """Serve cards while the block runs; gives the address."""
    listener = CertificateListener("127.0.0.1", 0, certificate.certificate, certificate.key)
    server = CertificateServer(listener, app, settings)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


def point(made: MadeCard, address: str) -> None:
    """Tell the card where the listener is now."""
    content = json.loads(made.path.read_text())
    made.path.write_text(json.dumps(content | {"card_base_url": address}))


def made_card(app: Flask, tmp_path: Path, listener: str, number: str) -> MadeCard:
    """A card that knows where the listener is."""
    made = make(app, tmp_path / "cards", number)
    point(made, listener)
    return made
