"""The English of the card reader's pages; their French stands in the templates."""

ENGLISH = {
    "Lecteur de carte": "Card reader",
    "Lecteur de carte simulé": "Simulated card reader",
    "Simulation : ni vraie carte, ni vraies données": "Simulation: no real card, no real data",
    "Aucune carte n’est à portée.": "No card is at hand.",
    "Fabriquez-en une là où le lecteur a été lancé :": "Make one where the reader was started:",
    "Pour vous connecter : insérez votre carte CPS, puis saisissez votre code porteur.": "To sign "
    "in: insert your CPS card, then type your holder’s code.",
    "Cartes à portée": "Cards at hand",
    "Carte n°": "Card no.",
    "carte n°": "card no.",
    "Insérer la carte": "Insert the card",
    "Insérer une carte": "Insert a card",
    "Retirer la carte": "Remove the card",
    "Prête : code donné": "Ready: code given",
    "Attend son code": "Waits for its code",
    "Bloquée": "Blocked",
    "Bloquée pour de bon": "Blocked for good",
    "4 chiffres.": "4 digits.",
    "Essais restants :": "Tries left:",
    "Dernier essai : un code faux bloque la carte.": "Last try: a wrong code blocks the card.",
    "8 chiffres, dans le pli du code porteur.": "8 digits, in the letter of the holder’s code.",
    "Se connecter avec cette carte": "Sign in with this card",
    "Dernière connexion :": "Last sign-in:",
    "Pour vous connecter, choisissez la carte sur la page de connexion d’un service : elle ramène "
    "ici.": "To sign in, choose the card on the sign-in page of a service: it leads back here.",
    "Voir les demandes des logiciels": "See the requests of software",
    "Code porteur": "Holder’s code",
    "Code porteur actuel": "Present holder’s code",
    "Nouveau code porteur": "New holder’s code",
    "Nouveau code porteur, encore une fois": "New holder’s code, once more",
    "Valider le code": "Confirm the code",
    "Elle ne peut plus être débloquée : demandez-en le remplacement. D’ici là, connectez-vous avec "
    "votre téléphone.": "It cannot be unblocked any more: ask for another one. Until it comes, "
    "sign in with your phone.",
    "Activer une carte reçue": "Activate a card that arrived",
    "Une fois, à la réception de la carte, avec le code du pli séparé.": "Once, when the card has "
    "arrived, with the code of the separate letter.",
    "Activer la carte": "Activate the card",
    "Changer le code porteur": "Change the holder’s code",
    "Changer le code": "Change the code",
    "Débloquer la carte": "Unblock the card",
    "Code de déblocage": "Unblocking code",
    "La carte est insérée : saisissez son code porteur.": "The card is inserted: type its code.",
    "Le code porteur est juste : la carte est prête.": "The code is right: the card is ready.",
    "La carte est activée.": "The card is activated.",
    "La carte est débloquée, et son code est changé.": "The card is unblocked, and its code "
    "changed.",
    "Le code porteur est changé.": "The holder’s code is changed.",
    "La carte est retirée.": "The card is removed.",
    "Demandes des logiciels": "Requests of software",
    "Insérez une carte et saisissez son code porteur : ses demandes s’affichent ensuite ici.": (
        "Insert a card and type its code: its requests then show here."
    ),
    "Demande de connexion": "Sign-in request",
    "Une demande attend :": "A request waits:",
    "Nombre affiché par le logiciel": "Number that the software shows",
    "Nombre affiché par le logiciel, 2 chiffres": "Number that the software shows, 2 digits",
    "La carte a approuvé la demande : retournez au logiciel.": "The card approved the request: go "
    "back to the software.",
    "La carte a refusé la demande.": "The card refused the request.",
}
