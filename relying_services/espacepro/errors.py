"""What EspacePro refuses, by name."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError

Reason = Literal[
    "unknown",
    "not_accepted",
    "not_yet",
    "over",
    "revoked",
    "service_outside",
    "means_refused",
    "delegator_inactive",
    "delegate_inactive",
    "profession_differs",
    "licence_missing",
]

MEANINGS: Mapping[Reason, LazyString] = {
    "unknown": _l("Cette délégation n’existe pas, ou n’est pas à vous."),
    "not_accepted": _l("Cette délégation n’est pas acceptée : elle est sans effet."),
    "not_yet": _l("Cette délégation n’a pas encore commencé."),
    "over": _l("Cette délégation est terminée."),
    "revoked": _l("Cette délégation est révoquée."),
    "service_outside": _l("Ce service n’est pas dans la délégation. Demandez-le au délégant."),
    "means_refused": _l(
        "Une délégation s’exerce avec une carte. Reconnectez-vous avec votre propre carte."
    ),
    "delegator_inactive": _l("Le délégant n’est plus actif dans l’annuaire."),
    "delegate_inactive": _l("Vous n’êtes plus actif dans l’annuaire."),
    "profession_differs": _l("Un remplaçant exerce la même profession que le délégant."),
    "licence_missing": _l(
        "Aucune licence de remplacement ne couvre ce jour. Adressez-vous à l’Ordre."
    ),
}


class DelegationRefused(ServiceError):
    """An act by delegation that the delegation does not carry (EP-04, EP-10, EP-11, EP-17).

    Attributes:
        reason: why, as a code.
    """

    title = _l("Acte refusé")

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.code = reason
        self.meaning = MEANINGS[reason]


class WishRefused(ServiceError):
    """A delegation that cannot be drawn up as it was asked for (EP-02).

    Attributes:
        errors: a message with a suggested correction, by field of the wish; `delegator` where the
            person may not delegate at all.
    """

    code = "wish_refused"
    status = HTTPStatus.BAD_REQUEST
    title = _l("Délégation refusée")
    meaning = _l("Cette délégation ne peut pas être créée : corrigez les champs signalés.")

    def __init__(self, errors: Mapping[str, LazyString]) -> None:
        super().__init__(", ".join(sorted(errors)))
        self.errors = errors


class CreatorRefused(ServiceError):
    """Somebody else than the delegator or an agent of the CPAM draws up a delegation (EP-13)."""

    code = "creator_refused"
    meaning = _l("Seuls le délégant et un agent de la CPAM peuvent créer cette délégation.")


class InvitationUnknown(ServiceError):
    """No invitation has this secret."""

    code = "invitation_unknown"
    status = HTTPStatus.NOT_FOUND
    title = _l("Invitation introuvable")
    meaning = _l("Ce lien n’est pas celui d’une invitation. Ouvrez le lien entier du courriel.")


class InvitationOver(ServiceError):
    """The invitation was answered, withdrawn, or waited too long."""

    code = "invitation_over"
    status = HTTPStatus.CONFLICT
    title = _l("Invitation close")
    meaning = _l(
        "Cette invitation a déjà reçu une réponse, ou n’est plus valable. "
        "Demandez-en une autre au délégant."
    )


class DelegateDiffers(ServiceError):
    """The invitation is not for the person who opened it (EP-09)."""

    code = "delegate_differs"
    title = _l("Invitation refusée")
    meaning = _l(
        "Cette invitation n’est pas pour vous : elle attend une autre personne, ou une autre "
        "adresse que celle de votre compte."
    )


class DraftOver(ServiceError):
    """A draft that was confirmed already, or waited too long to be confirmed."""

    code = "draft_over"
    status = HTTPStatus.CONFLICT
    title = _l("Délégation déjà envoyée")
    meaning = _l("Cette délégation est déjà envoyée, ou trop ancienne pour l’être : refaites-la.")


class TooManyInvitations(ServiceError):
    """One author sent as many invitations as a day allows."""

    code = "too_many_invitations"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = _l("Trop d’invitations")
    meaning = _l("Vous avez envoyé trop d’invitations aujourd’hui : continuez demain.")


class NotRevocable(ServiceError):
    """A delegation that has no effect any more cannot be ended again."""

    code = "not_revocable"
    status = HTTPStatus.CONFLICT
    title = _l("Délégation déjà close")
    meaning = _l("Cette délégation est déjà révoquée ou refusée : elle est sans effet.")


class CardNeeded(ServiceError):
    """What is done with a card alone: the person is offered to come back with theirs (EP-16)."""

    code = "means_refused"
    title = _l("Carte nécessaire")
    meaning = _l("Reconnectez-vous avec votre propre carte pour continuer.")


class NotPractising(ServiceError):
    """Somebody who does not practise as a doctor uses a teleservice in their own name."""

    code = "not_practising"
    meaning = _l(
        "D’après l’annuaire, vous n’exercez pas comme médecin : ce service ne s’utilise pas en "
        "votre nom. Pour agir par délégation, ouvrez « Délégations reçues »."
    )


class AccountNotDelegated(ServiceError):
    """The account of a person is never part of a delegation."""

    code = "account_not_delegated"
    meaning = _l(
        "« Mon compte » ne se délègue pas. Pour ouvrir le vôtre, cessez d’abord d’agir pour un "
        "autre."
    )


class HolderAlone(ServiceError):
    """A step that belongs to the person in whose name the act is done."""

    code = "level_too_low"
    meaning = _l("Cet acte revient au titulaire : il le valide sous sa propre identité.")


class ActOver(ServiceError):
    """The act is past this step."""

    code = "act_over"
    status = HTTPStatus.CONFLICT
    title = _l("Acte déjà traité")
    meaning = _l("Cet acte est déjà envoyé, préparé ou abandonné : cette étape est passée.")


class AgentsAlone(ServiceError):
    """The back office of the CPAM is for its agents."""

    code = "agents_alone"
    meaning = _l("Cette page est réservée aux agents de la CPAM.")


class ConsultationsSpent(ServiceError):
    """Somebody looked at more patients' reimbursements in a day than the settings allow."""

    code = "consultations_spent"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = _l("Trop de consultations")
    meaning = _l("Vous avez consulté beaucoup d’historiques aujourd’hui : reprenez demain.")


class LicenceRefused(ValueError):
    """A licence that is not kept; the message says what to correct."""


class ExtractRefused(ValueError):
    """A file of the directory that is not taken; the message says why."""
