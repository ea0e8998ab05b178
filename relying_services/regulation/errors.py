"""What the platform refuses, by name."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError


class ProfessionRefused(ServiceError):
    """The activity that was chosen is not one of who regulates."""

    code = "profession_refused"
    meaning = _l("La régulation est faite par des médecins : choisissez une activité de médecin.")


class CallTaken(ServiceError):
    """A colleague took the call first."""

    code = "call_taken"
    status = HTTPStatus.CONFLICT
    title = _l("Appel déjà pris")
    meaning = _l("Un confrère a pris cet appel avant vous : prenez-en un autre.")


class CallLeft(ServiceError):
    """The person closed the call before, or let it wait again."""

    code = "call_left"
    status = HTTPStatus.CONFLICT
    title = _l("Appel déjà traité")
    meaning = _l("Vous avez déjà clos cet appel, ou vous l’avez remis en attente.")


class TooManyTaken(ServiceError):
    """Somebody has as many calls in hand as one may."""

    code = "too_many_taken"
    status = HTTPStatus.CONFLICT
    title = _l("Trop d’appels en cours")
    meaning = _l("Clôturez ou remettez en attente un de vos appels avant d’en prendre un autre.")
