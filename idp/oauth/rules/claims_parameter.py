"""The `claims` request parameter (OpenID Connect Core 5.5)."""

import json
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

PLACES = ("userinfo", "id_token")
_DEEPEST = 8
"""Levels of nesting: a claim's value inside `values` stands on the fifth."""


class UnmetAuthenticationRequirements(InvalidRequestError):
    """An essential `acr` or `authMode` that no accepted means can give (decision 7)."""

    error = "unmet_authentication_requirements"


def parse_claims(text: str) -> dict[str, Any]:
    """The parameter as an object whose two places are objects; other members are ignored.

    Raises:
        InvalidRequestError: it is not such a JSON object.
    """
    try:
        claims = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The claims parameter is not JSON.") from error
    if not isinstance(claims, dict):
        raise InvalidRequestError("The claims parameter must be a JSON object.")
    if not _is_shallow(claims, _DEEPEST):
        raise InvalidRequestError("The claims parameter is nested too deep.")
    return {place: _members(claims[place]) for place in PLACES if claims.get(place) is not None}


def demanded_values(claims: dict[str, Any], name: str) -> list[Any] | None:
    """The values an ID token claim must have, where the request calls it essential."""
    wanted = claims.get("id_token", {}).get(name)
    if not wanted or wanted.get("essential") is not True:
        return None
    if "value" in wanted:
        return [wanted["value"]]
    values = wanted.get("values")
    return values if isinstance(values, list) else None


def requested_subject(claims: dict[str, Any]) -> str | None:
    """The one person whose answer is acceptable (Core 5.5.1), by `sub`."""
    wanted = claims.get("id_token", {}).get("sub")
    value = wanted.get("value") if wanted else None
    return value if isinstance(value, str) else None


def _is_shallow(value: Any, levels: int) -> bool:
    """Whether what is kept can be copied and written again without exhausting the stack."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inner)


def _members(place: Any) -> dict[str, Any]:
    if not isinstance(place, dict):
        raise InvalidRequestError("Each place of the claims parameter must be an object.")
    for wanted in place.values():
        if wanted is not None and not isinstance(wanted, dict):
            raise InvalidRequestError("Each requested claim must be null or an object.")
    return place


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
