"""What an API's issuer does outside requests: reading keys, and asking whether sessions live."""

import structlog
from sqlalchemy.orm import Session

from idp.exchange.issuers import NoAnswer, fetch_keys, session_lives
from idp.exchange.sessions import SEAL, end_session, end_with_subject
from idp.keys.sealing import SealBroken
from idp.provider import Provider
from idp.store.api_sessions import claim_due_check, confirm_session, has_due_check, postpone_check
from idp.store.models import ApiSession
from idp.store.trusted_keys import find_trusted_keys, keep_trusted_keys

log = structlog.get_logger(__name__)


def read_keys(provider: Provider) -> None:
    """Read the keys of each trusted issuer whose turn it is, and keep them for every process."""
    with provider.store.read() as db:
        provider.synchronise_clock(db)
        due = [name for name in provider.settings.trusted_issuers if _keys_due(provider, db, name)]
    for name in due:
        _read_keys_of(provider, name)


def check_sessions(provider: Provider) -> int:
    """Ask about each session whose turn it is; gives how many were asked about.

    Several processes may ask at once: each session goes to one of them.
    """
    asked = 0
    while (session := _claim(provider)) is not None:
        _check(provider, session)
        asked += 1
    return asked


def _keys_due(provider: Provider, db: Session, name: str) -> bool:
    keys = find_trusted_keys(db, name)
    latest = provider.clock.now() - provider.settings.trusted_keys_interval
    return keys is None or keys.fetched_at <= latest


def _read_keys_of(provider: Provider, name: str) -> None:
    try:
        jwks = fetch_keys(provider, provider.settings.trusted_issuers[name])
    except NoAnswer as error:
        log.warning("keys not read", trusted_issuer=name, error=str(error))
        return
    with provider.store.begin() as db:
        keep_trusted_keys(db, name, jwks, now=provider.clock.now())


def _claim(provider: Provider) -> ApiSession | None:
    with provider.store.read() as db:
        provider.synchronise_clock(db)
        now = provider.clock.now()
        if not has_due_check(db, now=now):
            return None
    lease_ends = now + provider.settings.outbox_lease
    with provider.store.begin() as db:
        return claim_due_check(db, now=now, lease_ends=lease_ends)


def _check(provider: Provider, session: ApiSession) -> None:
    """Ask, outside any transaction, and record what was said; who cannot be asked says nothing."""
    try:
        lives = _ask(provider, session)
    except (NoAnswer, SealBroken) as error:
        log.warning("session not checked", sid=session.sid, error=str(error))
        _record_silence(provider, session)
        return
    now = provider.clock.now()
    with provider.store.begin() as db:
        if lives:
            next_check = now + provider.settings.subject_check_interval
            confirm_session(db, session.sid, now=now, check_at=next_check)
        else:
            end_with_subject(provider, db, session, by="issuer")


def _ask(provider: Provider, session: ApiSession) -> bool:
    trusted = provider.settings.trusted_issuers.get(session.subject_issuer)
    if trusted is None:  # trusted no more, since the settings were changed
        return False
    token = provider.sealer.open(session.subject_token_sealed, purpose=SEAL)
    return session_lives(provider, trusted, token.decode())


def _record_silence(provider: Provider, session: ApiSession) -> None:
    settings, now = provider.settings, provider.clock.now()
    with provider.store.begin() as db:
        if session.confirmed_at <= now - settings.subject_check_limit:
            end_session(provider, db, session, by="silence")
        else:
            postpone_check(db, session.sid, check_at=now + settings.subject_check_retry)
