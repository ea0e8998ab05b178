"""What the network refuses, by name."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError


class CaseClosed(ServiceError):
    """The case was concluded: nothing is added to it."""

    code = "case_closed"
    status = HTTPStatus.CONFLICT
    title = _l("Dossier conclu")
    meaning = _l("Ce dossier est conclu : présentez-le de nouveau pour en discuter encore.")


class NotPresenter(ServiceError):
    """Somebody else than who presents a case would conclude it."""

    code = "not_presenter"
    meaning = _l("Seule la personne qui présente le dossier peut le conclure.")


class QuorumMissing(ServiceError):
    """Too few specialties have given an opinion."""

    code = "quorum_missing"
    status = HTTPStatus.CONFLICT
    title = _l("Avis insuffisants")
    meaning = _l("Trop peu de spécialités ont donné leur avis : attendez-en d’autres.")
