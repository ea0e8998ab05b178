"""Who acts for whom: `act` and `may_act` (RFC 8693, 4.1 and 4.4)."""

from collections.abc import Mapping
from typing import Any

from idp.exchange.rules.errors import TokenRefused

Claims = Mapping[str, Any]
_IDENTIFYING = ("iss", "sub", "client_id")


def party_of_client(issuer: str, client_id: str) -> dict[str, Any]:
    """A client that acts in its own name, without a token of another actor."""
    return {"iss": issuer, "sub": client_id, "client_id": client_id}


def party_of_token(actor: Claims) -> dict[str, Any]:
    """Whom an actor token is about, and the client it was issued to."""
    return {"iss": actor["iss"], "sub": actor["sub"], "client_id": actor["azp"]}


def check_may_act(subject: Claims, party: Claims) -> None:
    """Hold whoever acts to the one that the subject token allows, where it names one (4.4).

    Raises:
        TokenRefused: it names another, or says so in a way that is not understood.
    """
    if "may_act" not in subject:
        return
    allowed = subject["may_act"]
    understood = isinstance(allowed, dict) and allowed and set(allowed) <= set(_IDENTIFYING)
    if not understood or any(party[name] != value for name, value in allowed.items()):
        raise TokenRefused("The subject_token may not be used by this actor.")


def act_of(subject: Claims, actor: Claims | None) -> dict[str, Any] | None:
    """The `act` of the new token: the actor, and behind them who acted before (4.1).

    Without an actor token the client takes the person's place, as it had it; who acted before
    is not forgotten.

    Raises:
        TokenRefused: the subject token's own `act` is malformed.
    """
    before = subject.get("act")
    if before is not None and not isinstance(before, dict):
        raise TokenRefused("The act of the subject_token is malformed.")
    if actor is None:
        return before
    return party_of_token(actor) | ({"act": before} if before else {})
