"""All tables, in one place to import them from."""

from idp.store.models.base import Base
from idp.store.models.directory import (
    Account,
    Contact,
    DirectoryAlias,
    DirectoryGeneration,
    DirectoryPerson,
    LocalCorrection,
    RefusedRow,
)
from idp.store.models.oauth import AuthorizationCode, Client, Grant, RefreshToken, RevokedToken
from idp.store.models.phone import Answer, Challenge, Device, Ticket
from idp.store.models.records import JournalEvent, JournalSegment, OutboxMessage
from idp.store.models.signin import (
    BrowserSession,
    Interaction,
    ReplayId,
    SessionClient,
    ThrottleWindow,
)
from idp.store.models.world import SigningKey, World

__all__ = [
    "Account",
    "Answer",
    "AuthorizationCode",
    "Base",
    "BrowserSession",
    "Challenge",
    "Client",
    "Contact",
    "Device",
    "DirectoryAlias",
    "DirectoryGeneration",
    "DirectoryPerson",
    "Grant",
    "Interaction",
    "JournalEvent",
    "JournalSegment",
    "LocalCorrection",
    "OutboxMessage",
    "RefreshToken",
    "RefusedRow",
    "ReplayId",
    "RevokedToken",
    "SessionClient",
    "SigningKey",
    "ThrottleWindow",
    "Ticket",
    "World",
]
