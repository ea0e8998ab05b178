"""Which means of a session count for a service, and which of them a token tells of."""

from collections.abc import Collection

from idp.provider import Provider
from idp.psc.means import CARD, families_of
from idp.store.models import BrowserSession, Client


def counting_means(provider: Provider, client: Client, session: BrowserSession) -> dict[str, int]:
    """What of a session counts for a client: not a card of a family that it refuses."""
    refused = session.card_family not in families_of(provider, client)
    return {name: at for name, at in session.means.items() if not (name == CARD and refused)}


def means_used(held: dict[str, int], accepted: Collection[str]) -> str:
    """The means a token tells of: the latest of those held that the client accepts.

    Of two used within one second it is the one that was kept last.
    """
    usable = {name: at for name, at in held.items() if name in accepted}
    return max(reversed(usable), key=lambda name: usable[name])
