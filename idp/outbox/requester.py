"""Who asked without a browser, told that the question has its answer (CIBA Core 10.2 and 10.3)."""

from sqlalchemy.orm import Session

from idp.outbox.queue import enqueue_backchannel
from idp.provider import Provider
from idp.store.backchannel import request_of_challenge
from idp.store.models import Challenge


def tell_requester(provider: Provider, db: Session, challenge: Challenge) -> None:
    """Queue the ping or push of the request for which this question was asked, if there is one.

    Call it in the transaction that ends the question; nothing is sent before its commit.
    """
    if challenge.document.get("action") != "ciba":
        return
    request = request_of_challenge(db, challenge.challenge_id)
    if request is not None:
        enqueue_backchannel(provider, db, request.auth_req_id_hash)
