"""The client's certificate in a WSGI environ: put there by what ended TLS, and by nothing else.

No header can make the key: a server writes headers under names that begin with ``HTTP_``.
"""

from typing import Any

from flask import request

KEY = "ecps.client_certificate"
"""DER; empty bytes where the connection came by the certificate listener without a certificate."""


def client_certificate() -> bytes | None:
    """DER of the certificate whose key this connection proved; None where there is none.

    Nothing else is known of it: whoever believes it judges it. What a proxy handed over may be
    no certificate at all.
    """
    found: Any = request.environ.get(KEY)
    return found if isinstance(found, bytes) and found else None


def came_by_certificate_listener() -> bool:
    """Whether this request was made where certificates are asked for."""
    return KEY in request.environ
