"""The first page of "Mon compte": what stands, and what asks for attention."""

from flask import render_template
from flask.typing import ResponseReturnValue

from idp.portal.blueprint import bp
from idp.portal.card_pages import shown_cards
from idp.portal.entrance import require_visitor
from idp.portal.history_pages import events_of_kind, shown_events
from idp.portal.phone_pages import phones_of, shown_phones
from idp.portal.session_pages import live_sessions
from idp.provider import current_provider
from idp.security_keys.lifecycle import list_keys
from idp.security_keys.parties import PERSON, Holder
from idp.store.account import events_of_person

PAGE = "compte"
_LATEST = 5
"""Events that the first page shows; the history has them all."""


@bp.get("/compte")
def account_page() -> ResponseReturnValue:
    """Phones, cards, keys and sessions at a glance, and what happened last."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        identifiers = visitor.identifiers(db)
        phones = shown_phones(provider, phones_of(db, visitor))
        cards = shown_cards(provider, db, visitor)
        keys = list_keys(db, Holder(PERSON, visitor.person.national_id))
        sessions = live_sessions(provider, db, visitor)
        latest = events_of_person(db, identifiers, events=events_of_kind(""), limit=_LATEST)
        events = shown_events(provider, db, latest)
    return render_template(
        "portal/account.html",
        person=visitor.person.display_name,
        phones=[phone for phone in phones if phone.is_in_hand],
        cards=[shown for shown in cards if shown.can_be_opposed],
        keys=keys,
        sessions=sessions,
        events=events,
    )
