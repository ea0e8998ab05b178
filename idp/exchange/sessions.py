"""Sessions towards APIs: opened by an exchange, ended by many."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.exchange.trust import TrustedToken
from idp.oauth.rules.certificate_thumbprint import thumbprint
from idp.provider import Provider
from idp.store.api_sessions import ApiSessionInUse, end_api_session, end_sessions_of_subject
from idp.store.models import ApiSession

SEAL = "subject-token"
_CARRIED = ("acr", "authMode", "name", "given_name", "family_name", "otherIds")
"""What is taken over from the subject token, where it stands there."""


def new_session(
    provider: Provider,
    subject: TrustedToken,
    *,
    client_id: str,
    audience: list[str],
    scope: str,
    act: dict[str, Any] | None,
    certificate: bytes | None,
) -> ApiSession:
    """A session for the person of a subject token, to be asked about at once."""
    now, encoding = provider.clock.now(), provider.settings.cnf_encoding
    return ApiSession(
        sid=str(uuid.uuid4()),
        client_id=client_id,
        subject_issuer=subject.issuer_name,
        subject_sid=subject.sid,
        subject_token_sealed=provider.sealer.seal(subject.text.encode(), purpose=SEAL),
        sub=subject_here(subject),
        identity=_identity(subject.claims),
        audience=audience,
        scope=scope,
        act=act,
        certificate=None if certificate is None else thumbprint(certificate, encoding),
        auth_time=_auth_time(subject.claims, now),
        created_at=now,
        expires_at=now + provider.settings.session_lifetime,
        confirmed_at=now,
        check_at=now,
        ended_at=None,
        ended_by=None,
    )


def subject_here(subject: TrustedToken) -> str:
    """The person's `sub` at this issuer: a uuid that stays, made from who they are there."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{subject.claims['iss']}#{subject.claims['sub']}"))


def is_live(provider: Provider, granted: ApiSessionInUse) -> bool:
    """Whether a session still stands; one that nobody vouched for in time does not."""
    now = provider.clock.now()
    return granted.is_live(now, now - provider.settings.subject_check_limit)


def end_session(provider: Provider, db: Session, session: ApiSession, *, by: str) -> None:
    """End one session towards APIs, and say so in the journal; once."""
    now = provider.clock.now()
    if end_api_session(db, session.sid, by=by, now=now):
        _record_end(db, session, by=by, now=now)


def end_with_subject(provider: Provider, db: Session, session: ApiSession, *, by: str) -> None:
    """End all that was exchanged in the same session of the trusted issuer."""
    now = provider.clock.now()
    for ended in end_sessions_of_subject(
        db,
        subject_issuer=session.subject_issuer,
        subject_sid=session.subject_sid,
        by=by,
        now=now,
    ):
        _record_end(db, ended, by=by, now=now)


def person_of(session: ApiSession) -> str | None:
    """Whom the journal names: the national identifier, where the trusted issuer tells it."""
    return session.identity.get("preferred_username")


def _record_end(db: Session, session: ApiSession, *, by: str, now: datetime) -> None:
    record(
        db,
        Event.API_SESSION_ENDED,
        now=now,
        person=person_of(session),
        client_id=session.client_id,
        sid=session.sid,
        by=by,
        subject_sid=session.subject_sid,
    )


def _identity(claims: dict[str, Any]) -> dict[str, Any]:
    """The person as an API's tokens tell of them (pro-sante-connect, 6.4)."""
    identity = {name: claims[name] for name in _CARRIED if name in claims}
    if claims.get("preferred_username"):
        identity |= {
            "preferred_username": claims["preferred_username"],
            "SubjectNameID": claims.get("SubjectNameID", claims["preferred_username"]),
        }
    return identity


def _auth_time(claims: dict[str, Any], now: datetime) -> datetime:
    told = claims.get("auth_time")
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) else now
