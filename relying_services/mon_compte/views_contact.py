"""The tab of the contact form: messages to the fund, and what it answered (MA-02)."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.mon_compte.access import Access, access
from relying_services.mon_compte.contact import LONGEST, SUBJECTS, asked_of
from relying_services.mon_compte.errors import LevelTooLow, not_yours, refuse
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.models import QuestionRow
from relying_services.mon_compte.store.questions import asked_since, question_of, questions
from relying_services.service.activity_first import activity_first
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.lists import number_asked, page_of
from relying_services.service.numbers import NUMBER
from relying_services.service.service import signed_in, this_service

_A_DAY = timedelta(days=1)

bp = Blueprint("contact", __name__, url_prefix="/contact")
bp.before_request(activity_first)


@bp.get("")
def index() -> ResponseReturnValue:
    """The form, and the messages there are."""
    return _page(_granted("questions:read"), {})


@bp.post("")
def ask() -> ResponseReturnValue:
    """Send a message to the fund."""
    granted, service = _granted("question:sent"), this_service()
    try:
        asked = asked_of(request.form)
    except FormWrong as error:
        return _page(granted, error.errors), 400
    now = service.clock.now()
    with service.store.begin() as db:
        is_too_many = asked_since(db, granted.actor.id, now - _A_DAY) >= settings().questions_a_day
        if not is_too_many:
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
    if is_too_many:
        told = _("Vous avez envoyé beaucoup de messages : attendez demain pour en écrire un autre.")
        return _page(granted, {"message": told}), 429
    return redirect(url_for("contact.question", number=question.id), 303)


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


def _granted(action: str, obj: str = "") -> Access:
    """A message may name patients and have effects: it is for who has the whole service."""
    granted = access("contact", action, obj)
    if granted.level != "full":
        refuse(granted, action, obj, LevelTooLow)
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
