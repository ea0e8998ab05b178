"""What follows an evaluation: counts settled and the answer written, in one transaction."""

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.answers import Answered, end_answer
from idp.devices.documents import addressed, sign_document
from idp.devices.errors import Blocked, CloneSuspected, WrongPin, numeric_date
from idp.devices.evaluation import Attempt, Verdict
from idp.devices.lifecycle import suspend_device
from idp.devices.notices import tell_contacts
from idp.devices.tries import blocks, ends_round, tries_left
from idp.outbox.requester import tell_requester
from idp.provider import Provider
from idp.store.challenges import cancel_of_device, decide
from idp.store.devices import settle_right_pin, settle_wrong_pin


def conclude_right(
    provider: Provider,
    db: Session,
    attempt: Attempt,
    answered: Answered,
    *,
    success: bool,
    told: int,
) -> Answered:
    """The PIN was right: the try is given back; a full success resets the wrong ones in a row."""
    settle_right_pin(
        db,
        attempt.device.device_id,
        attempt.request_id,
        failures=0 if success else attempt.failures - 1,
        told=told,
        sign_count=attempt.presented.counter,
    )
    end_answer(provider, db, attempt.device.device_id, attempt.request_id, answered)
    return answered


def conclude_refused(provider: Provider, attempt: Attempt, verdict: Verdict) -> Answered:
    """A wrong PIN, or the sign of a copy."""
    with provider.store.begin() as db:
        if verdict is Verdict.CLONE:
            return _conclude_clone(provider, db, attempt)
        return _conclude_wrong_pin(provider, db, attempt)


def _conclude_clone(provider: Provider, db: Session, attempt: Attempt) -> Answered:
    problem = CloneSuspected()
    suspend_device(provider, db, attempt.device, "counter")
    answered = Answered(problem.status, problem.body())
    told = attempt.device.failures_told
    return conclude_right(provider, db, attempt, answered, success=False, told=told)


def _conclude_wrong_pin(provider: Provider, db: Session, attempt: Attempt) -> Answered:
    device, now = attempt.device, provider.clock.now()
    blocked = blocks(provider.settings, attempt.failures, device.lifetime_failures + 1)
    over = blocked or ends_round(provider.settings, attempt.failures)
    settle_wrong_pin(db, device.device_id, attempt.request_id, blocked_at=now if blocked else None)
    if over:
        decide(db, attempt.challenge.challenge_id, state="locked", now=now)
        tell_requester(provider, db, attempt.challenge)
    if blocked:  # what it approved before, and nobody has finished, opens nothing any more
        cancel_of_device(db, device.device_id)
    _journal_wrong_pin(provider, db, attempt, blocked=blocked, over=over)
    problem = _refusal(provider, attempt, blocked=blocked, over=over)
    answered = Answered(problem.status, problem.body())
    end_answer(provider, db, device.device_id, attempt.request_id, answered)
    return answered


def _refusal(
    provider: Provider, attempt: Attempt, *, blocked: bool, over: bool
) -> WrongPin | Blocked:
    if blocked:
        return Blocked(roll=attempt.roll)
    if over and attempt.locked_until is not None:
        return WrongPin(roll=attempt.roll, retry_at=numeric_date(attempt.locked_until))
    document = addressed(attempt.challenge.document, attempt.fresh_nonce, attempt.device.device_id)
    return WrongPin(
        roll=attempt.roll,
        tries_left=tries_left(provider.settings, attempt.failures),
        document=sign_document(provider.keyring.active("phone"), document),
    )


def _journal_wrong_pin(
    provider: Provider, db: Session, attempt: Attempt, *, blocked: bool, over: bool
) -> None:
    device = attempt.device
    event = Event.DEVICE_BLOCKED if blocked else Event.PIN_LOCKED if over else Event.PIN_REFUSED
    record(
        db,
        event,
        now=provider.clock.now(),
        success=False,
        person=device.national_id,
        device_id=device.device_id,
        client_id=attempt.challenge.client_id,
        failures=attempt.failures,
    )
    if blocked:
        tell_contacts(provider, db, device.national_id, "blocked")
