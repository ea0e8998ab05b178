"""The teleservices: what each asks, of whom it may be used, and what was typed, held to it (MA-11).

Sick leave and accidents at work go by a card alone, whoever acts (domain, 6); the others by any
means of the provider. This is EspacePro's own policy (EP-16); delegates have another, by status.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flask_babel import LazyString, format_date
from flask_babel import lazy_gettext as _l

from relying_services.espacepro.matrix import SERVICES
from relying_services.service.days import NO_DAY, day_kept, day_typed
from relying_services.service.forms import FormWrong
from relying_services.service.settings import MEANS

Kind = Literal["name", "day", "past_day", "text", "choice", "number"]

CARD_ALONE = frozenset({"CARD"})

_DAYS: tuple[Kind, ...] = ("day", "past_day")

_OLDEST = date(1900, 1, 1)
_LONGEST_TEXT = 1_000
_MOST_DIGITS = 3
_NAME = re.compile(r"[^\W\d_][^\d_]{0,79}")


@dataclass(frozen=True)
class Field:
    """One question of a form."""

    name: str
    label: LazyString
    kind: Kind = "text"
    hint: LazyString | str = ""
    options: Mapping[str, LazyString] | None = None
    most: int = _LONGEST_TEXT
    """The longest text in characters, or the greatest number."""

    def as_read(self, text: str) -> LazyString | str:
        """What was typed, as a page shows it: a choice by its name, a day in full."""
        if self.options:
            return self.options[text]
        if text and self.kind in _DAYS:
            day: str = format_date(date.fromisoformat(text), "long")
            return day
        return text


@dataclass(frozen=True)
class Teleservice:
    """One teleservice.

    Attributes:
        code: by which it is delegated.
        fields: what it asks, about the patient first.
        means: by which its holder uses it (EP-16).
        immediate: it has no effect but an answer, so that nothing is to be confirmed.
        period: two fields, of which the second is not before the first.
    """

    code: str
    fields: tuple[Field, ...]
    means: frozenset[str] = MEANS
    immediate: bool = False
    period: tuple[str, str] | None = None

    @property
    def label(self) -> LazyString:
        """Its name."""
        return SERVICES[self.code]


_PATIENT = (
    Field("nom", _l("Nom du patient"), "name"),
    Field("prenom", _l("Prénom du patient"), "name"),
    Field("naissance", _l("Date de naissance du patient"), "past_day"),
)
_KINDS = {"initial": _l("Initial"), "prolongation": _l("Prolongation")}

TELESERVICES: Mapping[str, Teleservice] = {
    each.code: each
    for each in (
        Teleservice(
            "aat",
            (
                *_PATIENT,
                Field("nature", _l("Nature de l’arrêt"), "choice", options=_KINDS),
                Field("du", _l("Premier jour d’arrêt"), "day"),
                Field("au", _l("Dernier jour d’arrêt"), "day", hint=_l("Ce jour est compris.")),
                Field(
                    "sorties",
                    _l("Sorties"),
                    "choice",
                    options={
                        "non": _l("Non autorisées"),
                        "heures": _l("Autorisées, avec heures de présence"),
                        "libres": _l("Autorisées sans restriction d’horaire"),
                    },
                ),
            ),
            means=CARD_ALONE,
            period=("du", "au"),
        ),
        Teleservice(
            "atmp",
            (
                *_PATIENT,
                Field(
                    "nature",
                    _l("Nature du certificat"),
                    "choice",
                    options={**_KINDS, "final": _l("Final")},
                ),
                Field("accident", _l("Date de l’accident ou de la constatation"), "past_day"),
                Field("constatations", _l("Constatations")),
            ),
            means=CARD_ALONE,
        ),
        Teleservice(
            "dmt",
            (
                *_PATIENT,
                Field("le", _l("Date de la déclaration"), "past_day"),
                Field(
                    "accord",
                    _l("Accord du patient"),
                    "choice",
                    options={"oui": _l("Le patient a signé la déclaration avec le médecin")},
                ),
            ),
        ),
        Teleservice(
            "protocole",
            (
                *_PATIENT,
                Field("ald", _l("N° de l’ALD"), "number", hint=_l("De 1 à 30."), most=30),
                Field("du", _l("Début du protocole"), "day"),
                Field("soins", _l("Actes et prestations proposés")),
            ),
        ),
        Teleservice(
            "transport",
            (
                *_PATIENT,
                Field(
                    "mode",
                    _l("Mode de transport"),
                    "choice",
                    options={
                        "individuel": _l("Véhicule personnel ou transport en commun"),
                        "assis": _l("Transport assis professionnalisé (VSL, taxi conventionné)"),
                        "ambulance": _l("Ambulance"),
                    },
                ),
                Field("le", _l("Date du transport"), "day"),
                Field("depart", _l("Lieu de départ"), most=120),
                Field("arrivee", _l("Lieu d’arrivée"), most=120),
            ),
        ),
        Teleservice("historique", _PATIENT, immediate=True),
    )
}
"""Those that stand here, by code; the others stand in Mon compte."""


def typed_of(teleservice: Teleservice, form: Mapping[str, str], today: date) -> dict[str, str]:
    """What was typed, held to what the teleservice asks.

    Args:
        teleservice: which one.
        form: the fields as they were posted; others are left alone.
        today: in Paris.

    Raises:
        FormWrong: with one message a wrong field.
    """
    typed = {each.name: _as_kept(each, form.get(each.name, "")) for each in teleservice.fields}
    found = {each.name: _wrong(each, typed[each.name], today) for each in teleservice.fields}
    errors = {name: message for name, message in found.items() if message is not None}
    if teleservice.period and not errors:
        first, last = teleservice.period
        if typed[last] < typed[first]:
            errors[last] = _TURNED
    if errors:
        raise FormWrong(errors)
    return typed


_EMPTY: LazyString = _l("Ce champ est vide : remplissez-le.")
_NO_NAME: LazyString = _l("Écrivez un nom sans chiffre, 80 lettres au plus.")
_NO_CHOICE: LazyString = _l("Choisissez une réponse de la liste.")
_TO_COME: LazyString = _l("Cette date est à venir : vérifiez-la.")
_TURNED: LazyString = _l("Le dernier jour vient avant le premier : corrigez l’un des deux.")


def _as_kept(field: Field, text: str) -> str:
    return day_kept(text.strip()) if field.kind in _DAYS else text.strip()


def _wrong(field: Field, text: str, today: date) -> LazyString | None:
    return _OF_KIND[field.kind](field, text, today) if text else _EMPTY


def _name_wrong(_field: Field, text: str, _today: date) -> LazyString | None:
    return None if _NAME.fullmatch(text) else _NO_NAME


def _choice_wrong(field: Field, text: str, _today: date) -> LazyString | None:
    return None if text in (field.options or ()) else _NO_CHOICE


def _number_wrong(field: Field, text: str, _today: date) -> LazyString | None:
    is_short = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    if is_short and 1 <= int(text) <= field.most:
        return None
    wrong: LazyString = _l("Écrivez un nombre de 1 à %(most)s.", most=field.most)
    return wrong


def _text_wrong(field: Field, text: str, _today: date) -> LazyString | None:
    if len(text) <= field.most:
        return None
    wrong: LazyString = _l("Trop long : %(most)s caractères au plus.", most=field.most)
    return wrong


def _day_wrong(field: Field, text: str, today: date) -> LazyString | None:
    day = day_typed(text)
    if day is None or day < _OLDEST:
        return NO_DAY
    return _TO_COME if field.kind == "past_day" and day > today else None


_OF_KIND: Mapping[Kind, Callable[[Field, str, date], LazyString | None]] = {
    "name": _name_wrong,
    "day": _day_wrong,
    "past_day": _day_wrong,
    "text": _text_wrong,
    "choice": _choice_wrong,
    "number": _number_wrong,
}
