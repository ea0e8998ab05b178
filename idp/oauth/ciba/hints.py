"""Whom a request is about: exactly one hint (OpenID Connect CIBA Core 1.0, 7.1).

- `login_hint`: a national identifier, as a person types it.
- `id_token_hint`: an ID token of ours, issued to this client, which may have expired.
- `login_hint_token`: a JWT that the client signs with a registered key; `docs/protocols.md` has
  its members.

Whether anybody holds the identifier is never told: only its form is judged (decision 24).
"""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from sqlalchemy.orm import Session

from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.oauth.clients.published import verified_by
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.clients.signatures import ALGORITHMS
from idp.oauth.tokens.id_token import read_id_token_hint
from idp.provider import Provider
from idp.store.sessions import national_id_of_session

HINTS = ("login_hint", "id_token_hint", "login_hint_token")
HINT_TOKEN_TYPE = "login-hint+jwt"  # noqa: S105 - a media type


class UnknownUserId(OAuth2Error):
    """`unknown_user_id` (CIBA Core 13): the hint names nobody, whoever there is."""

    error = "unknown_user_id"


class ExpiredLoginHintToken(OAuth2Error):
    """`expired_login_hint_token` (CIBA Core 13)."""

    error = "expired_login_hint_token"


def whom(
    provider: Provider, db: Session, client: RegisteredClient, parameters: Mapping[str, str]
) -> str:
    """The canonical identifier that the one hint names; nobody may hold it.

    Raises:
        InvalidRequestError: none or several hints, or one that cannot be believed.
        UnknownUserId: what it names is no national identifier, or names nobody any more.
        ExpiredLoginHintToken: the token is too old.
    """
    given = [name for name in HINTS if parameters.get(name)]
    if len(given) != 1:
        raise InvalidRequestError(f"Exactly one of {', '.join(HINTS)} must be given.")
    text = parameters[given[0]]
    if given[0] == "login_hint":
        return _identifier(text)
    if given[0] == "id_token_hint":
        return _of_id_token(provider, db, client, text)
    return _of_hint_token(provider, client, text)


def _identifier(text: Any) -> str:
    try:
        return parse_national_id(str(text))
    except IdentifierMalformed as error:
        raise UnknownUserId(f"The hint is no national identifier: {error}.") from error


def _of_id_token(provider: Provider, db: Session, client: RegisteredClient, text: str) -> str:
    claims = read_id_token_hint(provider, text)
    if claims["aud"] != client.client_id:
        raise InvalidRequestError("The id_token_hint was issued to another client.")
    oldest = provider.clock.now() - provider.settings.ciba_hint_age
    if claims["iat"] < oldest.timestamp():
        raise InvalidRequestError("The id_token_hint is too old.")
    if "SubjectNameID" in claims:
        return _identifier(claims["SubjectNameID"])
    # A pairwise `sub` cannot be read back: the session that the token names knows.
    national_id = national_id_of_session(db, str(claims["sid"]))
    if national_id is None:
        raise UnknownUserId("The session of the id_token_hint is over: its sub alone names nobody.")
    return national_id


def _of_hint_token(provider: Provider, client: RegisteredClient, text: str) -> str:
    token = verified_by(client, text, ALGORITHMS)
    if token is None:
        raise InvalidRequestError("The signature of the login_hint_token does not hold.")
    if str(token.header.get("typ")).lower() != HINT_TOKEN_TYPE:
        raise InvalidRequestError(f"The typ of the login_hint_token must be {HINT_TOKEN_TYPE}.")
    claims, settings = token.claims, provider.settings
    if claims.get("iss") != client.client_id or claims.get("aud") != settings.issuer:
        raise InvalidRequestError("iss and aud of the login_hint_token must be client and issuer.")
    expires, now = claims.get("exp"), provider.clock.now().timestamp()
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise InvalidRequestError("The exp of the login_hint_token is missing, or no number.")
    if expires <= now - settings.client_assertion_skew.total_seconds():
        raise ExpiredLoginHintToken("The login_hint_token has expired.")
    # Said this way round, NaN is refused too.
    if not expires <= now + settings.ciba_hint_token_lifetime.total_seconds():
        raise InvalidRequestError("The exp of the login_hint_token is too far.")
    subject = claims.get("sub_id")
    if not isinstance(subject, dict) or subject.get("format") != "opaque":
        raise InvalidRequestError("sub_id must be an opaque subject identifier (RFC 9493, 3.2.7).")
    return _identifier(subject.get("id"))
