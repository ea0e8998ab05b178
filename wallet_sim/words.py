"""The English of the pages of phones and card reader; their French stands in the templates."""

from wallet_sim.card import page_words
from wallet_sim.display import Language
from wallet_sim.screen import words as screen_words

_SHARED = {
    "Aller au contenu": "Skip to content",
    "Téléphone simulé": "Simulated phone",
    "Simulation : ni vrai téléphone, ni vraies données": (
        "Simulation: no real phone, no real data"
    ),
    "Secret de démarrage": "Start-up secret",
    "Il s’affiche là où le téléphone a été lancé.": "It is shown where the phone was started.",
    "Ouvrir": "Open",
    "Ce secret n’est pas le bon.": "This is not the secret.",
    "Trop de secrets faux : attendez une minute, puis réessayez.": (
        "Too many wrong secrets: wait a minute, then try again."
    ),
}
_ENGLISH = _SHARED | page_words.ENGLISH | screen_words.ENGLISH


def translate(text: str, language: Language) -> str:
    """The text in the language of the page."""
    return _ENGLISH.get(text, text) if language == "en" else text
