"""A simulated phone that holds an e-CPS: the whole of it, as a library.

    phone = Phone("~/.ecps-wallet")
    phone.start_enrolment("http://localhost:8000", "899700218896")
    phone.scan(Path("qr.png"))
    phone.enter_sms_code("123456")
    phone.choose_pin("2580")
    phone.approve("2580", number="42")

Nothing is faked: real keys, the real image, the real PIN; and nothing but HTTP towards the
provider (decision 3). A real telephone keeps its device key in secure hardware; this one keeps it
in a file.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from wallet_sim import approval, enrolment, pairing, pin_change, recovery
from wallet_sim.approval import Approval, Reason
from wallet_sim.clock import PhoneClock, TimeSource
from wallet_sim.display import Language
from wallet_sim.documents import Challenge
from wallet_sim.enrolment import Activated, SmsSent
from wallet_sim.errors import (
    DeviceInactive,
    DocumentRefused,
    FileRefused,
    NothingPending,
    NotRecognised,
)
from wallet_sim.exchange import Exchange
from wallet_sim.file import Enrolment, Identity, PhoneFile, PhoneMemory, Posture, State
from wallet_sim.keys import pin_bytes, wipe
from wallet_sim.pairing import Pairing
from wallet_sim.qr import normalise_token, parse_activation, parse_pairing, read_image
from wallet_sim.recovery import Recovered
from wallet_sim.transport import Channel, direct_transport, require_safe_address

DEFAULT_NAME = "Téléphone simulé"

Stage = Literal["empty", "mail", "pairing", "pin", "active"]
"""Nothing yet; the mail's QR and the SMS code, or the code to type on the portal; the PIN; an
e-CPS."""


@dataclass(frozen=True)
class Status:
    """What the provider says of this phone, and what the phone shows of itself."""

    identity: Identity
    provider: dict[str, Any]


class Phone:
    """One phone, whose whole memory is one file under its home.

    Args:
        home: folder of the phone's file, made where it is missing; or another memory, for a phone
            among thousands.
        transport: how HTTP leaves; tests give one that calls an application in this process.
        clock: tells the time; the machine's by default.
        language: of the provider's messages and of what the phone shows.
        insecure_http: allow a provider without TLS that is not on this machine.
    """

    def __init__(
        self,
        home: Path | str | PhoneMemory,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: TimeSource | None = None,
        language: Language = "fr",
        insecure_http: bool = False,
    ) -> None:
        self._memory: PhoneMemory = (
            PhoneFile(Path(home).expanduser()) if isinstance(home, str | Path) else home
        )
        self.language = language
        self.clock = PhoneClock(clock)
        self._transport = transport
        self._insecure_http = insecure_http
        self._channel: Channel | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection to the provider; the file is never held between two calls."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    @property
    def file(self) -> PhoneFile:
        """The phone's own file.

        Raises:
            FileRefused: this phone keeps its state elsewhere.
        """
        if not isinstance(self._memory, PhoneFile):
            raise FileRefused("this phone has no file of its own")
        return self._memory

    def reroute(self, around: Callable[[httpx.BaseTransport], httpx.BaseTransport]) -> None:
        """Let HTTP leave by a network that is put around the present one."""
        self.close()
        self._transport = around(self._transport or direct_transport())

    # -- activation ------------------------------------------------------------------------------

    def start_enrolment(
        self, idp_url: str, national_id: str, name: str = DEFAULT_NAME
    ) -> Enrolment:
        """Make the device key and type the national identifier: a QR goes to the declared mail.

        Raises:
            AlreadyEnrolled: this phone holds an e-CPS.
            IdentifierMalformed, IdentifierLacksType: what was typed is no identifier.
            TooManyRequests: with `retry_at`.
        """
        address = require_safe_address(idp_url, insecure_http=self._insecure_http)
        with self._memory.hold() as held:
            channel = self._connect(address)
            enrolment.begin(held, channel, self.clock)
            return enrolment.ask_ticket(Exchange(held, channel, self.clock), national_id, name)

    def scan(self, picture: bytes | Path) -> SmsSent:
        """Read the QR of the mail and hand in its token: an SMS goes to the declared mobile.

        Raises:
            QrRefused: not the QR of this activation.
            DocumentRefused: the provider asked is not the one that sent the mail.
            TokenRefused: the token does not hold.
        """
        text = read_image(picture)
        with self._exchange() as exchange:
            exchange.follow_provider()
            qr = parse_activation(
                text, base_url=exchange.state.base_url, now=self.clock.timestamp()
            )
            enrolment.pin_provider(exchange, qr)
            return enrolment.redeem(exchange, qr.token)

    def redeem(self, token: str) -> SmsSent:
        """Type the token of the mail, where the QR cannot be read.

        A typed token names no key: the provider's own word for its keys is then trusted.
        """
        with self._exchange() as exchange:
            return enrolment.redeem(exchange, normalise_token(token))

    def resend_sms(self) -> SmsSent:
        """Ask for another SMS code.

        Raises:
            Wait: not before `retry_at`.
        """
        with self._exchange() as exchange:
            return enrolment.resend(exchange)

    def enter_sms_code(self, code: str) -> None:
        """Type the code of the SMS.

        Raises:
            CodeRefused: with `tries_left`.
        """
        with self._exchange() as exchange:
            enrolment.verify_code(exchange, code)

    def pair(
        self, idp_url: str, qr_or_token: bytes | Path | str, name: str = DEFAULT_NAME
    ) -> Pairing:
        """Scan the QR that the portal shows to a card; gives the code to type there.

        Args:
            idp_url: address of the provider that this phone trusts; the QR must be its own.
            qr_or_token: a picture, the text that a camera read in it, or the token as typed. A
                typed token names no key: the provider's own word for its keys is then trusted.
            name: of this phone.

        Raises:
            AlreadyEnrolled: this phone holds an e-CPS.
            QrRefused: no QR of this provider's portal, or a late one.
            DocumentRefused: the provider asked is not the one that made the QR.
            TokenRefused: late, or scanned before.
        """
        address = require_safe_address(idp_url, insecure_http=self._insecure_http)
        text = qr_or_token if isinstance(qr_or_token, str) else read_image(qr_or_token)
        with self._memory.hold() as held:
            channel = self._connect(address)
            enrolment.begin(held, channel, self.clock)
            exchange = Exchange(held, channel, self.clock)
            if isinstance(qr_or_token, str) and not text.startswith("ecps:"):
                return pairing.scan(exchange, normalise_token(text), name)
            qr = parse_pairing(text, base_url=address, now=self.clock.timestamp())
            enrolment.pin_provider(exchange, qr)
            return pairing.scan(exchange, qr.token, name)

    def pairing_state(self) -> Pairing:
        """Whether the phone's code was typed on the portal; the PIN can be chosen then.

        Raises:
            NotEnrolled: no pairing is under way.
            PairingRefused: it is dead or late.
        """
        with self._exchange() as exchange:
            return pairing.ask(exchange)

    def pairing_code(self) -> str:
        """The code that the phone shows while a pairing is under way; empty otherwise."""
        with self._memory.hold() as held:
            begun = None if held.is_empty else held.state.enrolment
            return "" if begun is None else begun.code or ""

    def choose_pin(self, pin: str, push: dict[str, Any] | None = None) -> Activated:
        """Choose the PIN; the phone then holds an e-CPS, and tells its revocation code once.

        Args:
            pin: digits that the signed policy allows.
            push: a PushSubscription, or None for a phone that asks by itself.

        Raises:
            PinMalformed, PinRefused: the PIN breaks the policy.
        """
        with _secret(pin) as chosen, self._exchange() as exchange:
            return enrolment.activate(exchange, chosen, push)

    # -- sign-in ---------------------------------------------------------------------------------

    def pending(self) -> list[Challenge]:
        """The verified requests that wait, newest first; `display.render` shows one."""
        with self._active() as exchange:
            return approval.pending(exchange)

    def approve(
        self, pin: str, number: str | None = None, challenge: Challenge | None = None
    ) -> Approval:
        """Approve a request, the newest where none is given.

        Raises:
            NothingPending: no request waits.
            NumberNotOffered: `number` is missing or none of those offered; nothing was sent.
            WrongPin: `tries_left`, and the fresh `challenge` to try again with; or `retry_at`.
            WrongNumber: the request is dead.
            Locked, Blocked, ChallengeClosed, CloneSuspected, NonceStale: as named.
            NoAnswer: the answer was lost; `recover` finds out.
        """
        with _secret(pin) as entered, self._active() as exchange:
            recovery.recover(exchange)
            return approval.approve(exchange, challenge or _newest(exchange), entered, number)

    def refuse(self, reason: Reason = "cancelled", challenge: Challenge | None = None) -> None:
        """Refuse a request, the newest where none is given; `unknown_trigger` = "it was not me"."""
        with self._active() as exchange:
            approval.refuse(exchange, challenge or _newest(exchange), reason)

    # -- upkeep ----------------------------------------------------------------------------------

    def change_pin(self, old: str, new: str) -> None:
        """Change the PIN.

        Raises:
            PinRefused: the policy forbids the new PIN.
            WrongPin, Locked, Blocked: as for an approval; nothing changed.
            NoAnswer: a cut; `recover` leaves exactly one PIN valid.
        """
        with _secret(old) as entered, _secret(new) as chosen, self._active() as exchange:
            recovery.recover(exchange)
            pin_change.change(exchange, entered, chosen)

    def recover(self) -> Recovered | None:
        """What became of an answer that was lost, or None; a doubtful PIN change is ended too."""
        with self._active() as exchange:
            return recovery.recover(exchange)

    def status(self) -> Status:
        """The state of this e-CPS, as the provider sees it."""
        with self._active() as exchange:
            return Status(exchange.identity, exchange.request("/status", {}))

    def set_posture(
        self,
        *,
        rooted: bool | None = None,
        official_store: bool | None = None,
        sim: str | None = None,
    ) -> Posture:
        """Change what the phone declares of itself from now on (EC-28); None leaves it."""
        given = {"rooted": rooted, "official_store": official_store, "sim": sim}
        with self._memory.hold() as held:
            changes = {name: value for name, value in given.items() if value is not None}
            held.state.posture = held.state.posture.model_copy(update=changes)
            held.save()
            return held.state.posture

    def subscribe_push(self, subscription: dict[str, Any] | None) -> None:
        """Tell where pushes go: a PushSubscription, or None for none (decision 27)."""
        with self._active() as exchange:
            exchange.request("/push", subscription or {"endpoint": None})

    def vapid_key(self) -> str:
        """The key that signs pushes, asked for anew: base64url of its uncompressed point."""
        with self._active() as exchange:
            return exchange.refresh_configuration().vapid

    def provider(self) -> str:
        """Address of the provider this phone belongs to."""
        with self._memory.hold() as held:
            return held.state.base_url

    def is_simulation(self) -> bool:
        """Whether the provider says that its people are invented."""
        with self._memory.hold() as held:
            return held.state.configuration.simulation

    def device_id(self) -> str | None:
        """The provider's name for this phone, or None while it holds no e-CPS."""
        with self._memory.hold() as held:
            identity = None if held.is_empty else held.state.identity
            return identity.device_id if identity else None

    def memory(self) -> State | None:
        """All that the phone holds now, to look at; None while it holds nothing."""
        with self._memory.hold() as held:
            return None if held.is_empty else held.state

    def stage(self) -> Stage:
        """How far the activation is, from the phone's file alone."""
        with self._memory.hold() as held:
            if held.is_empty:
                return "empty"
            if held.state.identity is not None:
                return "active"
            if held.state.enrolment is None:
                return "empty"
            if held.state.enrolment.document is not None:
                return "pin"
            return "mail" if held.state.enrolment.code is None else "pairing"

    def delete(self) -> None:
        """Delete the e-CPS, at the provider and then here; a dead one is deleted here alone."""
        with self._active() as exchange:
            # Where the provider holds it for ended already, what is left is only ours to erase.
            with suppress(DeviceInactive, NotRecognised, DocumentRefused):
                # Whoever may no longer hold an e-CPS must still be able to give it up.
                exchange.request("/delete", {"posture": None})
            exchange.held.erase()

    @contextmanager
    def _exchange(self) -> Iterator[Exchange]:
        with self._memory.hold() as held:
            yield Exchange(held, self._connect(held.state.base_url), self.clock)

    @contextmanager
    def _active(self) -> Iterator[Exchange]:
        with self._exchange() as exchange:
            # A phone that is still enrolling has nothing to answer with.
            _ = exchange.identity
            yield exchange

    def _connect(self, base_url: str) -> Channel:
        if self._channel is None or self._channel.base_url != base_url:
            self.close()
            self._channel = Channel(base_url, transport=self._transport, language=self.language)
        return self._channel


def _newest(exchange: Exchange) -> Challenge:
    waiting = approval.pending(exchange)
    if not waiting:
        raise NothingPending("no request waits for an answer")
    return waiting[0]


@contextmanager
def _secret(pin: str) -> Iterator[bytearray]:
    secret = pin_bytes(pin)
    try:
        yield secret
    finally:
        wipe(secret)
