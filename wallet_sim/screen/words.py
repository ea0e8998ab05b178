"""The English of the phones' pages; their French stands in templates/wallet_sim."""

ENGLISH = {
    # Every page
    "Erreur :": "Error:",
    "Langue": "Language",
    "Simulation": "Simulation",
    "Téléphone": "Phone",
    "Accueil": "Home",
    "Historique": "History",
    "Réglages": "Settings",
    "Continuer": "Continue",
    "Copier": "Copy",
    "Copié": "Copied",
    "Imprimer": "Print",
    "Afficher": "Show",
    "Masquer": "Hide",
    "Revenir à l’accueil": "Back to the home page",
    "cette page n’a pas pu s’ouvrir": "this page could not be opened",
    "Ouvrir le téléphone": "Open the phone",
    "Une demande attend :": "A request waits:",
    "La voir": "See it",
    "Cette page se met à jour seule.": "This page refreshes itself.",
    "Cette page ne se met plus à jour.": "This page no longer refreshes itself.",
    "Reprendre la mise à jour": "Let it refresh again",
    "Arrêter la mise à jour": "Stop refreshing",
    # Several side by side
    "Écran de simulation": "Simulation screen",
    "Téléphones et lecteur de carte": "Phones and card reader",
    "Ouvrir seul": "Open alone",
    "(nouvelle fenêtre)": "(new window)",
    "Ajouter un téléphone": "Add a phone",
    "Nom du téléphone": "Name of the phone",
    "Par exemple le prénom de la personne : lettres, chiffres et tirets.": (
        "For example the person’s first name: letters, digits and hyphens."
    ),
    "Ajouter": "Add",
    # The keypad
    "Clavier du code": "Keypad of the code",
    "Aucun chiffre saisi": "No digit typed",
    "1 chiffre saisi": "1 digit typed",
    "{count} chiffres saisis": "{count} digits typed",
    "Effacer": "Erase",
    "Suivant": "Next",
    # Activation
    "Ce téléphone ne porte pas encore d’e-CPS. Choisissez comment l’activer.": (
        "This phone holds no e-CPS yet. Choose how to activate it."
    ),
    "Par courriel et SMS": "By e-mail and SMS",
    "Avec votre identifiant national, votre adresse et votre mobile déclarés.": (
        "With your national identifier, your declared address and mobile."
    ),
    "Avec ma carte CPS": "With my CPS card",
    "Le portail « Mon compte » affiche un QR code à la carte.": (
        "The portal “My account” shows a QR code to the card."
    ),
    "Activer par courriel et SMS": "Activate by e-mail and SMS",
    "Activer avec ma carte CPS": "Activate with my CPS card",
    "Étape {step} sur {total}": "Step {step} of {total}",
    "Identifiant national": "National identifier",
    "QR code du courriel": "QR code of the e-mail",
    "Code du SMS": "Code of the SMS",
    "Code e-CPS": "e-CPS PIN",
    "Code de révocation": "Revocation code",
    "QR code du portail": "QR code of the portal",
    "Code à saisir sur le portail": "Code to type on the portal",
    "8 suivi du numéro RPPS : 12 chiffres, par exemple 899700990015.": (
        "8, then the RPPS number: 12 digits, for example 899700990015."
    ),
    "Fournisseur d’identité": "Identity provider",
    "Son adresse, telle qu’on vous l’a donnée.": "Its address, as it was given to you.",
    "Choisir une autre façon": "Choose another way",
    "Recommencer l’activation": "Begin the activation again",
    "Un courriel part à votre adresse déclarée. Montrez son QR code au téléphone.": (
        "An e-mail goes to your declared address. Show its QR code to the phone."
    ),
    "Image du QR code": "Picture of the QR code",
    "Saisir le code écrit dans le courriel": "Type the code written in the e-mail",
    "Code écrit dans le courriel": "Code written in the e-mail",
    "26 lettres et chiffres ; espaces et tirets ne comptent pas.": (
        "26 letters and digits; spaces and hyphens do not count."
    ),
    "Rien reçu ? Vérifiez l’identifiant et vos indésirables : si l’activation n’est pas "
    "possible, le courriel dit pourquoi.": (
        "Nothing came? Check the identifier and your spam: where the activation is not possible, "
        "the e-mail says why."
    ),
    "Un code part par SMS au": "A code goes by SMS to",
    "Il vaut jusqu’à": "It is good until",
    "Code reçu par SMS": "Code received by SMS",
    "Renvoyer le SMS": "Send the SMS again",
    "Possible à partir de": "Possible from",
    "Un nouveau code vous est envoyé par SMS.": "A new code is sent to you by SMS.",
    "Sur le portail, connectez-vous par carte et demandez un QR code : il vaut 90 secondes.": (
        "On the portal, sign in by card and ask for a QR code: it is good for 90 seconds."
    ),
    "Image du QR code du portail": "Picture of the portal’s QR code",
    "Le téléphone n’accepte que ses QR codes.": "The phone accepts only its QR codes.",
    "Saisir le code écrit à côté du QR code": "Type the code written beside the QR code",
    "Code écrit à côté du QR code": "Code written beside the QR code",
    "Saisissez ce code sur le portail, là où le QR code est affiché.": (
        "Type this code on the portal, where the QR code is shown."
    ),
    "Un seul essai. Le téléphone passe seul à la suite.": (
        "One try only. The phone goes on by itself."
    ),
    "Le code est saisi": "The code is typed",
    "Choisir le code e-CPS": "Choose the e-CPS PIN",
    "Il vous sera demandé à chaque connexion. Ne le confiez à personne.": (
        "You will be asked for it at each sign-in. Tell it to nobody."
    ),
    "{min} chiffres.": "{min} digits.",
    "De {min} à {max} chiffres.": "From {min} to {max} digits.",
    "Pas un seul chiffre répété.": "Not one digit repeated.",
    "Pas une suite comme 1234.": "Not a run such as 1234.",
    "Nouveau code e-CPS": "New e-CPS PIN",
    "Le même code, une seconde fois": "The same PIN, a second time",
    "Activer ma e-CPS": "Activate my e-CPS",
    "Votre e-CPS est active": "Your e-CPS is active",
    "Notez-le hors de ce téléphone : il n’est affiché qu’une fois.": (
        "Write it down elsewhere than on this phone: it is shown once."
    ),
    "Si le téléphone est perdu ou volé, il révoque l’e-CPS ici :": (
        "If the phone is lost or stolen, it revokes the e-CPS here:"
    ),
    "Le code est noté": "The code is written down",
    # The camera
    "Image vue : le téléphone la lit.": "Picture seen: the phone reads it.",
    "Cette image est à une autre adresse, que le téléphone n’ouvre pas : enregistrez-la et "
    "choisissez le fichier, ou saisissez le code.": (
        "This picture is at another address, which the phone does not open: save it and choose "
        "the file, or type the code."
    ),
    "Il n’y a pas d’image à cet endroit.": "There is no picture there.",
    "Ce fichier n’est pas une image lisible.": "This file is no picture that can be read.",
    "Glissez ou collez ici l’image du QR code.": "Drop or paste the picture of the QR code here.",
    "Viser l’écran": "Aim at the screen",
    "Coller l’image": "Paste the picture",
    "Lire l’image": "Read the picture",
    # In use
    "Ma e-CPS": "My e-CPS",
    "Active": "Active",
    "Hors ligne": "Offline",
    "Verrouillée": "Locked",
    "Valable jusqu’au": "Valid until",
    "Aucune demande en attente.": "No request waits.",
    "Quand un service demande votre accord, la demande s’affiche ici d’elle-même.": (
        "When a service asks for your consent, the request appears here by itself."
    ),
    "Dernière réponse :": "Last answer:",
    "Demande refusée.": "Request refused.",
    "Demande refusée, et alerte donnée. Si cela se répète, changez votre code e-CPS.": (
        "Request refused, and alert raised. If it happens again, change your e-CPS PIN."
    ),
    "Votre code e-CPS est changé.": "Your e-CPS PIN is changed.",
    "La dernière réponse est bien arrivée : la demande est approuvée.": (
        "The last answer did arrive: the request is approved."
    ),
    "La dernière réponse n’a pas abouti. Si une demande attend encore, répondez à nouveau.": (
        "The last answer led to nothing. If a request still waits, answer again."
    ),
    "La demande n’attend plus : elle a expiré, ou a reçu une réponse.": (
        "The request waits no longer: it expired, or was answered."
    ),
    "La dernière réponse s’est perdue.": "The last answer was lost.",
    "Le téléphone peut demander ce qu’elle est devenue.": ("The phone can ask what became of it."),
    "Retrouver la réponse": "Find the answer again",
    "Trop de codes faux": "Too many wrong PINs",
    "Vous pourrez à nouveau vous connecter après {until}.": "You can sign in again after {until}.",
    # A request
    "Demande de connexion": "Sign-in request",
    "Une demande vient d’arriver.": "A request has just arrived.",
    "Demande ouverte sur ce téléphone.": "Request opened on this phone.",
    "Répondez avant {until} : il reste {seconds} s.": "Answer before {until}: {seconds} s left.",
    "Approuver": "Approve",
    "Refuser": "Refuse",
    "Je ne suis pas à l’origine de cette demande": "I did not make this request",
    "1 autre demande attend après celle-ci.": "1 other request waits after this one.",
    "{count} autres demandes attendent après celle-ci.": (
        "{count} other requests wait after this one."
    ),
    "Quelqu’un a saisi votre identifiant, par erreur ou pour vous tromper. La demande sera "
    "refusée et une alerte donnée.": (
        "Somebody typed your identifier, by mistake or to deceive you. The request will be "
        "refused and an alert raised."
    ),
    "Votre e-CPS reste utilisable ; personne ne se connecte sans votre code.": (
        "Your e-CPS stays in use; nobody signs in without your PIN."
    ),
    "Refuser et alerter": "Refuse and raise an alert",
    "Revenir à la demande": "Back to the request",
    "Demande approuvée": "Request approved",
    "Codes faux depuis la dernière connexion : {count}": (
        "Wrong PINs since the last sign-in: {count}"
    ),
    "Si ce n’était pas vous, changez votre code e-CPS.": (
        "If it was not you, change your e-CPS PIN."
    ),
    "Retournez sur l’autre écran : la connexion continue dans": (
        "Go back to the other screen: the sign-in goes on in"
    ),
    "La connexion a été ouverte sur ce téléphone. Dans son navigateur, saisissez ce code pour "
    "la terminer :": (
        "The sign-in was opened on this phone. In its browser, type this code to finish it:"
    ),
    "Il ne sert qu’une fois, et dans ce navigateur seulement. Ne le donnez à personne.": (
        "It serves once, and in that browser only. Give it to nobody."
    ),
    "Terminé": "Done",
    # Upkeep
    "Approuvée": "Approved",
    "Refusée": "Refused",
    "Refusée, pas moi": "Refused, not me",
    "Nombre faux": "Wrong number",
    "Réponse perdue": "Answer lost",
    "Aucune réponse pour l’instant.": "No answer so far.",
    "Les {count} dernières réponses, gardées sur ce téléphone seulement ; ni code ni nombre.": (
        "The last {count} answers, kept on this phone only; neither PIN nor number."
    ),
    "Mon code e-CPS": "My e-CPS PIN",
    "Ce téléphone": "This phone",
    "Identifiant": "Identifier",
    "Dernier échange": "Last exchange",
    "pas encore": "not yet",
    "Notifications": "Notifications",
    "{count} reçues": "{count} received",
    "aucune : ce téléphone demande de lui-même": "none: this phone asks by itself",
    "Quitter": "Leave",
    "Changer le code e-CPS": "Change the e-CPS PIN",
    "Code e-CPS actuel": "Present e-CPS PIN",
    "Changer": "Change",
    "Code e-CPS oublié ?": "Forgotten e-CPS PIN?",
    "Code e-CPS oublié": "Forgotten e-CPS PIN",
    "Personne ne peut retrouver votre code : il n’est gardé nulle part. L’e-CPS est révoquée, "
    "puis vous en activez une autre avec un nouveau code.": (
        "Nobody can find your PIN again: it is kept nowhere. The e-CPS is revoked, then you "
        "activate another with a new PIN."
    ),
    "Supprimez l’e-CPS de ce téléphone : elle est révoquée aussitôt.": (
        "Delete the e-CPS from this phone: it is revoked at once."
    ),
    "Activez-la à nouveau, par courriel et SMS ou avec votre carte CPS.": (
        "Activate it again, by e-mail and SMS or with your CPS card."
    ),
    "Supprimer l’e-CPS et recommencer": "Delete the e-CPS and begin again",
    "Supprimer l’e-CPS de ce téléphone": "Delete the e-CPS from this phone",
    "Supprimer l’e-CPS de ce téléphone ?": "Delete the e-CPS from this phone?",
    "Supprimer l’e-CPS": "Delete the e-CPS",
    "La garder": "Keep it",
    "Vous ne pourrez plus vous connecter avec ce téléphone. L’historique est effacé. Une "
    "nouvelle activation reste possible.": (
        "You will no longer be able to sign in with this phone. The history is erased. A new "
        "activation stays possible."
    ),
    "L’e-CPS est supprimée de ce téléphone.": "The e-CPS is deleted from this phone.",
    "Cette e-CPS ne peut plus servir": "This e-CPS can serve no more",
    "Pour vous connecter à nouveau avec ce téléphone :": "To sign in with this phone again:",
    "supprimez l’e-CPS de ce téléphone ;": "delete the e-CPS from this phone;",
    "activez-la à nouveau, par courriel et SMS ou avec votre carte CPS.": (
        "activate it again, by e-mail and SMS or with your CPS card."
    ),
    "En attendant, votre carte CPS permet de vous connecter.": (
        "Meanwhile your CPS card lets you sign in."
    ),
}
