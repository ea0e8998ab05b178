"""Finding a card by its number, a phone by its identifier, or all that stand in a state."""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.console.entry.roles import READER
from idp.console.entry.visitors import require
from idp.console.holdings.blueprint import bp
from idp.console.wording import PHONES, words
from idp.portal.wording import CARDS
from idp.provider import current_provider
from idp.store.cards import find_card
from idp.store.holdings import Place, cards_in_state, find_phone, phones_in_state
from idp.web.asked import asked_text

_BETWEEN = "|"


@bp.get("")
def index() -> ResponseReturnValue:
    """The search, and the cards that stand in a state."""
    require(READER)
    typed = asked_text("q")
    state, provider = request.args.get("etat", "active"), current_provider()
    length = provider.settings.console_page_length
    with provider.store.read() as db:
        number = typed.replace(" ", "")
        if number and find_card(db, number) is not None:
            return redirect(url_for("holdings.card", card_number=number))
        if typed and find_phone(db, typed) is not None:
            return redirect(url_for("holdings.phone", device_id=typed))
        cards = (
            cards_in_state(db, state, after=_place(), limit=length + 1) if state in CARDS else []
        )
    shown = cards[:length]
    following = _next(shown[-1].state_at, shown[-1].card_number) if len(cards) > length else ""
    return render_template(
        "console/holdings/cards.html",
        typed=typed,
        error=_("Aucune carte, aucun téléphone ne porte ce numéro.") if typed else "",
        tabs=_tabs("index"),
        cards=shown,
        state=state,
        states=[(name, told.text) for name, told in CARDS.items()],
        older=following and url_for("holdings.index", etat=state, apres=following),
        newer=request.args.get("apres") and url_for("holdings.index", etat=state),
        words=words,
    )


@bp.get("/telephones")
def phones() -> ResponseReturnValue:
    """The phones that stand in a state."""
    require(READER)
    state, provider = request.args.get("etat", "active"), current_provider()
    length = provider.settings.console_page_length
    with provider.store.read() as db:
        found = (
            phones_in_state(db, state, after=_place(), limit=length + 1) if state in PHONES else []
        )
    shown = found[:length]
    following = _next(shown[-1].expires_at, shown[-1].device_id) if len(found) > length else ""
    return render_template(
        "console/holdings/phones.html",
        tabs=_tabs("phones"),
        phones=shown,
        state=state,
        states=[(name, told.text) for name, told in PHONES.items()],
        older=following and url_for("holdings.phones", etat=state, apres=following),
        newer=request.args.get("apres") and url_for("holdings.phones", etat=state),
        words=words,
    )


def _tabs(current: str) -> list[tuple[str, str, bool]]:
    titles = {"index": _("Cartes"), "phones": _("Téléphones")}
    return [(title, url_for(f"holdings.{view}"), view == current) for view, title in titles.items()]


def _place() -> Place | None:
    """Where the list goes on; from its beginning where the address says nothing that holds."""
    moment, separator, name = request.args.get("apres", "").partition(_BETWEEN)
    try:
        return Place(datetime.fromisoformat(moment).astimezone(UTC), name) if separator else None
    except (ValueError, OverflowError):
        return None


def _next(at: datetime, name: str) -> str:
    return f"{at.isoformat()}{_BETWEEN}{name}"
