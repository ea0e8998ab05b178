"""All tables, in one place to import them from."""

from idp.store.models.base import Base
from idp.store.models.cards import Card, CardApproval, CardAuthority, CardCertificate
from idp.store.models.clients import ClientDocument, InitialAccessToken
from idp.store.models.console import Operator, OperatorSession, PendingAct
from idp.store.models.decoupled import BackchannelRequest, DeviceAuthorization, UserCode
from idp.store.models.development import DevExchange, DevFault, DevSnapshot
from idp.store.models.directory import (
    Account,
    Contact,
    DirectoryAlias,
    DirectoryGeneration,
    DirectoryPerson,
    LocalCorrection,
    RefusedRow,
)
from idp.store.models.exchange import ApiSession, TrustedKeys
from idp.store.models.oauth import (
    AuthorizationCode,
    Client,
    Grant,
    PushedRequest,
    RefreshToken,
    RevokedToken,
)
from idp.store.models.phone import Answer, Challenge, Device, Pairing, Ticket
from idp.store.models.records import JournalEvent, JournalSegment, OutboxMessage
from idp.store.models.registration import OrderRegistration, PracticeActivity
from idp.store.models.security_keys import KeyCeremony, SecurityKey
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
    "ApiSession",
    "AuthorizationCode",
    "BackchannelRequest",
    "Base",
    "BrowserSession",
    "Card",
    "CardApproval",
    "CardAuthority",
    "CardCertificate",
    "Challenge",
    "Client",
    "ClientDocument",
    "Contact",
    "DevExchange",
    "DevFault",
    "DevSnapshot",
    "Device",
    "DeviceAuthorization",
    "DirectoryAlias",
    "DirectoryGeneration",
    "DirectoryPerson",
    "Grant",
    "InitialAccessToken",
    "Interaction",
    "JournalEvent",
    "JournalSegment",
    "KeyCeremony",
    "LocalCorrection",
    "Operator",
    "OperatorSession",
    "OrderRegistration",
    "OutboxMessage",
    "Pairing",
    "PendingAct",
    "PracticeActivity",
    "PushedRequest",
    "RefreshToken",
    "RefusedRow",
    "ReplayId",
    "RevokedToken",
    "SecurityKey",
    "SessionClient",
    "SigningKey",
    "ThrottleWindow",
    "Ticket",
    "TrustedKeys",
    "UserCode",
    "World",
]
