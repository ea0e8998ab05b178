"""Members of a signed request, in the form that they have in an address or a form."""

import json
from typing import Any

from idp.oauth.rules.resource_indicators import PARAMETER as RESOURCE


class MemberMalformed(Exception):
    """A member has no such form; the message says why."""


def as_parameters(name: str, value: Any) -> list[str]:
    """The values of a parameter; `resource` alone may have several (RFC 8707, 2.1).

    Texts, numbers (`max_age`, `requested_expiry`), and the object `claims` (OpenID Connect Core
    6.1).

    Raises:
        MemberMalformed: it is none of these.
    """
    listed = value if name == RESOURCE and isinstance(value, list) else [value]
    return [_as_parameter(one) for one in listed]


def _as_parameter(value: Any) -> str:
    try:
        if isinstance(value, str):
            return value.encode().decode()
        if isinstance(value, dict):
            return json.dumps(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    except (UnicodeEncodeError, RecursionError) as error:
        raise MemberMalformed("is no text") from error
    raise MemberMalformed("has the wrong type")
