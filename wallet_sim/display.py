"""What the phone shows: the signed document and nothing else, in French or English.

Names and texts come from others (attack 47): characters that would move, hide or reorder what
stands beside them are shown as a visible mark.
"""

import unicodedata
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from wallet_sim.documents import Challenge

Language = Literal["fr", "en"]
FRANCE = ZoneInfo("Europe/Paris")

_MARK = "\N{REPLACEMENT CHARACTER}"
_LONGEST = 120  # characters of one text
_WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "service": "Service",
        "action": "Action",
        "sign-in": "Se connecter",
        "ciba": "Se connecter depuis le logiciel",
        "browser": "Navigateur",
        "place": "Lieu",
        "time": "Heure",
        "expires": "Répondre avant",
        "choice": "Choisir le nombre affiché sur la page",
        "typed": "Saisir les {length} chiffres affichés sur la page",
        "ciba-choice": "Choisir le nombre affiché par le logiciel",
        "ciba-typed": "Saisir les {length} chiffres affichés par le logiciel",
        "message": "Message",
        "same_device": "Demande ouverte sur ce téléphone",
    },
    "en": {
        "service": "Service",
        "action": "Action",
        "sign-in": "Sign in",
        "ciba": "Sign in from the software",
        "browser": "Browser",
        "place": "Place",
        "time": "Time",
        "expires": "Answer before",
        "choice": "Pick the number that the page shows",
        "typed": "Type the {length} digits that the page shows",
        "ciba-choice": "Pick the number that the software shows",
        "ciba-typed": "Type the {length} digits that the software shows",
        "message": "Message",
        "same_device": "Request opened on this phone",
    },
}


def neutralise(text: str) -> str:
    """The text on one line, without a character that changes how others are read."""
    shown = "".join(_MARK if _is_deceptive(character) else character for character in text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def facts(challenge: Challenge, language: Language = "fr") -> list[tuple[str, str]]:
    """Names and values that a person reads before answering: the service first (decision 29)."""
    words = _WORDS[language]
    payload = challenge.payload
    action = _action(challenge)
    told = [
        (words["service"], neutralise(challenge.client_name)),
        (words["action"], words.get(action) or neutralise(action)),
    ]
    # A request that no browser began has a message of its service in the browser's place.
    given = [name for name in ("message", "browser") if payload.get(name)]
    told += [(words[name], neutralise(str(payload[name]))) for name in given]
    return [
        *told,
        (words["place"], neutralise(str(payload.get("place", "")))),
        (words["time"], hour(challenge.iat)),
        (words["expires"], hour(challenge.exp)),
    ]


def asked_number(challenge: Challenge, language: Language = "fr") -> str:
    """How the number is to be given; empty where none is asked for."""
    if challenge.number is None:
        return ""
    where = "ciba-" if _action(challenge) == "ciba" else ""
    asked = _WORDS[language][f"{where}{challenge.number.mode}"]
    return asked.format(length=challenge.number.length)


def render(challenge: Challenge, language: Language = "fr") -> list[str]:
    """The same as lines of text, with the numbers to choose among."""
    lines = [f"{name} : {value}" for name, value in facts(challenge, language)]
    if challenge.same_device:
        lines.append(_WORDS[language]["same_device"])
    if challenge.number is None:
        return lines
    asked = asked_number(challenge, language)
    if challenge.number.mode == "choice":
        options = "  ".join(neutralise(option) for option in challenge.number.options)
        return [*lines, f"{asked} : {options}"]
    return [*lines, asked]


def hour(instant: int) -> str:
    """A NumericDate as the time of day by the clocks of France."""
    return _local(instant).strftime("%H:%M:%S")


def day(instant: int, language: Language = "fr") -> str:
    """A NumericDate as a date by the clocks of France."""
    return _local(instant).strftime("%d/%m/%Y" if language == "fr" else "%d %b %Y")


def _is_deceptive(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _action(challenge: Challenge) -> str:
    return str(challenge.payload.get("action", challenge.purpose))


def _local(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, tz=FRANCE)
