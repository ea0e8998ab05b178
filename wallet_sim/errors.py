"""What can go wrong on a phone: one class for each code of the protocol.

The phone's own refusals stand first, the provider's after them; `from_problem` builds the latter
from a `problem+json` body (RFC 9457).
"""

from typing import Any, ClassVar


class PhoneError(Exception):
    """Anything the phone refuses or is refused."""

    code: ClassVar[str] = "phone_error"


# -- the phone's own refusals --------------------------------------------------------------------


class NotEnrolled(PhoneError):
    """The phone holds no e-CPS, or not the step of an enrolment that was asked for."""

    code = "not_enrolled"


class AlreadyEnrolled(PhoneError):
    """The phone holds an e-CPS: it is deleted before another is activated."""

    code = "already_enrolled"


class PhoneInUse(PhoneError):
    """Another process holds the phone's file (decision 21)."""

    code = "phone_in_use"


class FileRefused(PhoneError):
    """The phone's file is readable by others, damaged, or of another version."""

    code = "file_refused"


class PinMalformed(PhoneError):
    """What was given is no PIN: digits only."""

    code = "pin_malformed"


class PinRefused(PhoneError):
    """The PIN chosen breaks the policy: `reason` is `length`, `repeated` or `sequence`."""

    code = "pin_refused"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PinsDiffer(PhoneError):
    """A new PIN is typed twice, and the two entries differ."""

    code = "pins_differ"


class QrRefused(PhoneError):
    """The picture holds no activation QR that this phone accepts."""

    code = "qr_refused"


class DocumentRefused(PhoneError):
    """A document whose signature, addressee, purpose or time does not hold: nothing is shown."""

    code = "document_refused"


class DocumentUntimely(DocumentRefused):
    """A document whose time is over, or has not come, by the phone's clock."""

    code = "document_untimely"


class NothingPending(PhoneError):
    """No request waits for an answer."""

    code = "nothing_pending"


class NumberNotOffered(PhoneError):
    """The number is missing, or is none of those the request offers."""

    code = "number_not_offered"


class AddressRefused(PhoneError):
    """The phone talks to its own provider only, over TLS or on its own machine."""

    code = "address_refused"


class NoAnswer(PhoneError):
    """The provider could not be reached, or its answer was lost: `Phone.recover` finds out."""

    code = "no_answer"


class PushRefused(PhoneError):
    """A push that does not come from the provider, or cannot be opened."""

    code = "push_refused"


class NameRefused(PhoneError):
    """A name for a phone holds a letter or a digit, and no other phone of the screen has it."""

    code = "name_refused"


class RackFull(PhoneError):
    """The screen shows as many phones as it can."""

    code = "rack_full"


# -- the provider's refusals ---------------------------------------------------------------------


class ProviderRefusal(PhoneError):
    """An answer of the provider that is no success; `members` is its problem document.

    The members that the protocol names are attributes: `retry_at` (NumericDate), `tries_left`,
    `state` and, where a fresh document came with the refusal, `challenge`.
    """

    code = "refused"

    def __init__(self, members: dict[str, Any], status: int = 0) -> None:
        self.code_received = str(members.get("code", "unknown"))
        super().__init__(f"{self.code_received}: {members.get('detail') or members.get('title')}")
        self.members = members
        self.status = status
        self.retry_at: int | None = members.get("retry_at")
        self.tries_left: int | None = members.get("tries_left")
        self.state: str | None = members.get("state")
        self.challenge: Any = None


class NotRecognised(ProviderRefusal):
    """Unknown phone, bad signature, wrong address or clock: the words are always the same."""

    code = "not_recognised"


class DeviceInactive(ProviderRefusal):
    """The e-CPS is suspended, blocked, revoked or expired: see `state`."""

    code = "device_inactive"


class RequestIdReused(ProviderRefusal):
    """A request id was used with other bytes."""

    code = "request_id_reused"


class IdentifierMalformed(ProviderRefusal):
    """What was typed is no national identifier."""

    code = "identifier_malformed"


class IdentifierLacksType(ProviderRefusal):
    """The 8 that stands before an RPPS number is missing."""

    code = "identifier_lacks_type"


class TooManyRequests(ProviderRefusal):
    """A limit was reached; not before `retry_at`."""

    code = "too_many_requests"


class TokenRefused(ProviderRefusal):
    """The token of the mail, or of the portal's QR, does not hold, for whatever reason."""

    code = "token_refused"


class Wait(ProviderRefusal):
    """Too early for another SMS; not before `retry_at`."""

    code = "wait"


class CodeRefused(ProviderRefusal):
    """The SMS code is wrong or expired: `tries_left`."""

    code = "code_refused"


class WrongPin(ProviderRefusal):
    """The PIN is wrong: `tries_left` and a fresh `challenge`, or `retry_at` at the third."""

    code = "wrong_pin"


class WrongNumber(ProviderRefusal):
    """The PIN was right and the number wrong: the request is dead."""

    code = "wrong_number"


class Locked(ProviderRefusal):
    """The waiting time after wrong PINs runs until `retry_at`; the PIN was not looked at."""

    code = "locked"


class Blocked(ProviderRefusal):
    """Too many wrong PINs, for good: activate again."""

    code = "blocked"


class CloneSuspected(ProviderRefusal):
    """Another copy of this phone was used: the e-CPS is suspended."""

    code = "clone_suspected"


class ChallengeClosed(ProviderRefusal):
    """The request is expired, decided, or somebody else's."""

    code = "challenge_closed"


class NonceStale(ProviderRefusal):
    """The request was asked again meanwhile; the fresh one is in `challenge`."""

    code = "nonce_stale"


class Malformed(ProviderRefusal):
    """A member of the request is missing or of another form."""

    code = "malformed"


class TicketRefused(ProviderRefusal):
    """The activation was used, has lapsed, or cannot go on: begin again."""

    code = "ticket_refused"


class PairingRefused(ProviderRefusal):
    """The activation by card is dead, late, or its card is no longer in use: begin again."""

    code = "pairing_refused"


class RegistrationRefused(ProviderRefusal):
    """The new PIN key was not proved as the protocol says."""

    code = "registration_refused"


class PostureRefused(ProviderRefusal):
    """What the phone declares of itself forbids it to hold an e-CPS: see `reason`."""

    code = "posture_refused"


class PolicyStale(ProviderRefusal):
    """The rules for PINs changed while one was being chosen."""

    code = "policy_stale"


class NothingBegun(ProviderRefusal):
    """No PIN change was begun."""

    code = "nothing_begun"


class AnswerUnfinished(ProviderRefusal):
    """The provider was interrupted while it looked at this answer: ask for the outcome."""

    code = "answer_unfinished"


class PushAddressRefused(ProviderRefusal):
    """The push endpoint is not of a push service that the operator allows."""

    code = "push_address_refused"


_BY_CODE = {kind.code: kind for kind in ProviderRefusal.__subclasses__()}


def from_problem(status: int, members: dict[str, Any]) -> ProviderRefusal:
    """The error that a problem document names; an unknown code stays a `ProviderRefusal`."""
    return _BY_CODE.get(str(members.get("code")), ProviderRefusal)(members, status)
