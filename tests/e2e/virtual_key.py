"""A security key that the browser itself makes up."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page


@dataclass
class VirtualKey:
    """An authenticator of the browser's own (Chrome DevTools Protocol, WebAuthn)."""

    session: CDPSession
    authenticator: str

    def verify_user(self, verified: bool) -> None:
        """Whether its user gives the right code or finger from now on."""
        parameters = {"authenticatorId": self.authenticator, "isUserVerified": verified}
        self.session.send("WebAuthn.setUserVerified", parameters)

    def use_count(self) -> int:
        parameters = {"authenticatorId": self.authenticator}
        held: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", parameters)[
            "credentials"
        ]
        return int(held[0]["signCount"])


def plug_in(page: Page, transport: str = "internal") -> VirtualKey:
    """A key that knows its user, and answers at once whatever it is asked.

    Args:
        page: the page that may ask it.
        transport: `internal`, part of the machine, or `usb`, beside it.
    """
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": transport,
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return VirtualKey(session, added["authenticatorId"])
