"""Encryption of what is issued, to a key that the client registered (RFC 7516).

What is signed is encrypted as it stands: a nested JWT (RFC 7519, 5.2). Nothing is compressed, for
the length would tell of the content (RFC 8725, 3.6).
"""

from authlib.oauth2 import OAuth2Error
from joserfc import jwe

from idp.oauth.clients.encryption_keys import (
    USUAL_CONTENT_ALGORITHM,
    encryption_key,
    registered_kid,
)
from idp.oauth.clients.published import ask_for_keys
from idp.oauth.tokens.signing import Use
from idp.store.models import Client

NESTED = "JWT"
"""`cty` of what holds a signed JWT."""


class NoEncryptionKey(OAuth2Error):
    """`invalid_client_metadata`: none of its keys fits the algorithm that it registered."""

    error = "invalid_client_metadata"
    description = "The client registers no key to which this could be encrypted."


def encrypts(client: Client, use: Use) -> bool:
    """Whether the client registered that it gets this encrypted."""
    return f"{use}_encrypted_response_alg" in client.options


def encrypt_to(client: Client, text: str, use: Use, *, cty: str | None = NESTED) -> str:
    """A JWE of the text for the client, where it registered one for this use; else the text.

    Raises:
        NoEncryptionKey: the keys that it publishes are not known yet, or none fits any more.
    """
    if not encrypts(client, use):
        return text
    alg: str = client.options[f"{use}_encrypted_response_alg"]
    enc: str = client.options.get(f"{use}_encrypted_response_enc", USUAL_CONTENT_ALGORITHM)
    key = encryption_key(client.jwks, alg)
    if key is None:
        ask_for_keys(client)
        raise NoEncryptionKey
    header = {"alg": alg, "enc": enc, "kid": registered_kid(key), "cty": cty}
    named = {name: value for name, value in header.items() if value is not None}
    return jwe.encrypt_compact(named, text, key, [alg, enc])
