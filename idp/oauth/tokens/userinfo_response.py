"""The form of a userinfo response: JSON, or a JWT for a client that registered one (Core 5.3.2)."""

import json
from typing import Any

from authlib.consts import default_json_headers

from idp.oauth.tokens.encryption import NESTED, encrypt_to, encrypts
from idp.oauth.tokens.signing import Use, registered_algorithm, sign_for
from idp.provider import Provider
from idp.store.models import Client

Response = tuple[int, dict[str, Any] | str, list[tuple[str, str]]]

_JWT_HEADERS = [
    (name, "application/jwt" if name == "Content-Type" else value)
    for name, value in default_json_headers
]


def userinfo_response(provider: Provider, client: Client, claims: dict[str, Any]) -> Response:
    """Signed, then encrypted, each where it is registered; what is signed names both parties.

    Raises:
        NoEncryptionKey: none of its keys fits any more.
    """
    if registered_algorithm(client, Use.USERINFO):
        parties = {"iss": provider.settings.issuer, "aud": client.client_id}
        signed = sign_for(provider, client, parties | claims, Use.USERINFO)
        return 200, encrypt_to(client, signed, Use.USERINFO, cty=NESTED), _JWT_HEADERS
    if encrypts(client, Use.USERINFO):
        text = json.dumps(claims, ensure_ascii=False)
        return 200, encrypt_to(client, text, Use.USERINFO, cty=None), _JWT_HEADERS
    return 200, claims, default_json_headers
