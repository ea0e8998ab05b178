"""What a refusal of a card says to its holder, in French; the English stands beside it."""

from wallet_sim.card import errors
from wallet_sim.display import Language
from wallet_sim.errors import DocumentRefused, NoAnswer, NumberNotOffered, PhoneError

_TEXTS: dict[type[PhoneError], tuple[str, str]] = {
    errors.CardAbsent: ("Aucune carte n’est insérée.", "No card is inserted."),
    errors.CardInUse: (
        "Cette carte est dans un autre lecteur.",
        "This card is in another reader.",
    ),
    errors.CardFileRefused: ("Cette carte est illisible.", "This card cannot be read."),
    errors.TokenUnavailable: (
        "La puce de cette carte ne répond pas.",
        "The chip of this card does not answer.",
    ),
    errors.CodeMalformed: (
        "Le code de la carte a 4 chiffres, le code de déblocage 8.",
        "The code of a card has 4 digits, the unblocking code 8.",
    ),
    errors.CodeMissing: ("Tapez d’abord le code de la carte.", "Type the code of the card first."),
    errors.WrongCode: (
        "Code faux. Essais restants : {tries_left}.",
        "Wrong code. Tries left: {tries_left}.",
    ),
    errors.WrongUnblockCode: (
        "Code de déblocage faux. Essais restants : {tries_left}.",
        "Wrong unblocking code. Tries left: {tries_left}.",
    ),
    errors.CodeBlocked: (
        "La carte est bloquée : il faut son code de déblocage.",
        "The card is blocked: its unblocking code is needed.",
    ),
    errors.UnblockBlocked: (
        "La carte est bloquée pour de bon : il faut la remplacer.",
        "The card is blocked for good: it must be replaced.",
    ),
    errors.CardNotRecognised: (
        "Le fournisseur ne reconnaît pas cette carte.",
        "The provider does not recognise this card.",
    ),
    errors.PresentationRefused: (
        "Un autre code a été présenté entre-temps : recommencez.",
        "Another code was presented meanwhile: begin again.",
    ),
    errors.TransitionRefused: (
        "L’état de la carte ne le permet pas : {state}.",
        "The state of the card does not allow it: {state}.",
    ),
    errors.HandleMalformed: (
        "Cette adresse ne désigne aucune connexion : repartez de la page de connexion.",
        "This address names no sign-in: start again from the sign-in page.",
    ),
    errors.ServerUntrusted: (
        "Le serveur ne prouve pas qu’il est le fournisseur : la carte ne lui a pas été montrée.",
        "The server does not prove to be the provider: the card was not shown to it.",
    ),
    errors.RedirectRefused: (
        "Le serveur renvoie ailleurs que chez le fournisseur : la connexion est abandonnée.",
        "The server leads away from the provider: the sign-in is given up.",
    ),
    errors.SignInRefused: ("{detail}", "{detail}"),
    errors.RequestRefused: ("{detail}", "{detail}"),
    errors.RequestGone: (
        "Cette demande n’attend plus de réponse.",
        "This request no longer waits for an answer.",
    ),
    NumberNotOffered: (
        "Ce n’est pas un des nombres proposés : lisez celui que le logiciel affiche.",
        "This is none of the numbers offered: read the one that the software shows.",
    ),
    DocumentRefused: (
        "Une demande n’est pas signée par le fournisseur : elle n’est pas montrée.",
        "A request is not signed by the provider: it is not shown.",
    ),
    NoAnswer: ("Le fournisseur ne répond pas.", "The provider does not answer."),
}


def explain(error: PhoneError, language: Language) -> str:
    """The refusal in words; a class without any says what it says to programs."""
    french, english = _TEXTS.get(type(error), ("", ""))
    text = english if language == "en" else french
    return text.format(**vars(error)) if text else str(error)
