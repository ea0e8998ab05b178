"""Why a card signs nobody in: one class a code of docs/cards.md 4 (decision 31).

Each says, in the person's language, what happened and what to do next (CP-17).
"""

from typing import Any, ClassVar

from flask_babel import lazy_gettext


class CardRefused(Exception):
    """A card that was presented is not accepted; the subclass names the reason."""

    code: ClassVar[str]
    text: ClassVar[Any]
    """What people are told, translated when it is shown."""

    def __init__(
        self, *, card_number: str | None = None, person: str | None = None, **told: Any
    ) -> None:
        super().__init__(self.code)
        self.card_number = card_number
        """Which card, where the register knows it."""
        self.person = person
        """Its holder's national identifier, as the register has it."""
        self.told = told
        """Further facts, for the journal only."""


class CardMissing(CardRefused):
    """No certificate was presented."""

    code = "card_missing"
    text = lazy_gettext(
        "Aucune carte n’a été présentée. Insérez votre carte dans le lecteur, saisissez son code, "
        "puis recommencez. Si le navigateur ne la propose pas, fermez-le entièrement et "
        "rouvrez-le."
    )


class CardUnreadable(CardRefused):
    """The certificate is no card's: its subject, its form, or nobody registered it."""

    code = "card_unreadable"
    text = lazy_gettext(
        "Le certificat présenté n’est pas celui d’une carte enregistrée. Retirez la carte, "
        "insérez-la de nouveau et recommencez. Si le refus persiste, appelez l’ANS au "
        "0 806 800 213."
    )


class AuthorityUnknown(CardRefused):
    """The authority of the cards did not sign it."""

    code = "authority_unknown"
    text = lazy_gettext(
        "Ce certificat ne vient pas de l’autorité qui émet les cartes. Choisissez le certificat "
        "de votre carte, puis recommencez."
    )


class SignatureCertificate(CardRefused):
    """The certificate to sign documents was presented."""

    code = "signature_certificate"
    text = lazy_gettext(
        "C’est le certificat de signature de votre carte : il ne sert pas à se connecter. "
        "Recommencez et choisissez son certificat d’authentification."
    )


class CardExpired(CardRefused):
    """Its validity is over (CP-10)."""

    code = "card_expired"
    text = lazy_gettext(
        "Carte expirée. Utilisez la carte qui la remplace ; si vous ne l’avez pas reçue, appelez "
        "l’ANS au 0 806 800 213."
    )


class CardNotYetValid(CardRefused):
    """Its validity has not begun."""

    code = "card_not_yet_valid"
    text = lazy_gettext(
        "Cette carte n’est pas encore valable. Attendez le début de sa validité, ou utilisez "
        "votre carte actuelle."
    )


class CardOpposed(CardRefused):
    """It was opposed, and its certificates revoked (CP-13)."""

    code = "card_opposed"
    text = lazy_gettext(
        "Cette carte est en opposition : elle ne peut plus être utilisée. Si vous n’avez rien "
        "demandé, ou pour savoir où en est la nouvelle carte, appelez l’ANS au 0 806 800 213."
    )


class CardReplaced(CardRefused):
    """Its successor was activated."""

    code = "card_replaced"
    text = lazy_gettext(
        "Cette carte a été remplacée : utilisez la nouvelle, et détruisez celle-ci."
    )


class CardNotActivated(CardRefused):
    """Its holder did not activate it yet (CP-07)."""

    code = "card_not_activated"
    text = lazy_gettext(
        "Cette carte n’est pas encore activée. Activez-la avec le code que vous avez reçu dans un "
        "pli séparé, puis recommencez."
    )


class CardBlocked(CardRefused):
    """Too many wrong codes."""

    code = "card_blocked"
    text = lazy_gettext(
        "Cette carte est bloquée après trop de codes erronés. Débloquez-la avec le code de "
        "déblocage à 8 chiffres de votre pli, ou appelez l’ANS au 0 806 800 213."
    )


class CardNotNominative(CardRefused):
    """A service card that names nobody (decision 30)."""

    code = "card_not_nominative"
    text = lazy_gettext(
        "Cette carte de service ne désigne personne : elle ne permet pas de se connecter. "
        "Utilisez votre carte personnelle."
    )


class FamilyRefused(CardRefused):
    """The service does not take this family of cards (decision 30)."""

    code = "family_refused"
    text = lazy_gettext(
        "Ce service n’accepte pas cette famille de cartes. Utilisez une carte qu’il accepte, ou "
        "demandez au service lesquelles conviennent."
    )


class HolderUnknown(CardRefused):
    """The directory does not hold the person of the card."""

    code = "holder_unknown"
    text = lazy_gettext(
        "Le titulaire de cette carte n’est pas dans l’annuaire. Appelez votre Ordre, ou votre "
        "employeur s’il vous a fait délivrer la carte."
    )


class HolderStruckOff(CardRefused):
    """The person of the card was struck off, or closed in the directory (EC-01)."""

    code = "holder_struck_off"
    text = lazy_gettext("Votre inscription n’est plus active : appelez votre Ordre.")
