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


def released_by(scope: str, claims: dict[str, Any], *, registered: str) -> list[str]:
    """What a request tells a service, one line a thing.

    By its scope, and by the claims it asks for one by one within the scope that is registered.
    """
    asked = {name for place in claims.values() for name in place}
    by_claim = [of for name, of in _SCOPE_OF_CLAIM.items() if name in asked]
    scopes = [*scope.split(), *(name for name in by_claim if name in registered.split())]
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

    title: Any
    text: Any


_NOT_APPROVED = Outcome(
    lazy_gettext("Connexion non approuvée"),
    lazy_gettext(
        "La demande a été close sur le téléphone sans être approuvée. L’application e-CPS indique "
        "pourquoi."
    ),
)
_EXPIRED = Outcome(
    lazy_gettext("La demande a expiré"),
    lazy_gettext(
        "Aucune réponse n’est arrivée à temps. Vérifiez l’identifiant national saisi, ouvrez "
        "l’application e-CPS, puis recommencez. Sans e-CPS active, activez-la d’abord."
    ),
)
OUTCOMES = {
    "refused": _NOT_APPROVED,
    # A wait after wrong PINs is told on the phone only: here it would tell strangers of it.
    "locked": _NOT_APPROVED,
    "not_me": Outcome(
        lazy_gettext("Connexion refusée"),
        lazy_gettext(
            "La personne a répondu sur son téléphone qu’elle n’est pas à l’origine de cette "
            "demande."
        ),
    ),
    "wrong_number": Outcome(
        lazy_gettext("Le nombre ne correspondait pas"),
        lazy_gettext(
            "Le nombre choisi sur le téléphone n’était pas celui de cette page. Par sécurité, la "
            "demande est close ; un nouveau nombre sera affiché."
        ),
    ),
    "cancelled": Outcome(
        lazy_gettext("Demande annulée"),
        lazy_gettext("La demande a été annulée. Vous pouvez recommencer."),
    ),
}
"""By the challenge's state; a challenge that nobody answered shows as expired."""


def outcome_of(state: str) -> Outcome:
    """What to say of a challenge that ended in this state."""
    return OUTCOMES.get(state, _EXPIRED)


def state_for_browser(state: str) -> str:
    """The state as the browser may know it: whether a person is locked is not its business."""
    return "refused" if state == "locked" else state
