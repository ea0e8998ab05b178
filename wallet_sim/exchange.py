"""One exchange with the provider, under the lock of the phone's file."""

import secrets
from typing import Any

from joserfc.jwk import ECKey

from wallet_sim.clock import TOLERATED_DRIFT, PhoneClock
from wallet_sim.documents import (
    Challenge,
    Configuration,
    Trusted,
    configuration_instant,
    open_configuration,
    open_document,
    signer,
    thumbprint,
)
from wallet_sim.encoding import b64url
from wallet_sim.errors import DocumentUntimely, NotEnrolled, NotRecognised
from wallet_sim.file import HeldState, Identity, State
from wallet_sim.keys import RelyingParty, public_jwk, sign_request
from wallet_sim.transport import BASE_PATH, Channel

_REQUEST_ID_BYTES = 16


class Exchange:
    """The held file, the connection and the clock: what every step of the protocol needs."""

    def __init__(self, held: HeldState, channel: Channel, clock: PhoneClock) -> None:
        self.held = held
        self.channel = channel
        self.clock = clock

    @property
    def state(self) -> State:
        """What the phone's file holds."""
        return self.held.state

    @property
    def identity(self) -> Identity:
        """The e-CPS of this phone.

        Raises:
            NotEnrolled: its activation is not complete.
        """
        if self.state.identity is None:
            raise NotEnrolled("the activation is not complete: enrol again")
        return self.state.identity

    @property
    def party(self) -> RelyingParty:
        """What WebAuthn binds the PIN key to."""
        configuration = self.state.configuration
        return RelyingParty(configuration.rp_id, configuration.origin)

    def sign(self, path: str, members: dict[str, Any], request_id: str) -> str:
        """The bytes of a signed request for an address below the base path."""
        identity = self.state.identity
        return sign_request(
            ECKey.import_key(self.state.device_key),
            {"posture": self.state.posture.model_dump()} | members,
            device_id=identity.device_id if identity else None,
            issuer=self.state.configuration.issuer,
            path=BASE_PATH + path,
            issued_at=self.clock.timestamp(),
            request_id=request_id,
        )

    def request(self, path: str, members: dict[str, Any]) -> dict[str, Any]:
        """Send a signed request and give the provider's answer.

        A phone that is not recognised looks at its clock, and asks once more where it was wrong.

        Raises:
            NoAnswer: none came.
            ProviderRefusal: as the protocol's code says.
        """
        request_id, signed_at = new_request_id(), self.clock.timestamp()
        try:
            return self.channel.post(path, self.sign(path, members, request_id))
        except NotRecognised:
            self.follow_provider()
            if abs(self.clock.timestamp() - signed_at) < TOLERATED_DRIFT:
                raise
        return self.channel.post(path, self.sign(path, members, request_id))

    def follow_provider(self) -> None:
        """Set the clock by the instant of the provider's signed configuration."""
        text = self.channel.fetch_configuration()
        self.clock.follow(configuration_instant(text, pinned=self.state.pinned))

    def refresh_configuration(self) -> Configuration:
        """Ask for the configuration again, and follow the successions of its keys."""
        text = self.channel.fetch_configuration()
        self.clock.follow(configuration_instant(text, pinned=self.state.pinned))
        trusted = open_configuration(text, pinned=self.state.pinned, now=self.clock.timestamp())
        self.adopt(trusted)
        return trusted.configuration

    def adopt(self, trusted: Trusted) -> None:
        """Keep a configuration that holds, with the keys pinned after it."""
        self.state.configuration = trusted.configuration
        self.state.pinned = trusted.pinned
        self.held.save()

    def open(self, text: Any, purpose: str) -> Challenge:
        """A document addressed to this phone, asking for the configuration where its key is new.

        A phone that finds it out of its time looks at its own clock first.

        Raises:
            DocumentRefused: it does not hold.
        """
        document = str(text)
        if signer(document) not in self.state.pinned:
            self.refresh_configuration()
        try:
            return self._open(document, purpose)
        except DocumentUntimely:
            before = self.clock.timestamp()
            self.follow_provider()
            if abs(self.clock.timestamp() - before) < TOLERATED_DRIFT:
                raise
        return self._open(document, purpose)

    def _open(self, document: str, purpose: str) -> Challenge:
        return open_document(
            document,
            purpose=purpose,
            pinned=self.state.pinned,
            addressee=self._addressee(purpose),
            now=self.clock.timestamp(),
        )

    def _addressee(self, purpose: str) -> dict[str, str]:
        if purpose == "enrol":
            key = ECKey.import_key(self.state.device_key)
            return {"device": thumbprint(public_jwk(key))}
        return {"device_id": self.identity.device_id}


def new_request_id() -> str:
    """A fresh request id."""
    return b64url(secrets.token_bytes(_REQUEST_ID_BYTES))
