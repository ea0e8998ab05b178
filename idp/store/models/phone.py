"""Phones, the tickets that enrol them, and the challenges they answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class Ticket(Base):
    """One enrolment under way (decision 17)."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index("ix_tickets_expires_at", "expires_at"),
        Index("ix_tickets_national_id", "national_id"),
    )

    ticket_id: Mapped[str] = mapped_column(primary_key=True)
    national_id: Mapped[str]
    """As typed, in canonical form; the person may not exist."""
    device_jwk: Mapped[dict[str, Any]]
    device_thumbprint: Mapped[str]
    device_name: Mapped[str]
    state: Mapped[str]
    """`started`, `redeemed`, `verified`, `active`, `dead`."""
    refusal: Mapped[str | None]
    """Why this ticket can never succeed; told to the registered contacts only."""
    mail_token_hash: Mapped[bytes | None]
    mail_expires_at: Mapped[datetime]
    sms_secret_sealed: Mapped[bytes | None]
    sms_counter: Mapped[int] = mapped_column(default=0)
    sms_sent: Mapped[int] = mapped_column(default=0)
    sms_tries: Mapped[int] = mapped_column(default=0)
    sms_last_sent_at: Mapped[datetime | None]
    sms_expires_at: Mapped[datetime | None]
    registration_challenge: Mapped[bytes | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Pairing(Base):
    """A phone being paired by card and QR (decision 33)."""

    __tablename__ = "pairings"
    __table_args__ = (
        Index("ix_pairings_sid", "sid"),
        Index("ix_pairings_card_number", "card_number"),
        Index("ix_pairings_national_id", "national_id"),
        Index("ix_pairings_expires_at", "expires_at"),
    )

    pairing_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of what the QR holds."""
    national_id: Mapped[str]
    sid: Mapped[str]
    """The card session that shows the QR, and alone may confirm."""
    card_number: Mapped[str]
    state: Mapped[str]
    """`shown`, `scanned`, `confirmed`, `active`, `dead`."""
    end_reason: Mapped[str | None]
    """Why it is dead: `scanned-twice`, `wrong-code`, `cancelled`, `superseded`,
    `card-opposed`, `card-ended`."""
    device_jwk: Mapped[dict[str, Any] | None]
    device_thumbprint: Mapped[str | None]
    device_name: Mapped[str | None]
    code_hash: Mapped[bytes | None]
    """Keyed hash of the code shown on the phone, typed on the portal: one try."""
    registration_challenge: Mapped[bytes | None]
    created_at: Mapped[datetime]
    qr_expires_at: Mapped[datetime]
    """90 s (EC-22); once scanned, `expires_at` counts."""
    expires_at: Mapped[datetime]


class Device(Base):
    """A phone that holds an e-CPS: its two keys, its counters, its push address."""

    __tablename__ = "devices"
    __table_args__ = (
        Index("ix_devices_national_id_state", "national_id", "state"),
        Index("ix_devices_next_credential_id", "next_credential_id"),
        Index("ix_devices_state_expires_at", "state", "expires_at"),
        Index("ix_devices_paired_card", "paired_card"),
        # An index, not a constraint: SQLite adds none to a table that is there already.
        Index("uq_devices_revocation_hash", "revocation_hash", unique=True),
    )

    device_id: Mapped[str] = mapped_column(primary_key=True)
    national_id: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    """`active`, `suspended` (clone seen, or paired by a lost card), `blocked` (PIN), `revoked`,
    `expired`."""
    state_reason: Mapped[str | None]
    device_jwk: Mapped[dict[str, Any]]
    device_thumbprint: Mapped[str] = mapped_column(unique=True)
    credential_id: Mapped[str] = mapped_column(unique=True)
    """base64url, 32 random bytes, independent of any key."""
    pin_key_sealed: Mapped[bytes]
    """COSE public key of the PIN key: readable with the master key only."""
    pin_generation: Mapped[int] = mapped_column(default=1)
    policy_version: Mapped[int]
    sign_count: Mapped[int] = mapped_column(default=0)
    next_credential_id: Mapped[str | None]
    next_pin_key_sealed: Mapped[bytes | None]
    """A PIN change begun and not yet committed."""
    roll_hash: Mapped[bytes]
    """SHA-256 of the rolling token that the next answer must carry."""
    last_request_id: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Consecutive wrong PINs; only a full success resets it."""
    failures_told: Mapped[int] = mapped_column(default=0)
    """Wrong PINs since the last success, to be shown at the next one."""
    lifetime_failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    push: Mapped[dict[str, Any] | None]
    """`{endpoint, keys: {p256dh, auth}}`."""
    revocation_hash: Mapped[bytes | None]
    """SHA-256 of the code that its holder revokes it with; none where it was activated before
    such codes were given."""
    sim_hash: Mapped[bytes | None]
    """SHA-256 of the SIM declared at activation: another one must activate anew (EC-28)."""
    paired_card: Mapped[str | None]
    """Number of the card that vouched for this phone, where one did (EC-05)."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    reminders_sent: Mapped[int] = mapped_column(default=0)
    """Of those that its end is near (EC-27)."""
    ended_at: Mapped[datetime | None]


class Challenge(Base):
    """A question asked of a person's phone: the row is the truth, a push only a hint."""

    __tablename__ = "challenges"
    __table_args__ = (
        Index("ix_challenges_national_id_state", "national_id", "state"),
        Index("ix_challenges_expires_at", "expires_at"),
    )

    challenge_id: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    """`signin` or `pin-change`, which a phone answers, or `ciba-card`, which a card does."""
    state: Mapped[str]
    """`pending`, `approved`, `refused`, `not_me`, `wrong_number`, `locked`, `cancelled`,
    `finished`. Expiry is told by `expires_at`."""
    national_id: Mapped[str]
    """As typed; nobody may hold it: a challenge for nobody is a row like any other."""
    device_id: Mapped[str | None]
    """Fixed by the first answer or, for a PIN change, from the start."""
    card_number: Mapped[str | None]
    """The card that answered, where one is asked."""
    client_id: Mapped[str | None]
    known_browser: Mapped[bool] = mapped_column(default=False)
    """Whether the person signed in before in the browser that asks (decision 24)."""
    asked_from: Mapped[str] = mapped_column(default="")
    """The network that asks, which shares its turns on the phone's list."""
    document: Mapped[dict[str, Any]]
    """What the person is shown and signs, without nonce."""
    nonce: Mapped[str]
    """base64url, 32 bytes, drawn anew for each try."""
    number: Mapped[str | None]
    """The two digits that the page shows."""
    tries: Mapped[int] = mapped_column(default=0)
    failures_told: Mapped[int] = mapped_column(default=0)
    """Wrong PINs since the last success, as the approval found them (decision 19)."""
    completion_hash: Mapped[bytes | None]
    """SHA-256 of the secret that finishes a same-device sign-in (decision 25)."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    """When it was approved or refused."""


class Answer(Base):
    """The outcome of one answer, for a phone that lost it (decision 21)."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_expires_at", "expires_at"),)

    device_id: Mapped[str] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    """SHA-256 of the answer's bytes: the same bytes get the same outcome."""
    status: Mapped[int]
    outcome: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]
