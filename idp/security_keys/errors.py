"""Why a security key is refused; each error says to its holder what to do."""

from typing import Any

from flask_babel import lazy_gettext as _


class KeyRefused(Exception):
    """An answer that registers nothing and lets nobody in."""

    reason = ""
    """For the journal."""
    text: Any
    """For the person, in their language."""

    def __init__(self) -> None:
        super().__init__(f"security key refused: {self.reason.replace('-', ' ')}")


class AnswerUnreadable(KeyRefused):
    """What was posted is not the answer of a browser."""

    reason = "unreadable"
    text = _("Votre navigateur n’a pas transmis la réponse de la clé : recommencez.")


class CeremonyGone(KeyRefused):
    """Nothing waits for this answer here: it came late, twice, or from another browser."""

    reason = "ceremony-gone"
    text = _("La demande a expiré ou a déjà servi : recommencez.")


class KeyUnknown(KeyRefused):
    """No key in use of this kind of holder answers to it: never one, or removed."""

    reason = "unknown"
    text = _(
        "Cette clé de sécurité n’est pas reconnue. Utilisez-en une autre, ou connectez-vous avec "
        "votre e-CPS ou votre carte."
    )


class AnswerUnproved(KeyRefused):
    """Signature, origin, domain, or the holder's own verification does not hold."""

    reason = "unproved"
    text = _(
        "La réponse de la clé de sécurité n’a pas pu être vérifiée. Vérifiez l’adresse de cette "
        "page, puis recommencez avec le code ou l’empreinte de la clé."
    )


class KeySuspended(KeyRefused):
    """Its holder must not use it any more: see `lifecycle.suspend_key`."""

    reason = "suspended"
    text = _(
        "Cette clé de sécurité est suspendue. Connectez-vous avec votre e-CPS ou votre carte, "
        "puis supprimez-la dans votre compte."
    )


class KeyCopied(KeyRefused):
    """Its counter went back: two authenticators hold it (WebAuthn 3, 6.1.1)."""

    reason = "copied"
    text = _(
        "Une copie de cette clé de sécurité semble avoir été utilisée : elle est suspendue. "
        "Connectez-vous avec votre e-CPS ou votre carte, et prévenez l’assistance."
    )


class KeyKnown(KeyRefused):
    """A key of this very id was registered before."""

    reason = "known"
    text = _("Cette clé de sécurité est déjà enregistrée.")


class KeyUnusable(KeyRefused):
    """Its public key is none that signatures could be verified with."""

    reason = "unusable"
    text = _("Cette clé de sécurité ne convient pas : utilisez-en une autre.")


class TooManyKeys(KeyRefused):
    """Its holder has as many as the setting allows."""

    reason = "too-many"
    text = _("Vous avez trop de clés de sécurité : supprimez-en une d’abord.")


class NotVouchedFor(KeyRefused):
    """Nobody signed in by card or phone lately enough to register a key."""

    reason = "not-vouched"
    text = _(
        "Pour ajouter une clé de sécurité, connectez-vous d’abord avec votre e-CPS ou votre carte."
    )
