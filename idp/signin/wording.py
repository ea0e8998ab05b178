"""Words of the sign-in pages that depend on data."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from idp.directory.identifiers import (
    IdentifierLacksType,
    IdentifierMalformed,
    parse_national_id,
)

EXAMPLE = "899700990015"


_RELEASED = {
    "openid": [lazy_gettext("votre identifiant national")],
    "profile": [lazy_gettext("vos nom et prénom")],
    "email": [lazy_gettext("votre adresse électronique professionnelle")],
    "phone": [lazy_gettext("votre téléphone professionnel")],
    "address": [lazy_gettext("votre adresse professionnelle")],
    "scope_all": [
        lazy_gettext("vos nom et prénom"),
        lazy_gettext("votre profession, votre catégorie professionnelle et votre savoir-faire"),
        lazy_gettext("vos situations d’exercice, telles que l’Annuaire Santé les connaît"),
    ],
}
_SCOPE_OF_CLAIM = {
    "name": "profile",
    "given_name": "profile",
    "family_name": "profile",
    "email": "email",
    "email_verified": "email",
    "phone_number": "phone",
    "phone_number_verified": "phone",
    "address": "address",
}
"""Claims that may be asked for one by one (OpenID Connect Core 5.4 and 5.5)."""


def scopes_asked(scope: str, claims: dict[str, Any], *, registered: str) -> list[str]:
    """What a request asks for: by its scope, and claim by claim within what is registered."""
    asked = {name for place in claims.values() for name in place}
    by_claim = [of for name, of in _SCOPE_OF_CLAIM.items() if name in asked]
    return [*scope.split(), *(name for name in by_claim if name in registered.split())]


def released_by(scope: str, claims: dict[str, Any], *, registered: str) -> list[str]:
    """What a request tells a service, one line a thing."""
    scopes = scopes_asked(scope, claims, registered=registered)
    lines = [str(line) for name in scopes for line in _RELEASED.get(name, [])]
    return list(dict.fromkeys(lines))


class IdentifierRefused(ValueError):
    """What was typed is no national identifier; the message helps to mend it (RGAA 11.11)."""


def read_typed_identifier(text: str) -> str:
    """The identifier that a person typed (EC-03).

    Raises:
        IdentifierRefused: with a translated message (EC-30).
    """
    if not text.strip():
        raise IdentifierRefused(
            _("Saisissez votre identifiant national, exemple %(example)s.", example=EXAMPLE)
        )
    try:
        return parse_national_id(text)
    except IdentifierLacksType as error:
        raise IdentifierRefused(
            _(
                "Il manque le 8 : ajoutez 8 devant votre numéro RPPS, exemple %(example)s.",
                example=EXAMPLE,
            )
        ) from error
    except IdentifierMalformed as error:
        raise IdentifierRefused(
            _(
                "Cet identifiant n’est pas correct : il comporte 12 chiffres et commence par 8 "
                "(8 suivi du numéro RPPS, exemple %(example)s), ou 0 suivi du numéro ADELI.",
                example=EXAMPLE,
            )
        ) from error


def identifier_or_nothing(text: str) -> str:
    """The identifier a service or a cookie suggests, where it is one."""
    try:
        return parse_national_id(text)
    except IdentifierMalformed:
        return ""


@dataclass(frozen=True)
class Outcome:
    """What a page says of a challenge that gave no sign-in."""

    kind: str
    """Of the alert: what nobody did wrong is no error."""
    title: Any
    text: Any
    steps: tuple[Any, ...] = ()
    """What may be done next, the likeliest first."""


_NOT_APPROVED = Outcome(
    "error",
    lazy_gettext("Connexion non approuvée"),
    lazy_gettext(
        "La demande a été close sur le téléphone sans être approuvée. L’application e-CPS indique "
        "pourquoi."
    ),
    (
        lazy_gettext("Ouvrez l’application e-CPS : elle dit ce qui s’est passé, et que faire."),
        lazy_gettext("Recommencez ici quand l’application est prête."),
    ),
)
_EXPIRED = Outcome(
    "warning",
    lazy_gettext("La demande a expiré"),
    lazy_gettext("Aucune réponse n’est arrivée à temps. Rien n’a été transmis au service."),
    (
        lazy_gettext("Vérifiez l’identifiant national saisi."),
        lazy_gettext(
            "Recommencez, puis ouvrez vous-même l’application e-CPS : la demande y est, même sans "
            "notification."
        ),
        lazy_gettext("Sans e-CPS active, activez-la d’abord."),
    ),
)
_NOT_ME = Outcome(
    "error",
    lazy_gettext("Connexion refusée"),
    lazy_gettext(
        "La personne a répondu sur son téléphone qu’elle n’est pas à l’origine de cette demande."
    ),
    (
        lazy_gettext("Vérifiez que l’identifiant national saisi est bien le vôtre."),
        lazy_gettext(
            "Si c’est vous qui avez refusé une demande inconnue, vous n’avez rien d’autre à faire."
        ),
    ),
)
_WRONG_NUMBER = Outcome(
    "error",
    lazy_gettext("Le nombre ne correspondait pas"),
    lazy_gettext(
        "Le nombre choisi sur le téléphone n’était pas celui de cette page. Par sécurité, la "
        "demande est close ; un nouveau nombre sera affiché."
    ),
    (
        lazy_gettext(
            "Recommencez, et choisissez sur le téléphone le nombre que cette page montre."
        ),
        lazy_gettext(
            "Si plusieurs demandes vous attendent, refusez celles que vous n’avez pas faites."
        ),
    ),
)
_CANCELLED = Outcome(
    "info",
    lazy_gettext("Demande annulée"),
    lazy_gettext("La demande a été annulée. Vous pouvez recommencer."),
)
OUTCOMES = {
    "refused": _NOT_APPROVED,
    # A wait after wrong PINs is told on the phone only: here it would tell strangers of it.
    "locked": _NOT_APPROVED,
    "not_me": _NOT_ME,
    "wrong_number": _WRONG_NUMBER,
    "cancelled": _CANCELLED,
}
"""By the challenge's state; a challenge that nobody answered shows as expired."""

_RESENDING = {
    "fait": lazy_gettext(
        "Nous avons redemandé l’envoi de la notification. Si elle n’arrive pas, ouvrez vous-même "
        "l’application e-CPS : la demande y attend."
    ),
    "trop": lazy_gettext(
        "La notification n’a pas été renvoyée : trop de demandes viennent de votre réseau. Ouvrez "
        "vous-même l’application e-CPS : la demande y attend."
    ),
}
"""The same whoever is asked for, and where nobody is (decisions 17 and 24)."""


def told_of_resending(result: str) -> str:
    """What the waiting page says of a notification sent again; nothing where none was asked."""
    return str(_RESENDING.get(result, ""))


def outcome_of(state: str) -> Outcome:
    """What to say of a challenge that ended in this state."""
    return OUTCOMES.get(state, _EXPIRED)


def state_for_browser(state: str) -> str:
    """The state as the browser may know it: whether a person is locked is not its business."""
    return "refused" if state == "locked" else state
