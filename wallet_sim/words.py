"""The English of the phone's pages; their French stands in the templates."""

from wallet_sim.display import Language

_ENGLISH = {
    "Téléphone simulé": "Simulated phone",
    "Simulation : ni vrai téléphone, ni vraies données": "Simulation: no real phone, no real data",
    "Secret de démarrage": "Start-up secret",
    "Il s’affiche là où le téléphone a été lancé.": "It is shown where the phone was started.",
    "Ouvrir": "Open",
    "Ce secret n’est pas le bon.": "This is not the secret.",
    "Activer une e-CPS": "Activate an e-CPS",
    "Adresse du fournisseur d’identité": "Address of the identity provider",
    "Identifiant national (8 suivi du numéro RPPS)": "National identifier (8, then RPPS number)",
    "Continuer": "Continue",
    "Le mail": "The mail",
    "Image du QR code": "Picture of the QR code",
    "ou code écrit dans le mail": "or the code written in the mail",
    "Le SMS": "The SMS",
    "Code reçu par SMS": "Code received by SMS",
    "Renvoyer le SMS": "Send the SMS again",
    "Choisir le code e-CPS": "Choose the e-CPS PIN",
    "Nouveau code e-CPS": "New e-CPS PIN",
    "Activer": "Activate",
    "Demande de connexion": "Sign-in request",
    "Code e-CPS": "e-CPS PIN",
    "Nombre affiché sur la page": "Number that the page shows",
    "Approuver": "Approve",
    "Refuser": "Refuse",
    "Ce n’est pas moi": "It was not me",
    "Aucune demande en attente.": "No request waits.",
    "Cette page se met à jour seule.": "This page refreshes itself.",
    "Changer le code e-CPS": "Change the e-CPS PIN",
    "Code e-CPS actuel": "Present e-CPS PIN",
    "Changer": "Change",
    "Supprimer l’e-CPS de ce téléphone": "Delete the e-CPS from this phone",
    "Recommencer l’activation": "Begin the activation again",
    "L’identifiant est envoyé : ouvrez le mail reçu.": "Identifier sent: open the mail you get.",
    "Un code vous est envoyé par SMS.": "A code is sent to you by SMS.",
    "Un nouveau code vous est envoyé par SMS.": "A new code is sent to you by SMS.",
    "Choisissez votre code e-CPS.": "Choose your e-CPS PIN.",
    "Votre e-CPS est active.": "Your e-CPS is active.",
    "Demande approuvée : retournez à la page.": "Approved: go back to the page.",
    "Demande refusée.": "Request refused.",
    "Votre code e-CPS est changé.": "Your e-CPS PIN is changed.",
    "L’e-CPS est supprimée de ce téléphone.": "The e-CPS is deleted from this phone.",
    "La dernière réponse a été retrouvée.": "The last answer was found again.",
}


def translate(text: str, language: Language) -> str:
    """The text in the language of the page."""
    return _ENGLISH.get(text, text) if language == "en" else text
