"""How a segment of the journal is hashed and its head signed (decision 39).

Each event is written as JSON of one form (RFC 8785) and chained: digest = SHA-256(digest ‖ event),
beginning with the digest of the segment before.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from idp.keys.keyring import LoadedKey
from idp.store.models import JournalEvent, JournalSegment, SigningKey

GENESIS = "0" * 64
"""The digest before the first segment."""
HEAD_TYPE = "ecps-journal-head+jws"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MEMBERS = (
    "seq",
    "event",
    "outcome",
    "person",
    "actor",
    "client_id",
    "device_id",
    "sid",
    "address",
    "request_id",
    "data",
)


class HeadInvalid(Exception):
    """A head that no journal key of this database signed."""


def chain(events: Iterable[JournalEvent], previous: str) -> str:
    """Hex digest over the events, in the order given, and the digest before them."""
    digest = bytes.fromhex(previous)
    for event in events:
        digest = hashlib.sha256(digest + rfc8785.dumps(_content(event))).digest()
    return digest.hex()


def sign_head(
    segment: JournalSegment, *, previous: str, purged_at: datetime | None, key: LoadedKey
) -> str:
    """The signed head of a segment: a JWS that proves the journal up to it, wherever it is kept."""
    header = {"alg": key.alg, "kid": key.kid, "typ": HEAD_TYPE}
    payload = rfc8785.dumps(head_content(segment, previous=previous, purged_at=purged_at))
    return jws.serialize_compact(header, payload, key.key, [key.alg])


def head_content(
    segment: JournalSegment, *, previous: str, purged_at: datetime | None
) -> dict[str, Any]:
    """What a head says."""
    return {
        "number": segment.number,
        "first_seq": segment.first_seq,
        "last_seq": segment.last_seq,
        "events": segment.events,
        "previous": previous,
        "digest": segment.digest,
        "at": _microseconds(segment.sealed_at),
        "purged_at": None if purged_at is None else _microseconds(purged_at),
    }


def read_head(head: str, keys: Iterable[SigningKey]) -> dict[str, Any]:
    """What a head says, once its signature holds under one of the journal's keys, old or new.

    Raises:
        HeadInvalid: it does not.
    """
    by_kid = {key.kid: key for key in keys if key.purpose == "journal"}
    try:
        kid = jws.extract_compact(head.strip().encode()).headers().get("kid")
        row = by_kid.get(str(kid))
        if row is None:
            raise HeadInvalid("no journal key of this provider has that key id")
        public = ECKey.import_key(row.public_jwk)
        # The key id is the thumbprint: a key put in its place would have another.
        if public.thumbprint() != row.kid:
            raise HeadInvalid("the journal key was exchanged")
        signed = jws.deserialize_compact(head.strip(), public, [row.alg])
        if signed.protected.get("typ") != HEAD_TYPE:
            raise HeadInvalid("this is no head of a journal")
        content: dict[str, Any] = json.loads(signed.payload)
    except (JoseError, ValueError) as error:
        raise HeadInvalid(f"the signature does not hold ({error})") from error
    return content


def _content(event: JournalEvent) -> dict[str, Any]:
    members = {name: getattr(event, name) for name in _MEMBERS}
    return members | {"at": _microseconds(event.at)}


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)
