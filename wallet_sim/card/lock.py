"""The lock on a card's keys: what only the right code, and only with the provider, opens.

The private keys lie under a random `K`; `K` is wrapped under the provider's evaluation of the
code. Nothing on the card tells whether a code is right, so a copied file gives no oracle
(decision 31). The card counts a try, and has it on disk, before anything is asked or compared.
Source: docs/cards.md 3. Pure: no network; the file is written through who holds it.
"""

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wallet_sim.card.errors import (
    CodeBlocked,
    CodeMalformed,
    UnblockBlocked,
    WrongCode,
    WrongUnblockCode,
)
from wallet_sim.card.file import HeldCard, Kind, Seal
from wallet_sim.encoding import b64url, from_b64url

LENGTHS: dict[Kind, int] = {"code": 4, "unblock": 8}
"""Digits of each code."""
TRIES = 3
"""Of each code on a new card; later the provider tells."""

_KEY_BYTES = 32
_SALT_BYTES = 32
_NONCE_BYTES = 12
_COST = 1 << 14
_BLOCK = 8
_SCRYPT_MEMORY = 64 * 1024 * 1024  # bytes; scrypt needs 128·N·r of them, and a little


def new_key() -> bytes:
    """A fresh `K`."""
    return secrets.token_bytes(_KEY_BYTES)


def new_salt() -> str:
    """A fresh salt, base64url."""
    return b64url(secrets.token_bytes(_SALT_BYTES))


def prove(kind: Kind, code: str, salt: str) -> bytes:
    """The proof of a code, of which the provider makes the evaluation.

    Raises:
        CodeMalformed: a card's keypad could not have given it.
    """
    if not (code.isascii() and code.isdigit() and len(code) == LENGTHS[kind]):
        name = "the code" if kind == "code" else "the unblocking code"
        raise CodeMalformed(f"{name} has {LENGTHS[kind]} digits")
    return hashlib.scrypt(
        code.encode("ascii"),
        salt=from_b64url(salt),
        n=_COST,
        r=_BLOCK,
        p=1,
        maxmem=_SCRYPT_MEMORY,
        dklen=_KEY_BYTES,
    )


def make_seal(
    key: bytes, evaluation: bytes, *, number: str, kind: Kind, salt: str, tries: int
) -> Seal:
    """`K` wrapped under an evaluation."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    wrapped = AESGCM(evaluation).encrypt(nonce, key, _context(number, kind))
    return Seal(salt=salt, wrapped=b64url(nonce + wrapped), tries_left=tries)


def open_seal(seal: Seal, evaluation: bytes, *, number: str, kind: Kind) -> bytes:
    """`K`, where the evaluation is that of the right code.

    Raises:
        WrongCode, WrongUnblockCode: it is not.
    """
    wrapped = from_b64url(seal.wrapped)
    try:
        return AESGCM(evaluation).decrypt(
            wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _context(number, kind)
        )
    except InvalidTag:
        raise _wrong(kind, seal.tries_left) from None


def take_try(held: HeldCard, kind: Kind) -> None:
    """Count a try and have it on disk.

    Raises:
        CodeBlocked, UnblockBlocked: none is left; nothing was written.
    """
    seal = held.state.seal(kind)
    if seal.tries_left == 0:
        raise blocked(held, kind)
    seal.tries_left -= 1
    held.save()


def follow_provider(held: HeldCard, kind: Kind, tries_left: int) -> None:
    """Believe the provider where it counts fewer tries than the card (a copied file)."""
    seal = held.state.seal(kind)
    if tries_left < seal.tries_left:
        seal.tries_left = tries_left
        held.save()


def blocked(held: HeldCard, kind: Kind) -> CodeBlocked | UnblockBlocked:
    """The refusal of a code that has no try left."""
    if kind == "unblock" or held.state.unblock.tries_left == 0:
        return UnblockBlocked("the unblocking code is blocked too: the card must be replaced")
    return CodeBlocked(held.state.unblock.tries_left)


def _wrong(kind: Kind, tries_left: int) -> WrongCode | WrongUnblockCode:
    return WrongCode(tries_left) if kind == "code" else WrongUnblockCode(tries_left)


def _context(number: str, kind: Kind) -> bytes:
    return f"ecps-card-lock\0{number}\0{kind}".encode()
