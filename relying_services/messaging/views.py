"""The pages of the messaging: what came in, what went out, one letter, a new one, the directory."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.folded import folded
from relying_services.messaging.errors import TooManyLetters
from relying_services.messaging.letters import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Letter,
    letter_of,
    local_part,
)
from relying_services.messaging.settings import MessagingSettings
from relying_services.messaging.store.letters import (
    Post,
    add_letter,
    has_sent,
    letter_for,
    note_read,
    received,
    sent,
    unread,
)
from relying_services.messaging.store.mailboxes import (
    directory,
    mailbox_at,
    mailbox_of,
    open_mailbox,
)
from relying_services.messaging.store.models import LetterRow, MailboxRow
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotYours
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.numbers import number_of
from relying_services.service.once import once
from relying_services.service.refusals import refuse
from relying_services.service.service import actor, signed_in, this_service

_A_DAY = timedelta(days=1)
bp = Blueprint("messaging", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("/")
def home() -> ResponseReturnValue:
    """What came in; the mailbox opens at the first visit."""
    own = _own_mailbox()
    before, rows = number_asked("avant"), _settings().page_rows
    with this_service().store.read() as db:
        posts = received(db, own.owner, before=before, limit=rows + 1)
        waiting = unread(db, own.owner)
    return _list("messaging/inbox.html", posts, own=own, unread=waiting)


@bp.get("/envoyes")
def outbox() -> ResponseReturnValue:
    """What went out."""
    own = _own_mailbox()
    before, rows = number_asked("avant"), _settings().page_rows
    with this_service().store.read() as db:
        posts = sent(db, own.owner, before=before, limit=rows + 1)
    return _list("messaging/outbox.html", posts, own=own)


@bp.get("/messages/<name>")
def letter(name: str) -> ResponseReturnValue:
    """One letter, for who sent or received it."""
    own, service = _own_mailbox(), this_service()
    post = _post(own, name)
    number = post.letter.id
    with service.store.begin() as db:
        note_read(db, own.owner, number, service.clock.now())
        service.note(db, actor(), "letter:read", object=f"letter:{number}")
    is_received = post.letter.recipient == own.owner
    return render_template("messaging/letter.html", post=post, own=own, is_received=is_received)


@bp.get("/ecrire")
def write() -> ResponseReturnValue:
    """A new letter, or the answer to one that was received."""
    own = _own_mailbox()
    answered = request.args.get("reponse", "")
    if not answered:
        return _form(own, {"adresse": request.args.get("a", "")}, {})
    post = _post(own, answered)
    subject = post.letter.subject
    begun = subject if subject.startswith("Re : ") else f"Re : {subject}"[:LONGEST_SUBJECT]
    return _form(own, {"adresse": post.other.address, "objet": begun}, {})


@bp.post("/ecrire")
def send() -> ResponseReturnValue:
    """Send a letter to somebody who has a mailbox."""
    own = _own_mailbox()
    try:
        given = letter_of(request.form)
        with this_service().store.begin() as db:
            address = once(db, partial(_sent, db, own, given))
    except FormWrong as error:
        return _form(own, request.form, error.errors), HTTPStatus.BAD_REQUEST
    except TooManyLetters:
        refuse("letter:sent", "", TooManyLetters)
    flash(_("Le message est envoyé."))
    return redirect(address, HTTPStatus.SEE_OTHER)


@bp.get("/annuaire")
def search() -> ResponseReturnValue:
    """Professionals who have a mailbox, by family name."""
    own, rows = _own_mailbox(), _settings().page_rows
    begins = request.args.get("nom", "")[:100]
    with this_service().store.read() as db:
        found = directory(db, folded(begins), rows + 1)
    return render_template(
        "messaging/directory.html",
        own=own,
        found=found[:rows],
        is_more=len(found) > rows,
        begins=begins,
    )


def _own_mailbox() -> MailboxRow:
    row, service = signed_in(), this_service()
    with service.store.read() as db:
        found = mailbox_of(db, row.actor)
    if found is not None:
        return found
    domain = _settings().domain
    with service.store.begin() as db:
        opened = open_mailbox(
            db,
            service.clock.now(),
            owner=row.actor,
            name=row.name or row.actor,
            sorted_name=folded(f"{row.userinfo.get('family_name', '')} {row.name}"),
            address_of=lambda rank: f"{local_part(row.name, rank)}@{domain}",
        )
        service.note(db, actor(), "mailbox:opened", object=f"mailbox:{opened.address}")
    return opened


def _sent(db: Session, own: MailboxRow, given: Letter) -> str:
    """Send a letter; gives the address of the page that lists it."""
    service = this_service()
    if has_sent(db, own.owner, _settings().letters_a_day, service.clock.now() - _A_DAY):
        raise TooManyLetters
    recipient = mailbox_at(db, given.address)
    if recipient is None:
        told = _("Aucune boîte n’a cette adresse : cherchez-la dans l’annuaire.")
        raise FormWrong({"adresse": told})
    number = add_letter(db, _row(own, recipient, given))
    service.note(db, actor(), "letter:sent", object=f"letter:{number}")
    return url_for("messaging.outbox")


def _row(own: MailboxRow, recipient: MailboxRow, given: Letter) -> LetterRow:
    return LetterRow(
        sender=own.owner,
        recipient=recipient.owner,
        subject=given.subject,
        text=given.text,
        activity=actor().activity,
        sent_at=this_service().clock.now(),
        read_at=None,
    )


def _list(template: str, posts: list[Post], **told: object) -> str:
    shown, last = page_of(posts, _settings().page_rows)
    return render_template(
        template,
        posts=shown,
        last=last.letter.id if last else None,
        before=number_asked("avant"),
        **told,
    )


def _form(own: MailboxRow, typed: object, errors: Errors) -> str:
    return render_template(
        "messaging/write.html",
        own=own,
        typed=typed,
        errors=errors,
        longest_subject=LONGEST_SUBJECT,
        longest_text=LONGEST_TEXT,
    )


def _post(own: MailboxRow, name: str) -> Post:
    """The letter of this number; unknown and another's are refused alike (MA-10)."""
    number = number_of(name)
    with this_service().store.read() as db:
        found = letter_for(db, own.owner, number) if number is not None else None
    if found is None:
        refuse("letter:read", f"letter:{name}", NotYours)
    return found


def _settings() -> MessagingSettings:
    return cast("MessagingSettings", this_service().settings)
