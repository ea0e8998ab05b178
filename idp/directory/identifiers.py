"""National identifiers of professionals (identification nationale PP, NOS TRE_G08)."""

import re

RPPS = "8"
ADELI = "0"
EDIT = "EDIT"

_SEPARATORS = re.compile(r"[\s.\u200b\u2060\ufeff]+")
_FORM = re.compile(
    r"8[0-9]{11}"
    r"|0[0-9][0-9AB][0-9]{7}"
    r"|(?:3[0-9][0-9AB][0-9]{7}|4[0-9]{9}|[56][0-9]{14})/[0-9A-Z]{1,20}"
    r"|ANS[0-9]{14}"
)
_RPPS_ALONE = re.compile(r"[0-9]{11}")
_ORIGINS = {RPPS: "RPPS", ADELI: "ADELI", EDIT: "EDIT", "3": "FINESS", "4": "SIREN", "5": "SIRET"}


class IdentifierMalformed(ValueError):
    """The text is no national identifier (EC-30)."""


class IdentifierLacksType(IdentifierMalformed):
    """An RPPS number without the 8 that makes it a national identifier (EC-03)."""

    def __init__(self, suggestion: str) -> None:
        super().__init__("the RPPS number lacks its leading 8")
        self.suggestion = suggestion
        """What the person most likely meant."""


def parse_national_id(text: str) -> str:
    """The canonical form of a typed identifier: no separators, upper case.

    `8` + RPPS, `0` + ADELI, `3|4|5|6` + structure + `/` + register, or `ANS` + 14 digits
    (domain, section 2). Only an RPPS number has a key that is certain enough to refuse by.

    Raises:
        IdentifierLacksType: 11 digits that are an RPPS number; its ``suggestion`` has the 8.
        IdentifierMalformed: anything else.
    """
    identifier = _SEPARATORS.sub("", text).upper()
    if _RPPS_ALONE.fullmatch(identifier) and luhn_holds(identifier):
        raise IdentifierLacksType(RPPS + identifier)
    if not _FORM.fullmatch(identifier):
        raise IdentifierMalformed("this is no national identifier")
    if identifier.startswith(RPPS) and not luhn_holds(identifier[1:]):
        raise IdentifierMalformed("the key of the RPPS number does not hold")
    return identifier


def type_of(national_id: str) -> str:
    """The type digit of TRE_G08, or `EDIT` for an ANS test identity, of a canonical identifier."""
    return EDIT if national_id.startswith("ANS") else national_id[0]


def origin_of(national_id: str) -> str:
    """`otherIds[].origine` of an identifier: the register it comes from."""
    return _ORIGINS.get(type_of(national_id), "CAB_RPPS")


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the Luhn key of those before (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - Luhn adds the two digits
    return total % 10 == 0


def luhn_key(stem: str) -> str:
    """The digit that makes a whole number of these digits."""
    return next(key for key in "0123456789" if luhn_holds(stem + key))
