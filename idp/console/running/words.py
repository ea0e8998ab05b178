"""What runs, in words: messages, keys, events."""

from typing import Any

from flask_babel import lazy_gettext as _

from idp.audit.events import Event
from idp.portal.history_words import SENTENCES
from idp.web.words import Words

MESSAGES: dict[str, Any] = {
    "mail": _("Courriel"),
    "sms": _("SMS"),
    "letter": _("Lettre"),
    "push": _("Notification"),
    "logout": _("Fin de session, à un service"),
    "ciba": _("Réponse, à un logiciel"),
}
MESSAGE_STATES: dict[str, Words] = {
    "pending": Words("info", _("en attente")),
    "sending": Words("info", _("en cours d’envoi")),
    "sent": Words("success", _("envoyé")),
    "kept": Words("success", _("gardé dans la simulation")),
    "failed": Words("error", _("en échec")),
}
PURPOSES: dict[str, Any] = {
    "tokens": _("Signature des jetons"),
    "tokens-ps256": _("Signature des jetons, pour les services qui demandent PS256"),
    "tokens-es256": _("Signature des jetons, pour les services qui demandent ES256"),
    "encryption": _("Chiffrement des demandes des services, par RSA"),
    "encryption-ecdh": _("Chiffrement des demandes des services, par courbe elliptique"),
    "phone": _("Signature de ce qui va aux téléphones"),
    "vapid": _("Notifications des téléphones"),
    "journal": _("Signature des têtes du journal"),
}
KEY_STATES: dict[str, Words] = {
    "next": Words("info", _("suivante")),
    "active": Words("success", _("en service")),
    "accepted": Words("", _("encore acceptée")),
    "kept": Words("", _("gardée pour vérifier")),
}
OUTCOMES: dict[str, Words] = {
    "success": Words("success", _("réussi")),
    "failure": Words("error", _("refusé")),
}
SOURCES: dict[str, Words] = {
    "default": Words("", _("par défaut")),
    "profile": Words("info", _("par le profil")),
    "changed": Words("warning", _("autre que le défaut")),
}


def sentence(event: str) -> Any:
    """What the person reads of an event in their history; nothing where it names nobody."""
    found = SENTENCES.get(Event(event))
    return "" if found is None else found.text
