"""Asking a person's phone: the row is the truth, whoever holds the identifier (decision 41)."""

import secrets
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
from idp.provider import Provider
from idp.settings import Settings
from idp.store.challenges import add_challenge
from idp.store.models import Challenge, Client

PURPOSE = "signin"
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
    settings, now = provider.settings, provider.clock.now()
    number = _two_digits(secrets.randbelow(_NUMBERS))
    challenge_id = secrets.token_urlsafe(16)
    expires_at = now + settings.web_challenge_lifetime
    challenge = Challenge(
        challenge_id=challenge_id,
        purpose=PURPOSE,
        state="pending",
        national_id=national_id,
        client_id=client.client_id,
        known_browser=known_browser,
        asked_from=site_of(address) if address else "",
        document={
            "v": 1,
            "purpose": PURPOSE,
            "challenge_id": challenge_id,
            "client_id": client.client_id,
            "client_name": neutralise(client.name),
            "action": "sign-in",
            "acr": "eidas1",
            "browser": describe_browser(user_agent),
            "place": describe_place(settings.networks, address),
            "same_device": same_device,
            "number": _matching(settings, number),
            "iat": numeric_date(now),
            "exp": numeric_date(expires_at),
        },
        nonce=encode_base64url(secrets.token_bytes(NONCE_BYTES)),
        number=number,
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
    hint(provider, db, challenge, budget)
    return challenge


def resend(provider: Provider, db: Session, challenge: Challenge, budget: PushBudget) -> None:
    """Hint again at a challenge that still waits, within the same budget."""
    if challenge.state == "pending" and challenge.expires_at > provider.clock.now():
        hint(provider, db, challenge, budget)


def _matching(settings: Settings, number: str) -> dict[str, Any]:
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
