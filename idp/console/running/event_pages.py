"""The journal's events as they come: a list, a feed by short polls (decision 38), one in full."""

import json
from typing import Any

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from idp.audit.events import Event
from idp.console.entry.roles import READER
from idp.console.entry.visitors import poll, require
from idp.console.running.words import OUTCOMES, sentence
from idp.provider import current_provider
from idp.store.models import JournalEvent
from idp.store.running import Which, events_between, find_event, newest_event
from idp.web.asked import asked_number, asked_text, number
from idp.web.dates import moment

bp = Blueprint("events", __name__, url_prefix="/evenements")
_AT_ONCE = 100
"""Most events that one answer of the feed holds: the newest."""
_LOOKED_BACK = 50
"""A transaction may commit an event after one of a later number: the feed tells these again, and
its reader leaves out what it has."""
_FIELDS = {
    "evenement": "event",
    "resultat": "outcome",
    "personne": "person",
    "service": "client_id",
}


@bp.get("")
def index() -> ResponseReturnValue:
    """The newest events, or those before one, narrowed to an event, outcome, person or service."""
    require(READER)
    provider, which = current_provider(), _which()
    before, length = asked_number("avant"), provider.settings.console_page_length
    with provider.store.read() as db:
        newest = newest_event(db)
        top = before or newest + 1
        # A person's events stand in an index; others are looked for among so many, then go on.
        floor = 0 if which.person else max(0, top - 1 - provider.settings.console_search_span)
        found = events_between(db, which, above=floor, below=top, limit=length + 1)
    shown = found[:length]
    goes_on = shown[-1].seq if len(found) > length else floor and floor + 1
    asked = _asked()
    return render_template(
        "console/running/events.html",
        events=[_told(event) for event in shown],
        asked=asked,
        names=[("", _("tous")), *((event.value, event.value) for event in Event)],
        outcomes=[("", _("tous")), *((name, told.text) for name, told in OUTCOMES.items())],
        older=url_for("events.index", **asked, avant=goes_on) if goes_on else "",
        newer=url_for("events.index", **asked) if before else "",
        looked_to=floor + 1 if floor and len(found) <= length else 0,
        feed="" if before else url_for("events.feed", **asked),
        cursor=newest,
        interval=int(provider.settings.console_feed_interval.total_seconds() * 1000),
    )


@bp.get("/flux")
@poll
def feed() -> ResponseReturnValue:
    """Events that came after `?after=`, newest first, and the cursor of the next question."""
    require(READER)
    provider = current_provider()
    with provider.store.read() as db:
        newest = newest_event(db)
        low = max(
            asked_number("after") - _LOOKED_BACK, newest - provider.settings.console_search_span
        )
        found = events_between(db, _which(), above=low, below=newest + 1, limit=_AT_ONCE)
    return jsonify(cursor=newest, events=[_told(event) for event in found])


@bp.get("/<seq>")
def event(seq: str) -> ResponseReturnValue:
    """One event in full."""
    require(READER)
    with current_provider().store.read() as db:
        found = find_event(db, number(seq))
    if found is None:
        raise NotFound
    return render_template(
        "console/running/event.html",
        event=found,
        outcome=OUTCOMES[found.outcome],
        sentence=sentence(found.event),
        data=json.dumps(found.data, indent=2, ensure_ascii=False),
    )


def _told(event: JournalEvent) -> dict[str, Any]:
    """An event as a row says it."""
    outcome = OUTCOMES[event.outcome]
    return {
        "seq": event.seq,
        "at": moment(event.at),
        "event": event.event,
        "sentence": str(sentence(event.event)),
        "kind": outcome.kind,
        "outcome": str(outcome.text),
        "person": event.person or "",
        "by": event.actor or event.client_id or "",
        "address": url_for("events.event", seq=event.seq),
    }


def _asked() -> dict[str, Any]:
    """What the address narrows the list to, as it names it."""
    return {name: text for name in _FIELDS if (text := asked_text(name))}


def _which() -> Which:
    return Which(**{_FIELDS[name]: text for name, text in _asked().items()})
