"""Whether a delegation may be created as it is asked for (EP-02, EP-03, EP-07, EP-12, EP-13)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro.accounts import Awaited, NotIdentified, awaited
from relying_services.espacepro.directory import Person, person
from relying_services.espacepro.errors import CreatorRefused, WishRefused
from relying_services.espacepro.matrix import ASSISTANT, MATRIX, REMPLACANT, SERVICES, STATUSES
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.espacepro.substitutes import wrong_with
from relying_services.espacepro.wishes import Party, Wish
from relying_services.paris import day_of
from relying_services.service.days import NO_DAY

CPAM = "cpam:"
"""How the author of a delegation begins that an agent of the CPAM created (EP-13)."""

_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
"""One address, in small letters, and nothing that a mail server could take for two."""
_LONGEST_EMAIL = 254
Errors = dict[str, LazyString]


@dataclass(frozen=True)
class Checked:
    """What a wish that may be fulfilled comes to."""

    delegate_id: str | None
    delegate_name: str
    starts_on: date
    ends_on: date


def check(
    db: Session,
    now: datetime,
    settings: EspaceProSettings,
    *,
    delegator: Party,
    wish: Wish,
    created_by: str,
) -> Checked:
    """Who is to be the delegate, if the delegation may be created.

    Raises:
        CreatorRefused: neither the delegator nor an agent of the CPAM asks.
        WishRefused: with one error by field.
    """
    _hold_to_creator(settings, delegator, created_by)
    errors = _of_fields(wish, now)
    if created_by.startswith(CPAM) and wish.status != ASSISTANT:
        errors["status"] = _l("Un agent de la CPAM crée la délégation d’un assistant médical.")
    giving = person(db, delegator.id)
    if giving is None or not giving.practised:
        errors["delegator"] = _l("Le délégant n’exerce pas d’après l’annuaire.")
    if errors or giving is None or wish.starts_on is None or wish.ends_on is None:
        raise WishRefused(errors)
    try:
        found = awaited(db, wish)
    except NotIdentified as unknown:
        raise WishRefused(unknown.errors) from unknown
    wrong = _of_parties(giving, found, created_by)
    if not wrong and wish.status == REMPLACANT and found.delegate_id:
        dates = {"starts_on": wish.starts_on, "ends_on": wish.ends_on}
        wrong = wrong_with(db, settings, giving, found.delegate_id, **dates)
    if wrong:
        raise WishRefused(wrong)
    return Checked(found.delegate_id, found.name, wish.starts_on, wish.ends_on)


def _hold_to_creator(settings: EspaceProSettings, delegator: Party, created_by: str) -> None:
    is_agent = created_by.removeprefix(CPAM) in settings.cpam_agents
    if created_by != delegator.id and not (created_by.startswith(CPAM) and is_agent):
        raise CreatorRefused


def _of_fields(wish: Wish, now: datetime) -> Errors:
    errors: Errors = {}
    if not wish.address:
        errors["email"] = _l("Indiquez l’adresse de courriel du délégué, convenue avec lui.")
    elif len(wish.address) > _LONGEST_EMAIL or not _EMAIL.fullmatch(wish.address):
        errors["email"] = _l("Cette adresse est incomplète ; exemple : prenom.nom@exemple.test.")
    if wish.status not in STATUSES:
        errors["status"] = _l("Choisissez le statut du délégué.")
    if not wish.services:
        errors["services"] = _l("Choisissez au moins un service.")
    elif wish.status in STATUSES and not set(wish.services) <= set(MATRIX[wish.status]):
        errors["services"] = _outside(wish)
    return errors | _of_dates(wish, now)


def _outside(wish: Wish) -> LazyString:
    """Names what is to be unticked: the list is long."""
    asked = sorted(set(wish.services) - set(MATRIX[wish.status]))
    named = ", ".join(str(SERVICES.get(code, code)) for code in asked)
    told: LazyString = _l(
        "Décochez ce qui ne se délègue pas à ce statut : %(services)s.", services=named
    )
    return told


def _of_dates(wish: Wish, now: datetime) -> Errors:
    errors: Errors = {}
    if wish.starts_on is None:
        errors["starts_on"] = NO_DAY
    if wish.ends_on is None:
        errors["ends_on"] = NO_DAY
    elif wish.starts_on is not None and wish.ends_on < wish.starts_on:
        errors["ends_on"] = _l("Le dernier jour vient avant le premier : corrigez l’un des deux.")
    elif wish.ends_on < day_of(now):
        errors["ends_on"] = _l("Le dernier jour est passé : indiquez un jour à venir.")
    return errors


def _of_parties(giving: Person, found: Awaited, created_by: str) -> Mapping[str, LazyString]:
    if found.delegate_id == giving.national_id:
        return {"rpps": _l("Le délégué doit être une autre personne que le délégant.")}
    if found.delegate_id == created_by.removeprefix(CPAM):
        return {"rpps": _l("Un agent de la CPAM ne se donne pas de délégation à lui-même.")}
    return {}
