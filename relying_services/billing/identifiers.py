"""The billing identifier of a substitute as it is typed: the RPPS number (SV-03).

Who only substitutes has no billing number of their own (docs/cards.md 6): the number for life is
what names them on the invoices of others.
"""

import re

from flask_babel import gettext as _

_RPPS = re.compile(r"8?([0-9]{11})")
_TEST_IDENTITY = re.compile(r"ANS[0-9]{14}")
"""Of somebody invented for tests, who is in no register (domain EC-31)."""
_SPACES = re.compile(r"[\s.]")


class IdentifierWrong(ValueError):
    """What was typed is no billing identifier; the message says what to type."""


def parse(typed: str) -> str:
    """The national identifier that a billing identifier names: `8` and the RPPS number.

    Args:
        typed: eleven digits, or twelve with the 8 in front; or that of a test identity. Spaces do
            not count.

    Raises:
        IdentifierWrong: another form, or a wrong digit.
    """
    text = _SPACES.sub("", typed)
    if not text:
        raise IdentifierWrong(
            _("Saisissez le numéro RPPS du remplaçant, exemple 99700990023, ou lisez sa carte.")
        )
    if _TEST_IDENTITY.fullmatch(text):
        return text
    found = _RPPS.fullmatch(text)
    if found is None:
        raise IdentifierWrong(
            _("Un numéro RPPS a 11 chiffres, exemple 99700990023. Corrigez le numéro.")
        )
    if not _luhn_holds(found[1]):
        raise IdentifierWrong(
            _("Ce numéro RPPS comporte une erreur de saisie. Vérifiez chaque chiffre.")
        )
    return f"8{found[1]}"


def shown(national_id: str) -> str:
    """The billing identifier of somebody, as it is typed."""
    return national_id.removeprefix("8")


def _luhn_holds(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the digit sum of Luhn's rule
    return total % 10 == 0
