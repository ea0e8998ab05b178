"""My history: what the journal holds about a person, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.challenges.wording import describe_place, neutralise
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.portal.history_words import KINDS, SENTENCES, Kind, Sentence
from idp.portal.wording import MEANS
from idp.provider import Provider, current_provider
from idp.store.account import events_of_person, names_of_services, services_in_journal
from idp.store.models import JournalEvent
from idp.web.asked import asked_number

PAGE = "historique"


@dataclass(frozen=True)
class ShownEvent:
    """One event of a person's history."""

    row: JournalEvent
    sentence: Sentence
    is_odd: bool
    service: str
    place: str
    """From the operator's table of networks: an address is never shown."""
    means: Any


@bp.get("/historique")
def history_page() -> ResponseReturnValue:
    """A page of the history, newest first, of one kind or of one service where asked."""
    provider = current_provider()
    kind, service = request.args.get("type", ""), request.args.get("service", "")
    before, length = asked_number("avant"), provider.settings.portal_page_length
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        identifiers = visitor.identifiers(db)
        rows = events_of_person(
            db,
            identifiers,
            events=events_of_kind(kind),
            client_id=service or None,
            before=before,
            limit=length + 1,
        )
        shown = shown_events(provider, db, rows[:length])
        services = _names(db, services_in_journal(db, identifiers))
    chosen: dict[str, Any] = {"type": kind or None, "service": service or None}
    has_more = len(rows) > length
    return render_template(
        "portal/history.html",
        events=shown,
        kinds=[(each.value, text) for each, text in KINDS.items()],
        kind=kind,
        services=sorted(services.items(), key=lambda item: item[1]),
        service=service,
        newest=url_for("portal.history_page", **chosen) if before else "",
        older=url_for("portal.history_page", **chosen, avant=rows[length - 1].seq)
        if has_more
        else "",
    )


def events_of_kind(kind: str) -> list[str]:
    """The events of a kind; of every kind where it is none."""
    known = {each.value for each in Kind}
    return [
        event.value
        for event, sentence in SENTENCES.items()
        if kind not in known or sentence.kind == kind
    ]


def shown_events(provider: Provider, db: Session, rows: Sequence[JournalEvent]) -> list[ShownEvent]:
    """Events with their words."""
    names = _names(db, sorted({row.client_id for row in rows if row.client_id}))
    networks = provider.settings.networks
    return [
        ShownEvent(
            row=row,
            sentence=SENTENCES[Event(row.event)],
            is_odd=SENTENCES[Event(row.event)].is_odd or row.outcome != "success",
            service=names.get(row.client_id or "", row.client_id or ""),
            place=describe_place(networks, row.address) if row.address else "",
            means=MEANS.get(row.data.get("means", ""), ""),
        )
        for row in rows
    ]


def _names(db: Session, client_ids: Sequence[str]) -> dict[str, str]:
    found = names_of_services(db, client_ids)
    return {client_id: neutralise(name) for client_id, name in found.items()}
