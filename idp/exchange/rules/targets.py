"""What a token is for: the APIs, and what of them a client may reach (RFC 8693, 2.1 and 2.2.2)."""

from collections.abc import Mapping, Sequence

from authlib.oauth2.rfc6749 import InvalidScopeError

from idp.oauth.rules.resource_indicators import InvalidTarget
from idp.settings.exchange import ProtectedApi


def audience_of(
    apis: Mapping[str, ProtectedApi],
    client_id: str,
    *,
    audience: Sequence[str],
    resource: Sequence[str],
) -> list[str]:
    """The `aud` of a token: what was asked for by name or address, else all the client may reach.

    Raises:
        InvalidTarget: one is no API of this issuer, or not the client's to call; one that is
            unknown is told no other way.
    """
    reached = {name: api for name, api in apis.items() if client_id in api.clients}
    named = [*audience, *(_at(reached, address) for address in resource)]
    if any(name not in reached for name in named):
        raise InvalidTarget("A target is no API that this client may call.")
    if not reached:
        raise InvalidTarget("This client may call no API.")
    return list(dict.fromkeys(named)) or list(reached)


def scope_of(registered: str, asked: str) -> str:
    """The scope of a token: what was asked for, else all that the client registered.

    Raises:
        InvalidScopeError: more is asked than the client registered.
    """
    allowed = registered.split()
    wanted = asked.split() or allowed
    if any(scope not in allowed for scope in wanted):
        raise InvalidScopeError("More is asked than this client may have.")
    return " ".join(scope for scope in allowed if scope in wanted)


def _at(apis: Mapping[str, ProtectedApi], address: str) -> str:
    """The API at an address; the empty name of none."""
    return next((name for name, api in apis.items() if address in api.resources), "")
