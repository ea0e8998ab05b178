"""The pages of the network: the cases of who is signed in, one case, a new one."""

from functools import partial
from http import HTTPStatus
from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from relying_services.oncology.cases import (
    LONGEST_TEXT,
    LONGEST_TITLE,
    OPEN,
    POSITIONS,
    Presented,
    conclusion_of,
    opinion_of,
    presented_of,
)
from relying_services.oncology.errors import CaseClosed, NotPresenter, QuorumMissing
from relying_services.oncology.settings import OncologySettings
from relying_services.oncology.store import cases
from relying_services.oncology.store.models import CaseRow, OpinionRow
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotYours
from relying_services.service.forms import Errors, FormWrong
from relying_services.service.means import means_first
from relying_services.service.numbers import number_of
from relying_services.service.once import once
from relying_services.service.refusals import refuse
from relying_services.service.service import actor, signed_in, this_service

bp = Blueprint("oncology", __name__)
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("/")
def home() -> ResponseReturnValue:
    """The cases in which this person takes part."""
    row = signed_in()
    with this_service().store.read() as db:
        found = cases.cases_of(db, row.actor, _settings().page_rows)
    return render_template("oncology/home.html", cases=found)


@bp.get("/dossiers/nouveau")
def begin() -> ResponseReturnValue:
    """A new case."""
    signed_in()
    return _new({})


@bp.post("/dossiers/nouveau")
def present() -> ResponseReturnValue:
    """Present a case to those who are invited to it."""
    row = signed_in()
    try:
        given = presented_of(request.form, row.actor, _settings().most_participants)
    except FormWrong as error:
        return _new(error.errors), HTTPStatus.BAD_REQUEST
    with this_service().store.begin() as db:
        address = once(db, partial(_presented, db, given))
    flash(_("Le dossier est présenté."))
    return redirect(address, HTTPStatus.SEE_OTHER)


@bp.get("/dossiers/<name>")
def case(name: str) -> ResponseReturnValue:
    """A case and the opinions on it, for who takes part in it."""
    found, service = _own_case("case:read", name), this_service()
    with service.store.begin() as db:
        service.note(db, actor(), "case:read", object=f"case:{found.id}")
    return _page(found, {})


@bp.post("/dossiers/<name>/avis")
def give(name: str) -> ResponseReturnValue:
    """Give an opinion, or another in its place, until the case is concluded."""
    found, service, row = _own_case("opinion:given", name), this_service(), signed_in()
    try:
        position, text = opinion_of(request.form)
    except FormWrong as error:
        return _page(found, error.errors), HTTPStatus.BAD_REQUEST
    opinion = OpinionRow(
        case_id=found.id,
        author=row.actor,
        author_name=row.name,
        specialty=str((row.activity or {}).get("codeSavoirFaire") or ""),
        position=position,
        text=text,
        given_at=service.clock.now(),
    )
    with service.store.begin() as db:
        is_done = cases.give(db, opinion)
        if is_done:
            service.note(db, actor(), "opinion:given", object=f"case:{found.id}")
    if not is_done:
        refuse("opinion:given", f"case:{name}", CaseClosed)
    flash(_("Votre avis est enregistré."))
    return redirect(url_for("oncology.case", name=found.id), HTTPStatus.SEE_OTHER)


@bp.post("/dossiers/<name>/conclusion")
def conclude(name: str) -> ResponseReturnValue:
    """Conclude a case, once enough specialties gave their opinion."""
    found, service, row = _own_case("case:concluded", name), this_service(), signed_in()
    if found.presenter != row.actor:
        refuse("case:concluded", f"case:{name}", NotPresenter)
    try:
        conclusion = conclusion_of(request.form)
    except FormWrong as error:
        return _page(found, error.errors), HTTPStatus.BAD_REQUEST
    with service.store.begin() as db:
        is_done = cases.conclude(
            db,
            found.id,
            presenter=row.actor,
            conclusion=conclusion,
            quorum=_settings().quorum,
            now=service.clock.now(),
        )
        if is_done:
            service.note(db, actor(), "case:concluded", object=f"case:{found.id}")
    if not is_done:
        is_open = _own_case("case:concluded", name).state == OPEN
        refuse("case:concluded", f"case:{name}", QuorumMissing if is_open else CaseClosed)
    flash(_("Le dossier est conclu."))
    return redirect(url_for("oncology.case", name=found.id), HTTPStatus.SEE_OTHER)


def _own_case(action: str, name: str) -> CaseRow:
    """The case of this number; unknown and others' are refused alike (MA-10)."""
    row, number = signed_in(), number_of(name)
    with this_service().store.read() as db:
        found = cases.case_for(db, row.actor, number) if number is not None else None
    if found is None:
        refuse(action, f"case:{name}", NotYours)
    return found


def _presented(db: Session, given: Presented) -> str:
    """Enter a case; gives its address."""
    number = cases.present(db, _row(given), given.participants)
    this_service().note(
        db,
        actor(),
        "case:presented",
        object=f"case:{number}",
        participants=list(given.participants),
    )
    return url_for("oncology.case", name=number)


def _row(given: Presented) -> CaseRow:
    row = signed_in()
    return CaseRow(
        presenter=row.actor,
        presenter_name=row.name,
        title=given.title,
        question=given.question,
        presented_at=this_service().clock.now(),
        state=OPEN,
        conclusion="",
        concluded_at=None,
    )


def _new(errors: Errors) -> str:
    return render_template(
        "oncology/new.html",
        errors=errors,
        typed=request.form,
        longest_title=LONGEST_TITLE,
        longest_text=LONGEST_TEXT,
    )


def _page(found: CaseRow, errors: Errors) -> str:
    with this_service().store.read() as db:
        opinions = cases.opinions_of(db, found.id)
        participants = cases.participants_of(db, found.id)
    return render_template(
        "oncology/case.html",
        case=found,
        opinions=opinions,
        participants=participants,
        positions=POSITIONS,
        quorum=_settings().quorum,
        longest=LONGEST_TEXT,
        typed=request.form,
        errors=errors,
    )


def _settings() -> OncologySettings:
    return cast("OncologySettings", this_service().settings)
