"""Making a card: keys, salts and `K` here, certificates and evaluations by the provider.

The maker never learns the codes: they are in the letter that follows the card (CP-06).
"""

from pathlib import Path
from typing import Any

import httpx
from cryptography import x509

from wallet_sim.card import file_keys, lock, pkcs11_keys
from wallet_sim.card.content import open_content
from wallet_sim.card.errors import CardFileRefused, CardNotToBeMade
from wallet_sim.card.file import (
    CardFile,
    CardState,
    Certificates,
    FileBackend,
    Kind,
    Seal,
    TokenBackend,
)
from wallet_sim.card.keys import USES, CardKeys, certificate_request
from wallet_sim.card.pkcs11_keys import TokenKeys
from wallet_sim.card.wire import card_error
from wallet_sim.dev_provider import DevProvider
from wallet_sim.documents import PublicKeys, configuration_instant, open_configuration
from wallet_sim.encoding import from_b64url
from wallet_sim.errors import ProviderRefusal
from wallet_sim.keys import make_device_key, public_jwk
from wallet_sim.transport import Channel


def make_card(
    path: Path,
    number: str,
    dev: DevProvider,
    *,
    module: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> CardState:
    """Make an ordered card and keep it in a file.

    Args:
        path: of the card's file; there is none yet.
        number: of the ordered card.
        dev: the development addresses of its provider.
        module: a PKCS#11 module whose token holds the keys; else they lie in the file.
        transport: how HTTP leaves.

    Raises:
        CardFileRefused: there is a file already.
        CardNotToBeMade: the card was made before, or is not ordered.
        TokenUnavailable: the module gives no token.
        NoAnswer: it may have been made all the same; `CardNotToBeMade` then says the way out.
    """
    with CardFile(path).hold() as held:
        if not held.is_empty:
            raise CardFileRefused(f"{path} holds a card already")
        # A card is made once: all that can fail comes before, or after it is kept.
        pinned = _pin(dev.base_url, transport)
        making = _Making(number, module)
        try:
            state = making.finish(dev, pinned)
            held.begin(state)
            making.store_certificates(state.certificates)
        finally:
            making.keys.close()
        return state


class _Making:
    """What the maker draws of a card, and what becomes of it."""

    def __init__(self, number: str, module: str | None) -> None:
        self._number = number
        self._key = lock.new_key()
        self._card_key = make_device_key()
        self._salts: dict[Kind, str] = {"code": lock.new_salt(), "unblock": lock.new_salt()}
        self.backend: FileBackend | TokenBackend
        self.keys: CardKeys
        if module is None:
            self.backend, self.keys = file_keys.make(self._key)
        else:
            self.backend, self.keys = pkcs11_keys.make(self._key, number, module)

    def finish(self, dev: DevProvider, pinned: PublicKeys) -> CardState:
        """The card as the provider personalised it."""
        try:
            told = dev.make_card(self._number, self._request())
        except ProviderRefusal as refusal:
            if refusal.code_received == CardNotToBeMade.code:
                raise CardNotToBeMade(self._number, refusal.state) from refusal
            raise card_error(refusal) from refusal
        certificates = Certificates.model_validate(told["certificates"])
        open_content(told["content"], chain=certificates.chain, number=self._number)
        return CardState(
            number=self._number,
            issuer=told["issuer"],
            base_url=told["base_url"],
            card_base_url=told["card_base_url"],
            sites=list(dict.fromkeys([told["base_url"], told["wallet_base_url"]])),
            face=told["card"],
            card_key=dict(self._card_key.as_dict(private=True)),
            code=self._seal("code", told["evaluations"]),
            unblock=self._seal("unblock", told["evaluations"]),
            backend=self.backend,
            certificates=certificates,
            content=told["content"],
            pinned=pinned,
        )

    def store_certificates(self, certificates: Certificates) -> None:
        """Keep the certificates on the token too, where the keys are on one."""
        if isinstance(self.keys, TokenKeys):
            for use in USES:
                pem: str = getattr(certificates, use)
                self.keys.store_certificate(use, x509.load_pem_x509_certificate(pem.encode()))

    def _request(self) -> dict[str, Any]:
        return {
            "card_jwk": public_jwk(self._card_key),
            "code_salt": self._salts["code"],
            "unblock_salt": self._salts["unblock"],
            **{f"{use}_csr": certificate_request(self.keys, use, self._number) for use in USES},
        }

    def _seal(self, kind: Kind, evaluations: dict[str, str]) -> Seal:
        return lock.make_seal(
            self._key,
            from_b64url(evaluations[kind]),
            number=self._number,
            kind=kind,
            salt=self._salts[kind],
            tries=lock.TRIES,
        )


def _pin(base_url: str, transport: httpx.BaseTransport | None) -> PublicKeys:
    channel = Channel(base_url, transport=transport, language="fr")
    try:
        text = channel.fetch_configuration()
    finally:
        channel.close()
    # The maker was let in by this provider: its clock is the one to read its configuration by.
    instant = configuration_instant(text, pinned=None)
    return open_configuration(text, pinned=None, now=instant).pinned
