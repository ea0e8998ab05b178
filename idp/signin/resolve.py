"""From a request and a session to an answer, as far as no page is needed."""

from datetime import UTC, datetime, timedelta

from flask import Response
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.people import find_person
from idp.oauth.authorize import AuthorizationRequest, fail, succeed
from idp.provider import Provider
from idp.psc.subject import subject_of
from idp.signin.decide import Asked, Rule, Situation, Standing, Step, decide
from idp.signin.means import AVAILABLE, means_used
from idp.signin.sessions import end_session, find_session
from idp.store.models import BrowserSession, Client
from idp.store.sessions import note_activity


def situation_of(
    provider: Provider,
    request: AuthorizationRequest,
    client: Client,
    session: BrowserSession | None,
    *,
    confirmed: bool,
    began: datetime,
) -> Situation:
    """What the rules look at."""
    asked = Asked(
        prompt=frozenset(request.prompt),
        max_age=None if request.max_age is None else timedelta(seconds=request.max_age),
        hinted_sub=request.hinted_sub,
        means=frozenset(request.means),
        began=began,
    )
    standing = None
    if session is not None:
        standing = Standing(
            sub=subject_of(
                provider, client, account_id=session.account_id, national_id=session.national_id
            ),
            auth_time=_authenticated_at(session, request.means),
            means=frozenset(session.means),
            confirmed=confirmed,
        )
    return Situation(asked, standing, AVAILABLE, provider.clock.now())


def find_rule(
    provider: Provider, db: Session, request: AuthorizationRequest, client: Client, began: datetime
) -> tuple[Rule, BrowserSession | None]:
    """The rule that applies to this browser's request now, and its session."""
    session, confirmed = find_session(provider, db, request.client_id)
    case = situation_of(provider, request, client, session, confirmed=confirmed, began=began)
    return decide(case), session


def answer_at_once(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    rule: Rule,
    session: BrowserSession | None,
) -> Response | None:
    """The answer that needs no page; nothing when a person must act."""
    if rule.step is Step.GRANT and session is not None:
        return grant_by_session(provider, db, request, session)
    if rule.step is Step.UNMET or request.is_silent:
        return fail(provider, request, rule.silent_error)
    return None


def grant_by_session(
    provider: Provider, db: Session, request: AuthorizationRequest, session: BrowserSession
) -> Response:
    """Answer from a session that stood before; it ends where its person may no longer sign in."""
    person = find_person(db, session.national_id)
    if person is not None and not person.closed:
        note_activity(db, session.sid, now=provider.clock.now())
        return grant(provider, db, request, session)
    refuse_person(provider, db, session.national_id, request.client_id)
    end_session(provider, db, session.sid)
    return fail(provider, request, "login_required" if request.is_silent else "access_denied")


def refuse_person(provider: Provider, db: Session, national_id: str, client_id: str) -> None:
    """Record that somebody struck off, or gone from the directory, wanted in (EC-01)."""
    record(
        db,
        Event.PERSON_REFUSED,
        now=provider.clock.now(),
        success=False,
        person=national_id,
        client_id=client_id,
    )


def grant(
    provider: Provider, db: Session, request: AuthorizationRequest, session: BrowserSession
) -> Response:
    """Answer with a code."""
    return succeed(provider, db, request, session, means_used(session.means, request.means))


def _authenticated_at(session: BrowserSession, accepted: list[str]) -> datetime:
    """When the person last used a means that the client accepts."""
    used_at = max((at for name, at in session.means.items() if name in accepted), default=0)
    if used_at == int(session.auth_time.timestamp()):
        return session.auth_time
    return datetime.fromtimestamp(used_at, UTC)
