"""A card's one file: what it may hold, and how it is kept.

What a thief of this file must not find is not in it: no code, no verifier of a code, no `K`, no
private key that is not under `K`. The card key lies in clear: it proves that the card is there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from wallet_sim.card.errors import CardAbsent, CardFileRefused, CardInUse
from wallet_sim.documents import PublicKeys
from wallet_sim.held import FileKind, Held, Kept, locked, read

SUFFIX = ".card"

Kind = Literal["code", "unblock"]
Use = Literal["authentication", "signature"]


class Seal(Kept):
    """`K` under one code, and how often a code may still be tried."""

    salt: str
    wrapped: str
    """base64url: 12 bytes of nonce, then AES-256-GCM of `K`."""
    tries_left: int = Field(ge=0)


class FileBackend(Kept):
    """Private keys in this file: PKCS#8 encrypted under `K`, PEM."""

    kind: Literal["file"] = "file"
    keys: dict[Use, str]


class TokenBackend(Kept):
    """Private keys on a PKCS#11 token, whose user PIN is the text of `K`."""

    kind: Literal["pkcs11"] = "pkcs11"
    module: str
    label: str


class Certificates(Kept):
    """The card's certificates and those above them, PEM."""

    authentication: str
    signature: str
    chain: str


class CardState(Kept):
    """All that the file holds."""

    version: Literal[1] = 1
    number: str
    issuer: str
    base_url: str
    card_base_url: str
    sites: list[str]
    """Addresses of the provider where a sign-in may go on."""
    face: dict[str, Any]
    """What is printed on the card: family, version, holder, dates."""
    card_key: dict[str, Any]
    code: Seal
    unblock: Seal
    backend: FileBackend | TokenBackend = Field(discriminator="kind")
    certificates: Certificates
    content: str
    """JWS of the authority of the cards."""
    pinned: PublicKeys
    """The provider's phone-facing keys: whose clock the card follows."""

    def seal(self, kind: Kind) -> Seal:
        """`K` under the code of this kind."""
        return self.code if kind == "code" else self.unblock


KIND = FileKind(
    name="a card's file",
    model=CardState,
    refused=CardFileRefused,
    missing=CardAbsent("there is no such card: make it first"),
    in_use=CardInUse,
)


class HeldCard(Held[CardState]):
    """The card's file while its lock is held."""


class CardFile:
    """A card's file, used by one holder at a time."""

    def __init__(self, path: Path, *, patience: float = 1.0) -> None:
        self.path = path
        self._patience = patience

    @contextmanager
    def hold(self) -> Iterator[HeldCard]:
        """Hold the file for as long as the card is inserted.

        Raises:
            CardInUse: another process kept it for longer than `patience` seconds.
            CardFileRefused: it is no card's file, or others can read it.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self.path.with_suffix(".lock")
        with locked(lock, KIND, f"the card {self.path.name}", patience=self._patience):
            yield HeldCard(self.path, KIND)


def look(path: Path) -> CardState:
    """What a card's file holds, whoever uses the card meanwhile.

    Raises:
        CardAbsent: there is none.
        CardFileRefused: it is no card's file, or others can read it.
    """
    state = read(path, KIND)
    if state is None:
        raise KIND.missing
    return state
