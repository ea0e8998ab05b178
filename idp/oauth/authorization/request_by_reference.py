"""Request objects by reference (OpenID Connect Core 6.2; RFC 9101, 5.2).

Only where the client registered the address, and only what was fetched from there before
(decision 40). A fragment is the SHA-256 of the object: one of another digest is fetched anew.
"""

import base64
import hashlib
import hmac
from urllib.parse import urldefrag

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import InvalidRequestURIError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from idp.oauth.authorization.request_examination import Parameters
from idp.oauth.clients.published import ask_again
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.rules.checks import PARAMETERS
from idp.store.client_documents import find_document_at
from idp.store.models import ClientDocument

REQUEST_URIS = "request_uris"
"""Client option: where its request objects may stand."""


def with_object(db: Session, client: RegisteredClient, parameters: Parameters) -> Parameters:
    """The parameters, where the object that `request_uri` names stands for it as `request`.

    That of a client which registers no such address is left to the table of checks.

    Raises:
        InvalidRequestURIError: the address is not registered, or its object is not held.
        InvalidRequestError: two are named, or an object stands beside.
    """
    given = [uri for uri in parameters.getlist("request_uri") if uri]
    registered = client.row.options.get(REQUEST_URIS)
    if not given or not registered:
        return parameters
    if len(given) > 1 or any(parameters.getlist("request")):
        raise InvalidRequestError("request and request_uri exclude each other and stand once.")
    url, digest = urldefrag(given[0])
    if url not in {urldefrag(uri).url for uri in registered}:
        raise InvalidRequestURIError("The request_uri is not registered for this client.")
    document = find_document_at(db, client.client_id, "request", url)
    if document is None or document.body is None or not _is_meant(document, digest):
        ask_again(client.row, "request", url)
        raise InvalidRequestURIError("The request object is not held yet: try again shortly.")
    sent: MultiDict[str, str] = MultiDict(
        (name, value) for name in PARAMETERS - {"request_uri"} for value in parameters.getlist(name)
    )
    sent["request"] = document.body.decode("ascii").strip()
    return sent


def _is_meant(document: ClientDocument, digest: str) -> bool:
    if not digest:
        return True
    held = hashlib.sha256(document.body or b"").digest()
    expected = base64.urlsafe_b64encode(held).rstrip(b"=").decode()
    return hmac.compare_digest(expected, digest.rstrip("="))
