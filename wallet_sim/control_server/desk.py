"""What the control server holds for one issuer: its phones, cards and browsers, by name."""

import contextlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Generic, TypeVar

from wallet_sim.control_server.problems import Taken, Unknown
from wallet_sim.dev_provider import DevProvider
from wallet_sim.harness.browser import Browser
from wallet_sim.harness.cards import HeldCard
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc

T = TypeVar("T")

MOST_BROWSERS = 200
"""The oldest is forgotten when another is opened."""
_REALM = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Shelf(Generic[T]):
    """Things of one kind by name."""

    def __init__(self, kind: str, most: int | None = None) -> None:
        self._kind = kind
        self._most = most
        self._held: OrderedDict[str, T] = OrderedDict()

    def __contains__(self, name: object) -> bool:
        return name in self._held

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return iter(list(self._held.items()))

    def put(self, name: str, thing: T) -> T:
        """Put something under a name.

        Raises:
            Taken: something else stands there.
        """
        self.require_free(name)
        self._held[name] = thing
        if self._most is not None and len(self._held) > self._most:
            self._held.popitem(last=False)
        return thing

    def require_free(self, name: str) -> None:
        """Nothing stands under the name.

        Raises:
            Taken: something does.
        """
        if name in self._held:
            raise Taken(f"a {self._kind} {name!r} is there already")

    def get(self, name: str) -> T:
        """What stands under a name.

        Raises:
            Unknown: nothing.
        """
        try:
            return self._held[name]
        except KeyError:
            known = ", ".join(self._held) or "none"
            raise Unknown(f"no {self._kind} {name!r} is here, but: {known}") from None

    def clear(self) -> None:
        """Take everything away."""
        self._held.clear()

    def take(self, name: str) -> T:
        """Take something away.

        Raises:
            Unknown: nothing stands under that name.
        """
        thing = self.get(name)
        del self._held[name]
        return thing


class Desk:
    """One issuer of the provider, and everybody around it.

    Args:
        psc: the issuer.
        remove_realm: removes a realm below it, and everybody around that one.
    """

    def __init__(self, psc: Psc, remove_realm: Callable[[str], None]) -> None:
        self.psc = psc
        self.remove_realm = remove_realm
        self.phones: Shelf[HeldPhone] = Shelf("phone")
        self.cards: Shelf[HeldCard] = Shelf("card")
        self.browsers: Shelf[Browser] = Shelf("browser", MOST_BROWSERS)
        self.changing = threading.Lock()
        """Held while phones or cards come or go."""

    def provide_identities(self, only: Iterable[str] = ()) -> None:
        """Make people and phones of the table of identities, as new.

        Args:
            only: their numbers; all of the table where none are given.

        Raises:
            IdentityUnknown: a number is not in the table.
        """
        made = self.psc.identities(*only)
        self._forget_absent()
        for held in made:
            self.phones.put(held.name, held)

    def reset(self) -> None:
        """Bring the issuer back to how it began; phones, cards and browsers go."""
        self.psc.reset()
        self._forget_absent()
        self.browsers.clear()

    def restore(self, name: str) -> None:
        """Bring the issuer, its phones and cards back to a snapshot; what came later is gone.

        Raises:
            DevelopmentRefused: no snapshot of this name was taken.
        """
        self.psc.restore(name)
        self._forget_absent()

    def _forget_absent(self) -> None:
        for phone_id, phone in self.phones:
            if phone not in self.psc.phones.of(phone.person.national_id):
                self.phones.take(phone_id)
        for number, card in self.cards:
            if card not in self.psc.cards.of(card.person.national_id):
                self.cards.take(number)


class Desks:
    """A desk for the provider itself, and one for each realm that is asked for.

    Args:
        provider: its address.
        secret: its start-up secret.
        folder: where files of phones and cards lie, in a folder of each issuer.
        ca: authority of the provider's TLS.
    """

    def __init__(self, provider: str, secret: str, folder: Path, ca: Path | None) -> None:
        self._provider = provider.rstrip("/")
        self._secret = secret
        self._folder = folder
        self._ca = ca
        self._desks: dict[str, Desk] = {}
        self._opening = threading.Lock()

    def desk(self, realm: str) -> Desk:
        """The desk of a realm, made at its first use; of the provider itself for the empty name.

        Raises:
            Unknown: it is no name of a realm.
            DevelopmentRefused: the provider makes no such realm.
        """
        if realm:
            _require_name(realm)
        with self._opening:
            if realm not in self._desks:
                self._desks[realm] = self._open(realm)
            return self._desks[realm]

    def remove(self, realm: str) -> None:
        """Remove a realm from the provider, with its phones, cards and browsers here.

        Raises:
            Unknown: it is no name of a realm.
            DevelopmentRefused: the provider has no such realm.
        """
        _require_name(realm)
        with self._opening:
            desk = self._desks.pop(realm, None)
        if desk is not None:
            desk.psc.close()
        with contextlib.closing(DevProvider(self._provider, self._secret)) as root:
            root.ask("DELETE", f"realms/{realm}")

    def close(self) -> None:
        """Switch everything off; the provider stays as it is."""
        for desk in self._desks.values():
            desk.psc.close()

    def _open(self, realm: str) -> Desk:
        address = self._provider
        if realm:
            with contextlib.closing(DevProvider(self._provider, self._secret)) as root:
                root.ask("PUT", f"realms/{realm}")
            address = f"{self._provider}/r/{realm}"
        psc = Psc(address, self._secret, self._folder / (realm or "_"), ca=self._ca)
        return Desk(psc, _no_realms_below if realm else self.remove)


def _require_name(realm: str) -> None:
    if not _REALM.fullmatch(realm):
        raise Unknown(f"{realm!r} is no realm: lower-case letters, digits and hyphens")


def _no_realms_below(realm: str) -> None:
    raise Unknown(f"a realm has none below it: ask DELETE /control/v1/realms/{realm}")
