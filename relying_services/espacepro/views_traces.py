"""The tab "Traces": every act that a person did or that was done for them (EP-06, EP-15)."""

from collections.abc import Iterator
from typing import cast, get_args

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from relying_services.espacepro.acting import own, settings
from relying_services.espacepro.export import as_csv, as_json
from relying_services.espacepro.tracing import VIEWS, Asked, View, every, names, page
from relying_services.service import trace
from relying_services.service.activity_first import activity_first
from relying_services.service.errors import NotYours
from relying_services.service.lists import number_asked, page_of
from relying_services.service.means import means_first
from relying_services.service.service import this_service
from relying_services.service.store.models import SessionRow

bp = Blueprint("traces", __name__, url_prefix="/mon-compte")
bp.before_request(means_first)
bp.before_request(activity_first)


@bp.get("/traces")
def index() -> ResponseReturnValue:
    """The trace, newest first."""
    row, service = own("trace:read"), this_service()
    asked, before, size = _asked(row), number_asked("avant"), settings().page_rows
    with service.store.begin() as db:
        rows = page(db, asked, before=before, limit=size + 1)
        known = _names(db, row)
        service.note(db, trace.Actor.of(row), "trace:read")
    shown, last = page_of(rows, size)
    return render_template(
        "espacepro/traces.html",
        entries=shown,
        last=last,
        is_continued=before is not None,
        names=known,
        view=asked.view,
        views=VIEWS,
        person=row.actor,
        is_flagged=any(each.details.get("simultaneous") for each in shown),
    )


@bp.get("/traces.csv")
def csv_file() -> ResponseReturnValue:
    """The whole trace as a table."""
    row = own("trace:exported")
    asked, known = _exported(row)
    rows = every(this_service().store, asked)
    return _file(as_csv(rows, known), "text/csv", "traces.csv")


@bp.get("/traces.json")
def json_file() -> ResponseReturnValue:
    """The whole trace as a JSON document."""
    row, now = own("trace:exported"), this_service().clock.now()
    asked, known = _exported(row)
    rows = every(this_service().store, asked)
    pieces = as_json(rows, known, person=row.actor, now=now)
    return _file(pieces, "application/json", "traces.json")


def _asked(row: SessionRow) -> Asked:
    view = request.args.get("vue", "tout")
    if view not in get_args(View):
        raise NotYours
    return Asked(row.actor, cast("View", view))


def _exported(row: SessionRow) -> tuple[Asked, dict[str, str]]:
    asked, service = _asked(row), this_service()
    with service.store.begin() as db:
        service.note(db, trace.Actor.of(row), "trace:exported", view=asked.view)
        return asked, _names(db, row)


def _names(db: Session, row: SessionRow) -> dict[str, str]:
    return names(db, row.actor) | {row.actor: row.name}


def _file(pieces: Iterator[str], mimetype: str, name: str) -> Response:
    response = Response(stream_with_context(pieces), mimetype=mimetype)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
