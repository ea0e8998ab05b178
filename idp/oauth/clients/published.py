"""What a client publishes, as a request finds it: held, or asked for after the answer.

Nothing is fetched in a request (decision 40). One that meets keys or objects out of date fails;
what it lacked is fetched at once, though not again and again, and the next one works.
"""

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from flask import Flask, Response, g, has_request_context
from joserfc.jwt import Token
from sqlalchemy.orm import Session

from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.clients.signatures import verified
from idp.provider import Provider, current_provider
from idp.psc.subject import SECTOR_URI
from idp.store.client_documents import fetch_document_again, find_document
from idp.store.models import Client

JWKS_URI = "jwks_uri"
"""Client option: where it publishes its keys."""
LOGO_URI = "logo_uri"
"""Client option: where it publishes its logo."""
_Wanted = tuple[str, str, str]
"""Client, kind and address of a document."""


class SectorNotHeld(UnauthorizedClientError):
    """The client's `sector_identifier_uri` was not read, or does not list all its addresses."""

    def __init__(self, *, is_pending: bool) -> None:
        state = "is still to be read" if is_pending else "fails, or lacks a redirect_uri"
        super().__init__(f"The sector_identifier_uri of this client {state}.")
        self.is_pending = is_pending


def verified_by(client: RegisteredClient, text: str, algorithms: list[str]) -> Token | None:
    """The JWT, where a key of the client verifies it; else its keys are fetched for the next."""
    jwks = client.row.jwks
    token = verified(text, jwks, algorithms) if jwks else None
    if token is None:
        ask_for_keys(client.row)
    return token


def ask_for_keys(client: Client) -> None:
    """Have the keys that a client publishes fetched: those held do not serve.

    What runs outside requests leaves them to be fetched in their own time.
    """
    if JWKS_URI in client.options and has_request_context():
        ask_again(client, "jwks", client.options[JWKS_URI])


def check_sector(db: Session, client: RegisteredClient) -> None:
    """Let nobody sign in to a client whose sector is not known to be its own.

    OpenID Connect Dynamic Client Registration 1.0, 5 compares the addresses at registration;
    here they are compared when the document is fetched.

    Raises:
        SectorNotHeld: it is not held, or was refused.
    """
    uri = client.row.options.get(SECTOR_URI)
    if uri is None:
        return
    document = find_document(db, client.client_id, "sector_identifier")
    if document is None or document.state != "held":
        ask_again(client.row, "sector_identifier", uri)
        raise SectorNotHeld(is_pending=document is not None and document.state == "pending")


def ask_again(client: Client, kind: str, url: str) -> None:
    """Have a document fetched anew, once the running request is answered."""
    wanted: list[_Wanted] = g.setdefault("documents_wanted", [])
    wanted.append((client.client_id, kind, url))


def init_app(app: Flask) -> None:
    """Have what a request lacked fetched, once it is answered."""
    app.after_request(_fetch_what_was_asked)


def _fetch_what_was_asked(response: Response) -> Response:
    wanted: list[_Wanted] = g.pop("documents_wanted", [])
    if wanted:
        _note(current_provider(), wanted)
    return response


def _note(provider: Provider, wanted: list[_Wanted]) -> None:
    """In a transaction of its own: that of the request may have been undone."""
    now = provider.clock.now()
    rested_since = now - provider.settings.document_refetch_pause
    with provider.store.begin() as db:
        for client_id, kind, url in wanted:
            fetch_document_again(db, client_id, kind, url, now=now, rested_since=rested_since)
