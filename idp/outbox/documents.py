"""Fetching what clients publish: keys, sectors, logos, request objects (decision 40).

A lane of the worker does it, never a request. Each document is read from a vetted address, without
redirects, bounded in size and time, judged as what is registered is judged, and kept. One that was
held stays held when a later fetch fails.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from idp.oauth.clients.metadata.values import check_public_keys
from idp.oauth.clients.registered import CIBA
from idp.oauth.rules.image_types import image_type
from idp.oauth.rules.json_text import read_object
from idp.outbox.client_calls import address_of
from idp.outbox.delivery import NotDelivered
from idp.outbox.outbound import Fetched, TooLong, Unreachable, fetch
from idp.provider import Provider
from idp.settings import Settings
from idp.store.client_documents import (
    claim_document,
    delete_documents,
    finish_document,
    has_due_document,
)
from idp.store.clients import change_client, find_client
from idp.store.models import Client, ClientDocument

log = structlog.get_logger(__name__)

_FOUND = 200
_JSON = "application/json"
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})")
_UNKEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)(?:[\s,]|$)")


class DocumentRefused(Exception):
    """The document is not what it should be; the text is for the client's developer."""


@dataclass(frozen=True)
class _Kind:
    media_types: tuple[str, ...]
    longest: Callable[[Settings], int]
    judge: Callable[[Client, bytes], str]
    """Gives the media type that it is kept as; raises DocumentRefused."""


def fetch_documents(provider: Provider) -> int:
    """Fetch all that is due; gives how many were asked for.

    Several processes may fetch at once: each document goes to one of them.
    """
    fetched = 0
    while (document := _claim(provider)) is not None:
        _fetch_one(provider, document)
        fetched += 1
    return fetched


def _claim(provider: Provider) -> ClientDocument | None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
        if not has_due_document(db, now=provider.clock.now()):
            return None
    now = provider.clock.now()
    with provider.store.begin() as db:
        return claim_document(db, now=now, lease_ends=now + provider.settings.outbox_lease)


def _fetch_one(provider: Provider, document: ClientDocument) -> None:
    with provider.store.read() as db:
        client = find_client(db, document.client_id)
    if client is None:
        with provider.store.begin() as db:
            delete_documents(db, document.client_id)
        return
    try:
        found = _read(provider, client, document)
        media_type = _KINDS[document.kind].judge(client, found.body)
    except (DocumentRefused, NotDelivered) as error:
        _note_failure(provider, document, str(error))
    else:
        _keep(provider, document, found, media_type)


def _read(provider: Provider, client: Client, document: ClientDocument) -> Fetched:
    kind, settings = _KINDS[document.kind], provider.settings
    longest = kind.longest(settings)
    address = address_of(provider, client, document.url)
    timeout = settings.carrier_timeout.total_seconds()
    try:
        found = fetch(address, accept=", ".join(kind.media_types), longest=longest, timeout=timeout)
    except Unreachable as error:
        raise DocumentRefused(f"not reached: {error}") from error
    except TooLong as error:
        raise DocumentRefused(f"longer than {longest} bytes") from error
    if found.status != _FOUND:
        raise DocumentRefused(f"http {found.status}: redirects are not followed")
    if found.content_type not in kind.media_types:
        raise DocumentRefused(f"the media type must be among {', '.join(kind.media_types)}")
    return found


def _note_failure(provider: Provider, document: ClientDocument, error: str) -> None:
    now = provider.clock.now()
    state = "held" if document.state == "held" else "failed"
    due_at = now + _wait(provider.settings, document, now)
    with provider.store.begin() as db:
        finish_document(db, document, state=state, error=error, fetched_at=now, due_at=due_at)
    log.info("document refused", client_id=document.client_id, kind=document.kind, error=error)


def _keep(provider: Provider, document: ClientDocument, found: Fetched, media_type: str) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        kept = finish_document(
            db,
            document,
            state="held",
            content_type=media_type,
            body=found.body,
            error=None,
            fetched_at=now,
            due_at=now + _age(provider.settings, found.cache_control),
        )
        if kept and document.kind == "jwks":
            change_client(db, document.client_id, jwks=json.loads(found.body))
    log.info("document kept", client_id=document.client_id, kind=document.kind)


def _age(settings: Settings, cache_control: str) -> timedelta:
    """How long a document is good, as its server says (RFC 9111, 5.2.2), within our bounds."""
    told = _MAX_AGE.search(cache_control.lower())
    if _UNKEPT.search(cache_control.lower()):
        return settings.document_shortest_age
    if told is None:
        return settings.document_longest_age
    age = timedelta(seconds=int(told[1]))
    return max(settings.document_shortest_age, min(age, settings.document_longest_age))


def _wait(settings: Settings, document: ClientDocument, now: datetime) -> timedelta:
    """Twice as long as since the failure before: a server that hangs must not hold up others."""
    if document.error is None or document.fetched_at is None:
        return settings.document_retry
    doubled = 2 * (now - document.fetched_at)
    return max(settings.document_retry, min(doubled, settings.document_longest_age))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DocumentRefused("it is not JSON") from error


def _judge_keys(client: Client, body: bytes) -> str:
    """As registered keys are judged, so that they hold wherever those do."""
    del client
    if not isinstance(_json(body), dict):
        raise DocumentRefused("it is not a JWK set")
    try:
        check_public_keys(read_object(body))
    except ValueError as error:
        raise DocumentRefused(str(error)) from error
    return _JSON


def _judge_sector(client: Client, body: bytes) -> str:
    """It lists every address of the client (Registration 1.0, 5; CIBA Core 4)."""
    listed = _json(body)
    if not isinstance(listed, list):
        raise DocumentRefused("it is not a JSON array")
    needed = list(client.redirect_uris)
    if CIBA in client.options.get("grant_types", ()) and "jwks_uri" in client.options:
        needed.append(client.options["jwks_uri"])
    missing = [uri for uri in needed if uri not in listed]
    if missing:
        raise DocumentRefused(f"it does not list {', '.join(missing)}")
    return _JSON


def _judge_logo(client: Client, body: bytes) -> str:
    """By what it is, not by what its server calls it."""
    del client
    media_type = image_type(body)
    if media_type is None:
        raise DocumentRefused("it is no PNG, JPEG, GIF or WebP image")
    return media_type


def _judge_request(client: Client, body: bytes) -> str:
    """Whether the object holds is found out when it is used."""
    del client
    if not body.isascii():
        raise DocumentRefused("it is no JWT")
    return "application/jwt"


_KINDS = {
    "jwks": _Kind(
        (_JSON, "application/jwk-set+json"), lambda given: given.document_max_size, _judge_keys
    ),
    "sector_identifier": _Kind((_JSON,), lambda given: given.document_max_size, _judge_sector),
    "logo": _Kind(
        ("image/png", "image/jpeg", "image/gif", "image/webp"),
        lambda given: given.logo_max_size,
        _judge_logo,
    ),
    "request": _Kind(
        ("application/oauth-authz-req+jwt", "application/jwt", "application/jose"),
        lambda given: given.document_max_size,
        _judge_request,
    ),
}
