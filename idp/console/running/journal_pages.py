"""The sealed journal (decision 39): its segments, their proof, their heads to keep elsewhere."""

from flask import Blueprint, Response, make_response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.audit.verify import verify_run
from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.console.forms import Form
from idp.provider import Provider, current_provider
from idp.store.journal import find_segment, last_segment
from idp.store.running import segments_before
from idp.web.asked import asked_number, asked_text, number

bp = Blueprint("journal", __name__, url_prefix="/journal")
_HEADS = 1000
_LONGEST_HEAD = 4000


@bp.get("")
def index() -> ResponseReturnValue:
    """The segments, newest first."""
    require(READER)
    before, provider = asked_number("avant"), current_provider()
    length = provider.settings.console_page_length
    with provider.store.read() as db:
        newest = last_segment(db)
        top = before or (newest.number + 1 if newest else 0)
        found = segments_before(db, top, limit=length + 1)
    shown = found[:length]
    return render_template(
        "console/running/journal.html",
        segments=shown,
        older=url_for("journal.index", avant=shown[-1].number) if len(found) > length else "",
        newer=url_for("journal.index") if before else "",
        form=Form({}),
        most=current_provider().settings.console_segments_verified,
    )


@bp.get("/segment/<segment_number>")
def segment(segment_number: str) -> ResponseReturnValue:
    """One segment and its signed head."""
    require(READER)
    with current_provider().store.read() as db:
        found = find_segment(db, number(segment_number))
    if found is None:
        raise NotFound
    return render_template("console/running/segment.html", segment=found)


@bp.get("/verification")
def verification() -> ResponseReturnValue:
    """Verify some segments, and a head kept elsewhere; what it finds changes nothing."""
    require(READER)
    provider = current_provider()
    newest = _newest(provider)
    form, (first, last) = _asked_run(provider, newest)
    found = None
    if not form.is_refused and newest:
        head = asked_text("tete", _LONGEST_HEAD) or None
        found = verify_run(provider, first=first, last=last, head=head)
    return render_template(
        "console/running/verification.html",
        form=form,
        found=found,
        first=first,
        last=last,
        newest=newest,
        most=provider.settings.console_segments_verified,
    )


@bp.get("/tetes")
def heads() -> Response:
    """The signed heads of the newest segments, one a line, oldest first: to be kept elsewhere."""
    require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        found = segments_before(db, _newest(provider) + 1, limit=_HEADS)
    text = "".join(f"{segment.head}\n" for segment in reversed(found))
    response = make_response(text)
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = 'attachment; filename="tetes-du-journal.txt"'
    return response


def _newest(provider: Provider) -> int:
    with provider.store.read() as db:
        newest = last_segment(db)
    return newest.number if newest else 0


def _asked_run(provider: Provider, newest: int) -> tuple[Form, tuple[int, int]]:
    """The run of segments to verify: the newest where the form names none."""
    most = provider.settings.console_segments_verified
    form = Form({name: asked_text(name, _LONGEST_HEAD) for name in ("du", "au", "tete")})
    last = number(form["au"]) if form["au"] else newest
    first = number(form["du"]) if form["du"] else max(1, last - most + 1)
    if not 1 <= first <= newest and form["du"]:
        form.refuse("du", _("Donnez le numéro d’un segment, de 1 à %(newest)s.", newest=newest))
    elif not first <= last <= newest:
        form.refuse("au", _("Donnez un numéro de segment, du premier à %(newest)s.", newest=newest))
    elif last - first >= most:
        form.refuse(
            "au",
            _(
                "Au plus %(most)s segments à la fois ; la commande « ecps-idp audit verify » "
                "les vérifie tous.",
                most=most,
            ),
        )
    return form, (first, last)
