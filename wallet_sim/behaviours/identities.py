"""Identities whose number alone decides what becomes of a sign-in, as the Smart-ID demo has them.

For black-box tests: whoever types one of these numbers gets the outcome of its row, by a real
e-CPS on a real simulated phone. All are invented, and below the range in which the provider draws
numbers of its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

from wallet_sim.behaviours.acting_phone import ActingPhone
from wallet_sim.behaviours.activation import activate
from wallet_sim.behaviours.catalogue import Behaviour, Sees, parse_behaviour
from wallet_sim.behaviours.pool import PhonePool
from wallet_sim.behaviours.script import Given, Script
from wallet_sim.behaviours.sight import DevSight
from wallet_sim.dev_provider import DevelopmentRefused, DevProvider
from wallet_sim.phone import Phone

DEFAULT_PIN = "482603"
"""Of every phone of the table, good for either policy; nobody who signs in is asked for it."""

_NOT_FOUND = 404
_ONCE = "Once: it suspends the e-CPS, and later sign-ins are unanswered. Provide it anew."

Holds = Literal["phone", "given up", "no phone", "card", "closed", "nobody"]
"""What stands behind a number."""


class IdentityUnknown(ValueError):
    """A number that is not in the table."""


@dataclass(frozen=True)
class Identity:
    """A number, and what comes of typing it."""

    national_id: str
    family_name: str
    outcome: str
    """In a few words."""
    service: Sees
    behaviour: Behaviour | None
    """What the phone does with every request; None where no phone answers."""
    holds: Holds = "phone"
    note: str = ""
    """How a later sign-in differs; nothing where each is the same."""


@dataclass(frozen=True)
class Provided:
    """An identity that can be signed in as, or not, as its row says."""

    identity: Identity
    phone: ActingPhone | None
    """In the pool by the identity's number."""


def _acting(
    national_id: str,
    family_name: str,
    outcome: str,
    behaviour: Given,
    service: Sees,
    *,
    note: str = "",
) -> Identity:
    parsed = parse_behaviour(behaviour)
    return Identity(national_id, family_name, outcome, service, parsed, note=note)


def _silent(national_id: str, family_name: str, outcome: str, holds: Holds) -> Identity:
    return Identity(national_id, family_name, outcome, "unanswered", None, holds)


IDENTITIES = (
    _acting("899788000018", "ACCORD", "approves at once", "approve", "tokens"),
    _acting("899788000026", "REFUS", "refuses", "refuse", "refused"),
    _acting("899788000034", "PASMOI", 'says "it was not me"', "not_me", "refused",
            note="Further pushes are suppressed for a while; the phone asks by itself."),
    _acting("899788000042", "SILENCE", "does nothing", "ignore", "unanswered"),
    _acting("899788000059", "LENTEUR", "approves after 20 s", "delay", "tokens"),
    _acting("899788000067", "DISTRAIT", "types one wrong PIN, then the right one", "wrong_pin",
            "tokens", note="Thirty wrong PINs in all block it for good (decision 19)."),
    _acting("899788000075", "OUBLI", "types wrong PINs until the phone is locked",
            {"do": "wrong_pin", "times": 3}, "refused",
            note="Unanswered while it is locked, 5 min and then 1 h; nine in a row block it for "
            "good. Move the clock, or provide it anew."),
    _acting("899788000083", "MEPRISE", "picks a wrong number", "wrong_number", "refused"),
    _acting("899788000091", "RETARD", "answers when it is too late", "approve_after_expiry",
            "unanswered"),
    _acting("899788000109", "DEBRIDE", "has a rooted phone", "rooted", "unanswered"),
    _acting("899788000117", "NOUVELLESIM", "has changed the SIM card", "sim_changed",
            "unanswered"),
    _acting("899788000125", "HORSRESEAU", "has no network", "network_down", "unanswered"),
    _acting("899788000133", "DOUBLE", "answers twice", "answer_twice", "tokens"),
    _acting("899788000141", "ECHO", "has answers replayed by a network", "replay", "tokens"),
    _acting("899788000158", "COUPURE", "loses the provider's answer", "lose_answer", "tokens"),
    _acting("899788000166", "ALTERE", "has answers tampered with on their way", "tamper",
            "unanswered"),
    _acting("899788000174", "COPIE", "has had the phone's file copied", "clone", "refused",
            note=_ONCE),
    _acting("899788000182", "SAUVEGARDE", "puts an old file of the phone back",
            "restore_old_file", "refused", note=_ONCE),
    _silent("899788000190", "SANSECPS", "has never activated an e-CPS", "no phone"),
    _silent("899788000208", "RESILIE", "has given the e-CPS up", "given up"),
    _silent("899788000216", "CARTE", "has ordered a card, and no e-CPS", "card"),
    _silent("899788000224", "RETRAITE", "has a closed account", "closed"),
    _silent("899788000232", "PERSONNE", "does not exist: nobody has this number", "nobody"),
)  # fmt: skip
"""The table, by number."""


def provide_identities(
    provider: DevProvider,
    pool: PhonePool,
    homes: Path,
    *,
    only: Iterable[str] | None = None,
    switch_on: Callable[[Path], Phone] = Phone,
) -> list[Provided]:
    """Make people and phones of the table, by the real registration and the real activation.

    Who is there already is kept, and given a fresh phone in place of the one before: the table is
    as new after each call.

    Args:
        provider: the development addresses of the provider.
        pool: the phones are put in by the number of their holder.
        homes: the folder in which the phones keep their files.
        only: the numbers to provide; all of the table, where none are given.
        switch_on: gives the phone under a home.

    Raises:
        IdentityUnknown: a number of `only` is not in the table.
        CannotActivate, DevelopmentRefused, PhoneError: as the steps; somebody of the table was
            closed by a test, for instance.
    """
    wanted = IDENTITIES if only is None else tuple(find_identity(number) for number in only)
    homes.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [_provide(provider, pool, homes, switch_on, identity) for identity in wanted]


def find_identity(national_id: str) -> Identity:
    """A row of the table.

    Raises:
        IdentityUnknown: none has this number.
    """
    for identity in IDENTITIES:
        if identity.national_id == national_id:
            return identity
    raise IdentityUnknown(f"{national_id} is no number of the table (docs/testing/identities.md)")


def _provide(
    provider: DevProvider,
    pool: PhonePool,
    homes: Path,
    switch_on: Callable[[Path], Phone],
    identity: Identity,
) -> Provided:
    national_id = identity.national_id
    if national_id in pool:
        pool.remove(national_id)
    if identity.holds == "nobody":
        return Provided(identity, None)
    _register(provider, identity)
    if identity.holds == "closed":
        provider.ask("DELETE", f"people/{national_id}")
    if identity.holds not in {"phone", "given up"}:
        return Provided(identity, None)
    phone = switch_on(Path(mkdtemp(prefix=f"{national_id}-", dir=homes)))
    activate(phone, provider, national_id, DEFAULT_PIN)
    if identity.behaviour is None:
        phone.delete()
        phone.close()
        return Provided(identity, None)
    script = Script(then=identity.behaviour)
    acting = ActingPhone(phone, DEFAULT_PIN, DevSight(provider), script)
    pool.add(national_id, acting)
    return Provided(identity, acting)


def _register(provider: DevProvider, identity: Identity) -> None:
    try:
        provider.ask("GET", f"people/{identity.national_id}")
    except DevelopmentRefused as refused:
        if refused.status != _NOT_FOUND:
            raise
    else:
        return
    provider.ask(
        "POST",
        "people",
        {
            "national_id": identity.national_id,
            "family_name": identity.family_name,
            "given_name": "Camille",
            "card": identity.holds == "card",
        },
    )
