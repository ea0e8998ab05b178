"""What the portal's pages say of a pairing that ended, and of a card's state."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from idp.cards.opposition import OppositionReason
from idp.cards.states import CardState
from idp.psc.means import CARD, MOBILE, WEBAUTHN
from idp.web.words import Words


@dataclass(frozen=True)
class Ending:
    """How a pairing ended without an e-CPS."""

    title: Any
    text: Any


_ENDINGS = {
    "expired": Ending(
        _("Le temps est écoulé"),
        _("Aucun téléphone n’a terminé à temps. Affichez un nouveau QR code et recommencez."),
    ),
    "wrong-code": Ending(
        _("Ce n’est pas le bon code"),
        _(
            "Par sécurité, un seul essai est permis. Affichez un nouveau QR code, scannez-le, et "
            "recopiez le code que le téléphone affiche alors. Si vous n’avez pas scanné ce QR code "
            "vous-même, quelqu’un d’autre l’a fait : prévenez l’assistance."
        ),
    ),
    "scanned-twice": Ending(
        _("Deux téléphones ont lu ce QR code"),
        _(
            "Par sécurité, l’activation est arrêtée pour les deux. Si l’un d’eux n’est pas le "
            "vôtre, quelqu’un voit ou photographie votre écran : recommencez à l’abri des regards "
            "et prévenez l’assistance."
        ),
    ),
    "superseded": Ending(
        _("Un autre QR code a été demandé"),
        _("L’activation commencée ici a été remplacée par une autre, demandée ailleurs."),
    ),
}
_OTHERWISE = Ending(_("L’activation est arrêtée"), _("Affichez un nouveau QR code et recommencez."))

CARDS: dict[str, Words] = {
    CardState.COMMANDEE: Words("info", _("commandée")),
    CardState.EN_FABRICATION: Words("info", _("en fabrication")),
    CardState.EXPEDIEE: Words("info", _("expédiée")),
    CardState.RECUE_NON_ACTIVEE: Words("warning", _("reçue, à activer")),
    CardState.ACTIVE: Words("success", _("active")),
    CardState.BLOQUEE: Words("error", _("bloquée")),
    CardState.OPPOSEE: Words("", _("en opposition")),
    CardState.EXPIREE: Words("", _("expirée")),
    CardState.INVALIDEE: Words("", _("remplacée")),
}
"""States of a card; what is over has no kind."""

OPPOSITION_REASONS: dict[str, Any] = {
    OppositionReason.PERTE: _("Je l’ai perdue"),
    OppositionReason.VOL: _("Elle m’a été volée"),
    OppositionReason.DYSFONCTIONNEMENT: _("Elle ne fonctionne plus"),
}
"""What holders declare, as the form offers it."""


def ending_of(standing: str, reason: str | None) -> Ending:
    """What is told of a pairing that is `expired`, or `dead` for a reason."""
    return _ENDINGS.get(standing if standing == "expired" else reason or "", _OTHERWISE)


MEANS: dict[str, Any] = {
    MOBILE: _("e-CPS"),
    CARD: _("carte"),
    WEBAUTHN: _("clé de sécurité"),
}
"""By what people sign in."""
