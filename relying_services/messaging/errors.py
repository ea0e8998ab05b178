"""What the messaging refuses, by name."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError


class TooManyLetters(ServiceError):
    """Somebody sent as many letters within a day as one may."""

    code = "too_many_letters"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = _l("Trop de messages")
    meaning = _l(
        "Vous avez envoyé beaucoup de messages : attendez demain pour en envoyer d’autres."
    )
