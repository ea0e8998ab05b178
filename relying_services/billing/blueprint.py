"""What every page of the workstation begins with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from relying_services.billing import batch_file, invoices, replacements
from relying_services.billing.desk import this_desk
from relying_services.billing.freshness import CardToBeShownAnew, send_to_card
from relying_services.billing.memorised import Memorised
from relying_services.billing.settings import BillingSettings
from relying_services.billing.situation import worded
from relying_services.billing.store import replacements as store
from relying_services.billing.store.models import ReplacementRow
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import ServiceError
from relying_services.service.means import means_first
from relying_services.service.refusals import note_refusal
from relying_services.service.service import signed_in, this_service, who
from relying_services.service.store.models import SessionRow

bp = Blueprint("billing", __name__)
bp.before_request(means_first)
bp.register_error_handler(CardToBeShownAnew, send_to_card)


@dataclass(frozen=True)
class Acting:
    """In whose name who is signed in bills at this request."""

    row: SessionRow
    owner: str
    """National identifier of whom is billed for, and whose mailbox is used."""
    replacement: ReplacementRow | None
    memorised: Memorised | None

    @property
    def token(self) -> str:
        """What a form carries, so that it is posted as what it was shown as."""
        return self.replacement.id if self.replacement else ""

    @property
    def actor(self) -> trace.Actor:
        """Who acts, as the trace names them."""
        on_behalf_of = self.owner if self.replacement else None
        return trace.Actor.of(self.row, on_behalf_of=on_behalf_of)


def acting() -> Acting:
    """In whose name who is signed in bills.

    Raises:
        NotSignedIn: nobody is signed in.
        OutsideDates, SnapshotAltered: the replacement that is active does not hold now.
    """
    row, service = signed_in(), this_service()
    with service.store.read() as db:
        if store.held_by(db, row.handle) is None:
            return Acting(row, row.actor, None, None)
        found, memorised = replacements.held(db, row, this_desk().authority, service.clock.now())
    return Acting(row, found.replaced, found, memorised)


def settings() -> BillingSettings:
    """Of the workstation that answers this request."""
    return cast("BillingSettings", this_service().settings)


@contextmanager
def refusals_traced(actor: trace.Actor, action: str, obj: str = "") -> Iterator[None]:
    """Write down what the block refuses, in a transaction of its own."""
    try:
        yield
    except ServiceError as error:
        note_refusal(actor, action, obj, error)
        raise


@bp.before_request
def require_activity() -> ResponseReturnValue | None:
    """Under which activity somebody acts is chosen first (CP-08)."""
    return None if request.endpoint == "billing.help_page" else activity_first()


@bp.context_processor
def told_to_pages() -> dict[str, Any]:
    """Whom the person replaces, for the banner; and how things are worded."""
    row = who()
    replaced = ""
    if row is not None:
        with this_service().store.read() as db:
            held = store.held_by(db, row.handle)
        replaced = held.replaced_name if held else ""
    return {
        "replaced_name": replaced,
        "worded": worded,
        "invoice_named": invoices.named,
        "batch_named": batch_file.named,
    }
