"""What a service refuses, by name; each is shown as a page (`pages.py`)."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l


class ServiceError(Exception):
    """A refusal that a person reads.

    Attributes:
        code: its name, in the trace and on the page.
        status: of HTTP.
        title: of the page.
        meaning: what it means and what to do.
    """

    code = "refused"
    status = HTTPStatus.FORBIDDEN
    title = _l("Accès refusé")
    meaning = _l("Cette demande est refusée.")


class NotSignedIn(ServiceError):
    """Nobody is signed in, or the session was cut: the browser is sent to sign in."""

    code = "not_signed_in"
    status = HTTPStatus.UNAUTHORIZED
    title = _l("Connexion nécessaire")
    meaning = _l("Votre session a expiré. Reconnectez-vous.")


class MeansRefused(ServiceError):
    """The service does not take the means by which the person signed in (EP-16)."""

    code = "means_refused"
    meaning = _l("Ce service demande un autre moyen de connexion.")


class FormForged(ServiceError):
    """A posted form does not come from a page of this service."""

    code = "form_forged"
    meaning = _l("Ce formulaire ne vient pas de cette page. Revenez à la page et recommencez.")


class NotYours(ServiceError):
    """What is asked for belongs to somebody else, or does not exist: nobody is told which."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    title = _l("Page introuvable")
    meaning = _l("Cette page n’existe pas, ou n’est pas à vous.")


class NotUnderstood(ServiceError):
    """An address that no page of this service gives."""

    code = "not_understood"
    status = HTTPStatus.BAD_REQUEST
    title = _l("Demande non comprise")
    meaning = _l("Cette adresse ne vient pas de ce service. Revenez à la page et recommencez.")
