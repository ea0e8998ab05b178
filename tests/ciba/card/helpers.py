"""A person with a real card, at a reader that speaks to the provider's own listener."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from idp.serving.authority import ServerCertificate
from idp.serving.certificate_listener import only_certificates
from tests.ciba.helpers import CibaService
from tests.conftest import provider_of
from tests.wallet.cards import ACTIVE, MadeCard, make
from tests.wallet.listener import certificate_for, listen, point
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.documents import Challenge

LISTENER = "https://localhost:8005"


@contextmanager
def card_at_reader(app: Flask, folder: Path, number: str = ACTIVE) -> Iterator["CardAtReader"]:
    """A card in its reader, the code typed."""
    certificate = certificate_for(folder / "tls")
    settings = provider_of(app).settings
    with listen(only_certificates(app), certificate, settings) as address:
        made = make(app, folder / "cards", number)
        point(made, address)

        def hold(path: Path) -> Any:
            return MadeCard(app, path, "", "").insert()

        trust = ServerTrust(certificate.authority)
        with closing(Reader(folder / "cards", hold, trust)) as reader:
            reader.insert(number)
            reader.enter_code(made.code)
            yield CardAtReader(made, reader, certificate)


class CardAtReader:
    """What a person does with a card and its reader."""

    def __init__(self, made: MadeCard, reader: Reader, listener: ServerCertificate) -> None:
        self.made = made
        self.reader = reader
        self.listener = listener
        """The certificate of the provider's listener, and its authority."""

    def meet(self, address: str) -> None:
        """Take the card to another listener."""
        number = self.number
        self.reader.remove()
        point(self.made, address)
        self.reader.insert(number)
        self.reader.enter_code(self.made.code)

    @property
    def holder(self) -> str:
        """National identifier."""
        return self.made.row().national_id

    @property
    def number(self) -> str:
        return self.made.row().card_number

    def sees(self) -> Challenge:
        """The newest request on the reader's screen."""
        return self.reader.waiting()[0]

    def approve(self, number: str | None) -> str:
        """Read the screen of the software, pick its number, type the code."""
        shown = self.sees().challenge_id
        return self.reader.answer(shown, "approve", number, code=self.made.code)

    def refuse(self) -> str:
        return self.reader.answer(self.sees().challenge_id, "refuse", None, code=self.made.code)


def ask(client: CibaService, card: CardAtReader, **changes: Any) -> str:
    """The software asks for the holder's card; gives its `auth_req_id`."""
    return str(client.begin(channel="CARD", login_hint=card.holder, **changes)["auth_req_id"])
