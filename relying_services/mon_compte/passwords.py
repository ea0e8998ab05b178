"""Passwords: how they are kept, and which are taken (MA-01; domain, 6).

A hash is slow to make, so that a copied database gives no passwords away. A login that nobody has
costs the same work as one that somebody has (decision 41).
"""

import re
import secrets
from collections.abc import Iterable

from flask_babel import gettext as _
from werkzeug.security import check_password_hash, generate_password_hash

EXTENSION = "passwords"

_LONGEST = 128
_FEWEST_KINDS = 6
"""Different characters of a password, at least."""
_EMAIL = re.compile(r"[^\s@<>,;:\"()\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_LONGEST_EMAIL = 254


class Passwords:
    """The passwords of one service.

    Args:
        cost: the method and its cost, as `generate_password_hash` names them.
        shortest: characters of a password, at least.
    """

    def __init__(self, cost: str, shortest: int) -> None:
        self._cost = cost
        self._shortest = shortest
        self._of_nobody = self.hashed(secrets.token_urlsafe())

    def hashed(self, password: str) -> str:
        """How a password is kept."""
        return generate_password_hash(password, self._cost)

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether this is the password; the same work where there is none to compare."""
        is_right = check_password_hash(kept or self._of_nobody, password[:_LONGEST])
        return is_right and kept is not None

    def was_used(self, password: str, earlier: Iterable[str]) -> bool:
        """Whether a person had this password before (domain, 6)."""
        return any(check_password_hash(each, password) for each in earlier)

    def wrong(self, password: str, again: str, login: str) -> dict[str, str]:
        """What is to be corrected in a new password, by the field of the form."""
        if len(password) < self._shortest:
            told = _("Choisissez au moins %(count)s caractères.", count=self._shortest)
            return {"password": told}
        if len(password) > _LONGEST:
            return {"password": _("Choisissez au plus %(count)s caractères.", count=_LONGEST)}
        if len(set(password)) < _FEWEST_KINDS or login.lower() in password.lower():
            told = _(
                "Ce mot de passe se devine : n’y mettez pas votre identifiant, et variez les "
                "caractères, exemple quatre mots sans lien."
            )
            return {"password": told}
        if password != again:
            return {"again": _("Retapez le même mot de passe.")}
        return {}


def used_before() -> dict[str, str]:
    """What is told of a new password that was had before."""
    told = _("Vous avez déjà utilisé ce mot de passe : choisissez-en un nouveau.")
    return {"password": told}


def wrong_email(email: str) -> dict[str, str]:
    """What is to be corrected in an address."""
    if len(email) <= _LONGEST_EMAIL and _EMAIL.fullmatch(email):
        return {}
    return {"email": _("Écrivez une adresse, exemple prenom.nom@cabinet.test.")}
