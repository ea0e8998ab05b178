"""The codes of a card and what they evaluate to (docs/cards.md 3, decision 31).

Pure: it knows neither Flask nor SQL. Codes are drawn, told in a letter, and kept nowhere.
"""

import hashlib
import hmac
import secrets
from enum import StrEnum

SEAL = "card-share"
SHARE_BYTES = 32
PROOF_BYTES = 32
_CODE_DIGITS = 4
_UNBLOCK_DIGITS = 8
_LOG2_COST = 14
_BLOCK_SIZE = 8


class Kind(StrEnum):
    """Which of its two codes a holder typed."""

    CODE = "code"
    UNBLOCK = "unblock"


def draw_code() -> str:
    """A holder's code: four digits, any."""
    return _draw(_CODE_DIGITS)


def draw_unblock_code() -> str:
    """An unblocking code: eight digits, any."""
    return _draw(_UNBLOCK_DIGITS)


def draw_share() -> bytes:
    """What the provider keeps of a card, and without which its keys cannot be opened."""
    return secrets.token_bytes(SHARE_BYTES)


def proof_of(code: str, salt: bytes) -> bytes:
    """What a card sends of a typed code: scrypt, at the cost that is part of the protocol."""
    return hashlib.scrypt(
        code.encode("ascii"),
        salt=salt,
        n=2**_LOG2_COST,
        r=_BLOCK_SIZE,
        p=1,
        maxmem=2 ** (_LOG2_COST + 11),
        dklen=PROOF_BYTES,
    )


def evaluate(share: bytes, kind: Kind, proof: bytes) -> bytes:
    """What opens a card's keys where the code was right; nobody here can tell whether it was."""
    return hmac.digest(share, kind.encode() + b"\0" + proof, "sha256")


def _draw(digits: int) -> str:
    return f"{secrets.randbelow(10**digits):0{digits}}"
