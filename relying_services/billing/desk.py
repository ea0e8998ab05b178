"""The card in the reader, verified, and held to who is signed in at this workstation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import requests

from relying_services.billing import chip as chips
from relying_services.billing.authority import Authority
from relying_services.billing.card_errors import CardOfAnother, SignatureRefused
from relying_services.billing.chip import Chip
from relying_services.billing.reader import Reader
from relying_services.billing.revocation import RevocationList
from relying_services.billing.settings import BillingSettings
from relying_services.billing.signature import SignatureWrong, canonical, verify
from relying_services.service.service import Service, this_service
from relying_services.service.store.models import SessionRow

_NAME = "desk"


@dataclass(frozen=True)
class Signed:
    """A document with the signature of a card."""

    text: str
    signed: dict[str, Any]
    chip: Chip
    """The card that signed."""
    at: datetime


@dataclass(frozen=True)
class Desk:
    """What stands on the desk: reader, trusted authority, list of revoked certificates."""

    settings: BillingSettings
    authority: Authority
    revoked: RevocationList
    reader: Reader
    http: requests.Session

    @classmethod
    def of(cls, settings: BillingSettings) -> "Desk":
        """The desk that settings describe.

        Raises:
            WrongSetting: the authority's file holds none.
        """
        http = requests.Session()
        authority = Authority.load(settings.authority_file)
        return cls(
            settings,
            authority,
            RevocationList(
                authority,
                settings.list_url,
                http,
                timeout=settings.timeout,
                kept=settings.list_kept,
                hold_kept=settings.list_hold_kept,
            ),
            Reader(settings.reader_url, settings.reader_secret, http, settings.timeout),
            http,
        )

    def card_of(self, row: SessionRow, now: datetime) -> Chip:
        """The card in the reader, which is that of who is signed in.

        Raises:
            CardRefused: there is none, it does not verify, it is not activated, it is opposed, or
                it is another's.
        """
        chip = self.read(now)
        if chip.national_id != row.actor:
            raise CardOfAnother
        return chip

    def read(self, now: datetime) -> Chip:
        """The card in the reader, whosever it is.

        Raises:
            CardRefused: there is none, it does not verify, it is not activated, or it is opposed.
        """
        found = chips.verify(self.reader.content(), self.authority, now)
        self.revoked.check([found.authentication, found.signature], now)
        return found

    def sign(self, chip: Chip, document: dict[str, Any], now: datetime) -> Signed:
        """A document, signed by the card that was read: the one in the reader may be another now.

        Raises:
            CardRefused: the reader gives no signature of that card over this document.
        """
        text = canonical(document)
        signed = self.reader.sign(text.encode())
        try:
            signer = verify(text, signed, self.authority, at=now)
        except SignatureWrong as error:
            raise SignatureRefused from error
        if signer.certificate != chip.signature:
            raise SignatureRefused
        return Signed(text, signed, chip, now)


def this_desk() -> Desk:
    """The desk of the workstation that answers this request."""
    return cast("Desk", this_service().more[_NAME])


def put(service: Service, desk: Desk) -> None:
    """Set the desk up."""
    service.more[_NAME] = desk
