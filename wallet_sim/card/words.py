"""What a refusal of a card says to its holder, and what to do next: French, English beside it."""

from wallet_sim.card import errors
from wallet_sim.display import Language
from wallet_sim.errors import DocumentRefused, NoAnswer, NumberNotOffered, PhoneError

Texts = tuple[str, str]

_TEXTS: dict[type[PhoneError], Texts] = {
    errors.CardAbsent: ("Aucune carte n’est insérée.", "No card is inserted."),
    errors.CardInUse: (
        "Cette carte est dans un autre lecteur.",
        "This card is in another reader.",
    ),
    errors.CardFileRefused: ("Cette carte est illisible.", "This card cannot be read."),
    errors.ContentRefused: (
        "Le contenu reçu pour cette carte n’est pas signé par son autorité : il n’est pas pris.",
        "The content received for this card is not signed by its authority: it is not taken.",
    ),
    errors.CardUnknownRefusal: (
        "Le fournisseur d’identité a refusé, pour une raison que ce lecteur ne connaît pas.",
        "The identity provider refused, for a reason that this reader does not know.",
    ),
    errors.TokenUnavailable: (
        "La puce de cette carte ne répond pas.",
        "The chip of this card does not answer.",
    ),
    errors.CodeMalformed: (
        "Le code porteur a 4 chiffres, le code de déblocage 8.",
        "The holder’s code has 4 digits, the unblocking code 8.",
    ),
    errors.CodesDiffer: (
        "Les deux saisies du nouveau code diffèrent.",
        "The new code was not typed twice alike.",
    ),
    errors.CodeMissing: ("Saisissez d’abord le code porteur.", "Type the holder’s code first."),
    errors.WrongCode: (
        "Code faux. Essais restants : {tries_left}.",
        "Wrong code. Tries left: {tries_left}.",
    ),
    errors.WrongUnblockCode: (
        "Code de déblocage faux. Essais restants : {tries_left}.",
        "Wrong unblocking code. Tries left: {tries_left}.",
    ),
    errors.CodeBlocked: (
        "La carte est bloquée : trop de codes faux ont été saisis.",
        "The card is blocked: too many wrong codes were typed.",
    ),
    errors.UnblockBlocked: (
        "La carte est bloquée pour de bon : il faut la remplacer.",
        "The card is blocked for good: it must be replaced.",
    ),
    errors.CardNotRecognised: (
        "Le fournisseur d’identité ne reconnaît pas cette carte.",
        "The identity provider does not recognise this card.",
    ),
    errors.PresentationRefused: (
        "Un autre code a été présenté entre-temps.",
        "Another code was presented meanwhile.",
    ),
    errors.TransitionRefused: (
        "L’état de la carte ne le permet pas : {state}.",
        "The state of the card does not allow it: {state}.",
    ),
    errors.HandleMalformed: (
        "Cette adresse ne désigne aucune connexion.",
        "This address names no sign-in.",
    ),
    errors.ServerUntrusted: (
        "Ce serveur ne prouve pas être le fournisseur d’identité : il n’a pas vu la carte.",
        "The server does not prove to be the identity provider: the card was not shown to it.",
    ),
    errors.RedirectRefused: (
        "Le serveur renvoie ailleurs que chez le fournisseur : la connexion est abandonnée.",
        "The server leads away from the identity provider: the sign-in is given up.",
    ),
    errors.SignInRefused: ("{detail}", "{detail}"),
    errors.RequestRefused: ("{detail}", "{detail}"),
    errors.RequestGone: (
        "Cette demande n’attend plus de réponse.",
        "This request no longer waits for an answer.",
    ),
    NumberNotOffered: (
        "Ce n’est pas un des nombres proposés.",
        "This is none of the numbers offered.",
    ),
    DocumentRefused: (
        "Une demande n’est pas signée par le fournisseur d’identité : elle n’est pas montrée.",
        "A request is not signed by the identity provider: it is not shown.",
    ),
    NoAnswer: (
        "Le fournisseur d’identité ne répond pas.",
        "The identity provider does not answer.",
    ),
}
_FROM_THE_START: Texts = (
    "Repartez de la page de connexion du service.",
    "Start again from the sign-in page of the service.",
)
_IN_A_MOMENT: Texts = (
    "Aucun essai n’est perdu si le code n’a pas été vérifié : réessayez dans un instant.",
    "No try is lost where the code was not checked: try again in a moment.",
)
_NEXT: dict[type[PhoneError], Texts] = {
    errors.CardAbsent: ("Insérez une carte, puis recommencez.", "Insert a card, then try again."),
    errors.CardInUse: (
        "Retirez-la de l’autre lecteur, puis insérez-la ici.",
        "Remove it from the other reader, then insert it here.",
    ),
    errors.CardFileRefused: (
        "Utilisez une autre carte, ou demandez le remplacement de celle-ci.",
        "Use another card, or ask for this one to be replaced.",
    ),
    errors.TokenUnavailable: (
        "Retirez la carte, insérez-la de nouveau et recommencez.",
        "Remove the card, insert it again, and retry.",
    ),
    errors.CodeMalformed: (
        "Aucun essai n’est perdu : saisissez-le de nouveau.",
        "No try is lost: type it again.",
    ),
    errors.CodesDiffer: (
        "Rien n’est changé : choisissez un code et saisissez-le deux fois.",
        "Nothing is changed: choose a code and type it twice.",
    ),
    errors.WrongCode: (
        "Vérifiez-le avant de recommencer : sans essai restant, la carte se bloque.",
        "Check it before you try again: with no try left, the card is blocked.",
    ),
    errors.WrongUnblockCode: (
        "Reprenez le pli qui vous l’a donné : sans essai restant, la carte devra être remplacée.",
        "Look at the letter that gave it: with no try left, the card must be replaced.",
    ),
    errors.CodeBlocked: (
        "Débloquez-la ci-dessous avec le code de déblocage à 8 chiffres de votre pli.",
        "Unblock it below with the unblocking code of 8 digits in your letter.",
    ),
    errors.UnblockBlocked: (
        "Demandez-en le remplacement ; d’ici là, connectez-vous avec votre téléphone.",
        "Ask for another one; until it comes, sign in with your phone.",
    ),
    errors.CardNotRecognised: (
        "Vérifiez que la carte vient bien de ce fournisseur d’identité.",
        "Make sure that the card comes from this identity provider.",
    ),
    errors.PresentationRefused: (
        "Saisissez le code de nouveau.",
        "Type the code again.",
    ),
    errors.TransitionRefused: (
        "Rien n’est changé. Si la carte devait servir, demandez-en le remplacement.",
        "Nothing is changed. If the card was meant to serve, ask for another one.",
    ),
    errors.HandleMalformed: _FROM_THE_START,
    errors.ServerUntrusted: (
        "Prévenez l’assistance : ne saisissez votre code sur aucune autre page.",
        "Tell the support: type your code on no other page.",
    ),
    errors.RedirectRefused: _FROM_THE_START,
    errors.RequestGone: (
        "Refaites-la depuis le logiciel.",
        "Make it again from the software.",
    ),
    NumberNotOffered: (
        "Lisez celui que le logiciel affiche ; aucun essai n’est perdu.",
        "Read the one that the software shows; no try is lost.",
    ),
    NoAnswer: _IN_A_MOMENT,
}


def explain(error: PhoneError, language: Language) -> str:
    """The refusal in words; a class without any says what it says to programs."""
    text = _in(language, _TEXTS.get(_kind(error), ("", "")))
    return text.format(**vars(error)) if text else str(error)


def next_step(error: PhoneError, language: Language) -> str:
    """What to do next; empty where the refusal itself says it, as the provider's do."""
    return _in(language, _NEXT.get(_kind(error), ("", "")))


def _kind(error: PhoneError) -> type[PhoneError]:
    """Its class; the try that was the last one blocks the card, and says so."""
    match error:
        case errors.WrongCode(tries_left=0):
            return errors.CodeBlocked
        case errors.WrongUnblockCode(tries_left=0):
            return errors.UnblockBlocked
        case _:
            return type(error)


def _in(language: Language, texts: Texts) -> str:
    french, english = texts
    return english if language == "en" else french
