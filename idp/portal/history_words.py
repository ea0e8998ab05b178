"""What a person's history says of each event of the journal: one sentence an event.

Every event stands in `SENTENCES`, or in `OF_NOBODY` where it never names a person; a test holds
that none is missing.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from idp.audit.events import Event


class Kind(StrEnum):
    """What an event is about, as the history may be narrowed to."""

    SIGN_INS = "connexions"
    SERVICES = "services"
    PHONES = "telephones"
    CARDS = "cartes"
    KEYS = "cles"
    RECORD = "dossier"


KINDS: dict[Kind, Any] = {
    Kind.SIGN_INS: _("Connexions"),
    Kind.SERVICES: _("Services et logiciels"),
    Kind.PHONES: _("Téléphones et e-CPS"),
    Kind.CARDS: _("Cartes"),
    Kind.KEYS: _("Clés de sécurité"),
    Kind.RECORD: _("Inscription et données"),
}


@dataclass(frozen=True)
class Sentence:
    """How an event is told."""

    kind: Kind
    text: Any
    is_odd: bool = False
    """Worth a second look, whatever its outcome: it may not have been the person."""


def _signin(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.SIGN_INS, text, is_odd)


def _service(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.SERVICES, text, is_odd)


def _phone(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.PHONES, text, is_odd)


def _card(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.CARDS, text, is_odd)


def _key(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.KEYS, text, is_odd)


def _record(text: Any, *, is_odd: bool = False) -> Sentence:
    return Sentence(Kind.RECORD, text, is_odd)


SENTENCES: dict[Event, Sentence] = {
    Event.SESSION_OPENED: _signin(_("Vous vous êtes connecté.")),
    Event.SESSION_STEPPED_UP: _signin(_("Vous avez confirmé votre identité une nouvelle fois.")),
    Event.SESSION_OVERLAPPED: _signin(
        _("Votre carte a servi alors qu’une autre de vos sessions était ouverte ailleurs."),
        is_odd=True,
    ),
    Event.SESSION_ENDED: _signin(_("Une session a pris fin.")),
    Event.CHALLENGE_STARTED: _signin(_("Une demande de connexion vous a été adressée.")),
    Event.CHALLENGE_APPROVED: _signin(_("Vous avez approuvé une demande de connexion.")),
    Event.CHALLENGE_REFUSED: _signin(_("Vous avez refusé une demande de connexion."), is_odd=True),
    Event.CHALLENGE_NOT_ME: _signin(
        _("Vous avez répondu ne pas être à l’origine d’une demande."), is_odd=True
    ),
    Event.CHALLENGE_WRONG_NUMBER: _signin(
        _("Le nombre choisi n’était pas celui affiché : la demande a été close."), is_odd=True
    ),
    Event.PUSH_SUPPRESSED: _signin(
        _("Trop de demandes : vos téléphones n’ont plus été avertis, pour vous protéger."),
        is_odd=True,
    ),
    Event.SIGNIN_THROTTLED: _signin(
        _("Trop de connexions ont été demandées avec votre identifiant."), is_odd=True
    ),
    Event.PERSON_REFUSED: _signin(
        _("Une connexion a été refusée : l’inscription n’était plus active."), is_odd=True
    ),
    Event.SERVICE_CONFIRMED: _service(_("Vous avez accepté d’entrer dans un service.")),
    Event.SERVICE_REJECTED: _service(_("Vous avez refusé d’entrer dans un service.")),
    Event.ACTIVITY_CHOSEN: _service(_("Vous avez choisi l’activité au titre de laquelle agir.")),
    Event.CODE_ISSUED: _service(_("Un service a été autorisé à vous reconnaître.")),
    Event.TOKEN_ISSUED: _service(_("Un service a reçu les informations autorisées.")),
    Event.TOKEN_REFRESHED: _service(_("Un service a prolongé son accès.")),
    Event.TOKEN_REVOKED: _service(_("Un service a rendu son accès.")),
    Event.TOKEN_EXCHANGED: _service(_("Un service a obtenu un accès à un autre, pour vous.")),
    Event.API_SESSION_ENDED: _service(_("Un accès entre services a pris fin.")),
    Event.DEVICE_APPROVED: _service(_("Vous avez autorisé un appareil par son code.")),
    Event.CODE_REUSED: _service(
        _("Une autorisation déjà employée a été présentée de nouveau : son accès est retiré."),
        is_odd=True,
    ),
    Event.REFRESH_REUSED: _service(
        _("Un accès déjà prolongé a été présenté de nouveau : il est retiré."), is_odd=True
    ),
    Event.PROOF_REFUSED: _service(
        _("Un accès a été présenté sans la clé du service : il est refusé."), is_odd=True
    ),
    Event.BACKCHANNEL_THROTTLED: _service(
        _("Un logiciel a trop souvent donné un mauvais code utilisateur."), is_odd=True
    ),
    Event.USER_CODE_SET: _service(_("Votre code pour les logiciels a été défini ou changé.")),
    Event.USER_CODE_REMOVED: _service(_("Votre code pour les logiciels a été retiré.")),
    Event.USER_CODE_REFUSED: _service(
        _("Un logiciel a donné un mauvais code utilisateur."), is_odd=True
    ),
    Event.TICKET_STARTED: _phone(_("L’activation d’une e-CPS a été demandée.")),
    Event.TICKET_REFUSED: _phone(_("L’activation d’une e-CPS n’a pas été possible."), is_odd=True),
    Event.TICKET_REDEEMED: _phone(_("Le QR code reçu par courriel a été scanné.")),
    Event.SMS_SENT: _phone(_("Un code d’activation vous a été envoyé par SMS.")),
    Event.SMS_REFUSED: _phone(_("Un code reçu par SMS a été mal saisi."), is_odd=True),
    Event.SMS_VERIFIED: _phone(_("Le code reçu par SMS a été vérifié.")),
    Event.PAIRING_STARTED: _phone(_("Un QR code d’activation a été affiché, avec votre carte.")),
    Event.PAIRING_SCANNED: _phone(_("Un téléphone a scanné le QR code d’activation.")),
    Event.PAIRING_CONFIRMED: _phone(_("Le code affiché par le téléphone a été confirmé.")),
    Event.PAIRING_REFUSED: _phone(_("Une activation par carte a été arrêtée."), is_odd=True),
    Event.DEVICE_ACTIVATED: _phone(_("Une e-CPS a été activée sur un téléphone.")),
    Event.DEVICE_RENAMED: _phone(_("Vous avez renommé un téléphone.")),
    Event.DEVICE_REVOKED: _phone(_("L’e-CPS d’un téléphone a pris fin.")),
    Event.DEVICE_SUSPENDED: _phone(
        _("L’e-CPS d’un téléphone a été suspendue par sécurité."), is_odd=True
    ),
    Event.DEVICE_BLOCKED: _phone(_("Une e-CPS a été bloquée : trop de codes faux."), is_odd=True),
    Event.REVOCATION_CODE_CHANGED: _phone(_("Vous avez obtenu un nouveau code de révocation.")),
    Event.PUSH_ADDRESS_CHANGED: _phone(_("Un téléphone a changé d’adresse de notification.")),
    Event.PIN_REFUSED: _phone(_("Un code e-CPS faux a été saisi."), is_odd=True),
    Event.PIN_LOCKED: _phone(
        _("Trop de codes e-CPS faux : il a fallu attendre avant de réessayer."), is_odd=True
    ),
    Event.PIN_CHANGE_BEGUN: _phone(_("Un changement de code e-CPS a été commencé.")),
    Event.PIN_CHANGED: _phone(_("Le code e-CPS a été changé.")),
    Event.PIN_CHANGE_ROLLED_BACK: _phone(_("Un changement de code e-CPS a été abandonné.")),
    Event.CARD_ORDERED: _card(_("Une carte a été commandée.")),
    Event.CARD_MOVED: _card(_("Une carte a changé d’état.")),
    Event.CARD_TRANSITION_REFUSED: _card(
        _("Un changement d’état d’une carte n’était pas possible.")
    ),
    Event.CARD_UPDATED: _card(_("Le contenu d’une carte a été mis à jour.")),
    Event.CARD_CODE_REFUSED: _card(_("Un code porteur faux a été saisi."), is_odd=True),
    Event.CARD_ACCEPTED: _card(_("Une carte a servi à vous connecter.")),
    Event.CARD_REFUSED: _card(_("Une carte a été refusée."), is_odd=True),
    Event.CARD_ANSWER_UNPROVED: _card(
        _("La réponse d’une carte n’a pas pu être vérifiée."), is_odd=True
    ),
    Event.SECURITY_KEY_REGISTERED: _key(_("Une clé de sécurité a été ajoutée.")),
    Event.SECURITY_KEY_RENAMED: _key(_("Vous avez renommé une clé de sécurité.")),
    Event.SECURITY_KEY_REMOVED: _key(_("Une clé de sécurité a été retirée.")),
    Event.SECURITY_KEY_SUSPENDED: _key(
        _("Une clé de sécurité a été suspendue par sécurité."), is_odd=True
    ),
    Event.SECURITY_KEY_REFUSED: _key(
        _("La réponse d’une clé de sécurité a été refusée."), is_odd=True
    ),
    Event.CONTACT_SHOWN: _record(
        _("L’assistance a consulté vos coordonnées de correspondance."), is_odd=True
    ),
    Event.PERSON_REGISTERED: _record(_("Vous avez été inscrit au tableau de l’Ordre.")),
    Event.ACTIVITY_DECLARED: _record(_("Une activité a été déclarée à l’Ordre.")),
    Event.ACTIVITY_RECORDED: _record(_("Une activité a été enregistrée par la CPAM.")),
    Event.ACTIVITY_CARRIED: _record(_("Une activité a été inscrite sur une carte.")),
    Event.ACTIVITY_ENDED: _record(_("Une activité a pris fin.")),
    Event.REGISTRATION_REFUSED: _record(_("Une étape de l’inscription a été refusée.")),
    Event.CONTACT_CHANGED: _record(_("Vos coordonnées de correspondance ont changé."), is_odd=True),
    Event.PERSON_CLOSED: _record(_("Votre inscription a pris fin."), is_odd=True),
    Event.PERSON_REOPENED: _record(_("Votre inscription a été rétablie.")),
    Event.DATA_EXPORTED: _record(_("Vous avez téléchargé vos données.")),
}

OF_NOBODY = frozenset(
    {
        Event.WORLD_CREATED,
        Event.CLOCK_MOVED,
        Event.SNAPSHOT_RESTORED,
        Event.DIRECTORY_IMPORTED,
        Event.DIRECTORY_REFUSED,
        Event.KEY_ROTATED,
        Event.KEY_REWRAPPED,
        Event.CLIENT_ADDED,
        Event.CLIENT_CHANGED,
        Event.CLIENT_CERTIFICATE_ISSUED,
        Event.CLIENT_REMOVED,
        Event.CLIENT_DISABLED,
        Event.CLIENT_ENABLED,
        Event.CLIENT_REFUSED,
        Event.CLIENT_REGISTRATION_PERMITTED,
        Event.CLIENT_REGISTRATION_WITHDRAWN,
        Event.CLIENT_REGISTRATION_REFUSED,
        Event.DEVICE_DENIED,
        Event.DEVICE_THROTTLED,
        Event.USER_CODE_THROTTLED,
        Event.SUBJECT_REFUSED,
        Event.REVOCATION_REFUSED,
        Event.MESSAGE_FAILED,
        Event.JOURNAL_PURGED,
        *(event for event in Event if event.startswith("console:")),
    }
)
"""Events that name no person: of services, of the provider itself, or of nobody known yet."""
