"""What a request came to, and its tokens: issued once, to whoever asks or is sent them first.

The question that the person was asked says what they answered; spending its approval is the one
gate. A session opens as for any sign-in; nobody holds its cookie.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidGrantError
from authlib.oauth2.rfc8628.errors import AuthorizationPendingError, ExpiredTokenError
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.cards.approvals import ApprovalGone, hold_card
from idp.cards.judge import record_refusal
from idp.cards.refusals import CardRefused
from idp.challenges.outcome import finish, state_of
from idp.challenges.wording import place_shown
from idp.directory.people import Person, account_of, person_of
from idp.keys.sealing import sha256
from idp.new_sessions import keep_session, new_session
from idp.oauth.grants.issuing import note
from idp.oauth.tokens.refresh_tokens import issue_refresh_token
from idp.provider import Provider
from idp.psc.means import CARD, MOBILE
from idp.psc.tokens import Issue, new_grant_id
from idp.store.backchannel import AskedSignIn, redeem_request
from idp.store.grants import GrantInUse, keep_grant
from idp.store.models import BrowserSession, Card, Challenge, Grant
from idp.store.people import StoredPerson, read_person

_SECRET_BYTES = 32


@dataclass(frozen=True)
class ApprovedSignIn:
    """A request that its person approved, and the grant it leads to, nothing of it kept yet."""

    asked: AskedSignIn
    challenge: Challenge
    granted: GrantInUse
    person: Person
    card: Card | None


def refusal_of(provider: Provider, asked: AskedSignIn) -> OAuth2Error | None:
    """Why a request leads to no tokens now (CIBA Core 11); nothing where they may be issued."""
    now, challenge = provider.clock.now(), asked.challenge
    if asked.request.redeemed_at is not None:
        return InvalidGrantError("The auth_req_id was used before.")
    state = state_of(challenge, now) if challenge else "expired"
    if asked.request.expires_at <= now or state == "expired":
        return ExpiredTokenError("The auth_req_id has expired: begin anew.")
    if state == "pending":
        return AuthorizationPendingError(
            "The authorization request is still pending as the end-user hasn't yet been "
            "authenticated."
        )
    if state != "approved":
        return AccessDeniedError("The person did not approve the sign-in.")
    return None


def approved_signin(provider: Provider, db: Session, asked: AskedSignIn) -> ApprovedSignIn:
    """What an approved request leads to, judged now: the person or card may have ended since.

    Where they have, the approval is spent: a client that asks on is refused for good.

    Raises:
        OAuth2Error: it is not approved, its person or card may no longer sign in, or the client
            takes this means no more.
    """
    refusal = refusal_of(provider, asked)
    if refusal is not None or asked.challenge is None:
        raise refusal or ExpiredTokenError()
    if asked.request.channel not in asked.client.means:
        raise AccessDeniedError("The client takes this means no more.")
    challenge = asked.challenge
    stored = read_person(db, challenge.national_id)
    person = person_of(stored)
    if person is None or person.closed:
        _refuse_person(provider, db, challenge)
        raise AccessDeniedError("The person may no longer sign in.")
    card = _card_of(provider, db, challenge)
    session = _session_of(provider, db, challenge, person, card)
    granted = _granted(provider, asked, session, stored)
    return ApprovedSignIn(asked, challenge, granted, person, card)


def redeem(
    provider: Provider,
    db: Session,
    approved: ApprovedSignIn,
    *,
    confirmation: Mapping[str, str],
    audience: Sequence[str],
    auth_req_id: str | None = None,
) -> Issue:
    """Spend the approval, open the session and keep the grant; gives what is issued under it.

    ``auth_req_id`` is given where the tokens are sent unasked, and bound to it.

    Raises:
        InvalidGrantError: a simultaneous question was issued to, or the approval ended meanwhile.
    """
    asked, grant, session = approved.asked, approved.granted.grant, approved.granted.session
    now = provider.clock.now()
    spent = _spend(provider, db, approved.challenge)
    if not spent or not redeem_request(db, asked.request.auth_req_id_hash, now=now):
        raise InvalidGrantError("The auth_req_id was used before.")
    keep_session(provider, db, session, means=grant.means, card=approved.card)
    keep_grant(db, grant)
    refresh = issue_refresh_token(
        provider, db, grant_id=grant.grant_id, now=now, session_ends=grant.expires_at
    )
    note(
        db,
        Event.TOKEN_ISSUED,
        grant,
        now=now,
        means=grant.means,
        scope=grant.scope,
        delivery=asked.request.delivery,
    )
    return Issue(
        approved.granted,
        approved.person,
        refresh,
        grant.scope,
        now,
        confirmation=confirmation,
        audience=audience,
        auth_req_id=auth_req_id,
    )


def _card_of(provider: Provider, db: Session, challenge: Challenge) -> Card | None:
    """The card that answered, held until the transaction ends; it may be opposed by now."""
    if challenge.card_number is None:
        return None
    try:
        return hold_card(provider, db, challenge.card_number)
    except CardRefused as refused:
        if _spend(provider, db, challenge):
            record_refusal(provider, db, refused, client_id=challenge.client_id)
        raise AccessDeniedError("The card may no longer sign in.") from refused
    except ApprovalGone as gone:
        raise AccessDeniedError("The card may no longer sign in.") from gone


def _session_of(
    provider: Provider, db: Session, challenge: Challenge, person: Person, card: Card | None
) -> BrowserSession:
    account = account_of(db, person.national_id, provider.clock.now())
    return new_session(
        provider,
        cookie_hash=sha256(secrets.token_urlsafe(_SECRET_BYTES)),
        account_id=account.account_id,
        national_id=person.national_id,
        means=CARD if card else MOBILE,
        authenticated_at=challenge.decided_at or challenge.created_at,
        device_id=challenge.device_id,
        card=card,
        place=place_shown(provider.settings.networks, challenge.document["place"]),
    )


def _granted(
    provider: Provider, asked: AskedSignIn, session: BrowserSession, person: StoredPerson | None
) -> GrantInUse:
    request = asked.request
    grant = Grant(
        grant_id=new_grant_id(),
        client_id=request.client_id,
        national_id=session.national_id,
        account_id=session.account_id,
        sid=session.sid,
        scope=request.scope,
        nonce="",
        claims=request.claims,
        means=next(iter(session.means)),
        resources=request.resources or None,
        auth_time=session.auth_time,
        created_at=provider.clock.now(),
        expires_at=session.expires_at,
    )
    return GrantInUse(grant, session, asked.client, device_lost=False, person=person)


def _refuse_person(provider: Provider, db: Session, challenge: Challenge) -> None:
    if _spend(provider, db, challenge):
        record(
            db,
            Event.PERSON_REFUSED,
            now=provider.clock.now(),
            success=False,
            person=challenge.national_id,
            client_id=challenge.client_id,
            challenge_id=challenge.challenge_id,
        )


def _spend(provider: Provider, db: Session, challenge: Challenge) -> bool:
    """Use up the approval; False where a simultaneous question did."""
    now = provider.clock.now()
    return finish(db, challenge.challenge_id, completion=None, now=now) is not None
