"""The one place where sessions end, whoever ends them and why.

It stands beside the layers: the browser, phones, cards, operators and the directory all end
sessions. With a session end the grants that live by it, and each service entered in it is told
(OpenID Connect Back-Channel Logout 1.0), after the commit and outside any request (decision 40).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.outbox.logout import BACKCHANNEL_LOGOUT_URI
from idp.outbox.queue import enqueue_logout
from idp.provider import Provider
from idp.psc.subject import subject_of
from idp.store import sessions as store
from idp.store.card_approvals import drop_approvals
from idp.store.card_life import end_sessions_of_card as end_of_card
from idp.store.challenges import cancel_approved
from idp.store.holders import end_sessions_of_holders
from idp.store.models import BrowserSession
from idp.store.pairings import cancel_pairings


def end_session(provider: Provider, db: Session, sid: str) -> bool:
    """End a session everywhere; False when it was over."""
    ended = store.end_session(db, sid, now=provider.clock.now())
    if ended is None:
        return False
    _close(provider, db, [ended])
    return True


def end_sessions_of_device(provider: Provider, db: Session, device_id: str, *, reason: str) -> int:
    """End the sessions that began with a phone; gives their number."""
    ended = store.end_sessions_of_device(db, device_id, provider.clock.now())
    _close(provider, db, ended, device_id=device_id, reason=reason)
    return len(ended)


def end_sessions_of_card(provider: Provider, db: Session, card_number: str, *, reason: str) -> int:
    """End the sessions in which a card was used (decision 32); gives their number."""
    ended = end_of_card(db, card_number, provider.clock.now())
    _close(provider, db, ended, card_number=card_number, reason=reason)
    return len(ended)


def end_sessions_of_key(provider: Provider, db: Session, credential_id: str, *, reason: str) -> int:
    """End the sessions in which a security key was used; gives their number."""
    ended = store.end_sessions_of_key(db, credential_id, provider.clock.now())
    _close(provider, db, ended, credential_id=credential_id, reason=reason)
    return len(ended)


def end_sessions_of_person(
    provider: Provider,
    db: Session,
    identifiers: Sequence[str],
    *,
    reason: str,
    actor: str | None = None,
) -> int:
    """End every session of somebody, under each identifier of theirs; gives their number.

    What they approved and nobody has finished opens none afterwards, and no phone is activated
    that a session vouched for.
    """
    # First: whoever finishes an approval at this moment has opened a session that is found below.
    cancel_approved(db, identifiers)
    drop_approvals(db, identifiers)
    cancel_pairings(db, identifiers)
    ended = end_sessions_of_holders(db, identifiers, now=provider.clock.now())
    _close(provider, db, ended, actor=actor, reason=reason)
    return len(ended)


def _close(provider: Provider, db: Session, ended: Sequence[BrowserSession], **trace: Any) -> None:
    now = provider.clock.now()
    for session in ended:
        record(
            db, Event.SESSION_ENDED, now=now, person=session.national_id, sid=session.sid, **trace
        )
    _tell_clients(provider, db, ended)


def _tell_clients(provider: Provider, db: Session, ended: Sequence[BrowserSession]) -> None:
    """Queue one logout token for each service entered in each session that asks for one."""
    by_sid = {session.sid: session for session in ended}
    for sid, client in store.clients_entered(db, list(by_sid)):
        if BACKCHANNEL_LOGOUT_URI not in client.options:
            continue
        sub = subject_of(
            provider,
            client,
            account_id=by_sid[sid].account_id,
            national_id=by_sid[sid].national_id,
        )
        enqueue_logout(provider, db, client_id=client.client_id, sid=sid, sub=sub)
