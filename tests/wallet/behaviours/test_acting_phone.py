"""A phone that acts by itself: what it does beyond one request, and what it may not do."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from flask import Flask
from werkzeug.wrappers import Response

from tests.conftest import BASE_URL, provider_of
from tests.signin.helpers import add_client, begin, returned, start
from tests.wallet.behaviours.helpers import Scene
from tests.wallet.helpers import PERSON, PIN, new_phone
from wallet_sim.authority import server_certificate
from wallet_sim.behaviours import (
    ActingPhone,
    BehaviourRefused,
    ConditionRefused,
    DevSight,
    Script,
    acting_phone,
)
from wallet_sim.clock import SystemTime
from wallet_sim.dev_provider import DevProvider
from wallet_sim.errors import NoAnswer, NotEnrolled
from wallet_sim.phone import Phone
from wallet_sim.serving import serve


def test_nothing_waits_and_nothing_is_done(scene: Scene) -> None:
    assert scene.phone.react() == []
    assert scene.phone.next_due() is None
    assert scene.phone.acted == []


def test_what_the_phone_is_doing_is_told_once_it_is_done(scene: Scene) -> None:
    """A browser may see the end of a sign-in before the phone has its own answer."""
    looks, goes_on = threading.Event(), threading.Event()

    class Slow:
        def shown_number(self, challenge_id: str) -> str | None:
            looks.set()
            goes_on.wait()
            return seen.shown_number(challenge_id)

        def now(self) -> float:
            return seen.now()

    seen, scene.phone.sight = scene.phone.sight, Slow()
    scene.ask()
    with ThreadPoolExecutor(2) as pool:
        pool.submit(scene.phone.react)
        assert looks.wait(60)
        told = pool.submit(lambda: list(scene.phone.acted))
        try:
            with pytest.raises(TimeoutError):
                told.result(timeout=0.1)
        finally:
            goes_on.set()
        assert [acted.outcome for acted in told.result()] == ["approved"]


def test_a_wrong_start_up_secret_shows_no_number_and_approves_nothing(
    app: Flask, scene: Scene
) -> None:
    """Decision 2: a script sees the page by the development addresses alone."""
    stranger = DevProvider(BASE_URL, "guessed", transport=httpx.WSGITransport(app=app))
    scene.phone.sight = DevSight(stranger)
    asked = scene.ask()
    (acted,) = scene.phone.react()
    assert acted.outcome == "no_answer"
    assert "is it started with --dev" in str(acted.error)
    assert scene.answer_to(asked) == "authorization_pending"


def test_a_clock_out_of_sight_lets_nothing_be_due_and_is_told_once(
    app: Flask, scene: Scene
) -> None:
    scene.phone.on_challenge("delay")
    asked = scene.ask()
    scene.phone.react()
    seen = scene.phone.sight
    stranger = DevProvider(BASE_URL, "guessed", transport=httpx.WSGITransport(app=app))
    scene.phone.sight = DevSight(stranger)
    assert [acted.outcome for acted in scene.phone.react()] == ["no_answer"]
    assert scene.answer_to(asked) == "authorization_pending"
    scene.phone.sight = seen
    assert [acted.outcome for acted in scene.react_when_due()] == ["approved"]


def test_the_pin_is_the_phones_own(app: Flask, scene: Scene) -> None:
    """Decision 3: no way around it."""
    other = ActingPhone(scene.phone.phone, "9753", scene.phone.sight)
    asked = scene.ask()
    (acted,) = other.react()
    assert acted.outcome == "wrong_pin"
    assert scene.answer_to(asked) == "authorization_pending"


def test_a_wrong_pin_that_is_right_is_told_and_not_hidden(app: Flask, scene: Scene) -> None:
    off_by_one = f"{int(PIN) - 1:04d}"
    other = ActingPhone(scene.phone.phone, off_by_one, scene.phone.sight, Script(["wrong_pin"]))
    scene.ask()
    (acted,) = other.react()
    assert acted.outcome == "pin_not_its_own"


def test_an_empty_phone_says_that_it_is(app: Flask, tmp_path: Path, dev: DevProvider) -> None:
    empty = ActingPhone(new_phone(app, tmp_path / "empty"), PIN, DevSight(dev))
    (acted,) = empty.react()
    assert (acted.challenge_id, acted.behaviour, acted.outcome) == ("", None, "not_enrolled")
    with pytest.raises(NotEnrolled):
        empty.snapshot()


def test_a_trouble_that_stays_is_told_once(scene: Scene) -> None:
    """A phone that looks every second would fill its log."""
    scene.phone.network("down")
    assert [acted.outcome for acted in scene.phone.react()] == ["no_answer"]
    assert scene.phone.react() == []
    scene.phone.network("up")
    assert scene.phone.react() == []
    scene.phone.network("down")
    assert [acted.outcome for acted in scene.phone.react()] == ["no_answer"]


def test_a_network_is_up_down_or_loses_answers(scene: Scene) -> None:
    with pytest.raises(ConditionRefused, match="up, down, lose_answers"):
        scene.phone.network("slow")  # type: ignore[arg-type]  # what is tested


@pytest.mark.parametrize(
    ("is_trusted", "said"), [(False, "certificate verify failed"), (True, "status 404")]
)
def test_a_network_put_around_a_phone_believes_no_stranger(
    tmp_path: Path,
    dev: DevProvider,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_trusted: bool,
    said: str,
) -> None:
    """The phone's own trust: the system's authorities, or those of SSL_CERT_FILE."""
    certificate = server_certificate(tmp_path / "tls", ["localhost"], now=SystemTime().timestamp())
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    acting = ActingPhone(Phone(tmp_path / "phone"), PIN, DevSight(dev))
    nothing = Response(status=404)
    with (
        serve(nothing, host="localhost", port=0, tls=certificate) as port,
        closing(acting),
        pytest.raises(NoAnswer, match=said),
    ):
        acting.phone.start_enrolment(f"https://localhost:{port}", PERSON)


def test_a_request_waits_for_the_network_to_come_back(scene: Scene) -> None:
    scene.phone.network("down")
    asked = scene.ask()
    scene.phone.react()
    assert scene.answer_to(asked) == "authorization_pending"
    scene.phone.network("up")
    assert [acted.outcome for acted in scene.phone.react()] == ["approved"]


def test_a_network_that_loses_answers_lets_requests_through(scene: Scene) -> None:
    """Decision 21: the phone finds out at its next use."""
    scene.phone.on_challenge({"do": "delay", "seconds": 5})
    first = scene.ask()
    scene.phone.react()
    scene.phone.network("lose_answers")
    outcomes = [acted.outcome for acted in scene.react_when_due()]
    assert outcomes == ["no_answer", "no_answer"]
    assert scene.answer_to(first) == "tokens"
    scene.phone.network("up")
    assert scene.meet("approve")[0].outcome == "approved"


def test_a_posture_stays_until_it_is_changed_back(scene: Scene) -> None:
    """EC-28."""
    scene.phone.set_posture(rooted=True)
    asked = scene.ask()
    assert [acted.outcome for acted in scene.phone.react()] == ["posture_refused"]
    assert scene.answer_to(asked) == "authorization_pending"
    scene.phone.set_posture(rooted=False)
    assert [acted.outcome for acted in scene.phone.react()] == ["approved"]


@pytest.mark.parametrize("behaviour", ["rooted", "sim_changed"])
def test_a_posture_of_one_request_ends_with_it(scene: Scene, behaviour: str) -> None:
    before = scene.phone.snapshot().state.posture
    scene.meet(behaviour)
    assert scene.phone.snapshot().state.posture == before
    assert scene.meet("approve")[0].outcome == "approved"


def test_a_stolen_file_and_pin_end_both_phones(scene: Scene) -> None:
    """Attack 19: each used once."""
    thief = scene.phone.clone()
    thief.on_challenge("approve")
    assert scene.meet("approve")[0].outcome == "approved"
    scene.ask()
    assert [acted.outcome for acted in thief.react()] == ["clone_suspected"]
    assert scene.told["state"] == "suspended"
    assert [acted.outcome for acted in scene.phone.react()] == ["device_inactive"]


def test_a_copy_for_a_moment_leaves_no_file_behind(scene: Scene) -> None:
    home = scene.phone.phone.file.path.parent
    scene.meet("clone")
    assert [each.name for each in home.parent.iterdir() if each.name.startswith("phone")] == [
        "phone"
    ]


def test_a_restored_snapshot_is_noticed_at_its_first_answer(scene: Scene) -> None:
    """Attack 12: a file of before, whatever it held."""
    before = scene.phone.snapshot()
    assert scene.meet("approve")[0].outcome == "approved"
    scene.phone.restore(before)
    assert scene.meet("approve")[0].outcome == "clone_suspected"
    assert scene.told["state"] == "suspended"


def test_a_snapshot_does_not_change_with_the_phone(scene: Scene) -> None:
    before = scene.phone.snapshot()
    scene.phone.set_posture(rooted=True)
    scene.phone.restore(before)
    assert scene.phone.snapshot().state.posture.rooted is False


def test_nothing_is_done_before_its_time(scene: Scene) -> None:
    scene.phone.on_challenge({"do": "delay", "seconds": 30})
    asked = scene.ask()
    assert scene.phone.react() == []
    due = scene.phone.next_due()
    assert due is not None
    assert 29 < due - scene.provider.clock.now().timestamp() <= 30
    assert scene.phone.react() == []
    assert scene.answer_to(asked) == "authorization_pending"
    assert [acted.outcome for acted in scene.react_when_due()] == ["approved"]
    assert scene.phone.next_due() is None


def test_what_is_due_later_holds_up_nothing_else(scene: Scene) -> None:
    scene.phone.on_challenge({"do": "delay", "seconds": 30}, "refuse")
    slow, quick = scene.ask(), scene.ask()
    assert [acted.outcome for acted in scene.phone.react()] == ["refused"]
    assert scene.answer_to(quick) == "access_denied"
    assert [acted.outcome for acted in scene.react_when_due()] == ["approved"]
    assert scene.answer_to(slow) == "tokens"


def test_the_oldest_request_is_met_first_and_each_once(scene: Scene) -> None:
    scene.phone.on_challenge("refuse", "ignore")
    first, second = scene.ask(), scene.ask()
    assert [acted.outcome for acted in scene.phone.react()] == ["refused", "ignored"]
    assert scene.phone.react() == []
    assert scene.answer_to(first) == "access_denied"
    assert scene.answer_to(second) == "authorization_pending"


def test_a_refused_behaviour_is_not_half_taken(scene: Scene) -> None:
    with pytest.raises(BehaviourRefused):
        scene.phone.on_challenge("refuse", "aprove")
    assert scene.meet()[0].outcome == "approved"


def test_no_number_can_be_wrong_where_none_is_asked_for(scene: Scene) -> None:
    """Decision 29: a request with a text."""
    scene.phone.on_challenge("wrong_number")
    asked = scene.service.begin(binding_message="Bureau 12")["auth_req_id"]
    (acted,) = scene.phone.react()
    assert (acted.outcome, acted.tries) == ("nothing_to_match", 0)
    assert scene.answer_to(asked) == "authorization_pending"


@pytest.mark.parametrize("behaviour", ["approve", "wrong_pin", "delay"])
def test_a_request_without_a_number_is_answered_by_pin_alone(scene: Scene, behaviour: str) -> None:
    scene.phone.on_challenge(behaviour)
    asked = scene.service.begin(binding_message="Bureau 12")["auth_req_id"]
    (acted,) = scene.phone.react() or scene.react_when_due()
    assert acted.outcome == "approved"
    assert scene.answer_to(asked) == "tokens"


def test_a_browser_goes_on_when_the_phone_has_approved(app: Flask, scene: Scene) -> None:
    add_client(provider_of(app))
    browser = app.test_client()
    page = begin(browser)
    start(browser, page)
    scene.phone.react()
    assert returned(browser.get(f"{page}/finish"))["code"]


def test_a_locked_phone_says_so_and_types_nothing_in_vain(scene: Scene) -> None:
    """Decision 19: the PIN is not looked at while the time of the lock runs."""
    scene.meet({"do": "wrong_pin", "times": 3})
    assert scene.meet("approve")[0].outcome == "locked"
    assert scene.told["wrong_pins"] == 3


def test_the_log_and_the_memory_end_somewhere(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting_phone, "_KEPT", 2)
    for behaviour in ("refuse", "not_me", "refuse"):
        scene.meet(behaviour)
    assert [acted.outcome for acted in scene.phone.acted] == ["not_me", "refused"]


def test_the_log_is_told_to_programs(scene: Scene) -> None:
    acted, _ = scene.meet("answer_twice")
    told = json.loads(json.dumps(acted.as_json()))
    assert told == {
        "challenge_id": scene.challenge.challenge_id,
        "behaviour": {"do": "answer_twice"},
        "outcome": "approved",
        "tries": 2,
        "error": None,
        "afterwards": "challenge_closed",
    }


def test_neither_log_nor_file_tells_the_pin(scene: Scene) -> None:
    acted, _ = scene.meet({"do": "wrong_pin", "times": 2})
    written = scene.phone.phone.file.path.read_text()
    assert f'"{PIN}"' not in written
    assert PIN not in json.dumps(acted.as_json()).replace(acted.challenge_id, "")
