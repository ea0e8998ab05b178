"""What is stored about people, from where, and for how long: one table, told on the page.

A test holds that every table of the database that names a person stands in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel.units import format_unit
from flask_babel import get_locale
from flask_babel import lazy_gettext as _

from idp.settings import Settings

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Holding:
    """One kind of data."""

    title: Any
    content: Any
    source: Any
    kept: Callable[[Settings], Any]
    """How long, by the settings in force."""
    tables: tuple[str, ...]


def in_words(length: timedelta) -> str:
    """A duration in the largest unit that tells it exactly: "90 secondes", "4 heures"."""
    seconds = int(length.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    return format_unit(seconds // size, unit, locale=get_locale())


def _as_long_as_enrolled(_settings: Settings) -> Any:
    return _("tant que vous êtes à l’Annuaire Santé")


def _without_limit(_settings: Settings) -> Any:
    return _("sans limite fixée ici : leur source décide de leur contenu")


def _for_good(_settings: Settings) -> Any:
    return _("sans limite : un compte n’est jamais donné à quelqu’un d’autre")


def _until_ended(_settings: Settings) -> Any:
    return _("jusqu’à ce que vous le retiriez")


def _after_their_end(_settings: Settings) -> Any:
    return _("gardées après leur fin, pour que vous sachiez ce qui a existé")


def _of_sessions(settings: Settings) -> Any:
    return _(
        "%(length)s au plus après votre dernière connexion",
        length=in_words(settings.session_lifetime),
    )


def _of_questions(settings: Settings) -> Any:
    longest = max(settings.web_challenge_lifetime, settings.ciba_longest_lifetime)
    return _(
        "le temps d’y répondre, %(length)s au plus ; leur trace reste au journal",
        length=in_words(longest),
    )


def _of_software(settings: Settings) -> Any:
    return _("%(length)s après leur fin", length=in_words(settings.session_lifetime))


def _of_enrolments(settings: Settings) -> Any:
    return _("%(length)s après la fin de l’activation", length=in_words(settings.ticket_retention))


def _of_messages(settings: Settings) -> Any:
    return _("%(length)s après l’envoi", length=in_words(settings.outbox_retention))


def _of_journal(settings: Settings) -> Any:
    return in_words(settings.journal_retention)


def _of_ceremonies(settings: Settings) -> Any:
    return in_words(settings.security_key_ceremony_lifetime)


_DIRECTORY = _("Annuaire Santé (répertoire RPPS)")
_YOU = _("vous")
_HERE = _("ce service")

HOLDINGS = (
    Holding(
        _("Identité professionnelle"),
        _("identifiants, nom, prénom, civilité, exercices et activités"),
        _DIRECTORY,
        _as_long_as_enrolled,
        ("directory_people", "directory_aliases"),
    ),
    Holding(
        _("Corrections"),
        _("état civil là où il diffère de l’Annuaire, fin d’inscription constatée"),
        _HERE,
        _without_limit,
        ("local_corrections",),
    ),
    Holding(
        _("Inscription et activités"),
        _("inscription au tableau, date de naissance, activités et numéros d’assurance maladie"),
        _("votre Ordre et la CPAM"),
        _without_limit,
        ("order_registrations", "practice_activities"),
    ),
    Holding(
        _("Coordonnées de correspondance"),
        _("téléphone mobile et courriel, les précédents aussi ; jamais transmis à un service"),
        _("votre Ordre"),
        _without_limit,
        ("contacts",),
    ),
    Holding(
        _("Compte"),
        _("l’identifiant stable sous lequel les services vous reconnaissent"),
        _HERE,
        _for_good,
        ("accounts",),
    ),
    Holding(
        _("Téléphones et e-CPS"),
        _("nom, état, dates, clés publiques ; ni code e-CPS, ni clé secrète"),
        _("votre téléphone"),
        _after_their_end,
        ("devices",),
    ),
    Holding(
        _("Activations"),
        _("identifiant saisi, nom du téléphone, étape atteinte"),
        _("votre téléphone"),
        _of_enrolments,
        ("tickets", "pairings"),
    ),
    Holding(
        _("Cartes"),
        _("numéro, famille, état, dates, activités portées, certificats ; aucun code"),
        _("l’émetteur des cartes"),
        _after_their_end,
        ("cards",),
    ),
    Holding(
        _("Clés de sécurité"),
        _("nom, modèle, dates, clé publique"),
        _("votre navigateur"),
        _after_their_end,
        ("security_keys",),
    ),
    Holding(
        _("Ajout d’une clé de sécurité"),
        _("l’ajout en cours, jusqu’à la réponse de la clé"),
        _HERE,
        _of_ceremonies,
        ("key_ceremonies",),
    ),
    Holding(
        _("Sessions et services"),
        _("navigateur, lieu d’après le réseau, dates, services et ce que chacun a reçu"),
        _HERE,
        _of_sessions,
        ("sessions", "grants"),
    ),
    Holding(
        _("Demandes de connexion"),
        _("qui demande, depuis où, votre réponse"),
        _("les services où vous vous connectez"),
        _of_questions,
        ("challenges", "card_approvals"),
    ),
    Holding(
        _("Demandes de logiciels"),
        _("quel logiciel a demandé, et ce qu’il a demandé"),
        _("les logiciels qui vous connectent sans navigateur"),
        _of_software,
        ("backchannel_requests",),
    ),
    Holding(
        _("Code pour les logiciels"),
        _("le code que vous avez choisi, chiffré"),
        _YOU,
        _until_ended,
        ("user_codes",),
    ),
    Holding(
        _("Messages"),
        _("les courriels, SMS et lettres qui vous sont écrits, chiffrés"),
        _HERE,
        _of_messages,
        ("outbox_messages",),
    ),
    Holding(
        _("Journal de sécurité"),
        _("ce que montre « Mon historique », et l’adresse du réseau d’où chaque acte est venu"),
        _HERE,
        _of_journal,
        ("journal_events",),
    ),
)
