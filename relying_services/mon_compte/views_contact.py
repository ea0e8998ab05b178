"""The tab of the contact form: messages to the fund, and what it answered (MA-02)."""

from datetime import timedelta
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.mon_compte.access import Access, access
from relying_services.mon_compte.contact import LONGEST, SUBJECTS, Asked, asked_of
from relying_services.mon_compte.errors import LevelTooLow, not_yours
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.models import QuestionRow
from relying_services.mon_compte.store.questions import asked_since, question_of, questions
from relying_services.service.activity_first import activity_first
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.numbers import NUMBER
from relying_services.service.once import once
from relying_services.service.refusals import refuse
from relying_services.service.service import signed_in, this_service

_A_DAY = timedelta(days=1)


bp = Blueprint("contact", __name__, url_prefix="/contact")
bp.before_request(means_first)
bp.before_request(activity_first)


class _TooMany(FormWrong):
    """Somebody has sent as many messages within a day as one may."""


@bp.get("")
def index() -> ResponseReturnValue:
    """The form, and the messages there are."""
    return _page(_granted("questions:read"), {})


@bp.post("")
def ask() -> ResponseReturnValue:
    """Send a message to the fund."""
    granted = _granted("question:sent")
    try:
        asked = asked_of(request.form)
    except FormWrong as error:
        return _page(granted, error.errors), 400
    try:
        with this_service().store.begin() as db:
            address = once(db, partial(_sent, db, granted, asked))
    except _TooMany as error:
        return _page(granted, error.errors), 429
    flash(_("Votre message est envoyé à votre caisse."))
    return redirect(address, 303)


@bp.get(f"/{NUMBER}")
def question(number: int) -> ResponseReturnValue:
    """One message and its answer."""
    obj = f"question:{number}"
    granted = _granted("question:read", obj)
    with this_service().store.read() as db:
        found = question_of(db, granted.owner, number)
    if found is None:
        not_yours(granted, "question:read", obj)
    return render_template("mon_compte/question.html", question=found, subjects=SUBJECTS)


def _sent(db: Session, granted: Access, asked: Asked) -> str:
    """Send a message; gives its address."""
    service = this_service()
    now = service.clock.now()
    if asked_since(db, granted.actor.id, now - _A_DAY) >= settings().questions_a_day:
        told = _("Vous avez envoyé beaucoup de messages : attendez demain pour en écrire un autre.")
        raise _TooMany({"message": told})
    question = QuestionRow(
        owner=granted.owner,
        asked_by=granted.actor.id,
        asked_by_name=signed_in().name,
        subject=asked.subject,
        text=asked.text,
        asked_at=now,
        answer="",
        answered_by="",
        answered_at=None,
    )
    db.add(question)
    db.flush()
    service.note(db, granted.actor, "question:sent", object=f"question:{question.id}")
    return url_for("contact.question", number=question.id)


def _granted(action: str, obj: str = "") -> Access:
    """A message may name patients and have effects: it is for who has the whole service."""
    granted = access("contact", action, obj)
    if granted.level != "full":
        refuse(action, obj, LevelTooLow, by=granted.actor)
    return granted


def _page(granted: Access, errors: Errors) -> str:
    before = number_asked("apres")
    with this_service().store.read() as db:
        known = before is None or question_of(db, granted.owner, before) is not None
        rows = questions(db, granted.owner, before=before, limit=settings().page_rows + 1)
    if not known:
        not_yours(granted, "questions:read", f"question:{before}")
    shown, last = page_of(rows, settings().page_rows)
    return render_template(
        "mon_compte/contact.html",
        questions=shown,
        last=last,
        is_continued=before is not None,
        subjects=SUBJECTS,
        longest=LONGEST,
        typed=request.form,
        errors=errors,
    )
