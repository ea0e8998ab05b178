"""The parameters of a token exchange (RFC 8693, 2.1), read and found whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import InvalidRequestError

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type


@dataclass(frozen=True)
class ExchangeRequest:
    """A request that has all it needs; whether its tokens hold is judged elsewhere."""

    subject_token: str
    subject_issuer: str
    """Which issuer the token is from: a member of Keycloak's, as Pro Santé Connect's clients send
    it (pro-sante-connect, 6.4)."""
    actor_token: str
    """Empty where nobody but the client acts."""
    audience: Sequence[str]
    resource: Sequence[str]
    scope: str
    """Empty where none was asked for."""


def read_exchange(form: Mapping[str, Sequence[str]]) -> ExchangeRequest:
    """The request, from every value of each parameter.

    Raises:
        InvalidRequestError: something is missing, or is of a type that is not exchanged here.
    """
    first = {name: values[0] for name, values in form.items() if values}
    for name in ("subject_token", "subject_token_type", "subject_issuer"):
        if not first.get(name):
            raise InvalidRequestError(f"The {name} parameter is missing.")
    if first["subject_token_type"] != ACCESS_TOKEN:
        raise InvalidRequestError(f"subject_token_type must be {ACCESS_TOKEN}.")
    if first.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequestError(f"requested_token_type must be {ACCESS_TOKEN}.")
    if ("actor_token" in first) != ("actor_token_type" in first):
        raise InvalidRequestError("actor_token and actor_token_type go together.")
    if first.get("actor_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise InvalidRequestError(f"actor_token_type must be {ACCESS_TOKEN}.")
    return ExchangeRequest(
        subject_token=first["subject_token"],
        subject_issuer=first["subject_issuer"],
        actor_token=first.get("actor_token", ""),
        audience=form.get("audience", ()),
        resource=form.get("resource", ()),
        scope=first.get("scope", ""),
    )
