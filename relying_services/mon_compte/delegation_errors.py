"""What is told to who acts for another and may not, or not now."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError


class EspaceProUnreachable(ServiceError):
    """EspacePro did not answer, or not as agreed: nobody acts for another meanwhile."""

    code = "espacepro_unreachable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = _l("EspacePro ne répond pas")
    meaning = _l(
        "Votre délégation n’a pas pu être vérifiée : rien ne vous est montré. "
        "Réessayez dans un instant, ou cessez d’agir pour un autre."
    )


class DelegationRefused(ServiceError):
    """EspacePro says no: nothing of the delegator is shown (EP-04, EP-11, EP-17)."""

    code = "delegation_refused"
    meaning = _l(
        "Votre délégation ne permet pas cet acte. Choisissez une autre délégation, "
        "ou demandez au professionnel qui vous l’a donnée."
    )


class DelegationEnded(DelegationRefused):
    """The delegation is not in force (any more)."""

    code = "delegation_not_in_force"
    meaning = _l(
        "Cette délégation n’est pas en cours : elle n’a pas commencé, elle est terminée, ou elle a "
        "été révoquée. Cessez d’agir pour ce professionnel."
    )


class ServiceOutside(DelegationRefused):
    """The delegation does not extend to this tab."""

    code = "service_outside"
    meaning = _l(
        "Votre délégation ne s’étend pas à cette page. Ouvrez un autre onglet, ou demandez une "
        "délégation plus large au professionnel qui vous l’a donnée."
    )


class DelegateMeansRefused(DelegationRefused):
    """This delegate must have signed in by other means (domain, 6)."""

    code = "means_refused"
    meaning = _l(
        "Vous ne pouvez agir pour un autre qu’avec votre carte. Déconnectez-vous, puis "
        "reconnectez-vous avec votre carte CPS ou CPE."
    )


class InvitationNotOpen(ServiceError):
    """An invitation that is unknown, answered, too old or for another kind of delegate."""

    code = "invitation_not_open"
    status = HTTPStatus.NOT_FOUND
    title = _l("Invitation introuvable")
    meaning = _l(
        "Cette invitation n’existe pas, a déjà reçu une réponse, ou a expiré. "
        "Demandez-en une nouvelle au professionnel qui vous a invité."
    )


REFUSALS: dict[str, type[DelegationRefused]] = {
    "service_outside": ServiceOutside,
    "means_refused": DelegateMeansRefused,
    "not_accepted": DelegationEnded,
    "not_yet": DelegationEnded,
    "over": DelegationEnded,
    "revoked": DelegationEnded,
}
"""By the reason that EspacePro gives; another one is a `DelegationRefused` as such."""
