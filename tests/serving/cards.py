"""Cards shown to a provider that really runs, by TLS clients that are not ours."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from idp.provider import Provider, open_provider
from tests.cards.helpers import IssuedCard
from tests.conftest import make_settings
from tests.serving.running import RunningProvider
from tests.signin.helpers import add_client, request_of

JSON = {"Accept": "application/json"}


@dataclass
class Showing:
    """A running provider, its database opened from here, and what shows it cards."""

    running: RunningProvider
    provider: Provider
    folder: Path
    address: str
    """Of the card's listener."""
    authority: Path
    """What signed the listener's own certificate."""

    def handle(self, **changes: str) -> str:
        """Begin a sign-in; gives the handle of its page."""
        given = request_of(**changes)
        answer = httpx.get(f"{self.running.base_url}/auth", params=given, trust_env=False)
        return answer.headers["Location"].rpartition("/")[2]

    def files(self, card: IssuedCard, *, signature: bool = False) -> tuple[Path, Path]:
        """Certificate and key of a card, as TLS clients take them."""
        name = card.card_number + ("-s" if signature else "")
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        pem, key_pem = card.pem_files()
        if signature:
            pem, key_pem = _signature_files(card)
        certificate.write_bytes(pem)
        key.write_bytes(key_pem)
        return certificate, key

    def context(self, files: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.authority))
        if files is not None:
            context.load_cert_chain(*files)
        return context

    def get(self, path: str, files: tuple[Path, Path] | None = None, **given: Any) -> Any:
        """One request on a connection of its own, with a card's files or without."""
        return httpx.get(
            self.address + path, verify=self.context(files), trust_env=False, timeout=30, **given
        )

    def code(self, files: tuple[Path, Path] | None) -> str:
        """The code with which a card is refused."""
        answer = self.get(f"/card/{self.handle()}", files, headers=JSON)
        assert answer.status_code == 403, answer.text
        found: str = answer.json()["code"]
        return found


def open_beside(running: RunningProvider) -> Provider:
    """The database of a running provider, with a service that asks for sign-ins."""
    settings = make_settings(running.database_url, "", base_url=running.base_url)
    provider = open_provider(settings)
    add_client(provider)
    return provider


def _signature_files(card: IssuedCard) -> tuple[bytes, bytes]:
    key = card.signature_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return card.signature.public_bytes(Encoding.PEM), key
