"""Populate: every person activates an e-CPS on their phone, step by step as people do.

What was reached is in the state file after each step. An interrupted populate goes on there; a
phone whose step became doubtful begins its activation anew, as a person would.
"""

import base64
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wallet_sim.clock import monotonic
from wallet_sim.dev_provider import DevProvider
from wallet_sim.documents import Configuration
from wallet_sim.errors import (
    CodeRefused,
    DocumentUntimely,
    NoAnswer,
    PhoneError,
    TicketRefused,
    TokenRefused,
    TooManyRequests,
    Wait,
)
from wallet_sim.fleet.errors import PopulateFailed, ProviderUnfit
from wallet_sim.fleet.fleet import Fleet
from wallet_sim.fleet.people import make_people
from wallet_sim.fleet.profile import Profile
from wallet_sim.fleet.state import Holder
from wallet_sim.phone import Phone

NAME = "Téléphone de la flotte"

_TRIES = 3
"""Activations begun for one phone before it is given up."""
_DOUBTFUL = (CodeRefused, DocumentUntimely, NoAnswer, TicketRefused, TokenRefused)
_ENOUGH_FAILED = 20
"""Phones given up before the others are not tried any more."""


@dataclass(frozen=True)
class Populated:
    """What a populate did."""

    people_made: int
    enrolled: int
    seconds: float


class Populate:
    """One populate.

    Args:
        fleet: what is wanted, and what there is.
        dev: tells what the people receive; a fleet can be populated with its secret alone.
        tell: is told, after each phone, how many are done of how many.
    """

    def __init__(self, fleet: Fleet, dev: DevProvider, tell: Callable[[int, int], None]) -> None:
        self._profile = fleet.profile
        self._state = fleet.state
        self._phones = fleet.phones
        self._measures = fleet.measures
        self._dev = dev
        self._tell = tell
        self._stopping = threading.Event()

    def run(self, configuration: Configuration) -> Populated:
        """Make the people that are missing, and activate every phone that holds nothing.

        Raises:
            ProviderUnfit: its limits or its policy are not those of a fleet.
            PopulateFailed: some phones could not be activated; the others are kept.
        """
        began = monotonic()
        require_cost(self._profile, configuration)
        made = make_people(self._profile, self._state, self._dev, configuration.policy)
        waiting = self._state.holders(fit=False)
        enrolled = self._enrol_all(waiting)
        return Populated(made, enrolled, monotonic() - began)

    def _enrol_all(self, waiting: list[Holder]) -> int:
        done, failed = 0, []
        with ThreadPoolExecutor(self._profile.run.threads) as pool:
            try:
                for holder, error in _each(pool, self._enrol, waiting):
                    if error is None:
                        done += 1
                        self._tell(done, len(waiting))
                        continue
                    failed.append(f"{holder.national_id}: {error}")
                    if len(failed) >= _ENOUGH_FAILED:
                        break
            finally:
                self._stopping.set()
        if failed:
            raise PopulateFailed(
                f"{len(failed)} of {len(waiting)} phones could not be activated, {done} were; run "
                "populate again to go on. The first:\n  " + "\n  ".join(failed[:5])
            )
        return done

    def _enrol(self, holder: Holder) -> None:
        """Activate one phone, from wherever it stands.

        Raises:
            ProviderUnfit: a limit of the provider was reached.
            PhoneError: the last of the activations begun was refused.
        """
        phone = self._phones.empty_handed(holder)
        anew = False
        for left in reversed(range(_TRIES)):
            if self._stopping.is_set():
                return
            try:
                with self._measures.timed("enrol"):
                    self._go_on(phone, holder, anew=anew)
            except (TooManyRequests, Wait) as error:
                raise ProviderUnfit(
                    f"the provider's limits stop a fleet ({error}): start it with the settings of "
                    "docs/testing/fleet.md"
                ) from error
            except _DOUBTFUL as error:
                self._measures.fail(f"enrol: {error.code}", str(error))
                if not left:
                    raise
                anew = True
            else:
                return
            finally:
                phone.close()

    def _go_on(self, phone: Phone, holder: Holder, *, anew: bool) -> None:
        if phone.stage() == "active":
            # The mix of a run put it out: its person gives it up and activates another.
            phone.delete()
        if anew or phone.stage() == "empty":
            with self._measures.timed("enrol: identifier"):
                phone.start_enrolment(self._profile.provider.url, holder.national_id, NAME)
        memory = phone.memory()
        begun = memory.enrolment if memory else None
        if phone.stage() == "mail" and begun is not None and begun.sms is None:
            with self._measures.timed("enrol: token"):
                self._hand_in(phone, holder)
        if phone.stage() == "mail":
            with self._measures.timed("enrol: SMS code"):
                phone.enter_sms_code(self._newest(holder, "sms", "code")["code"])
        with self._measures.timed("enrol: PIN"):
            phone.choose_pin(holder.pin)

    def _hand_in(self, phone: Phone, holder: Holder) -> None:
        if _reads_picture(holder, self._profile.people.pictures):
            picture = self._newest(holder, "mail", "png", pictures=True)["png"]
            phone.scan(base64.b64decode(picture))
        else:
            link = self._newest(holder, "mail", "qr")["qr"]
            phone.redeem(parse_qs(urlsplit(link).query)["t"][0])

    def _newest(
        self, holder: Holder, kind: str, part: str, *, pictures: bool = False
    ) -> dict[str, Any]:
        """The newest message that has a part; what was asked for stands in the outbox at once."""
        person = holder.national_id
        given = self._dev.ask("GET", "outbox", person=person, pictures=str(pictures).lower())
        for message in reversed(given["messages"]):
            if message["kind"] == kind and message["payload"].get(part):
                payload: dict[str, Any] = message["payload"]
                return payload
        raise TicketRefused({"code": "ticket_refused", "detail": f"no {kind} for {person}"})


def require_cost(profile: Profile, configuration: Configuration) -> None:
    """Refuse a provider whose phones would work at another cost than the profile measures.

    Raises:
        ProviderUnfit: the policy that it signed has another KDF cost.
    """
    asked, signed = profile.people.kdf_log2_cost, configuration.policy.kdf.log2_n
    if asked != signed:
        raise ProviderUnfit(
            f"people.kdf_log2_cost is {asked}, and the provider's policy says {signed}: start it "
            f"with ECPS_KDF_LOG2_COST={asked}, or measure at its cost"
        )


def _each(
    pool: ThreadPoolExecutor, act: Callable[[Holder], None], holders: list[Holder]
) -> Iterator[tuple[Holder, PhoneError | None]]:
    """Each holder once it is done with, and what failed; few are under way at a time."""
    rest = iter(holders)
    under_way: dict[Future[None], Holder] = {}
    while True:
        for holder in islice(rest, 64 - len(under_way)):
            under_way[pool.submit(act, holder)] = holder
        if not under_way:
            return
        finished, _ = wait(under_way, return_when=FIRST_COMPLETED)
        for future in finished:
            yield under_way.pop(future), _refusal(future)


def _refusal(future: Future[None]) -> PhoneError | None:
    try:
        future.result()
    except PhoneError as error:
        return error
    return None


def _reads_picture(holder: Holder, share: float) -> bool:
    """Whether this phone is of the share that reads the picture, spread evenly over the fleet."""
    return int((holder.number + 1) * share) > int(holder.number * share)
