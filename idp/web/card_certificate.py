"""The card's certificate in a WSGI environ: put there by what ended TLS, and by nothing else.

No header can make the key: a server writes headers under names that begin with ``HTTP_``.
"""

from typing import Any

from flask import request

KEY = "ecps.card_certificate"
"""DER; empty bytes where the connection came by a card's listener without a certificate."""


def card_certificate() -> bytes:
    """The certificate whose key this connection proved; empty where there is none."""
    found: Any = request.environ.get(KEY)
    return found if isinstance(found, bytes) else b""


def came_by_card_listener() -> bool:
    """Whether this request was made at the card's address, where no other page is served."""
    return KEY in request.environ
