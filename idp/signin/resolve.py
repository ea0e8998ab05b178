"""From a request and a session to an answer, as far as no page is needed."""

from datetime import UTC, datetime, timedelta

from flask import Response
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.activities import PersonalActivity
from idp.directory.people import find_person
from idp.oauth.authorization.authorize import AuthorizationRequest, fail, succeed
from idp.oauth.device_flow.decision import approve, deny
from idp.provider import Provider
from idp.psc.means import available_means
from idp.psc.subject import subject_of
from idp.sessions import end_session
from idp.signin.activity import choice_of, note_choice
from idp.signin.decide import Asked, Rule, Situation, Standing, Step, decide
from idp.signin.means import counting_means, means_used
from idp.signin.sessions import find_session
from idp.store.models import BrowserSession, Client
from idp.store.sessions import note_activity


def situation_of(
    provider: Provider,
    db: Session,
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
        choice = choice_of(db, request, client, session)
        held = counting_means(provider, client, session)
        standing = Standing(
            sub=subject_of(
                provider, client, account_id=session.account_id, national_id=session.national_id
            ),
            auth_time=_authenticated_at(session, held, request.means),
            means=frozenset(held),
            confirmed=confirmed,
            activities=len(choice.activities),
            activity_chosen=choice.chosen is not None,
        )
    return Situation(asked, standing, available_means(provider), provider.clock.now())


def find_rule(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    client: Client,
    began: datetime,
    *,
    sid: str | None = None,
) -> tuple[Rule, BrowserSession | None]:
    """The rule that applies to this browser's request now, and its session.

    ``sid`` is the session of the interaction under way, where no cookie finds it.
    """
    session, confirmed = find_session(provider, db, request.client_id, sid)
    case = situation_of(provider, db, request, client, session, confirmed=confirmed, began=began)
    return decide(case), session


def answer_at_once(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    client: Client,
    *,
    rule: Rule,
    session: BrowserSession | None,
) -> Response | None:
    """The answer that needs no page; nothing when a person must act."""
    if rule.step is Step.GRANT and session is not None:
        return grant_by_session(provider, db, request, client, session)
    if rule.step is Step.UNMET or request.is_silent:
        return refuse(provider, db, request, rule.silent_error)
    return None


def grant_by_session(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    client: Client,
    session: BrowserSession,
    *,
    picked: PersonalActivity | None = None,
) -> Response:
    """Answer from a session that stood before; it ends where its person may no longer sign in."""
    person = find_person(db, session.national_id)
    if person is not None and not person.closed:
        note_activity(db, session.sid, now=provider.clock.now())
        return grant(provider, db, request, client, session, picked=picked)
    refuse_person(provider, db, session.national_id, request.client_id)
    end_session(provider, db, session.sid)
    error = "login_required" if request.is_silent else "access_denied"
    return refuse(provider, db, request, error)


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
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    client: Client,
    session: BrowserSession,
    *,
    picked: PersonalActivity | None = None,
) -> Response:
    """Grant what was asked; ``picked`` is the activity that the person chose just now.

    Raises:
        DeviceCodeGone: a device asked, and waits no more.
    """
    means = means_used(counting_means(provider, client, session), request.means)
    choice = choice_of(db, request, client, session)
    activity = picked or choice.chosen or choice.only
    if activity is None and choice.activities:  # the directory changed since the rules were asked
        return refuse(provider, db, request, "interaction_required")
    if activity is not None and (picked or not choice.chosen):
        automatic = picked is None
        note_choice(provider, db, session, request.client_id, activity, automatic=automatic)
    activity_id = activity.activity_id if activity else None
    answer = approve if request.device else succeed
    return answer(provider, db, request, session, means, activity_id=activity_id)


def refuse(provider: Provider, db: Session, request: AuthorizationRequest, error: str) -> Response:
    """Tell whoever asked, the client by its redirect or the device, that it gets nothing."""
    return deny(provider, db, request) if request.device else fail(provider, request, error)


def _authenticated_at(
    session: BrowserSession, held: dict[str, int], accepted: list[str]
) -> datetime:
    """When the person last used a means that the client accepts."""
    used_at = max((at for name, at in held.items() if name in accepted), default=0)
    if used_at == int(session.auth_time.timestamp()):
        return session.auth_time
    return datetime.fromtimestamp(used_at, UTC)
