"""Phones that answer by themselves, for as long as a pool runs: few threads for all of them.

    with PhonePool() as pool:
        pool.add("martin", ActingPhone(phone, "4826", sight))
        ...
        pool.settle(timeout=5)

A phone reacts when a push wakes it, and else asks now and then, as a telephone in a pocket does.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from wallet_sim.behaviours.acting_phone import ActingPhone
from wallet_sim.clock import monotonic
from wallet_sim.receiver import Receiver

_THREADS = 2
_LOOK_EVERY = 1.0  # seconds
_MOST_LOOKS = 10
"""Of all phones, in a second: many phones in a pocket do not keep a provider busy."""


class PhoneUnknown(KeyError):
    """No phone of this name is in the pool."""

    def __init__(self, phone_id: str, known: list[str]) -> None:
        super().__init__(
            f"no phone {phone_id!r} is in the pool: it has {', '.join(known) or 'none'}"
        )

    def __str__(self) -> str:
        """The message, without the quotation marks that a KeyError puts."""
        return str(self.args[0])


class PhoneKnown(ValueError):
    """A phone of this name is in the pool already."""


class PushAddressUnknown(KeyError):
    """A push came to an address where no phone of the pool listens."""


class NotSettled(TimeoutError):
    """Phones were still busy when the time was over, or the pool does not run."""


@dataclass
class _Member:
    phone: ActingPhone
    receiver: Receiver | None
    look_at: float = 0.0
    is_busy: bool = False
    quiet_in: int = -1
    """The last call of `settle` after which this phone looked and had nothing to do."""


class PhonePool:
    """Phones by name, and the threads that let them react.

    Args:
        threads: how many phones may act at once.
        look_every: seconds, by the machine's own clock, between two looks of a phone that nothing
            wakes; more where there are many, for ten looks a second of all. A moved clock is
            noticed at the next look, or at once by `settle` and `wake`.
        push_origin: scheme, host and port where `PushApp` is served; without it phones ask by
            themselves alone.
    """

    def __init__(
        self, *, threads: int = _THREADS, look_every: float = _LOOK_EVERY, push_origin: str = ""
    ) -> None:
        self.push_origin = push_origin
        self._look_every = look_every
        self._members: dict[str, _Member] = {}
        self._ears: dict[str, str] = {}
        self._changed = threading.Condition()
        self._has_ended = False
        self._round = 0
        self._threads = [
            threading.Thread(target=self._work, name=f"phones-{number}", daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._members))

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, phone_id: object) -> bool:
        return phone_id in self._members

    def __getitem__(self, phone_id: str) -> ActingPhone:
        """A phone by its name. Raises `PhoneUnknown`."""
        return self._member(phone_id).phone

    def start(self) -> None:
        """Let the phones react from now on; once in the life of a pool."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the threads, once each has finished what it does, and close every phone."""
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for phone_id in self:
            self.remove(phone_id)

    def add(self, phone_id: str, phone: ActingPhone) -> None:
        """Put in an activated phone: it reacts from now on, and is told where pushes come.

        Raises:
            PhoneKnown: another phone has this name.
            PhoneError: the provider does not take the address of its pushes.
        """
        if phone_id in self._members:
            raise PhoneKnown(f"a phone {phone_id!r} is in the pool already")
        receiver = None
        if self.push_origin:
            receiver = Receiver(phone.phone, self.push_origin, f"/phones/{len(self._ears)}")
            receiver.subscribe()
        with self._changed:
            if receiver is not None:
                self._ears[receiver.subscription.path] = phone_id
            self._members[phone_id] = _Member(phone, receiver)
            self._changed.notify_all()

    def remove(self, phone_id: str) -> ActingPhone:
        """Take a phone out: it reacts no more, and is closed.

        Raises:
            PhoneUnknown: it is not in the pool.
        """
        member = self._member(phone_id)
        with self._changed:
            del self._members[phone_id]
            while member.is_busy:
                self._changed.wait()
        member.phone.close()
        return member.phone

    def wake(self, phone_id: str | None = None) -> None:
        """Let a phone look at once, or all of them.

        Raises:
            PhoneUnknown: it is not in the pool.
        """
        woken = [self._member(phone_id)] if phone_id else list(self._members.values())
        with self._changed:
            for member in woken:
                member.look_at = 0.0
            self._changed.notify_all()

    def settle(self, timeout: float = 10.0) -> None:
        """Wait until every phone has looked since, and nothing more is due.

        What is due later by the provider's clock is not waited for: move the clock, and settle.

        Args:
            timeout: seconds, by the machine's own clock.

        Raises:
            NotSettled: not in that time.
        """
        deadline = monotonic() + timeout
        with self._changed:
            self._round += 1
            asked = self._round
            for member in self._members.values():
                member.look_at = 0.0
            self._changed.notify_all()
            while busy := [n for n, m in self._members.items() if m.quiet_in < asked]:
                left = deadline - monotonic()
                if left <= 0 or not self._is_running():
                    raise NotSettled(
                        f"not at rest within {timeout:g} s: {', '.join(busy)}"
                        + ("" if self._is_running() else "; the pool does not run: start it")
                    )
                self._changed.wait(left)

    def take_push(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Open a push that came to `push_origin`, and wake its phone.

        Args:
            path: where it came; it names the phone, and is known to the provider alone.
            body: as it came.
            headers: by their names in small letters.

        Raises:
            PushAddressUnknown: no phone of the pool listens there.
            PushRefused: it is not the provider's, or cannot be opened.
        """
        phone_id = self._ears.get(path, "")
        member = self._members.get(phone_id)
        if member is None or member.receiver is None:
            raise PushAddressUnknown("no phone listens at this address")
        member.receiver.receive(body, dict(headers))
        self.wake(phone_id)

    def _member(self, phone_id: str) -> _Member:
        try:
            return self._members[phone_id]
        except KeyError:
            raise PhoneUnknown(phone_id, list(self)) from None

    def _pause(self) -> float:
        return max(self._look_every, len(self._members) / _MOST_LOOKS)

    def _is_running(self) -> bool:
        return not self._has_ended and any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            member, asked = taken
            acted = self._react(member)
            with self._changed:
                member.is_busy = False
                if acted:
                    member.look_at = 0.0
                else:
                    member.quiet_in = asked
                self._changed.notify_all()

    def _take(self) -> tuple[_Member, int] | None:
        """The phone that is next to look, when it is time, and the round in which it does."""
        with self._changed:
            while not self._has_ended:
                free = [member for member in self._members.values() if not member.is_busy]
                first = min(free, key=lambda member: member.look_at, default=None)
                now = monotonic()
                if first is not None and first.look_at <= now:
                    first.is_busy = True
                    first.look_at = now + self._pause()
                    return first, self._round
                self._changed.wait(first.look_at - now if first else None)
            return None

    def _react(self, member: _Member) -> bool:
        try:
            return bool(member.phone.react())
        except Exception as fault:  # noqa: BLE001 - kept on its phone: the others must go on
            member.phone.note(fault)
            return False
