"""What people are shown of a service beside its name (Registration 1.0, 2): logo and pages.

The logo is ours to serve: a browser on our page asks the service for nothing, and what is shown is
the picture that was judged when it was fetched.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

from idp.oauth.clients.published import LOGO_URI
from idp.oauth.clients.registered import active_client
from idp.provider import current_provider
from idp.signin.blueprint import bp
from idp.store.client_documents import find_document
from idp.store.models import Client

_AGE = timedelta(minutes=5)


@dataclass(frozen=True)
class AboutService:
    """The addresses that the page of a sign-in offers; empty where the service has none."""

    logo: str
    client_uri: str
    policy_uri: str
    tos_uri: str


def about(client: Client) -> AboutService:
    """What the service registered to be shown; a logo not held yet leaves its place empty."""
    options = client.options
    shows_logo = LOGO_URI in options
    return AboutService(
        logo=url_for("signin.logo", client_id=client.client_id) if shows_logo else "",
        client_uri=options.get("client_uri", ""),
        policy_uri=options.get("policy_uri", ""),
        tos_uri=options.get("tos_uri", ""),
    )


@bp.get("/clients/<path:client_id>/logo")
def logo(client_id: str) -> ResponseReturnValue:
    """The logo of a service, as it was fetched from where it publishes it."""
    with current_provider().store.read() as db:
        client = active_client(db, client_id)
        document = find_document(db, client_id, "logo") if client else None
    if document is None or document.body is None:
        abort(404)
    response = Response(document.body, content_type=document.content_type)
    response.headers["Cache-Control"] = f"public, max-age={int(_AGE.total_seconds())}"
    return response
