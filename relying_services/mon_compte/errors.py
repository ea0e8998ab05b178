"""What the five tabs refuse, by name."""

from http import HTTPStatus
from typing import NoReturn

from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.access import Access
from relying_services.service.errors import NotYours, ServiceError
from relying_services.service.refusals import refuse


class PatientMasked(ServiceError):
    """Who has payments without patients can neither search nor sort by them (domain, 6)."""

    code = "patient_masked"
    meaning = _l(
        "Les noms des patients vous sont masqués : ni recherche ni classement par patient."
    )


class LevelTooLow(ServiceError):
    """The delegation reaches less far than what was asked."""

    code = "level_too_low"
    meaning = _l("Cet acte revient au titulaire du compte : demandez-le-lui.")


class ExportTooLarge(ServiceError):
    """More rows than one export holds."""

    code = "export_too_large"
    status = HTTPStatus.CONFLICT
    title = _l("Export trop long")
    meaning = _l("Trop de factures pour un seul export : cherchez entre deux dates plus proches.")


class OrderOver(ServiceError):
    """An order that took effect already, or waited too long to be confirmed."""

    code = "order_over"
    status = HTTPStatus.CONFLICT
    title = _l("Commande close")
    meaning = _l("Cette commande est déjà confirmée, ou trop ancienne pour l’être : refaites-la.")


def not_yours(granted: Access, action: str, obj: str) -> NoReturn:
    """Refuse what is unknown or another's: nobody is told which (MA-10)."""
    refuse(action, obj, NotYours, by=granted.actor)
