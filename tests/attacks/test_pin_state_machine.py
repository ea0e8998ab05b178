"""Any order of right and wrong answers: what is counted, what blocks, what is approved.

A model of decisions 19 to 22 walks beside the real phone and the real provider (attacks 3 to 11).
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from idp.clock import Clock
from idp.devices.pin_key import open_pin_key
from idp.provider import open_provider
from idp.settings import Settings
from idp.store.models import Challenge, Device
from tests.attacks.attacker import open_phone
from tests.conftest import provider_of
from tests.devices.helpers import Bench
from tests.devices.phone_driver import b64, cose_key
from tests.wallet.helpers import Network, ask_signin, enrol, other_number
from wallet_sim.documents import Challenge as Shown
from wallet_sim.errors import NoAnswer, ProviderRefusal
from wallet_sim.keys import Kdf, derive_pin_key, pin_bytes
from wallet_sim.phone import Phone

PINS = ("2580", "1379", "8642")
NEVER = "9753"
"""A PIN that is never chosen."""
OPEN_AT_MOST = 2
WHICH = st.integers(0, 3)
LOCKS = {True: 300, False: 3600}

SETTINGS = settings(
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    database=None,
    # A walk that fails is told as it was: making it shorter takes minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class World:
    """One enrolled phone and its provider, copied for each walk."""

    folder: Path
    settings: Settings
    walks: int = 0
    seen: set[str] = field(default_factory=set)
    """Every outcome that some walk came to: a machine that proves nothing would be told by it."""

    def copy(self) -> tuple[Bench, Path]:
        self.walks += 1
        home, database = self.folder / f"home{self.walks}", self.folder / f"{self.walks}.db"
        shutil.copytree(self.folder / "home", home)
        shutil.copy(self.folder / "world.db", database)
        changed = self.settings.model_copy(update={"database_url": f"sqlite:///{database}"})
        return Bench(open_provider(changed)), home


@dataclass
class Asked:
    """A sign-in as the model knows it."""

    row: Challenge
    shown: Shown
    expires_at: datetime
    state: str = "pending"
    tried: bool = False
    """Whether a PIN was evaluated for it: the question is that phone's from then on."""


class PinMachine(RuleBasedStateMachine):
    """A person with a phone, who errs, waits, refuses, restarts and loses answers."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        self.bench, self.home = world.copy()
        self.network = Network(self.bench.app)
        self.phone = self.switch_on()
        self.limits = world.settings.pin_max_failures, world.settings.pin_lifetime_failures
        self.pin = PINS[0]
        self.failures = self.lifetime = self.told = 0
        self.generation = 1
        self.locked_until: datetime | None = None
        self.blocked = False
        self.asked: list[Asked] = []

    # -- what the person does --------------------------------------------------------------------

    @initialize(rounds=st.integers(0, 2))
    def come_near_the_limit(self, rounds: int) -> None:
        """Most walks begin where the next wrong PINs matter."""
        for _ in range(rounds):
            self.answer_one(which=0, wrong=3, then="nothing", number_right=True, patient=True)

    @precondition(lambda self: not self.blocked and len(self.waiting()) < OPEN_AT_MOST)
    @rule()
    def ask(self) -> None:
        row = ask_signin(self.bench.app)
        shown = next(c for c in self.phone.pending() if c.challenge_id == row.challenge_id)
        self.asked.append(Asked(row, shown, row.expires_at))

    @rule(
        which=WHICH,
        wrong=st.integers(0, 3),
        number_right=st.booleans(),
        then=st.sampled_from(["right", "right", "wrong number", "nothing"]),
        patient=st.sampled_from([True, True, False]),
    )
    def answer_one(
        self, which: int, wrong: int, then: str, *, number_right: bool, patient: bool
    ) -> None:
        """Some wrong PINs, and then perhaps the right one."""
        if patient and self.is_locked():
            self.wait(LOCKS[False])
        if not self.blocked and not self.waiting():
            self.ask()
        for _ in range(wrong if self.asked else 0):
            self.answer(self.pick(which), NEVER, number_right=number_right)
        if then != "nothing" and self.asked:
            self.answer(self.pick(which), self.pin, number_right=then == "right")

    # Blocked, a phone with an answer in flight is refused before it sends another.
    @precondition(lambda self: self.asked and not self.blocked)
    @rule(which=WHICH, pin_right=st.booleans(), request_lost=st.booleans())
    def lose_an_answer(self, which: int, *, pin_right: bool, request_lost: bool) -> None:
        asked, pin = self.pick(which), self.pin if pin_right else NEVER
        with self.network.cut("/answer", request_lost=request_lost), pytest.raises(NoAnswer):
            self.phone.approve(pin, asked.row.number, asked.shown)
        came = self.code_of(self.phone.recover)
        expected = "" if request_lost else self.expect(asked, pin, number_right=True)
        # A phone that is blocked is told that it is, whatever it asks.
        assert came == ("device_inactive" if self.blocked else "")
        self.world.seen.add(f"lost {expected}")
        for shown in [] if self.blocked else self.phone.pending():
            # A wrong PIN drew a fresh nonce, which the phone was not told.
            if shown.challenge_id == asked.row.challenge_id:
                asked.shown = shown

    @precondition(lambda self: self.asked)
    @rule(which=WHICH)
    def refuse(self, which: int) -> None:
        asked = self.pick(which)
        expected = self.closed(asked) if not self.blocked else "device_inactive"
        assert self.code_of(lambda: self.phone.refuse("cancelled", asked.shown)) == expected
        if not expected:
            asked.state = "refused"

    @rule(old_right=st.booleans(), new=st.sampled_from(PINS))
    def change_pin(self, new: str, *, old_right: bool) -> None:
        old = self.pin if old_right else NEVER
        expected = self.evaluate(old)
        assert self.code_of(lambda: self.phone.change_pin(old, new)) == expected
        if not expected:
            self.pin, self.failures, self.lifetime = new, 0, 0
            self.generation += 1
        self.world.seen.add(f"change {expected}")

    @rule(seconds=st.sampled_from([20, 60, 300, 3600]))
    def wait(self, seconds: int) -> None:
        self.bench.advance(timedelta(seconds=seconds))

    @rule()
    def restart(self) -> None:
        self.phone.close()
        self.phone = self.switch_on()

    # -- what must come of it --------------------------------------------------------------------

    def answer(self, asked: Asked, pin: str, *, number_right: bool) -> None:
        number = str(asked.row.number) if number_right else other_number(asked.row)
        told = self.told
        expected = self.expect(asked, pin, number_right=number_right)
        try:
            approval = self.phone.approve(pin, number, asked.shown)
        except ProviderRefusal as refusal:
            came = refusal.code_received
            if refusal.challenge is not None:
                asked.shown = refusal.challenge
        else:
            came = "approved"
            assert approval.failures_since_success == told
        assert came == expected
        self.world.seen.add(came)

    def expect(self, asked: Asked, pin: str, *, number_right: bool) -> str:
        """What an answer must bring; the model moves on as if it had."""
        closed = self.closed(asked)
        if closed and not self.blocked and not self.is_locked():
            return closed
        refusal = self.evaluate(pin)
        asked.tried = asked.tried or refusal not in {"device_inactive", "locked"}
        if refusal:
            if refusal == "blocked" or (refusal == "wrong_pin" and self.failures % 3 == 0):
                asked.state = "locked"
            return refusal
        if not number_right:
            asked.state = "wrong_number"
            return "wrong_number"
        asked.state, self.failures, self.told = "approved", 0, 0
        return "approved"

    def cancel_what_the_phone_held(self) -> None:
        """A phone that is blocked opens nothing that it approved, or began to answer, before."""
        for asked in self.asked:
            if asked.state == "approved" or (asked.state == "pending" and asked.tried):
                asked.state = "cancelled"

    def evaluate(self, pin: str) -> str:
        """The refusal of a PIN, counted; empty for the right one."""
        if self.blocked:
            return "device_inactive"
        if self.is_locked():
            return "locked"
        self.locked_until = None
        if pin == self.pin:
            return ""
        self.failures += 1
        self.lifetime += 1
        self.told += 1
        if self.failures >= self.limits[0] or self.lifetime >= self.limits[1]:
            self.blocked = True
            self.cancel_what_the_phone_held()
            return "blocked"
        if self.failures % 3 == 0:
            wait = timedelta(seconds=LOCKS[self.failures == 3])
            self.locked_until = self.now() + wait
        return "wrong_pin"

    def closed(self, asked: Asked) -> str:
        over = asked.state != "pending" or asked.expires_at <= self.now()
        return "challenge_closed" if over else ""

    def is_locked(self) -> bool:
        return self.locked_until is not None and self.locked_until > self.now()

    def now(self) -> datetime:
        return self.bench.provider.clock.now()

    def waiting(self) -> list[Asked]:
        return [asked for asked in self.asked if not self.closed(asked)]

    def pick(self, which: int) -> Asked:
        """One that waits, where there is one; sometimes the oldest, whatever became of it."""
        waiting = self.waiting()
        if which == 3 or not waiting:
            return self.asked[0]
        return waiting[-1 - which % len(waiting)]

    def switch_on(self) -> Phone:
        return Phone(self.home, transport=self.network, clock=self.bench.provider.clock)

    def code_of(self, act: Callable[[], object]) -> str:
        try:
            act()
        except ProviderRefusal as refusal:
            return refusal.code_received
        return ""

    # -- what holds at every moment --------------------------------------------------------------

    @invariant()
    def every_wrong_pin_is_counted_and_nothing_else(self) -> None:
        device = self.device()
        assert (device.failures, device.lifetime_failures) == (self.failures, self.lifetime)
        assert device.failures_told == self.told
        assert device.failures <= self.limits[0]
        assert device.lifetime_failures <= self.limits[1]
        assert device.state == ("blocked" if self.blocked else "active")

    @invariant()
    def exactly_one_pin_is_valid(self) -> None:
        device, opened = self.device(), open_phone(self.phone)
        provider = self.bench.provider
        registered = open_pin_key(provider.sealer, device.credential_id, device.pin_key_sealed)
        valid = {pin for pin in (*PINS, NEVER) if public_key(pin, opened.salt) == registered}
        assert valid == {self.pin}
        assert device.credential_id == b64(opened.credential_id)
        assert device.next_credential_id is None
        assert device.pin_generation == self.generation

    @invariant()
    def nothing_is_approved_but_by_the_right_pin_and_number(self) -> None:
        states = {asked.row.challenge_id: asked.state for asked in self.asked}
        with self.bench.provider.store.read() as db:
            rows = db.query(Challenge).where(Challenge.purpose == "signin").all()
        assert {row.challenge_id: row.state for row in rows} == states

    def device(self) -> Device:
        with self.bench.provider.store.read() as db:
            return db.query(Device).one()

    def teardown(self) -> None:
        self.phone.close()
        self.bench.provider.store.close()


@lru_cache
def public_key(pin: str, salt: bytes) -> bytes:
    """The PIN key's public half, as the provider holds it."""
    return cose_key(derive_pin_key(pin_bytes(pin), salt, Kdf(10, 8, 1)))


def test_no_order_of_events_miscounts_a_pin(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attacks 3, 4, 7, 9, 10 and attack 11: counts, blocks, caps and the one valid PIN."""
    instant = datetime.now(UTC)
    monkeypatch.setattr(Clock, "now", lambda clock: instant + clock.offset)
    provider = provider_of(app)
    enrol(app, tmp_path / "home", pin=PINS[0]).close()
    # Closed, so that the one file is the whole database.
    provider.store.close()
    shutil.copy(str(provider.store.url.database), tmp_path / "world.db")
    world = World(tmp_path, provider.settings)
    for in_a_life, walks in ((30, 16), (8, 9)):
        changes = {"pin_lifetime_failures": in_a_life}
        world.settings = provider.settings.model_copy(update=changes)
        machine: type[PinMachine] = type("Walk", (PinMachine,), {"world": world})
        run_state_machine_as_test(machine, settings=settings(SETTINGS, max_examples=walks))
    assert world.seen >= {"approved", "wrong_pin", "wrong_number", "locked", "blocked"}
    assert world.seen >= {"device_inactive", "challenge_closed", "lost approved", "change "}
