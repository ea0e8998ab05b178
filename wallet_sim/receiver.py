"""What a push sets off: the phone's ear, separate from what it then does."""

import threading

from wallet_sim.clock import monotonic
from wallet_sim.errors import PushRefused
from wallet_sim.phone import Phone
from wallet_sim.push import PushSubscription


class Receiver:
    """Opens pushes for one phone and counts them, for those who wait for the next.

    Args:
        phone: the phone.
        origin: scheme, host and port where pushes arrive.
        below: the path of this phone there, where it is one of several.
    """

    def __init__(self, phone: Phone, origin: str, below: str = "") -> None:
        self.subscription = PushSubscription(origin, phone.clock, below)
        self._phone = phone
        self._vapid: str | None = None
        self._device_id: str | None = None
        self._woken = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """Genuine pushes received so far."""
        return self._count

    @property
    def is_subscribed(self) -> bool:
        """Whether the provider was told to call here."""
        return self._vapid is not None

    def trust_provider(self) -> None:
        """Learn the provider's VAPID key, once the phone's e-CPS is registered to be told here."""
        self._vapid = self._phone.vapid_key()
        self._device_id = self._phone.device_id()

    def subscribe(self) -> None:
        """Tell the provider where this phone listens.

        Raises:
            NoAnswer: the provider is out of reach.
            PushAddressRefused: it does not call addresses of this machine (outside `--dev`).
        """
        self._phone.subscribe_push(self.subscription.as_json())
        self.trust_provider()

    def keep_subscribed(self) -> None:
        """Subscribe where the phone holds an e-CPS that is not told here yet.

        Another process may have activated it meanwhile. Raises as `subscribe`.
        """
        device_id = self._phone.device_id()
        if device_id is not None and device_id != self._device_id:
            self.subscribe()

    def receive(self, body: bytes, headers: dict[str, str]) -> None:
        """Open a push and wake whoever waits.

        Raises:
            PushRefused: it is not the provider's, or cannot be opened.
        """
        if self._vapid is None:
            raise PushRefused("this phone has no provider yet")
        self.subscription.open(body, headers, self._vapid)
        with self._woken:
            self._count += 1
            self._woken.notify_all()

    def wait(self, seconds: float, *, after: int) -> int:
        """Wait until more than ``after`` pushes came, at most so long; gives the count."""
        deadline = monotonic() + seconds
        with self._woken:
            while self._count <= after and (left := deadline - monotonic()) > 0:
                self._woken.wait(left)
            return self._count
