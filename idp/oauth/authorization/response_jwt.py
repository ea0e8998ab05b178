"""JWT Secured Authorization Response Mode (JARM): the whole answer in one signed parameter.

The issuer stands inside, so that no `iss` stands beside it (RFC 9207, 2.4). Nothing of the answer,
an error neither, is readable where the client registered encryption.
"""

from http import HTTPStatus

from flask_babel import gettext as _

from idp.oauth.tokens.encryption import NoEncryptionKey, encrypt_to
from idp.oauth.tokens.signing import Use, sign_for
from idp.provider import Provider
from idp.store.clients import find_client
from idp.web.errors import Told

PARAMETER = "response"


class AnswerUndeliverable(Told):
    """No key fits to encrypt the answer to, or the client is gone: nothing is sent there."""

    def __init__(self) -> None:
        text = _(
            "La réponse n’a pas pu être préparée pour ce service : prévenez-le, rien ne lui a été "
            "transmis."
        )
        super().__init__(HTTPStatus.BAD_REQUEST, text)


def response_jwt(provider: Provider, client_id: str, members: dict[str, str]) -> str:
    """The members of an answer as a JWT (JARM, 2.1), encrypted where that is registered (2.2).

    Raises:
        AnswerUndeliverable: it must be encrypted, and no key of the client fits.
    """
    # A transaction of its own: a refusal is answered after that of the request was rolled back.
    with provider.store.read() as db:
        client = find_client(db, client_id)
    if client is None:
        raise AnswerUndeliverable
    lifetime = int(provider.settings.response_jwt_lifetime.total_seconds())
    claims = {
        "iss": provider.settings.issuer,
        "aud": client_id,
        "exp": provider.clock.timestamp() + lifetime,
    }
    signed = sign_for(provider, client, claims | members, Use.AUTHORIZATION)
    try:
        return encrypt_to(client, signed, Use.AUTHORIZATION)
    except NoEncryptionKey as error:
        raise AnswerUndeliverable from error
