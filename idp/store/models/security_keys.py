"""Security keys and passkeys (WebAuthn), of people and of operators."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from idp.store.models.base import Base


class SecurityKey(Base):
    """A WebAuthn credential that signs its holder in."""

    __tablename__ = "security_keys"
    __table_args__ = (
        Index("ix_security_keys_holder", "holder_kind", "holder"),
        Index(
            "ix_security_keys_suspended",
            "holder",
            sqlite_where=text("state = 'suspended'"),
            postgresql_where=text("state = 'suspended'"),
        ),
    )

    credential_id: Mapped[str] = mapped_column(primary_key=True)
    """base64url, chosen by the authenticator."""
    holder_kind: Mapped[str]
    """`person` or `operator`: the two never meet."""
    holder: Mapped[str]
    """National identifier, or the operator's name."""
    user_handle: Mapped[bytes]
    """Random, and tells nobody who its holder is (WebAuthn 3, 14.6.1)."""
    name: Mapped[str]
    """As its holder calls it."""
    public_key: Mapped[bytes]
    """COSE."""
    sign_count: Mapped[int]
    aaguid: Mapped[str]
    transports: Mapped[list[Any]]
    backed_up: Mapped[bool]
    """A passkey that its maker copies between devices."""
    state: Mapped[str]
    """`active`, `suspended` (a copy was seen, or what vouched for it was lost), `removed`."""
    state_reason: Mapped[str | None]
    vouched_by: Mapped[dict[str, Any]]
    """What its holder had signed in by when it was registered: `{means, device_id, card_number}`;
    it falls with the card or phone (decision 32)."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class KeyCeremony(Base):
    """A challenge given to a browser for one registration or one sign-in by key."""

    __tablename__ = "key_ceremonies"
    __table_args__ = (Index("ix_key_ceremonies_expires_at", "expires_at"),)

    challenge_hash: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the WebAuthn challenge; deleted when it is answered."""
    purpose: Mapped[str]
    """`registration` or `authentication`."""
    bound_to: Mapped[bytes]
    """SHA-256 of what alone may answer: the browser's secret, with the page it stands on."""
    holder_kind: Mapped[str]
    holder: Mapped[str | None]
    """Who registers; nobody yet at a sign-in, which tells by itself whose key answered."""
    user_handle: Mapped[bytes | None]
    expires_at: Mapped[datetime]
