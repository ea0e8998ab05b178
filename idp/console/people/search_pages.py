"""Finding somebody by the beginning of their name or of their identifier."""

import re
import unicodedata

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.console.entry.roles import READER, REGISTRAR
from idp.console.entry.visitors import require
from idp.console.people.blueprint import bp
from idp.directory.identifiers import ADELI, RPPS, IdentifierMalformed, parse_national_id
from idp.directory.labels import PROFESSIONS
from idp.directory.people import find_person
from idp.provider import current_provider
from idp.store.directory_search import FoundPerson, people_by_identifier, people_by_name
from idp.web.asked import asked_text

_SHORTEST_NAME = 2
_SHORTEST_NUMBER = 4
_NUMBER = re.compile(r"[0-9][0-9AB/]*|ANS[0-9]*")
_SEPARATORS = re.compile(r"[\s.]+")
_BETWEEN = "\x1f"
"""Between the name and the identifier of where a list goes on."""


@bp.get("")
def index() -> ResponseReturnValue:
    """The search, and what it found; a whole identifier leads to its person at once."""
    visitor = require(READER)
    typed = asked_text("q")
    given_name = asked_text("prenom")
    after = request.args.get("apres", "")
    number = _SEPARATORS.sub("", typed).upper()
    is_number = bool(_NUMBER.fullmatch(number))
    provider = current_provider()
    length = provider.settings.console_page_length
    with provider.store.read() as db:
        if is_number and (whole := _whole(number)) and (person := find_person(db, whole)):
            return redirect(url_for("people.person", national_id=person.national_id))
        too_short = _too_short(number if is_number else typed, is_number=is_number)
        found: list[FoundPerson] = []
        if typed and not too_short and is_number:
            beginnings = _identifiers(number)
            found = people_by_identifier(db, beginnings, after=after, limit=length + 1)
        elif typed and not too_short:
            found = people_by_name(
                db,
                _spellings(typed),
                given_name=given_name.upper(),
                after=_place(after),
                limit=length + 1,
            )
    shown = found[:length]
    more = _next(shown[-1], is_number=is_number) if len(found) > length else ""
    return render_template(
        "console/people/search.html",
        typed=typed,
        given_name=given_name,
        error=too_short if typed else "",
        found=shown,
        professions=PROFESSIONS,
        older=more and url_for("people.index", q=typed, prenom=given_name, apres=more),
        newer=after and url_for("people.index", q=typed, prenom=given_name),
        may_create=provider.is_simulation and visitor.holds(REGISTRAR),
    )


def _too_short(typed: str, *, is_number: bool) -> str:
    if is_number and len(typed) < _SHORTEST_NUMBER:
        return str(_("Donnez au moins %(count)s chiffres du numéro.", count=_SHORTEST_NUMBER))
    if len(typed) < _SHORTEST_NAME:
        return str(_("Donnez au moins %(count)s lettres du nom.", count=_SHORTEST_NAME))
    return ""


def _whole(number: str) -> str:
    """The canonical identifier, also of an RPPS or ADELI number without the digit of its type."""
    for candidate in _identifiers(number):
        try:
            return parse_national_id(candidate)
        except IdentifierMalformed:
            continue
    return ""


def _identifiers(number: str) -> list[str]:
    """How the identifiers may begin of which this was typed: with their type, or without it."""
    return [number, RPPS + number, ADELI + number] if number[0].isdigit() else [number]


def _spellings(typed: str) -> list[str]:
    """A name as it was typed, and without accents: extracts write it so."""
    upper = typed.upper()
    plain = unicodedata.normalize("NFD", upper).encode("ascii", "ignore").decode()
    return list(dict.fromkeys([upper, plain]))


def _place(after: str) -> tuple[str, str] | None:
    name, separator, national_id = after.partition(_BETWEEN)
    return (name, national_id) if separator else None


def _next(last: FoundPerson, *, is_number: bool) -> str:
    identifier = last.row.national_id
    return identifier if is_number else f"{last.row.family_name}{_BETWEEN}{identifier}"
