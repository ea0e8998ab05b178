"""What the account page says of a phone: its state, why it is out of use, what to do."""

from typing import Any

from flask_babel import lazy_gettext as _

from idp.devices.lifecycle import LOST
from idp.web.words import Words

STATES = {
    "active": Words("success", _("active")),
    "suspended": Words("warning", _("suspendue")),
    "blocked": Words("error", _("bloquée")),
    "revoked": Words("", _("révoquée")),
    "expired": Words("", _("expirée")),
}

REVOCATION_REASONS: dict[str, tuple[Any, Any]] = {
    LOST: (
        _("Il est perdu, volé, ou dans d’autres mains"),
        _("Les clés de sécurité ajoutées avec ce téléphone sont suspendues aussi."),
    ),
    "holder": (_("Je ne m’en sers plus"), ""),
}
"""What holders declare, as the form offers it: words, and a hint."""

_COPIED = _(
    "Une copie de cette e-CPS semble avoir servi ailleurs : par sécurité, elle est suspendue. "
    "Révoquez-la, puis activez-en une autre ; si un téléphone a été perdu ou prêté, prévenez "
    "l’assistance."
)
_ADVICE: dict[tuple[str, str | None], Any] = {
    ("suspended", "stale-roll"): _COPIED,
    ("suspended", "counter"): _COPIED,
    ("suspended", "card-opposed"): _(
        "La carte qui a servi à l’activer a été mise en opposition. Révoquez cette e-CPS, puis "
        "activez-en une autre avec votre nouvelle carte ou par courriel et SMS."
    ),
    ("blocked", "pin"): _(
        "Trop de codes e-CPS faux ont été saisis. Un code oublié ne se retrouve pas : supprimez "
        "l’e-CPS sur le téléphone ou révoquez-la ici, puis activez-en une autre."
    ),
    ("revoked", "replaced"): _("Remplacée par une e-CPS activée ensuite."),
    ("revoked", "deleted"): _("Supprimée sur le téléphone."),
    ("revoked", LOST): _("Révoquée : le téléphone était perdu ou volé."),
    ("revoked", "holder"): _("Révoquée depuis « Mon compte »."),
    ("revoked", "administrator"): _("Révoquée par l’assistance."),
    ("revoked", "struck-off"): _("Révoquée à la fin de votre inscription."),
    ("revoked", "gone"): _("Révoquée : vous n’étiez plus à l’Annuaire Santé."),
    ("expired", None): _("Arrivée au terme de sa validité. Activez-en une autre."),
}


def advice_on(state: str, reason: str | None) -> Any:
    """Why a phone is out of use, and what to do about it; empty where all is well."""
    return _ADVICE.get((state, reason), "")
