"""A person's user code: who does not know it may not even ask them (CIBA Core 1.0, 7.1 and 13).

It is a secret for software, and never the PIN (decision 29). Sealed rather than hashed, it
outlives a change of the master key.
"""

import hmac
import re
from enum import StrEnum

from authlib.oauth2 import OAuth2Error
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.notices import tell_contacts
from idp.directory.contacts import PersonUnknown
from idp.directory.people import find_person
from idp.keys.sealing import sha256
from idp.oauth.throttled import TooManyRequests
from idp.provider import Provider
from idp.store.models import UserCode
from idp.store.throttle import count_events, take_back
from idp.store.user_codes import delete_user_codes, find_user_code, put_user_code

SEAL = "user-code"
"""Purpose under which `code_sealed` is sealed."""
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_FEWEST_DIFFERENT = 4


class MissingUserCode(OAuth2Error):
    """`missing_user_code` (CIBA Core 13): the client registered that it sends one."""

    error = "missing_user_code"


class InvalidUserCode(OAuth2Error):
    """`invalid_user_code` (CIBA Core 13): wrong, or there is none, or nobody."""

    error = "invalid_user_code"


class Fault(StrEnum):
    """What is wrong with a code."""

    LENGTH = "length"
    CHARACTERS = "characters"
    IDENTIFIER = "identifier"
    PIN_LIKE = "pin-like"
    REPEATED = "repeated"


class UserCodeRefused(Exception):
    """A person cannot have this code; the message says why."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def set_user_code(
    provider: Provider, db: Session, national_id: str, code: str, *, actor: str | None = None
) -> None:
    """Give a person a code, in the place of the one they had; their contacts are told.

    Raises:
        PersonUnknown: nobody of this identifier.
        UserCodeRefused: too short, too long, of other characters, an identifier of theirs, what
            could be their PIN, or too easily guessed.
    """
    person = find_person(db, national_id)
    if person is None:
        raise PersonUnknown(national_id)
    if code in {national_id, person.national_id}:
        raise UserCodeRefused(Fault.IDENTIFIER, "an identifier is known to everybody")
    _check_form(provider, code)
    now = provider.clock.now()
    sealed = provider.sealer.seal(_bound(person.national_id, code), purpose=SEAL)
    put_user_code(db, person.national_id, sealed, now=now)
    record(db, Event.USER_CODE_SET, now=now, person=person.national_id, actor=actor)
    tell_contacts(provider, db, person.national_id, "user-code-set")


def remove_user_code(
    provider: Provider, db: Session, national_id: str, *, actor: str | None = None
) -> bool:
    """Leave somebody without code, in the directory or not any more; False where they had none."""
    if not delete_user_codes(db, national_id):
        return False
    now = provider.clock.now()
    record(db, Event.USER_CODE_REMOVED, now=now, person=national_id, actor=actor)
    tell_contacts(provider, db, national_id, "user-code-removed")
    return True


def check_user_code(
    provider: Provider, db: Session, client_id: str, national_id: str, given: str
) -> None:
    """Whether the client knows the code of whoever holds the identifier.

    A wrong code, a person without one and an identifier that nobody holds are answered alike, by
    the same statements (decision 41).

    Raises:
        InvalidUserCode: it does not.
        TooManyRequests: it was wrong too often; others may still ask (decision 24).
    """
    counted = _count_try(provider, db, client_id, national_id)
    if not _is_right(provider, find_user_code(db, national_id), given):
        now = provider.clock.now()
        record(
            db,
            Event.USER_CODE_REFUSED,
            now=now,
            success=False,
            person=national_id,
            client_id=client_id,
        )
        raise InvalidUserCode("The user_code is not the code of this person.")
    take_back(db, counted)


def _count_try(provider: Provider, db: Session, client_id: str, national_id: str) -> list[str]:
    """Count a try before it is judged, so that simultaneous ones are no more than allowed."""
    settings, now = provider.settings, provider.clock.now()
    # By the identifier as asked: under a common key two of one person would tell of each other.
    limits = {
        f"ciba-code:{client_id}": settings.ciba_user_codes_per_client,
        f"ciba-code:{client_id}:{national_id}": settings.ciba_user_codes_per_person,
    }
    windows = dict.fromkeys(limits, settings.ciba_user_code_window)
    counted = count_events(db, windows, now=now)
    if any(counted[key] == limit + 1 for key, limit in limits.items()):
        record(
            db,
            Event.BACKCHANNEL_THROTTLED,
            now=now,
            success=False,
            person=national_id,
            client_id=client_id,
            by="user-code",
        )
    if any(counted[key] > limit for key, limit in limits.items()):
        raise TooManyRequests(
            "Too many wrong user codes of this client: try again later.",
            settings.ciba_user_code_window,
        )
    return list(limits)


def _is_right(provider: Provider, kept: UserCode | None, given: str) -> bool:
    holder = kept.national_id if kept else ""
    known = provider.sealer.open(kept.code_sealed, purpose=SEAL) if kept else b""
    # Digests: the length of a code is not told by the time of its comparison.
    return hmac.compare_digest(sha256(known), sha256(_bound(holder, given)))


def _check_form(provider: Provider, code: str) -> None:
    shortest, longest = provider.settings.ciba_user_code_length, provider.settings.max_parameter
    if not shortest <= len(code) <= longest:
        raise UserCodeRefused(Fault.LENGTH, f"a user code has {shortest} to {longest} characters")
    if not _VISIBLE.fullmatch(code):
        raise UserCodeRefused(
            Fault.CHARACTERS, "a user code has visible ASCII characters only, and no spaces"
        )
    if code.isdigit():  # nobody here can tell whether it is theirs (decision 29)
        raise UserCodeRefused(Fault.PIN_LIKE, "a user code of digits alone could be the PIN")
    if len(set(code)) < _FEWEST_DIFFERENT:
        raise UserCodeRefused(
            Fault.REPEATED, f"a user code has {_FEWEST_DIFFERENT} different characters at least"
        )


def _bound(national_id: str, code: str) -> bytes:
    return f"{national_id}:{code}".encode()
