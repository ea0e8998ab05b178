"""Signing in with a security key: the answer tells whose it is, and proves it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session
from webauthn import verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes

from idp.audit.events import Event
from idp.audit.journal import record
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.security_keys.answers import KeyAnswer, read_answer, refusing
from idp.security_keys.errors import (
    AnswerUnproved,
    CeremonyGone,
    KeyCopied,
    KeyRefused,
    KeySuspended,
    KeyUnknown,
)
from idp.security_keys.lifecycle import COPIED, suspend
from idp.security_keys.options import AUTHENTICATION
from idp.security_keys.parties import Holder, Party, trace
from idp.store import security_keys as store
from idp.store.models import SecurityKey


@dataclass(frozen=True)
class ProvedKey:
    """A key that has just answered, and whose it is."""

    credential_id: str
    holder: Holder


def authenticate(
    provider: Provider, db: Session, party: Party, *, holder_kind: str, answer: str, binding: bytes
) -> ProvedKey:
    """Verify a key's answer and count its use (WebAuthn 3, 7.2).

    Whether its holder may still enter is the caller's to judge.

    Args:
        provider: the provider.
        db: an open writing session. A refusal is recorded in it, its ceremony spent, a copied key
            suspended: commit it.
        party: as given to `authentication_options`.
        holder_kind: whose keys are let in here.
        answer: JSON of the browser's `PublicKeyCredential`.
        binding: as given to `authentication_options`.

    Raises:
        KeyRefused: one of its kinds says why.
    """
    # Nobody is named before the signature holds: a stranger could fill somebody's history.
    proved: dict[str, str] = {}
    try:
        read = read_answer(answer)
        _spend_ceremony(provider, db, read, holder_kind, binding)
        key = store.find_key(db, read.credential_id, holder_kind=holder_kind)
        if key is None or key.state == "removed":
            raise KeyUnknown
        verified = _verify(party, read, key)
        holder = Holder(key.holder_kind, key.holder)
        proved = trace(holder) | {"credential_id": key.credential_id}
        _use(provider, db, key, verified)
    except KeyRefused as refused:
        record(
            db,
            Event.SECURITY_KEY_REFUSED,
            now=provider.clock.now(),
            success=False,
            purpose=AUTHENTICATION,
            reason=refused.reason,
            **proved,
        )
        raise
    return ProvedKey(key.credential_id, holder)


def _spend_ceremony(
    provider: Provider, db: Session, read: KeyAnswer, holder_kind: str, binding: bytes
) -> None:
    ceremony = store.take_ceremony(
        db,
        sha256(read.challenge),
        purpose=AUTHENTICATION,
        holder_kind=holder_kind,
        bound_to=binding,
        now=provider.clock.now(),
    )
    if ceremony is None:
        raise CeremonyGone


def _verify(party: Party, read: KeyAnswer, key: SecurityKey) -> VerifiedAuthentication:
    """Verify the signature first: until it holds, nothing is told of the key, or done to it."""
    with refusing(AnswerUnproved):
        verified = verify_authentication_response(
            credential=read.credential,
            expected_challenge=read.challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=key.public_key,
            # The counter is judged with the use, in one statement: see `store.use_key`.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        handle = base64url_to_bytes(read.credential["response"]["userHandle"])
    if handle != key.user_handle:
        raise KeyUnknown
    return verified


def _use(
    provider: Provider, db: Session, key: SecurityKey, verified: VerifiedAuthentication
) -> None:
    used = store.use_key(
        db,
        key.credential_id,
        sign_count=verified.new_sign_count,
        backed_up=verified.credential_backed_up,
        now=provider.clock.now(),
    )
    if used:
        return
    if suspend(provider, db, key, reason=COPIED):
        raise KeyCopied
    raise KeySuspended
