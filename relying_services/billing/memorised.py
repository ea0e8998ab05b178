"""What a replacement session memorises: a document that the replaced doctor's card signed.

It is read from nowhere else, and whoever changes it in the database is found out (SV-04, SV-09).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from relying_services.billing.authority import Authority
from relying_services.billing.chip import Chip
from relying_services.billing.errors import OutsideDates, SnapshotAltered
from relying_services.billing.signature import SignatureWrong, verify
from relying_services.billing.situation import Situation
from relying_services.billing.store.models import ReplacementRow
from relying_services.paris import day_of

KINDS = ("one_off", "repeated")
GRANTED, ASKED = MAILBOX_WAYS = ("granted", "asked")
"""The replaced doctor opens the mailbox here, or asks its provider to (SV-05)."""
_VERSION = 1


@dataclass(frozen=True)
class Wish:
    """What the doctor who will be replaced asks for."""

    substitute: str
    """National identifier."""
    substitute_name: str
    kind: str
    """`one_off` or `repeated`."""
    starts_on: date | None
    ends_on: date | None
    situations: tuple[Situation, ...]
    """From the doctor's own card."""
    mailbox_asked_of: str
    """Mail address of the provider that is to open the mailbox; nothing where it is granted."""

    @property
    def mailbox(self) -> str:
        """As `MAILBOX_WAYS`."""
        return mailbox_way(self.mailbox_asked_of)


@dataclass(frozen=True)
class Memorised:
    """What was memorised, as the replaced doctor's card signed it."""

    replaced: str
    replaced_name: str
    substitute: str
    situations: dict[str, Situation]
    """By the name of the activity."""
    starts_on: date | None
    ends_on: date | None
    mailbox_asked_of: str
    """As in `Wish`."""

    @property
    def mailbox(self) -> str:
        """As `MAILBOX_WAYS`."""
        return mailbox_way(self.mailbox_asked_of)

    def check_day(self, now: datetime) -> None:
        """Raises OutsideDates before the first day and after the last, in Paris."""
        today = day_of(now)
        begins, ends = self.starts_on or today, self.ends_on or today
        if not begins <= today <= ends:
            raise OutsideDates


def mailbox_way(asked_of: str) -> str:
    """How the mailbox is opened, as `MAILBOX_WAYS`, by whom that was asked of."""
    return ASKED if asked_of else GRANTED


def prepared_document(replacement_id: str, chip: Chip, wish: Wish, now: datetime) -> dict[str, Any]:
    """What the card of the replaced doctor signs when a session is prepared (SV-04)."""
    return {
        "v": _VERSION,
        "type": "replacement-prepared",
        "replacement": replacement_id,
        "replaced": {"national_id": chip.national_id, "name": chip.name},
        "substitute": {"national_id": wish.substitute, "name": wish.substitute_name},
        "kind": wish.kind,
        "starts_on": _iso(wish.starts_on),
        "ends_on": _iso(wish.ends_on),
        "situations": [each.told() for each in wish.situations],
        "mailbox_asked_of": wish.mailbox_asked_of,
        "card_number": chip.number,
        "card_ends_at": chip.ends_at.isoformat(),
        "at": now.isoformat(),
    }


def memorised_of(row: ReplacementRow, authority: Authority) -> Memorised:
    """What a session memorises, once its signature is verified.

    Raises:
        SnapshotAltered: it is not what the replaced doctor's card signed.
    """
    try:
        document = json.loads(row.text)
        at = datetime.fromisoformat(document["at"])
        signer = verify(row.text, row.signed, authority, at=at)
        found = Memorised(
            replaced=document["replaced"]["national_id"],
            replaced_name=document["replaced"]["name"],
            substitute=document["substitute"]["national_id"],
            situations={each["activity_id"]: Situation.of(each) for each in document["situations"]},
            starts_on=_day(document["starts_on"]),
            ends_on=_day(document["ends_on"]),
            # What was signed before there was a choice granted it.
            mailbox_asked_of=str(document.get("mailbox_asked_of", "")),
        )
    except (SignatureWrong, KeyError, TypeError, ValueError) as error:
        raise SnapshotAltered from error
    kept = (row.id, row.replaced, row.substitute)
    said = (document.get("replacement"), found.replaced, found.substitute)
    if kept != said or signer.national_id != row.replaced:
        raise SnapshotAltered
    return found


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None
