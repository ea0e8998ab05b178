"""Phones that answer by themselves while a pool runs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from flask import Flask

from idp.worker.dispatcher import drain
from tests.conftest import provider_of
from tests.wallet.behaviours.helpers import Scene
from tests.wallet.helpers import PIN, advance, enrol, new_phone
from wallet_sim.behaviours import Acted, ActingPhone, Script
from wallet_sim.behaviours.pool import (
    NotSettled,
    PhoneKnown,
    PhonePool,
    PhoneUnknown,
    PushAddressUnknown,
)
from wallet_sim.behaviours.push_app import PushApp
from wallet_sim.errors import NotEnrolled, PushRefused
from wallet_sim.serving import serve

SOMEBODY_ELSE = "899700990023"
NEVER = 3600.0
"""Seconds between two looks: a phone that looks was woken."""


@pytest.fixture
def pool() -> Iterator[PhonePool]:
    with PhonePool(look_every=NEVER) as pool:
        yield pool


class Faulty(ActingPhone):
    """A phone with a fault that nobody foresaw."""

    def react(self) -> list[Acted]:
        raise ZeroDivisionError("a fault in one phone")


def test_a_phone_that_is_not_in_it_is_named(pool: PhonePool, scene: Scene) -> None:
    pool.add("martin", scene.phone)
    for ask in (pool.__getitem__, pool.remove, pool.wake):
        with pytest.raises(PhoneUnknown) as refused:
            ask("durand")
        assert str(refused.value) == "no phone 'durand' is in the pool: it has martin"


def test_two_phones_do_not_share_a_name(pool: PhonePool, scene: Scene) -> None:
    pool.add("martin", scene.phone)
    with pytest.raises(PhoneKnown):
        pool.add("martin", scene.phone)
    assert list(pool) == ["martin"]


def test_a_pool_that_does_not_run_does_not_settle(scene: Scene) -> None:
    pool = PhonePool()
    pool.add("martin", scene.phone)
    with pytest.raises(NotSettled, match="martin; the pool does not run: start it"):
        pool.settle(timeout=60)


def test_a_phone_that_hangs_does_not_settle(pool: PhonePool, scene: Scene) -> None:
    goes_on = threading.Event()

    class Hanging(ActingPhone):
        def react(self) -> list[Acted]:
            goes_on.wait()
            return []

    pool.add("hanging", Hanging(scene.phone.phone, PIN, scene.phone.sight))
    with pytest.raises(NotSettled, match=r"not at rest within 0\.01 s: hanging$"):
        pool.settle(timeout=0.01)
    goes_on.set()
    pool.settle()


def test_an_empty_phone_without_an_address_for_pushes_is_no_member(
    app: Flask, tmp_path: Path, scene: Scene
) -> None:
    pool = PhonePool(push_origin="http://localhost:1")
    empty = ActingPhone(new_phone(app, tmp_path / "empty"), PIN, scene.phone.sight)
    with pytest.raises(NotEnrolled):
        pool.add("empty", empty)
    assert "empty" not in pool


def test_a_fault_of_one_phone_is_kept_on_it_and_stops_no_other(
    pool: PhonePool, scene: Scene
) -> None:
    faulty = Faulty(scene.phone.phone, PIN, scene.phone.sight)
    pool.add("faulty", faulty)
    pool.add("martin", scene.phone)
    asked = scene.ask()
    pool.settle()
    pool.settle()
    assert [acted.outcome for acted in scene.phone.acted] == ["approved"]
    assert scene.answer_to(asked) == "tokens"
    assert [(acted.outcome, acted.error) for acted in faulty.acted] == [
        ("fault", "ZeroDivisionError: a fault in one phone")
    ]


def test_a_phone_that_was_taken_out_reacts_no_more(pool: PhonePool, scene: Scene) -> None:
    pool.add("martin", scene.phone)
    pool.settle()
    assert pool.remove("martin") is scene.phone
    scene.ask()
    pool.settle()
    assert scene.phone.acted == []


def test_a_stopped_pool_has_no_thread_left(scene: Scene) -> None:
    with PhonePool(threads=3) as pool:
        pool.add("martin", scene.phone)
        assert len(_threads_of_pools()) == 3
    assert _threads_of_pools() == []
    assert len(pool) == 0


def _threads_of_pools() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("phones-")]


def test_settled_phones_have_done_all_that_is_due(
    app: Flask, pool: PhonePool, scene: Scene, tmp_path: Path
) -> None:
    phone = enrol(app, tmp_path / "other", SOMEBODY_ELSE)
    other = ActingPhone(phone, PIN, scene.phone.sight, Script(["refuse", "wrong_pin"]))
    pool.add("martin", scene.phone)
    pool.add("other", other)
    asked = scene.ask()
    refused = scene.service.begin(login_hint=SOMEBODY_ELSE)["auth_req_id"]
    approved = scene.service.begin(login_hint=SOMEBODY_ELSE)["auth_req_id"]
    pool.settle()
    assert scene.answer_to(asked) == "tokens"
    assert scene.answer_to(refused) == "access_denied"
    assert scene.answer_to(approved) == "tokens"
    assert [acted.outcome for acted in pool["other"].acted] == ["refused", "approved"]


def test_what_is_due_later_is_done_when_the_clock_was_moved(pool: PhonePool, scene: Scene) -> None:
    """Decision 5: nobody waits twenty seconds."""
    pool.add("martin", scene.phone)
    scene.phone.on_challenge("delay")
    asked = scene.ask()
    pool.settle()
    assert scene.answer_to(asked) == "authorization_pending"
    advance(scene.provider, 20)
    pool.settle()
    assert scene.answer_to(asked) == "tokens"


def test_a_phone_that_nothing_wakes_asks_now_and_then(scene: Scene) -> None:
    looked = threading.Semaphore(0)

    class Looking(ActingPhone):
        def react(self) -> list[Acted]:
            looked.release()
            return super().react()

    phone = Looking(scene.phone.phone, PIN, scene.phone.sight)
    with PhonePool(look_every=0.01) as pool:
        pool.add("martin", phone)
        assert all(looked.acquire(timeout=60) for _ in range(3))


@pytest.fixture
def listening(pool: PhonePool) -> Iterator[str]:
    with serve(PushApp(pool), host="localhost", port=0) as port:
        pool.push_origin = f"http://localhost:{port}"
        yield pool.push_origin


def test_a_push_of_the_provider_wakes_the_phone_that_it_is_for(
    app: Flask, pool: PhonePool, scene: Scene, listening: str
) -> None:
    """Decision 27: by the provider's own lane, over HTTP."""
    pool.add("martin", scene.phone)
    pool.settle()
    acted = threading.Event()
    react = scene.phone.react

    def tell() -> list[Acted]:
        done = react()
        if done:
            acted.set()
        return done

    scene.phone.react = tell  # type: ignore[method-assign]  # tells the test when it has acted
    asked = scene.ask()
    assert drain(provider_of(app), "push") == 1
    assert acted.wait(timeout=60)
    assert scene.answer_to(asked) == "tokens"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (("POST", "/phones/0/push/guessed", b""), 404),
        (("POST", "/", b""), 404),
        (("GET", "", b""), 405),
        (("POST", "", b"no push"), 400),
        (("POST", "", bytes(4097)), 413),
    ],
    ids=["guessed", "nowhere", "asked for", "no push", "too large"],
)
def test_what_is_no_push_wakes_nobody(
    pool: PhonePool,
    scene: Scene,
    listening: str,
    sent: tuple[str, str, bytes],
    status: int,
) -> None:
    method, path, body = sent
    pool.add("martin", scene.phone)
    pool.settle()
    endpoint = str((scene.device.push or {})["endpoint"])
    scene.ask()
    address = listening + path if path else endpoint
    assert httpx.request(method, address, content=body, trust_env=False).status_code == status
    assert scene.phone.acted == []


def test_a_push_for_a_phone_that_was_taken_out_is_unknown(
    pool: PhonePool, scene: Scene, listening: str
) -> None:
    pool.add("martin", scene.phone)
    path = str((scene.device.push or {})["endpoint"]).removeprefix(listening)
    with pytest.raises(PushRefused):
        pool.take_push(path, b"", {})
    pool.remove("martin")
    with pytest.raises(PushAddressUnknown):
        pool.take_push(path, b"", {})
