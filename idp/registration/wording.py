"""What people are told when a step is out of order, and what they are shown of a card."""

from typing import Any

from flask_babel import lazy_gettext as _

from idp.registration.steps import Reason
from idp.store.models import Card, PracticeActivity

REFUSALS: dict[Reason, Any] = {
    Reason.NOT_REGISTERED: _("Personne n’est inscrit à l’Ordre sous cet identifiant."),
    Reason.STRUCK_OFF: _("Cette personne est radiée."),
    Reason.EXERCICE_UNKNOWN: _("Cette personne n’exerce pas cette profession."),
    Reason.ALREADY_DECLARED: _("Cette activité est déjà déclarée."),
    Reason.NOT_DECLARED: _("L’Ordre ne connaît pas cette activité, ou elle a pris fin."),
    Reason.ANOTHER_ACTIVITY: _(
        "Ce serait une autre activité : déclarez la fin de celle-ci, puis la nouvelle."
    ),
    Reason.DEPARTMENT_CHANGED: _(
        "Un autre département donne un autre numéro de facturation : déclarez la fin de cette "
        "activité, puis la nouvelle."
    ),
    Reason.ALREADY_RECORDED: _("La CPAM a déjà enregistré cette activité."),
    Reason.NOT_RECORDED: _("La CPAM n’a pas encore enregistré cette activité."),
    Reason.ALREADY_CARRIED: _("Une carte porte déjà cette activité."),
    Reason.BILLING_NUMBERS_USED_UP: _("Ce département n’a plus de numéro de facturation."),
    Reason.HOLDER_UNKNOWN: _("Le titulaire de cette carte n’est pas dans l’annuaire."),
    Reason.CARD_IN_USE: _("Cette personne a déjà une carte de cette famille."),
}


def described_card(card: Card) -> dict[str, Any]:
    """A card as operators see it; nothing of its keys and codes."""
    return {
        "card_number": card.card_number,
        "family": card.family,
        "version": card.version,
        "national_id": card.national_id,
        "is_nominative": card.is_nominative,
        "profession": card.profession,
        "rank": card.rank,
        "state": card.state,
        "state_at": card.state_at.isoformat(),
        "ordered_at": card.ordered_at.isoformat(),
        "starts_at": card.starts_at and card.starts_at.isoformat(),
        "ends_at": card.ends_at and card.ends_at.isoformat(),
        "activated_at": card.activated_at and card.activated_at.isoformat(),
        "opposed_at": card.opposed_at and card.opposed_at.isoformat(),
        "opposition_reason": card.opposition_reason,
        "renews": card.renews,
        "activities": card.activities,
        "content_version": card.content_version,
        "tries_left": card.tries_left,
        "unblock_tries_left": card.unblock_tries_left,
    }


def described_activity(activity: PracticeActivity) -> dict[str, Any]:
    """An activity as the Order, the CPAM and the ANS see it."""
    return {
        "activity_id": activity.activity_id,
        "national_id": activity.national_id,
        "profession": activity.profession,
        "state": activity.state,
        "department": activity.department,
        "billing_number": activity.billing_number,
        "convention": activity.convention,
        "tariff_zone": activity.tariff_zone,
        "card_number": activity.card_number,
        "details": activity.details,
    }
