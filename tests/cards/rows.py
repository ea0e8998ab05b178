"""Cards, phones and sessions as rows, where what happens to them is what is tested."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from idp.cards.states import CardState
from idp.provider import Provider
from idp.store.models import (
    Base,
    BrowserSession,
    Card,
    CardApproval,
    CardCertificate,
    Device,
    Grant,
    JournalEvent,
    Pairing,
)

PERSON = "899700990015"
CARD = "9799000001"


def add(provider: Provider, *rows: Any) -> Any:
    """Keep rows; gives the first."""
    with provider.store.begin() as db:
        db.add_all(rows)
    return rows[0]


def all_of(provider: Provider, model: type[Base]) -> list[Any]:
    with provider.store.read() as db:
        return list(db.scalars(select(model)))


def the_card(provider: Provider, card_number: str = CARD) -> Card:
    with provider.store.read() as db:
        card = db.get(Card, card_number)
    assert card is not None
    return card


def events(provider: Provider, event: str) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]


def a_card(provider: Provider, **values: Any) -> Card:
    """A card made today, in use."""
    now = provider.clock.now()
    given = {
        "card_number": CARD,
        "family": "CPS",
        "version": "CPS4",
        "national_id": PERSON,
        "profession": "10C",
        "state": CardState.ACTIVE,
        "state_at": now,
        "ordered_at": now,
        "starts_at": now,
        "ends_at": now + provider.settings.card_lifetime,
        "activities": [],
        "tries_left": 3,
        "unblock_tries_left": 3,
    }
    return Card(**(given | values))


def its_certificates(provider: Provider, card_number: str = CARD) -> list[CardCertificate]:
    now = provider.clock.now()
    return [
        CardCertificate(
            serial=secrets.token_hex(8),
            card_number=card_number,
            use=use,
            certificate=b"",
            starts_at=now,
            ends_at=now + provider.settings.card_lifetime,
        )
        for use in ("authentication", "signature")
    ]


def a_session(provider: Provider, **values: Any) -> BrowserSession:
    """A session opened with the card."""
    now = provider.clock.now()
    given = {
        "sid": secrets.token_hex(8),
        "cookie_hash": secrets.token_bytes(32),
        "national_id": PERSON,
        "account_id": "account",
        "auth_time": now,
        "means": {"CARD": int(now.timestamp())},
        "card_number": CARD,
        "card_family": "CPS",
        "last_activity_at": now,
        "created_at": now,
        "expires_at": now + provider.settings.session_lifetime,
    }
    return BrowserSession(**(given | values))


def a_grant(provider: Provider, session: BrowserSession) -> Grant:
    now = provider.clock.now()
    return Grant(
        grant_id=secrets.token_hex(8),
        client_id="service",
        national_id=session.national_id,
        account_id=session.account_id,
        sid=session.sid,
        scope="openid",
        nonce="",
        claims={},
        means="CARD",
        auth_time=now,
        created_at=now,
        expires_at=now + provider.settings.session_lifetime,
    )


def a_phone(provider: Provider, **values: Any) -> Device:
    """A phone that the card vouched for."""
    now = provider.clock.now()
    given = {
        "device_id": secrets.token_hex(8),
        "national_id": PERSON,
        "name": "Téléphone",
        "state": "active",
        "device_jwk": {},
        "device_thumbprint": secrets.token_hex(8),
        "credential_id": secrets.token_hex(8),
        "pin_key_sealed": b"",
        "policy_version": 1,
        "roll_hash": b"",
        "push": None,
        "paired_card": CARD,
        "created_at": now,
        "expires_at": now + provider.settings.device_lifetime,
    }
    return Device(**(given | values))


def an_approval(provider: Provider) -> CardApproval:
    now = provider.clock.now()
    return CardApproval(
        completion_hash=secrets.token_bytes(32),
        interaction_hash=secrets.token_bytes(32),
        card_number=CARD,
        national_id=PERSON,
        created_at=now,
        expires_at=now + timedelta(minutes=1),
    )


def a_pairing(provider: Provider, **values: Any) -> Pairing:
    now = provider.clock.now()
    given = {
        "pairing_id": secrets.token_hex(8),
        "token_hash": secrets.token_bytes(32),
        "national_id": PERSON,
        "sid": "sid",
        "card_number": CARD,
        "state": "scanned",
        "created_at": now,
        "qr_expires_at": now + timedelta(seconds=90),
        "expires_at": now + timedelta(minutes=10),
    }
    return Pairing(**(given | values))
