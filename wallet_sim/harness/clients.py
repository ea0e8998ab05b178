"""The services of a provider, as a test registers them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.errors import RedirectUrisNoList

_OWNER_ALONE = 0o600


@dataclass(frozen=True)
class Client:
    """A service that is registered."""

    client_id: str
    client_secret: str | None = field(repr=False)
    """None for a client that has none: public, or known by its key or certificate."""
    metadata: dict[str, Any] = field(repr=False, default_factory=dict)
    """All that the provider told of it (RFC 7591)."""


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate in files (PEM), as HTTP libraries take them."""

    certificate: Path
    """With the chain above it."""
    key: Path
    subject: str
    """`tls_client_auth_subject_dn`, where it takes the place of a secret."""


class Clients:
    """The services of one provider.

    Args:
        provider: its development addresses.
        folder: where certificates and keys are written.
    """

    def __init__(self, provider: DevProvider, folder: Path) -> None:
        self._provider = provider
        self._folder = folder

    def register(self, client_id: str, redirect_uris: Sequence[str], **metadata: Any) -> Client:
        """Register a service.

        Args:
            client_id: its name in the protocol.
            redirect_uris: where its sign-ins come back.
            metadata: RFC 7591 names, and the provider's own (docs/testing/development-api.md).

        Raises:
            DevelopmentRefused: the metadata breaks a rule, or the name is taken.
            RedirectUrisNoList: one address stands in the place of the list.
        """
        if isinstance(redirect_uris, str):
            raise RedirectUrisNoList(f"redirect_uris is a list: [{redirect_uris!r}]")
        wanted = {"client_id": client_id, "redirect_uris": list(redirect_uris), **metadata}
        told = self._provider.ask("POST", "clients", wanted)
        return Client(told["client_id"], told.get("client_secret"), told)

    def certificate(self, client: Client | str) -> ClientCertificate:
        """Make a client certificate for the back channel (EXI PSC 24, RFC 8705).

        The provider believes it at the addresses of `mtls_endpoint_aliases`.
        """
        name = client_id_of(client)
        told = self._provider.ask("POST", f"clients/{quote(name, safe='')}/certificate")
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = secrets.token_hex(8)
        made = ClientCertificate(
            self._folder / f"{stem}.pem", self._folder / f"{stem}.key", told["subject"]
        )
        made.certificate.write_text(told["certificate"], "ascii")
        made.key.touch(_OWNER_ALONE)
        made.key.write_text(told["private_key"], "ascii")
        return made

    def change(self, client: Client | str, **metadata: Any) -> None:
        """Change metadata of a service.

        Raises:
            DevelopmentRefused: the metadata breaks a rule.
        """
        self._provider.ask("PATCH", f"clients/{quote(client_id_of(client), safe='')}", metadata)

    def remove(self, client: Client | str) -> None:
        """Forget a service."""
        self._provider.ask("DELETE", f"clients/{quote(client_id_of(client), safe='')}")


def client_id_of(client: Client | str) -> str:
    """The name of a client, however it is given."""
    return client if isinstance(client, str) else client.client_id
