"""What a card is told when something does not hold (docs/cards.md 3)."""

from flask_babel import lazy_gettext as _

from idp.devices.errors import ProblemError


class NotRecognised(ProblemError):
    """No card, or not its signature: always the same words, whatever the reason."""

    code = "not_recognised"
    status = 401
    detail = _("Cette carte n’est pas reconnue.")


class PresentationRefused(ProblemError):
    """It is not the last presentation, or the card does not prove that its code was right."""

    code = "presentation_refused"
    status = 403
    detail = _("Rien ne prouve que le code de la carte était juste.")


class AnswerUnproved(ProblemError):
    """The answer is not signed by the card of this connection, over what it was asked."""

    code = "answer_unproved"
    status = 403
    detail = _("La carte n’a pas signé cette réponse à cette demande.")


class TransitionRefused(ProblemError):
    """The card does not stand where this act may come: ``state``."""

    code = "transition_refused"
    status = 409
    detail = _("Cette carte ne peut pas changer ainsi d’état.")


class HolderUnknown(ProblemError):
    """A card cannot be made for somebody whom the directory does not know."""

    code = "holder_unknown"
    status = 409
    detail = _("Le titulaire de cette carte n’est pas dans l’annuaire.")


class CodeBlocked(ProblemError):
    """No try is left of this code: ``unblock_tries_left``."""

    code = "code_blocked"
    status = 423
    detail = _("Trop de codes faux : la carte est bloquée.")
