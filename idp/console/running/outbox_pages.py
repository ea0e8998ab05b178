"""What was sent, waits, or failed (decision 40); in a simulation, as its addressee gets it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.act import ActImpossible
from idp.console.acts.attempt import attempt, back_to, told_of
from idp.console.entry.roles import READER, SUPPORT
from idp.console.entry.visitors import require, require_proof
from idp.console.running.acts import BY_NAME, SEND_AGAIN
from idp.console.running.words import MESSAGE_STATES, MESSAGES
from idp.directory.masking import masked_email, masked_mobile
from idp.keys.sealing import SealBroken
from idp.outbox.reading import describe
from idp.provider import Provider, current_provider
from idp.store.models import OutboxMessage
from idp.store.running import find_message, messages_page
from idp.web.asked import asked_number, asked_text, number

bp = Blueprint("outbox", __name__, url_prefix="/messages")
_READABLE = {"mail", "sms", "letter"}
"""What people read; the rest is for programs, and holds nothing for eyes."""


@dataclass(frozen=True)
class Shown:
    """A message as an operator may see it."""

    row: OutboxMessage
    to: str
    """Masked in a real database, where it is a private contact (EC-02)."""


@bp.get("")
def index() -> ResponseReturnValue:
    """The messages, newest first, of a kind, in a state, to somebody."""
    require(READER)
    kind, state, recipient = asked_text("nature"), asked_text("etat"), asked_text("a")
    provider = current_provider()
    before, length = asked_number("avant"), provider.settings.console_page_length
    with provider.store.read() as db:
        found = messages_page(
            db, kind=kind, state=state, recipient=recipient, before=before, limit=length + 1
        )
    shown = found[:length]
    chosen: dict[str, Any] = {"nature": kind or None, "etat": state or None, "a": recipient or None}
    older = url_for("outbox.index", **chosen, avant=shown[-1].id) if len(found) > length else ""
    return render_template(
        "console/running/outbox.html",
        messages=[_shown(provider, message) for message in shown],
        kinds=[("", _("toutes")), *MESSAGES.items()],
        states=[("", _("tous")), *((name, told.text) for name, told in MESSAGE_STATES.items())],
        kind=kind,
        state=state,
        recipient=recipient,
        older=older,
        newer=before and url_for("outbox.index", **chosen),
        names=MESSAGES,
        state_words=MESSAGE_STATES,
    )


@bp.get("/<message_id>")
def message(message_id: str) -> ResponseReturnValue:
    """One message: what became of it; in a simulation, what it says, which is journalled."""
    visitor = require(READER)
    return _page(message_id, may_act=visitor.holds(SUPPORT))


@bp.post("/<message_id>/renvoi")
def again(message_id: str) -> ResponseReturnValue:
    """Send a failed message once more."""
    visitor = require_proof(SUPPORT)
    found = _found(message_id)
    try:
        outcome = attempt(visitor, SEND_AGAIN, str(found.id), {})
    except ActImpossible as error:
        return _page(message_id, may_act=True, refused=str(error.text)), HTTPStatus.CONFLICT
    return back_to(outcome, SEND_AGAIN, "outbox.message", message_id=found.id)


def _page(message_id: str, *, may_act: bool, refused: str = "") -> str:
    provider = current_provider()
    found = _found(message_id)
    is_over = found.expires_at is not None and found.expires_at <= provider.clock.now()
    has_failed = found.state == "failed"
    may_send = may_act and has_failed and found.payload_sealed != b"" and not is_over
    contents = _contents(provider, found)
    if contents is not None:  # codes and addresses that let in
        _note_look(provider, found)
    return render_template(
        "console/running/message.html",
        message=_shown(provider, found),
        name=MESSAGES[found.kind],
        state=MESSAGE_STATES[found.state],
        contents=contents,
        is_for_people=found.kind in _READABLE,
        is_real=not provider.is_simulation,
        is_lost=has_failed and not found.payload_sealed,
        is_over=has_failed and is_over,
        may_send=may_send,
        told=("error", refused) if refused else told_of(BY_NAME),
    )


def _contents(provider: Provider, found: OutboxMessage) -> dict[str, Any] | None:
    """As its addressee gets it, in a simulation alone; a letter once it is posted."""
    if not provider.is_simulation or found.kind not in _READABLE or not found.payload_sealed:
        return None
    if found.kind == "letter" and found.due_at > provider.clock.now():
        return None
    try:
        contents: dict[str, Any] = describe(provider, found)["payload"]
    except SealBroken:  # under another master key: the page says that there is nothing to read
        return None
    return contents


def _note_look(provider: Provider, found: OutboxMessage) -> None:
    now = provider.clock.now()
    with provider.store.begin() as db:
        record(db, Event.MESSAGE_SHOWN, now=now, message=found.id, kind=found.kind)


def _shown(provider: Provider, found: OutboxMessage) -> Shown:
    to = found.recipient
    if not provider.is_simulation and found.kind == "mail":
        to = masked_email(to)
    if not provider.is_simulation and found.kind == "sms":
        to = masked_mobile(to)
    return Shown(found, to)


def _found(message_id: str) -> OutboxMessage:
    with current_provider().store.read() as db:
        found = find_message(db, number(message_id))
    if found is None:
        raise NotFound
    return found
