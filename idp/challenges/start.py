"""Asking a person's phone: the row is the truth, whoever holds the identifier (decision 41)."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.challenges.push import PushBudget, hint
from idp.challenges.wording import describe_browser, describe_place, neutralise
from idp.devices.errors import numeric_date
from idp.devices.evaluation import NONCE_BYTES
from idp.devices.proofs import encode_base64url
from idp.networks import site_of
from idp.oauth.rules.binding_message import BindingMessage
from idp.provider import Provider
from idp.settings import Settings
from idp.store.challenges import add_challenge
from idp.store.models import Challenge, Client

PURPOSE = "signin"
CARD_PURPOSE = "ciba-card"
"""Of a question that a card answers, at a reader: no phone is asked (decision 34)."""
CIBA = "ciba"
"""What a document calls a sign-in that no browser began (decision 29)."""
_NUMBERS = 100
_DIGITS = 2


def start_signin(
    provider: Provider,
    db: Session,
    *,
    national_id: str,
    client: Client,
    address: str,
    user_agent: str,
    same_device: bool,
    budget: PushBudget,
    known_browser: bool = False,
) -> Challenge:
    """Ask for a sign-in; for an identifier that nobody holds the work is the same.

    Args:
        provider: the provider.
        db: the caller's transaction; the push leaves after its commit.
        national_id: canonical, as typed; a former one asks its person (decision 36).
        client: the relying service, whose registered name the person is shown.
        address: IP address of the browser.
        user_agent: header of the browser; only its family is told.
        same_device: whether the browser runs on the phone (decision 25).
        budget: what the push is taken from (decision 24).
        known_browser: whether the person signed in there before: the phone's list has a place
            for it.
    """
    settings = provider.settings
    question = _Question(
        purpose=PURPOSE,
        national_id=national_id,
        client=client,
        lifetime=settings.web_challenge_lifetime,
        number=_two_digits(secrets.randbelow(_NUMBERS)),
        asked_from=site_of(address) if address else "",
        known_browser=known_browser,
        shown={
            "action": "sign-in",
            "browser": describe_browser(user_agent),
            "place": describe_place(settings.networks, address),
            "same_device": same_device,
        },
    )
    challenge = _ask(provider, db, question)
    hint(provider, db, challenge, budget)
    return challenge


@dataclass(frozen=True)
class CibaQuestion:
    """A sign-in that a client began without a browser (CIBA Core 7)."""

    national_id: str
    """Canonical; nobody may hold it."""
    client: Client
    """The relying service, whose registered name the person is shown."""
    address: str
    """IP address of the client."""
    message: BindingMessage
    """The number to match, or what is shown."""
    lifetime: timedelta
    """How long it waits for an answer."""


def start_ciba(
    provider: Provider, db: Session, asked: CibaQuestion, budget: PushBudget
) -> Challenge:
    """Ask the phone; the push is taken from ``budget`` and leaves after the commit.

    As with `start_signin`, the work is the same for an identifier that nobody holds. What one
    client asks takes the turns of that client on the phone's list, and no others (decision 24).
    """
    challenge = _ask(provider, db, _ciba_question(provider, PURPOSE, asked))
    hint(provider, db, challenge, budget)
    return challenge


def start_ciba_by_card(provider: Provider, db: Session, asked: CibaQuestion) -> Challenge:
    """Ask the person's card, as `start_ciba` the phone: the reader fetches it (decision 34)."""
    return _ask(provider, db, _ciba_question(provider, CARD_PURPOSE, asked))


@dataclass(frozen=True)
class _Question:
    """What is asked of whom, before it has a row."""

    purpose: str
    national_id: str
    client: Client
    lifetime: timedelta
    number: str | None
    asked_from: str
    known_browser: bool
    shown: dict[str, Any]


def _ciba_question(provider: Provider, purpose: str, asked: CibaQuestion) -> _Question:
    return _Question(
        purpose=purpose,
        national_id=asked.national_id,
        client=asked.client,
        lifetime=asked.lifetime,
        number=asked.message.number,
        asked_from=f"client:{asked.client.client_id}",
        known_browser=False,
        shown={
            "action": CIBA,
            "message": asked.message.text,
            "place": describe_place(provider.settings.networks, asked.address),
            "same_device": False,
        },
    )


def _ask(provider: Provider, db: Session, question: _Question) -> Challenge:
    settings, now = provider.settings, provider.clock.now()
    challenge_id = secrets.token_urlsafe(16)
    expires_at = now + question.lifetime
    client = question.client
    challenge = Challenge(
        challenge_id=challenge_id,
        purpose=question.purpose,
        state="pending",
        national_id=question.national_id,
        client_id=client.client_id,
        known_browser=question.known_browser,
        asked_from=question.asked_from,
        document={
            "v": 1,
            "purpose": question.purpose,
            "challenge_id": challenge_id,
            "client_id": client.client_id,
            "client_name": neutralise(client.name),
            "acr": "eidas1",
            **question.shown,
            "number": _matching(settings, question.number),
            "iat": numeric_date(now),
            "exp": numeric_date(expires_at),
        },
        nonce=encode_base64url(secrets.token_bytes(NONCE_BYTES)),
        number=question.number,
        created_at=now,
        expires_at=expires_at,
    )
    add_challenge(db, challenge)
    record(
        db,
        Event.CHALLENGE_STARTED,
        now=now,
        person=challenge.national_id,
        client_id=client.client_id,
        challenge_id=challenge_id,
    )
    return challenge


def resend(provider: Provider, db: Session, challenge: Challenge, budget: PushBudget) -> None:
    """Hint again at a challenge that still waits, within the same budget."""
    if challenge.state == "pending" and challenge.expires_at > provider.clock.now():
        hint(provider, db, challenge, budget)


def _matching(settings: Settings, number: str | None) -> dict[str, Any]:
    if number is None:
        return {"mode": "none"}
    if settings.number_mode == "typed":
        return {"mode": "typed", "length": _DIGITS}
    options = {number}
    while len(options) < settings.number_choices:
        options.add(_two_digits(secrets.randbelow(_NUMBERS)))
    shuffled = sorted(options)
    secrets.SystemRandom().shuffle(shuffled)
    return {"mode": "choice", "options": shuffled}


def _two_digits(value: int) -> str:
    return f"{value:0{_DIGITS}d}"
