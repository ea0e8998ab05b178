"""The beginning: the person is asked, and the client told how to ask for the outcome.

OpenID Connect CIBA Core 1.0, 7.3. For an identifier that nobody holds the work is the same.
"""

import json
import secrets
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from idp.challenges.start import CibaQuestion, start_ciba, start_ciba_by_card
from idp.keys.sealing import sha256
from idp.oauth.ciba.budgets import count_request
from idp.oauth.ciba.request import BackchannelRequestRead
from idp.oauth.clients.registered import RegisteredClient
from idp.outbox.queue import enqueue_lapse
from idp.provider import Provider
from idp.psc.means import CARD
from idp.store.backchannel import add_request
from idp.store.models import BackchannelRequest, Challenge

CALLBACK_SEAL = "backchannel"
"""Purpose under which `callback_sealed` is sealed."""
_AUTH_REQ_ID_BYTES = 32


def begin(
    provider: Provider, db: Session, client: RegisteredClient, asked: BackchannelRequestRead
) -> dict[str, Any]:
    """Ask the person, keep the request, and give the members of the answer.

    Raises:
        TooManyRequests: the client asked too often; nothing was begun.
    """
    challenge = _challenge(provider, db, client, asked)
    auth_req_id = secrets.token_urlsafe(_AUTH_REQ_ID_BYTES)
    delivery = client.backchannel_token_delivery_mode
    interval = _interval(provider, client)
    kept = BackchannelRequest(
        auth_req_id_hash=sha256(auth_req_id),
        client_id=client.client_id,
        national_id=challenge.national_id,
        challenge_id=challenge.challenge_id,
        channel=asked.channel,
        scope=asked.scope,
        claims=asked.claims,
        resources=asked.resources,
        delivery=delivery,
        callback_sealed=_callback(provider, auth_req_id, asked.notification_token),
        interval=interval,
        created_at=challenge.created_at,
        expires_at=challenge.expires_at,
    )
    add_request(db, kept)
    if delivery == "push":
        enqueue_lapse(provider, db, kept)
    answer = {"auth_req_id": auth_req_id, "expires_in": int(asked.lifetime.total_seconds())}
    return answer if delivery == "push" else answer | {"interval": interval}


def _challenge(
    provider: Provider, db: Session, client: RegisteredClient, asked: BackchannelRequestRead
) -> Challenge:
    budget = count_request(provider, db, client.client_id, asked.national_id)
    question = CibaQuestion(
        national_id=asked.national_id,
        client=client.row,
        address=request.remote_addr or "",
        message=asked.message,
        lifetime=asked.lifetime,
    )
    if asked.channel == CARD:
        return start_ciba_by_card(provider, db, question)
    return start_ciba(provider, db, question, budget)


def _interval(provider: Provider, client: RegisteredClient) -> int:
    """Decision 29: quick for Pro Santé Connect's services, else the specification's default."""
    settings = provider.settings
    return settings.ciba_psc_interval if client.profile.quick_polling else settings.ciba_interval


def _callback(provider: Provider, auth_req_id: str, token: str | None) -> bytes | None:
    """What ping and push need, which nobody else may read."""
    if token is None:
        return None
    told = {"auth_req_id": auth_req_id, "client_notification_token": token}
    return provider.sealer.seal(json.dumps(told).encode(), purpose=CALLBACK_SEAL)
