"""The moved time of a simulation, for services that stand beside its provider.

A simulation's clock can be moved (decision 5). A service that is told to follow it asks the
provider's development address, `GET /dev/v1/clock`; one that is not told asks nobody, and lives in
the machine's time.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus

import requests

from relying_services.clock import Clock

SECRET_HEADER = "Ecps-Dev-Secret"  # noqa: S105 - the name of a header
LOOK_EVERY = 2.0
"""Seconds between two questions; a sign-in asks once more, whose tokens are younger than that."""
_TIMEOUT = 2.0


class ClockRefused(Exception):
    """The provider does not tell its clock; the message says what to change."""


@dataclass(frozen=True)
class ClockSource:
    """The provider of a simulation whose clock is followed."""

    url: str
    """Its address, or that of a realm below it: what stands before `/dev/v1`."""
    secret: str = field(repr=False)
    """Its start-up secret (decision 2)."""


class FollowingClock(Clock):
    """The machine's time, moved as that of a provider; where it does not answer, as it last was.

    The offset is asked for, never the instant: how long the answer took shifts nothing.
    """

    def __init__(self, source: ClockSource) -> None:
        super().__init__()
        self._source = source
        self._http = requests.Session()
        # A proxy of the environment is not to learn the secret.
        self._http.trust_env = False
        # So that no answer comes to be taken after one to a later question.
        self._lock = threading.Lock()

    def look(self) -> None:
        """Take the provider's offset, or keep the last where there is no answer."""
        try:
            self.check()
        except ClockRefused:
            return

    def check(self) -> None:
        """Take the provider's offset, unless nobody answers yet.

        Raises:
            ClockRefused: the provider answers, and does not tell; or nobody can be asked so.
        """
        with self._lock:
            try:
                self.offset = self._asked()
            except ValueError:
                # Of a header that cannot be sent, the error says the secret: it is not repeated.
                raise ClockRefused(
                    f"{self._source.url!r} cannot be asked: give --clock-from as http://HOST:PORT, "
                    "and the provider's ECPS_DEV_SECRET as it stands there"
                ) from None
            except requests.RequestException:
                return

    def _asked(self) -> timedelta:
        url = self._source.url.rstrip("/") + "/dev/v1/clock"
        headers = {SECRET_HEADER: self._source.secret}
        answer = self._http.get(url, headers=headers, timeout=_TIMEOUT, allow_redirects=False)
        if answer.status_code == HTTPStatus.FORBIDDEN:
            raise ClockRefused(f"{url} refuses the secret: give the provider's ECPS_DEV_SECRET")
        if answer.status_code != HTTPStatus.OK:
            raise ClockRefused(
                f"{url} answers {answer.status_code}: only a provider of `serve --dev` tells its "
                "clock; leave out --clock-from beside any other"
            )
        try:
            offset = timedelta(seconds=answer.json()["offset"])
            # No calendar ends at an offset that is taken: no page could tell the time any more.
            (Clock().now() + offset).timestamp()
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise ClockRefused(f"{url} tells no offset: is it a provider's address?") from error
        return offset


class Follower(threading.Thread):
    """Asks for a clock beside the requests of services, so that no page waits for it."""

    def __init__(self, clock: FollowingClock) -> None:
        super().__init__(name="follower", daemon=True)
        self._clock = clock
        self._ended = threading.Event()

    def run(self) -> None:
        """Until it is told to stop."""
        while not self._ended.wait(LOOK_EVERY):
            self._clock.look()

    def stop(self) -> None:
        """End after what is being asked."""
        self._ended.set()


def clock_now(source: ClockSource) -> FollowingClock:
    """The clock of a provider as it stands, asked for once.

    Raises:
        ClockRefused: the provider answers, and does not tell its clock.
    """
    clock = FollowingClock(source)
    clock.check()
    return clock


def clock_of(source: ClockSource | None) -> Clock:
    """The clock of services: that of a provider, followed from now on, or the machine's.

    Raises:
        ClockRefused: the provider answers, and does not tell its clock.
    """
    if source is None:
        return Clock()
    clock = clock_now(source)
    Follower(clock).start()
    return clock
