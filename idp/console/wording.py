"""States of things in words, each with the kind of its badge."""

import json
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from idp.directory.labels import MODES, PROFESSIONS
from idp.enrolment.eligibility import Refusal
from idp.portal.wording import CARDS
from idp.web.words import Words

PHONES: dict[str, Words] = {
    "active": Words("success", _("actif")),
    "suspended": Words("warning", _("suspendu")),
    "blocked": Words("error", _("bloqué")),
    "revoked": Words("", _("révoqué")),
    "expired": Words("", _("expiré")),
}
KEYS: dict[str, Words] = {
    "active": Words("success", _("active")),
    "suspended": Words("warning", _("suspendue")),
}
ENROLMENTS: dict[str, Words] = {
    "started": Words("info", _("QR code envoyé")),
    "redeemed": Words("info", _("QR code lu, SMS attendu")),
    "verified": Words("info", _("SMS vérifié, code e-CPS attendu")),
    "shown": Words("info", _("QR code affiché")),
    "scanned": Words("info", _("QR code lu, code du téléphone attendu")),
    "confirmed": Words("info", _("confirmé, code e-CPS attendu")),
    "active": Words("success", _("terminée")),
    "dead": Words("error", _("arrêtée")),
}
PRACTICE: dict[str, Words] = {
    "declared": Words("info", _("déclarée à l’Ordre")),
    "recorded": Words("info", _("enregistrée par la CPAM")),
    "carried": Words("success", _("publiée")),
    "ended": Words("", _("terminée")),
}
REFUSALS: dict[str, Words] = {
    Refusal.UNKNOWN: Words("error", _("personne ne porte cet identifiant")),
    Refusal.STRUCK_OFF: Words("error", _("personne radiée")),
    Refusal.ADELI_NEEDS_CARD: Words("error", _("numéro ADELI : activation par la carte seulement")),
    Refusal.NO_MOBILE: Words("error", _("aucun téléphone mobile déclaré")),
    Refusal.NO_EMAIL: Words("error", _("aucun courriel déclaré")),
    Refusal.CONTACT_HELD: Words("error", _("coordonnées changées il y a trop peu de temps")),
}
PAIRING_ENDS: dict[str, Words] = {
    "scanned-twice": Words("error", _("deux téléphones ont lu le QR code")),
    "wrong-code": Words("error", _("code du téléphone faux")),
    "cancelled": Words("", _("abandonnée sur le téléphone")),
    "superseded": Words("", _("remplacée par une autre")),
    "card-opposed": Words("error", _("carte mise en opposition")),
    "card-ended": Words("error", _("carte arrivée à son terme")),
}
CLIENTS: dict[str, Words] = {
    "enabled": Words("success", _("en service")),
    "disabled": Words("error", _("désactivé")),
}
DOCUMENTS: dict[str, Words] = {
    "pending": Words("info", _("à télécharger")),
    "held": Words("success", _("téléchargé")),
    "failed": Words("error", _("en échec")),
}
_TABLES: dict[str, Mapping[str, Words]] = {
    "card": CARDS,
    "phone": PHONES,
    "key": KEYS,
    "enrolment": ENROLMENTS,
    "practice": PRACTICE,
    "refusal": REFUSALS,
    "pairing": PAIRING_ENDS,
    "client": CLIENTS,
    "profession": {code: Words("", label) for code, label in PROFESSIONS.items()},
    "mode": {code: Words("", label) for code, label in MODES.items()},
    "document": DOCUMENTS,
}


def words(of: str, state: str | None) -> Words:
    """How the state of a thing is shown; one without words by its own name."""
    return _TABLES[of].get(state or "", Words("", state or ""))


def as_json(value: Any) -> str:
    """Readable, with French as it is written."""
    return json.dumps(value, indent=2, ensure_ascii=False)
