"""What a push holds: tokens or an error (OpenID Connect CIBA Core 1.0, 10.3.1 and 12).

Tokens are issued when they are first sent, in the transaction that keeps them in their message:
a retry sends the same ones, and none once they lapsed.
"""

import json
from typing import Any

from authlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from idp.oauth.ciba.redemption import approved_signin, redeem
from idp.oauth.rules.resource_indicators import narrowed
from idp.oauth.tokens.audience import own_resource
from idp.oauth.tokens.id_token import give_id_token
from idp.oauth.tokens.refresh_tokens import refresh_key
from idp.oauth.tokens.token_generator import TokenGenerator
from idp.outbox.delivery import SEAL, Delivery, NotDeliverable, TryLater
from idp.provider import Provider
from idp.store.backchannel import AskedSignIn, find_asked, mark_told
from idp.store.outbox import replace_payload

_ERRORS = {"access_denied", "expired_token", "transaction_failed"}
"""Those of CIBA Core 12: any other says that the request goes on."""
_SENT = ("access_token", "token_type", "refresh_token", "id_token")


def answer_of_push(
    provider: Provider, delivery: Delivery, auth_req_id: str
) -> dict[str, Any] | None:
    """The members to send; nothing where a lapse is to be told of a request that had its answer.

    Raises:
        NotDeliverable: the access token lapsed before the client took it.
        TryLater: another worker composes the answer at this moment.
    """
    kept = delivery.payload.get("answer")
    if kept is None:
        kept = _compose(provider, delivery, auth_req_id)
    return None if kept is None else _as_sent(provider, kept)


def _compose(provider: Provider, delivery: Delivery, auth_req_id: str) -> dict[str, Any] | None:
    digest = bytes.fromhex(delivery.payload["auth_req_id_hash"])
    with provider.store.begin() as db:
        if delivery.payload["lapsed"] and not mark_told(db, digest, now=provider.clock.now()):
            return None
        asked = find_asked(db, digest)
        if asked is None:
            raise NotDeliverable("the request is gone")
        try:
            answer = _tokens(provider, db, asked, auth_req_id)
        except OAuth2Error as refusal:  # caught inside: what the journal holds of it is committed
            answer = {"auth_req_id": auth_req_id} | _error(asked, refusal)
        kept = delivery.payload | {"answer": answer}
        sealed = provider.sealer.seal(json.dumps(kept).encode(), purpose=SEAL)
        replace_payload(db, delivery.message_id, sealed)
        return answer


def _tokens(
    provider: Provider, db: Session, asked: AskedSignIn, auth_req_id: str
) -> dict[str, Any]:
    approved = approved_signin(provider, db, asked)
    resources = approved.granted.grant.resources or ()
    issue = redeem(
        provider,
        db,
        approved,
        confirmation={},
        audience=narrowed((), resources, own=own_resource(provider)),
        auth_req_id=auth_req_id,
    )
    token = TokenGenerator(provider, refresh_key(provider))(user=issue)
    give_id_token(provider, issue, token)
    lapses = issue.now + provider.settings.access_token_lifetime
    return (
        {"auth_req_id": auth_req_id}
        | {name: token[name] for name in _SENT}
        | {"lapses_at": int(lapses.timestamp())}
    )


def _error(asked: AskedSignIn, refusal: OAuth2Error) -> dict[str, Any]:
    """The error, where it is one that ends the request."""
    code, description = str(refusal.error), str(refusal.description)
    if asked.challenge is not None and asked.challenge.state == "cancelled":
        code, description = "transaction_failed", "What the person signs in with has ended."
    if code not in _ERRORS:
        raise TryLater(code) from refusal
    return {"error": code, "error_description": description}


def _as_sent(provider: Provider, kept: dict[str, Any]) -> dict[str, Any]:
    """As kept, with the life that is left to the access token."""
    if "lapses_at" not in kept:
        return kept
    expires_in = kept["lapses_at"] - provider.clock.timestamp()
    if expires_in <= 0:
        raise NotDeliverable("the tokens lapsed before they were taken")
    sent = {name: value for name, value in kept.items() if name != "lapses_at"}
    return sent | {"expires_in": expires_in}
