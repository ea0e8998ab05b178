"""What a refusal says to the person who holds the phone, and what to do next; French, English."""

from http import HTTPStatus

from wallet_sim import errors
from wallet_sim.display import Language, hour
from wallet_sim.errors import PhoneError, ProviderRefusal

Texts = tuple[str, str]

_AGAIN: Texts = ("Recommencez l’activation.", "Begin the activation again.")
_TEXTS: dict[type[PhoneError], Texts] = {
    PhoneError: (
        "Le téléphone n’a pas pu le faire. Réessayez.",
        "The phone could not do it. Try again.",
    ),
    errors.NotEnrolled: (
        "Cette étape n’est pas encore possible. Suivez l’activation depuis l’accueil.",
        "This step is not possible yet. Follow the activation from the home page.",
    ),
    errors.AlreadyEnrolled: (
        "Ce téléphone porte déjà une e-CPS. Supprimez-la avant d’en activer une autre.",
        "This phone already holds an e-CPS. Delete it before you activate another.",
    ),
    errors.PhoneInUse: (
        "Un autre programme utilise ce téléphone. Attendez un instant puis réessayez.",
        "Another program uses this phone. Wait a moment, then try again.",
    ),
    errors.FileRefused: (
        (
            "Le fichier de ce téléphone est illisible ou lisible par d’autres. Vérifiez ses "
            "droits là où le téléphone a été lancé."
        ),
        (
            "The file of this phone is damaged or readable by others. Check its rights where the "
            "phone was started."
        ),
    ),
    errors.PinMalformed: (
        "Le code e-CPS ne contient que des chiffres.",
        "The e-CPS PIN is made of digits only.",
    ),
    errors.PinRefused: (
        "Ce code ne suit pas les règles. Choisissez-en un autre.",
        "This PIN does not follow the rules. Choose another.",
    ),
    errors.PinsDiffer: (
        "Les deux codes diffèrent. Tapez deux fois le même.",
        "The two PINs differ. Type the same one twice.",
    ),
    errors.QrRefused: (
        (
            "Ce QR code ou ce code ne convient pas ici. Prenez le plus récent, en entier, ou "
            "tapez le code de 26 caractères écrit à côté."
        ),
        (
            "This QR code or code does not fit here. Take the latest one, whole, or type the "
            "code of 26 characters beside it."
        ),
    ),
    errors.DocumentRefused: (
        (
            "Ce que le téléphone a reçu n’est pas signé par son fournisseur d’identité. Rien "
            "n’est affiché ; prévenez l’assistance si cela se répète."
        ),
        (
            "What the phone received is not signed by its identity provider. Nothing is shown; "
            "tell the support if it happens again."
        ),
    ),
    errors.DocumentUntimely: (
        "Cette demande est trop ancienne. Refaites-la depuis le service.",
        "This request is too old. Make it again from the service.",
    ),
    errors.NothingPending: (
        "Aucune demande n’attend plus. Refaites-la depuis le service.",
        "No request waits any more. Make it again from the service.",
    ),
    errors.NumberNotOffered: (
        "Choisissez d’abord le nombre affiché sur l’autre écran. Rien n’a été envoyé.",
        "First choose the number that the other screen shows. Nothing was sent.",
    ),
    errors.AddressRefused: (
        (
            "Cette adresse de fournisseur d’identité ne convient pas. Elle commence par "
            "https://, ou par http://localhost."
        ),
        (
            "This address of an identity provider does not fit. It begins with https://, or with "
            "http://localhost."
        ),
    ),
    errors.NoAnswer: (
        "Le fournisseur d’identité ne répond pas. Vérifiez le réseau puis réessayez.",
        "The identity provider does not answer. Check the network, then try again.",
    ),
    errors.PushRefused: (
        "Une notification a été refusée. Ouvrez l’accueil pour voir les demandes.",
        "A notification was refused. Open the home page to see the requests.",
    ),
    errors.NameRefused: (
        (
            "Ce nom ne convient pas, ou un autre téléphone le porte. Choisissez 1 à 24 lettres, "
            "chiffres ou tirets."
        ),
        (
            "This name does not fit, or another phone has it. Choose 1 to 24 letters, digits or "
            "hyphens."
        ),
    ),
    errors.RackFull: (
        "Il n’y a plus de place pour un téléphone.",
        "There is no room for another phone.",
    ),
    ProviderRefusal: (
        "Le fournisseur d’identité a refusé. Réessayez ; si cela se répète, prévenez l’assistance.",
        "The identity provider refused. Try again; if it happens again, tell the support.",
    ),
    errors.NotRecognised: (
        (
            "Le fournisseur d’identité ne reconnaît pas ce téléphone. Supprimez l’e-CPS d’ici "
            "puis activez-la à nouveau."
        ),
        (
            "The identity provider does not recognise this phone. Delete the e-CPS from here, "
            "then activate it again."
        ),
    ),
    errors.DeviceInactive: (
        "Cette e-CPS n’est plus utilisable.",
        "This e-CPS can no longer be used.",
    ),
    errors.RequestIdReused: (
        "Cette réponse a déjà été envoyée. Ouvrez l’accueil pour voir ce qu’elle est devenue.",
        "This answer was sent already. Open the home page to see what became of it.",
    ),
    errors.IdentifierMalformed: (
        (
            "Cet identifiant n’est pas un identifiant national. Un numéro RPPS s’écrit avec 8 "
            "devant : 12 chiffres, par exemple 899700990015."
        ),
        (
            "This is no national identifier. An RPPS number is written with 8 before it: 12 "
            "digits, for example 899700990015."
        ),
    ),
    errors.IdentifierLacksType: (
        "Ajoutez 8 devant votre numéro RPPS, par exemple 899700990015.",
        "Add 8 before your RPPS number, for example 899700990015.",
    ),
    errors.TooManyRequests: (
        "Trop de demandes à la suite. Réessayez après {until}.",
        "Too many requests in a row. Try again after {until}.",
    ),
    errors.TokenRefused: (
        "Ce code ne vaut pas, ou plus. " + _AGAIN[0],
        "This code is not good, or no longer. " + _AGAIN[1],
    ),
    errors.Wait: (
        "Un SMS vient de partir. Un autre peut être demandé après {until}.",
        "An SMS has just left. Another can be asked for after {until}.",
    ),
    errors.CodeRefused: (
        "Ce code de SMS est faux ou périmé. Essais restants : {tries_left}.",
        "This SMS code is wrong or too old. Tries left: {tries_left}.",
    ),
    errors.WrongPin: (
        "Code e-CPS faux. Essais restants : {tries_left}.",
        "Wrong e-CPS PIN. Tries left: {tries_left}.",
    ),
    errors.WrongNumber: (
        (
            "Le nombre n’était pas celui de l’autre écran : la demande est annulée. Si vous ne "
            "l’aviez pas faite, prévenez l’assistance ; sinon refaites-la."
        ),
        (
            "The number was not that of the other screen: the request is dead. If you had not "
            "made it, tell the support; otherwise make it again."
        ),
    ),
    errors.Locked: (
        "Trop de codes faux. Réessayez après {until}.",
        "Too many wrong PINs. Try again after {until}.",
    ),
    errors.Blocked: (
        "Trop de codes faux : cette e-CPS est bloquée.",
        "Too many wrong PINs: this e-CPS is blocked.",
    ),
    errors.CloneSuspected: (
        "Une copie de ce téléphone a été utilisée : l’e-CPS est suspendue. Prévenez l’assistance.",
        "A copy of this phone was used: the e-CPS is suspended. Tell the support.",
    ),
    errors.ChallengeClosed: (
        "Cette demande n’attend plus : elle a expiré ou a reçu une réponse.",
        "This request waits no longer: it expired or was answered.",
    ),
    errors.NonceStale: (
        "La demande a été renouvelée entre-temps. Répondez à nouveau.",
        "The request was renewed meanwhile. Answer again.",
    ),
    errors.Malformed: (
        "Le fournisseur d’identité n’a pas compris ce qui a été tapé. Vérifiez-le.",
        "The identity provider did not understand what was typed. Check it.",
    ),
    errors.TicketRefused: (
        "Cette activation a déjà servi ou a expiré. " + _AGAIN[0],
        "This activation was used or has expired. " + _AGAIN[1],
    ),
    errors.PairingRefused: (
        (
            "Cette activation par carte est terminée ou a expiré. Affichez un nouveau QR code "
            "sur le portail."
        ),
        "This activation by card is over or has expired. Show a new QR code on the portal.",
    ),
    errors.RegistrationRefused: (
        "Le nouveau code n’a pas pu être enregistré. Réessayez.",
        "The new PIN could not be registered. Try again.",
    ),
    errors.PostureRefused: (
        "Ce téléphone ne peut pas porter une e-CPS.",
        "This phone may not hold an e-CPS.",
    ),
    errors.PolicyStale: (
        "Les règles du code viennent de changer. Choisissez-le à nouveau.",
        "The rules for PINs have just changed. Choose again.",
    ),
    errors.NothingBegun: (
        "Aucun changement de code n’était en cours. Recommencez.",
        "No change of PIN was under way. Begin again.",
    ),
    errors.AnswerUnfinished: (
        "Le fournisseur d’identité a été interrompu. Retrouvez la réponse depuis l’accueil.",
        "The identity provider was interrupted. Find the answer again from the home page.",
    ),
    errors.PushAddressRefused: (
        (
            "Le fournisseur d’identité n’envoie pas de notification ici. Ouvrez ce téléphone "
            "pour voir les demandes."
        ),
        "The identity provider sends no notification here. Open this phone to see the requests.",
    ),
}
# Where a refusal has a reason of its own: of a PIN, of the phone, of the e-CPS's state.
_BY_REASON: dict[str, Texts] = {
    "length": (
        "Ce code n’a pas la longueur demandée.",
        "This PIN does not have the length asked for.",
    ),
    "repeated": (
        "Un code ne répète pas un seul chiffre. Choisissez-en un autre.",
        "A PIN is not one digit repeated. Choose another.",
    ),
    "sequence": (
        "Un code n’est pas une suite, comme 1234. Choisissez-en un autre.",
        "A PIN is not a run, such as 1234. Choose another.",
    ),
    "rooted": (
        "Un téléphone débridé ne peut pas porter une e-CPS. Utilisez un autre téléphone.",
        "A rooted phone may not hold an e-CPS. Use another phone.",
    ),
    "store": (
        "L’application ne vient pas du magasin officiel. Installez-la depuis celui-ci.",
        "The application is not from the official store. Install it from there.",
    ),
    "sim": (
        "La carte SIM a changé depuis l’activation. Supprimez l’e-CPS puis activez-la à nouveau.",
        "The SIM card changed since the activation. Delete the e-CPS, then activate it again.",
    ),
    "blocked": (
        "Cette e-CPS est bloquée après trop de codes faux.",
        "This e-CPS is blocked after too many wrong PINs.",
    ),
    "suspended": (
        (
            "Cette e-CPS est suspendue. Prévenez l’assistance, ou supprimez-la puis activez-la à "
            "nouveau."
        ),
        "This e-CPS is suspended. Tell the support, or delete it and activate it again.",
    ),
    "revoked": (
        "Cette e-CPS est révoquée : elle ne sert plus.",
        "This e-CPS is revoked: it serves no more.",
    ),
    "expired": (
        "Cette e-CPS a expiré.",
        "This e-CPS has expired.",
    ),
}
_LAST_TRY: Texts = (
    "Code e-CPS faux pour la troisième fois : la demande est annulée. Réessayez après {until}.",
    "Wrong e-CPS PIN for the third time: the request is dead. Try again after {until}.",
)
_STATUSES: dict[HTTPStatus, Texts] = {
    HTTPStatus.BAD_REQUEST: (
        "Il manque quelque chose. Revenez en arrière et remplissez chaque champ.",
        "Something is missing. Go back and fill in each field.",
    ),
    HTTPStatus.FORBIDDEN: (
        "Ce formulaire est trop ancien, ou vient d’ailleurs. Ouvrez la page à nouveau.",
        "This form is too old, or comes from elsewhere. Open the page again.",
    ),
    HTTPStatus.NOT_FOUND: (
        "Cette page n’existe pas.",
        "There is no such page.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "Ce fichier est trop grand. Choisissez une image plus petite.",
        "This file is too large. Choose a smaller picture.",
    ),
}


def explain(error: PhoneError, language: Language) -> str:
    """What happened and what to do, for the person; never the provider's own words."""
    told = _texts(error)[1 if language == "en" else 0]
    retry_at = getattr(error, "retry_at", None)
    until = hour(retry_at) if retry_at is not None else "…"
    return told.format(until=until, tries_left=getattr(error, "tries_left", None) or 0)


def explain_status(status: HTTPStatus, language: Language) -> str:
    """What an HTTP refusal of the phone itself means to a person."""
    return _STATUSES.get(status, _TEXTS[PhoneError])[1 if language == "en" else 0]


def _texts(error: PhoneError) -> Texts:
    if isinstance(error, errors.WrongPin) and error.retry_at is not None:
        return _LAST_TRY
    members = error.members if isinstance(error, ProviderRefusal) else vars(error)
    reason = members.get("reason") or members.get("state")
    if isinstance(error, errors.PinRefused | errors.PostureRefused | errors.DeviceInactive):
        found = _BY_REASON.get(str(reason))
        if found is not None:
            return found
    # A class without words of its own has those of what it is a kind of.
    return next(_TEXTS[kind] for kind in type(error).__mro__ if kind in _TEXTS)
