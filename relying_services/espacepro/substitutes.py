"""Whom a substitute may replace, and for how long (domain, 6)."""

from collections.abc import Mapping
from datetime import date

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.espacepro.directory import Person, person
from relying_services.espacepro.errors import MEANINGS, DelegationRefused
from relying_services.espacepro.licences import is_licensed
from relying_services.espacepro.settings import EspaceProSettings
from relying_services.paris import months_after


def wrong_with(
    db: Session,
    settings: EspaceProSettings,
    replaced: Person,
    delegate_id: str,
    *,
    starts_on: date,
    ends_on: date,
) -> Mapping[str, LazyString]:
    """Why somebody may not substitute: a message by field of the wish; nothing where they may.

    Args:
        db: a transaction.
        settings: tells the longest periods.
        replaced: who delegates.
        delegate_id: who is to substitute.
        starts_on: first day.
        ends_on: last day, included.
    """
    substitute = person(db, delegate_id)
    if substitute is None or not _common(replaced, substitute):
        return {"rpps": MEANINGS["profession_differs"]}
    is_student = _is_student(replaced, substitute)
    months = settings.student_months if is_student else settings.substitute_months
    if ends_on >= months_after(starts_on, months):
        too_long = _l("Au plus %(months)s mois : rapprochez la date de fin.", months=months)
        return {"ends_on": too_long}
    if not is_student or is_licensed(
        db,
        delegate_id,
        starts_on=starts_on,
        ends_on=ends_on,
        specialties=replaced.specialties,
    ):
        return {}
    return {
        "rpps": _l(
            "Cet étudiant n’a pas de licence de remplacement pour votre spécialité sur toute la "
            "période : adaptez les dates, ou demandez-lui la licence de l’Ordre."
        )
    }


def hold(db: Session, day: date, *, replaced_id: str, delegate_id: str) -> None:
    """Hold a substitute to the directory and the licence at an act, on that day.

    Raises:
        DelegationRefused: they have no profession in common any more, or a student has no licence
            on that day.
    """
    replaced, substitute = person(db, replaced_id), person(db, delegate_id)
    if replaced is None or substitute is None or not _common(replaced, substitute):
        raise DelegationRefused("profession_differs")
    specialties = replaced.specialties
    if _is_student(replaced, substitute) and not is_licensed(
        db, delegate_id, starts_on=day, ends_on=day, specialties=specialties
    ):
        raise DelegationRefused("licence_missing")


def _common(replaced: Person, substitute: Person) -> frozenset[str]:
    return replaced.practised & substitute.professions


def _is_student(replaced: Person, substitute: Person) -> bool:
    return not _common(replaced, substitute) & substitute.practised
