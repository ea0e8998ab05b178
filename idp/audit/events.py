"""The grammar of security events, in one place.

An event is ``source:subject:action``. The source is the part of the provider that saw it, the
subject what it happened to, the action a past participle. A test holds every recorded event to
this list.
"""

from enum import StrEnum


class Event(StrEnum):
    """Every event that the journal may hold."""

    WORLD_CREATED = "store:world:created"
    CLOCK_MOVED = "store:clock:moved"
    DIRECTORY_IMPORTED = "directory:generation:imported"
    DIRECTORY_REFUSED = "directory:generation:refused"
    CONTACT_CHANGED = "directory:contact:changed"
    KEY_ROTATED = "keys:key:rotated"
    KEY_REWRAPPED = "keys:key:rewrapped"
    CLIENT_ADDED = "oauth:client:added"
    CLIENT_CHANGED = "oauth:client:changed"
    CLIENT_REMOVED = "oauth:client:removed"
    CLIENT_REFUSED = "oauth:client:refused"
    CODE_ISSUED = "oauth:code:issued"
    CODE_REUSED = "oauth:code:reused"
    TOKEN_ISSUED = "oauth:token:issued"  # noqa: S105 - the name of an event
    TOKEN_REFRESHED = "oauth:token:refreshed"  # noqa: S105 - the name of an event
    REFRESH_REUSED = "oauth:refresh:reused"
    TOKEN_REVOKED = "oauth:token:revoked"  # noqa: S105 - the name of an event
    TICKET_STARTED = "enrolment:ticket:started"
    TICKET_REFUSED = "enrolment:ticket:refused"
    TICKET_REDEEMED = "enrolment:ticket:redeemed"
    SMS_SENT = "enrolment:sms:sent"
    SMS_REFUSED = "enrolment:sms:refused"
    SMS_VERIFIED = "enrolment:sms:verified"
    DEVICE_ACTIVATED = "devices:device:activated"
    DEVICE_REVOKED = "devices:device:revoked"
    DEVICE_SUSPENDED = "devices:device:suspended"
    DEVICE_BLOCKED = "devices:device:blocked"
    PUSH_ADDRESS_CHANGED = "devices:push:changed"
    PIN_REFUSED = "devices:pin:refused"
    PIN_LOCKED = "devices:pin:locked"
    PIN_CHANGE_BEGUN = "devices:pin:begun"
    PIN_CHANGED = "devices:pin:changed"
    PIN_CHANGE_ROLLED_BACK = "devices:pin:rolled-back"
    CHALLENGE_STARTED = "challenges:challenge:started"
    CHALLENGE_APPROVED = "challenges:challenge:approved"
    CHALLENGE_REFUSED = "challenges:challenge:refused"
    CHALLENGE_NOT_ME = "challenges:challenge:disowned"
    CHALLENGE_WRONG_NUMBER = "challenges:number:mismatched"
    PUSH_SUPPRESSED = "challenges:push:suppressed"
    SIGNIN_THROTTLED = "signin:start:throttled"
    PERSON_REFUSED = "signin:person:refused"
    SESSION_OPENED = "signin:session:opened"
    SESSION_STEPPED_UP = "signin:session:stepped-up"
    SESSION_ENDED = "signin:session:ended"
    SERVICE_CONFIRMED = "signin:service:confirmed"
    SERVICE_REJECTED = "signin:service:rejected"
    MESSAGE_FAILED = "outbox:message:failed"
    JOURNAL_PURGED = "audit:segment:purged"
