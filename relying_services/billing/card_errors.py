"""Cards that the workstation refuses, each reason by its name (SV-07)."""

from http import HTTPStatus

from flask_babel import lazy_gettext as _l

from relying_services.service.errors import ServiceError


class CardRefused(ServiceError):
    """The card in the reader is not taken; each reason has its class."""

    code = "card_refused"
    title = _l("Carte refusée")
    meaning = _l("La carte présente dans le lecteur est refusée.")


class ReaderUnreachable(CardRefused):
    """The reader does not answer, or not as a reader does."""

    code = "reader_unreachable"
    status = HTTPStatus.BAD_GATEWAY
    title = _l("Lecteur injoignable")
    meaning = _l("Le lecteur de carte ne répond pas. Vérifiez qu’il est allumé, puis recommencez.")


class CardAbsent(CardRefused):
    """There is no card in the reader."""

    code = "card_absent"
    status = HTTPStatus.CONFLICT
    title = _l("Carte absente")
    meaning = _l("Insérez votre carte CPS dans le lecteur et saisissez votre code porteur.")


class CodeMissing(CardRefused):
    """The card waits for its code."""

    code = "code_missing"
    status = HTTPStatus.CONFLICT
    title = _l("Code porteur attendu")
    meaning = _l("Saisissez votre code porteur sur le lecteur, puis recommencez.")


class CardBlocked(CardRefused):
    """No try of the code is left."""

    code = "card_blocked"
    title = _l("Carte bloquée")
    meaning = _l("Carte bloquée : débloquez-la avec le code de déblocage de votre courrier.")


class CardNotActivated(CardRefused):
    """Its holder has not activated the card yet: its certificates are on hold (CP-07)."""

    code = "card_not_activated"
    title = _l("Carte non activée")
    meaning = _l("Carte non activée : activez-la avec le code reçu par courrier.")


class CardForged(CardRefused):
    """What the reader gave was not signed by the authority of the cards, or does not fit."""

    code = "card_forged"
    title = _l("Carte non authentique")
    meaning = _l("Cette carte n’est pas une carte de l’autorité reconnue par ce poste.")


class CardExpired(CardRefused):
    """Its dates are over."""

    code = "card_expired"
    title = _l("Carte expirée")
    meaning = _l("Carte expirée : utilisez la carte qui la remplace.")


class CardNotYetValid(CardRefused):
    """Its dates have not begun."""

    code = "card_not_yet_valid"
    title = _l("Carte pas encore valable")
    meaning = _l("Cette carte n’est pas encore valable : vérifiez la date de ce poste.")


class CardOpposed(CardRefused):
    """Its certificates are revoked for good."""

    code = "card_opposed"
    title = _l("Carte en opposition")
    meaning = _l("Carte en opposition : elle ne peut plus servir. Utilisez la nouvelle.")


class ListUnavailable(CardRefused):
    """No list of revoked certificates is in force: no card is taken."""

    code = "list_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    title = _l("Vérification impossible")
    meaning = _l(
        "La liste des cartes en opposition n’est pas à jour : aucune carte n’est acceptée. "
        "Vérifiez la connexion du poste, puis recommencez."
    )


class FamilyRefused(CardRefused):
    """Neither a CPS nor a CPF: it does not bill."""

    code = "family_refused"
    meaning = _l("Cette carte ne permet pas de facturer : il faut une carte CPS ou CPF.")


class CardOfAnother(CardRefused):
    """The card in the reader is not that of who is signed in."""

    code = "card_of_another"
    meaning = _l("La carte du lecteur n’est pas celle de la personne connectée.")


class SignatureRefused(CardRefused):
    """What the card gave is no signature over what was asked."""

    code = "signature_refused"
    meaning = _l("La signature donnée par le lecteur n’est pas celle de la carte lue.")


class SituationWithoutNumber(CardRefused):
    """The card has no billing number: its holder does not bill in their own name (CP-15)."""

    code = "situation_without_number"
    meaning = _l(
        "Cette carte n’a pas de numéro de facturation : un remplaçant facture au nom du "
        "médecin remplacé, après activation de la session de remplacement."
    )
