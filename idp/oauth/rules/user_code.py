"""The short code that a person carries from a device to a browser (RFC 8628, 6.1)."""

import re
import secrets

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty consonants: no vowel makes a word, and no letter is taken for a figure or another one."""
LENGTH = 8
"""20^8 codes, 34 bits: with the limits on attempts, what RFC 8628, 5.1 computes."""
_HALF = LENGTH // 2
_SEPARATORS = re.compile(r"[\s.\-_\u2010-\u2015]+")


def new_user_code() -> str:
    """A code drawn at random, as it is stored and compared."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """A code as people read it: `BCDF-GHJK`."""
    return f"{code[:_HALF]}-{code[_HALF:]}"


def read_typed(text: str) -> str | None:
    """The code that somebody typed, whatever its case and separators; None where it is none."""
    letters = _SEPARATORS.sub("", text)
    is_code = len(letters) == LENGTH and set(letters) <= {*ALPHABET, *ALPHABET.lower()}
    return letters.upper() if is_code else None
