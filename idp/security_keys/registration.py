"""Registering a security key: what the authenticator made, kept for its holder."""

from typing import Any

from sqlalchemy.orm import Session
from webauthn import verify_registration_response
from webauthn.helpers import (
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_registration_credential_json,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.security_keys.answers import KeyAnswer, read_answer, refusing
from idp.security_keys.errors import (
    AnswerUnproved,
    CeremonyGone,
    KeyKnown,
    KeyRefused,
    KeyUnusable,
    TooManyKeys,
)
from idp.security_keys.options import REGISTRATION
from idp.security_keys.parties import Holder, Party, names_of, tell, trace
from idp.store import security_keys as store
from idp.store.models import KeyCeremony, SecurityKey

_LONGEST_ID = 1023
"""Bytes (WebAuthn 3, 7.1 step 25)."""


def register_key(
    provider: Provider,
    db: Session,
    party: Party,
    holder: Holder,
    *,
    answer: str,
    binding: bytes,
    name: str,
    vouched_by: dict[str, Any],
) -> SecurityKey:
    """Verify a registration and keep its key (WebAuthn 3, 7.1); its holder is told.

    Args:
        provider: the provider.
        db: an open writing session. A refusal is recorded in it and its ceremony spent: commit it.
        party: as given to `registration_options`.
        holder: the same, still authenticated.
        answer: JSON of the browser's `PublicKeyCredential`.
        binding: as given to `registration_options`.
        name: as its holder calls it, not empty.
        vouched_by: how the holder had signed in; see `SecurityKey.vouched_by`.

    Raises:
        KeyRefused: one of its kinds says why.
    """
    try:
        key = _made(provider, db, party, holder, read=read_answer(answer), binding=binding)
        key.name, key.vouched_by = name, vouched_by
        if not store.add_key(db, key):
            raise KeyKnown
    except KeyRefused as refused:
        record(
            db,
            Event.SECURITY_KEY_REFUSED,
            now=provider.clock.now(),
            success=False,
            **trace(holder),
            purpose=REGISTRATION,
            reason=refused.reason,
        )
        raise
    record(
        db,
        Event.SECURITY_KEY_REGISTERED,
        now=provider.clock.now(),
        **trace(holder),
        credential_id=key.credential_id,
        vouched_by=vouched_by,
    )
    tell(provider, db, holder, "key-registered", key=name)
    return key


def _made(
    provider: Provider,
    db: Session,
    party: Party,
    holder: Holder,
    *,
    read: KeyAnswer,
    binding: bytes,
) -> SecurityKey:
    """The key of an answer that was asked for, and whose holder may have one more."""
    ceremony = store.take_ceremony(
        db,
        sha256(read.challenge),
        purpose=REGISTRATION,
        holder_kind=holder.kind,
        bound_to=binding,
        now=provider.clock.now(),
    )
    if ceremony is None or ceremony.holder != holder.id:
        raise CeremonyGone
    verified = _verify(party, read)
    held = store.keys_of(db, holder.kind, names_of(db, holder))
    if len(held) >= provider.settings.max_security_keys:
        raise TooManyKeys
    return _new_key(provider, ceremony, verified, read)


def _verify(party: Party, read: KeyAnswer) -> VerifiedRegistration:
    with refusing(AnswerUnproved):
        verified = verify_registration_response(
            credential=read.credential,
            expected_challenge=read.challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    with refusing(KeyUnusable):
        decoded_public_key_to_cryptography(
            decode_credential_public_key(verified.credential_public_key)
        )
    if len(verified.credential_id) > _LONGEST_ID:
        raise KeyUnusable
    return verified


def _new_key(
    provider: Provider,
    ceremony: KeyCeremony,
    verified: VerifiedRegistration,
    read: KeyAnswer,
) -> SecurityKey:
    return SecurityKey(
        credential_id=bytes_to_base64url(verified.credential_id),
        holder_kind=ceremony.holder_kind,
        holder=ceremony.holder,
        user_handle=ceremony.user_handle,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=verified.aaguid,
        transports=_transports(read),
        backed_up=verified.credential_backed_up,
        state="active",
        state_reason=None,
        created_at=provider.clock.now(),
        last_used_at=None,
        ended_at=None,
    )


def _transports(read: KeyAnswer) -> list[str]:
    """How the browser says that it reached the authenticator; what it does not know is left out."""
    found = parse_registration_credential_json(read.credential).response.transports
    return [transport.value for transport in found or []]
