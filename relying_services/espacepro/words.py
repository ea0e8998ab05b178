"""What pages call things, and what they ask of rows: told to every template once."""

from collections.abc import Mapping

from flask import Flask, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from relying_services.espacepro.authorisation import shown_now
from relying_services.espacepro.errors import CardNeeded, DelegationRefused
from relying_services.espacepro.matrix import IN_MON_COMPTE, MATRIX, SERVICES, STATUS_LABELS
from relying_services.espacepro.states import LABELS, Shown
from relying_services.espacepro.store.models import DelegationRow
from relying_services.service.pages import refused
from relying_services.service.places import keep_place
from relying_services.service.service import this_service

ACTIONS: Mapping[str, LazyString] = {
    "session:opened": _l("Connexion"),
    "session:closed": _l("Déconnexion"),
    "session:cut": _l("Session coupée"),
    "session:ended": _l("Session fermée par le fournisseur d’identité"),
    "activity:chosen": _l("Choix de l’activité"),
    "account:read": _l("Lecture de « Mon compte »"),
    "services:read": _l("Lecture de la liste des services"),
    "delegations:read": _l("Lecture des délégations"),
    "delegation:read": _l("Lecture d’une délégation"),
    "delegation:drawn_up": _l("Préparation d’une délégation"),
    "delegation:corrected": _l("Correction d’une délégation"),
    "delegation:created": _l("Création d’une délégation"),
    "delegation:accepted": _l("Acceptation d’une délégation"),
    "delegation:refused": _l("Refus d’une délégation"),
    "delegation:revoked": _l("Révocation d’une délégation"),
    "delegation:lapsed": _l("Délégation restée sans réponse"),
    "invitation:read": _l("Ouverture d’une invitation"),
    "acting:begun": _l("Début d’action par délégation"),
    "acting:ended": _l("Fin d’action par délégation"),
    "acts:read": _l("Lecture d’un téléservice"),
    "act:read": _l("Lecture d’un acte"),
    "act:drawn_up": _l("Rédaction d’un acte"),
    "act:confirmed": _l("Confirmation d’un acte"),
    "act:prepared": _l("Acte préparé, à valider"),
    "act:sent": _l("Envoi d’un acte"),
    "act:validated": _l("Validation d’un acte préparé"),
    "act:set_aside": _l("Rejet d’un acte préparé"),
    "act:dropped": _l("Abandon d’un acte"),
    "trace:read": _l("Lecture des traces"),
    "trace:exported": _l("Export des traces"),
    "cpam:opened": _l("Ouverture de la page de la CPAM"),
    "payments:read": _l("Lecture des paiements"),
    "payment:read": _l("Lecture d’un paiement"),
    "invoices:searched": _l("Recherche de factures de tiers payant"),
    "invoices:read": _l("Lecture des factures de tiers payant"),
    "invoices:exported": _l("Export des factures de tiers payant"),
    "orders:read": _l("Lecture des commandes d’imprimés"),
    "order:read": _l("Lecture d’une commande d’imprimés"),
    "order:drawn_up": _l("Préparation d’une commande d’imprimés"),
    "order:confirmed": _l("Confirmation d’une commande d’imprimés"),
    "order:dropped": _l("Abandon d’une commande d’imprimés"),
    "questions:read": _l("Lecture des messages de contact"),
    "question:read": _l("Lecture d’un message de contact"),
    "question:sent": _l("Envoi d’un message de contact"),
}
"""What was done here, and in Mon compte by delegation; another act is shown by its code."""

MEANS_NAMES: Mapping[str, LazyString] = {
    "CARD": _l("carte"),
    "MOBILE": _l("e-CPS"),
    "WEBAUTHN": _l("clé de sécurité"),
    "PASSWORD": _l("mot de passe"),
}

BADGES: Mapping[str, str] = {
    "current": "success",
    "coming": "info",
    "pending": "warning",
    "revoked": "error",
    "refused": "error",
    "sent": "success",
    "prepared": "warning",
}
"""How the state of a delegation or an act looks; others are neutral."""


def init_app(app: Flask) -> None:
    """Tell the words to the templates, and what a card is needed for as a page of its own."""
    app.register_error_handler(CardNeeded, card_needed)
    app.register_error_handler(DelegationRefused, delegation_refused)
    app.jinja_env.globals.update(
        action_names=ACTIONS,
        badges=BADGES,
        delegation_states=LABELS,
        in_mon_compte=IN_MON_COMPTE,
        matrix=MATRIX,
        means_names=MEANS_NAMES,
        service_names=SERVICES,
        state_now=state_now,
        status_names=STATUS_LABELS,
    )


def state_now(row: DelegationRow) -> Shown:
    """The state of a delegation that people read at this request."""
    return shown_now(row, this_service().clock.now())


def card_needed(error: CardNeeded) -> ResponseReturnValue:
    """Offer the card; the browser is back at its place afterwards (EP-01, decision 7)."""
    keep_place()
    address = url_for("sign_in.login", means="CARD")
    return render_template("espacepro/card.html", error=error, address=address), error.status


def delegation_refused(error: DelegationRefused) -> ResponseReturnValue:
    """A delegation that another means would carry offers the card, as any other does."""
    return card_needed(CardNeeded()) if error.reason == "means_refused" else refused(error)
