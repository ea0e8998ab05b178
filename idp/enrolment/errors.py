"""What a phone is told when an enrolment does not go on (docs/phone-protocol.md 5)."""

from flask_babel import lazy_gettext as _

from idp.devices.errors import ProblemError


class MalformedIdentifier(ProblemError):
    """What was typed is no national identifier (EC-30)."""

    code = "identifier_malformed"
    status = 400
    detail = _(
        "Ce n’est pas un identifiant national : saisissez 8 suivi des 11 chiffres de votre "
        "numéro RPPS, exemple 899700990015."
    )


class IdentifierWithoutType(ProblemError):
    """An RPPS number without the 8 (EC-03): ``suggestion``."""

    code = "identifier_lacks_type"
    status = 400
    detail = _("Ajoutez 8 devant votre numéro RPPS, exemple 899700990015.")


class TooManyRequests(ProblemError):
    """This network started too many activations: ``retry_at``."""

    code = "too_many_requests"
    status = 429
    detail = _("Trop d’activations ont été demandées depuis ce réseau : réessayez plus tard.")


class TokenRefused(ProblemError):
    """The mailed code does not hold for this ticket, this device key, now."""

    code = "token_refused"
    status = 403
    detail = _(
        "Ce code n’est pas valable : vérifiez-le dans le courriel reçu, ou recommencez "
        "l’activation."
    )


class Wait(ProblemError):
    """No SMS is sent before ``retry_at``."""

    code = "wait"
    status = 429
    detail = _("Patientez avant de demander un nouveau SMS.")


class CodeRefused(ProblemError):
    """The SMS code does not hold: ``tries_left``."""

    code = "code_refused"
    status = 403
    detail = _("Le code reçu par SMS n’est pas valable.")


class QrCodeRefused(TokenRefused):
    """The portal's QR is unknown, late, or was scanned before."""

    detail = _("Ce QR code n’est plus valable : demandez-en un nouveau sur le portail.")


class PairingRefused(ProblemError):
    """The pairing is dead, late or not this device key's; or its card is no longer in use."""

    code = "pairing_refused"
    status = 403
    detail = _("Cette activation par carte n’est plus possible : recommencez-la sur le portail.")


class ActivationRefused(ProblemError):
    """The ticket is not verified, was used, or lapsed."""

    code = "ticket_refused"
    status = 403
    detail = _("Cette activation n’est plus possible : recommencez-la.")
