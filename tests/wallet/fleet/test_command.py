"""A small fleet from profile to report, against a provider that really runs."""

import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx

from tests.serving.running import RunningProvider
from tests.wallet.fleet.commands import Command
from tests.wallet.fleet.profiles import write
from wallet_sim.fleet.state import open_state


def _devices(server: RunningProvider, national_id: str) -> list[dict[str, Any]]:
    answer = httpx.get(
        f"{server.base_url}/dev/v1/people/{national_id}/devices",
        headers=server.dev_headers,
        trust_env=False,
    )
    devices: list[dict[str, Any]] = answer.raise_for_status().json()["devices"]
    return devices


def test_populate_without_the_start_up_secret_says_what_to_set(command: Command) -> None:
    told = command.without_secret().run("populate")

    assert told.exit_code == 1
    assert "set ECPS_DEV_SECRET" in told.output


def test_a_run_of_an_empty_state_file_says_to_populate(command: Command) -> None:
    told = command.run("run")

    assert told.exit_code == 1
    assert "populate first" in told.output


def test_a_provider_of_another_cost_is_refused_with_the_setting(
    server: RunningProvider, tmp_path: Path
) -> None:
    path = write(tmp_path, server.base_url, ("count = 12", "count = 12\nkdf_log2_cost = 14"))

    told = Command(path, server.dev_secret).run("populate")

    assert told.exit_code == 1
    assert "start it with ECPS_KDF_LOG2_COST=14" in told.output


def test_a_pin_that_the_policy_forbids_is_refused_before_anybody_is_made(
    server: RunningProvider, tmp_path: Path
) -> None:
    path = write(tmp_path, server.base_url, ('pin = "each"', 'pin = "1111"'))
    command = Command(path, server.dev_secret)

    told = command.run("populate")

    assert told.exit_code == 1
    assert "people.pin: a PIN is not one digit repeated" in told.output
    with open_state(command.state) as state:
        assert state.holders() == []


def test_a_state_file_of_another_provider_is_refused(command: Command) -> None:
    with open_state(command.state) as state:
        state.note("provider", "http://elsewhere.test")

    told = command.run("populate")

    assert told.exit_code == 1
    assert "the state file's phones belong to http://elsewhere.test" in told.output


def test_a_state_file_is_used_by_one_process_at_a_time(command: Command) -> None:
    with open_state(command.state):
        told = command.run("populate")

    assert told.exit_code == 1
    assert "another process uses the fleet" in told.output


def test_a_fleet_comes_to_what_its_seed_drew_and_nothing_is_lost(command: Command) -> None:
    done = command.run()

    assert done.exit_code == 0, done.output
    report = command.report
    assert report["good"] is True
    assert report["populate"]["enrolled"] == 12
    assert report["run"]["ways"] == {"web": 12, "ciba": 12}
    assert {row["behaviour"]: row["seen"] for row in report["run"]["outcomes"]} == {
        "approve": {"approved": 14},
        "ignore": {"expired": 1},
        "lose_answer": {"approved": 1},
        "not_me": {"refused": 1},
        "refuse": {"refused": 2},
        "replay": {"approved": 1},
        "wrong_number": {"refused": 1},
        "wrong_pin(times=1)": {"approved": 2},
        "wrong_pin(times=3)": {"refused": 1},
    }
    assert report["run"]["lost_answers"] == 0
    assert report["run"]["locks"] == {"checked": 12, "wrong": 0, "mismatches": []}
    assert report["latencies"]["token"]["count"] == report["run"]["approved"] == 18
    assert "Lost answers: 0" in done.output
    _assert_page_stands_alone((command.folder / "report.html").read_text())

    with open_state(command.state) as state:
        assert len(state.holders(fit=True)) == 11, "the locked phone is used no more"
    again = command.run("populate")
    assert "0 people made, 1 phones activated" in again.output
    _run_without_the_start_up_secret(command)


def _run_without_the_start_up_secret(command: Command) -> None:
    """Phones activated before, a client of the operator's: nothing of --dev is asked for."""
    metadata = {
        "redirect_uris": ["http://localhost:9/fleet"],
        "grant_types": ["authorization_code", "urn:openid:params:grant-type:ciba"],
        "backchannel_token_delivery_mode": "poll",
    }
    url = command.profile.read_text().partition('url = "')[2].partition('"')[0]
    client = httpx.post(
        f"{url}/dev/v1/clients",
        json=metadata,
        headers={"Ecps-Dev-Secret": command.secret},
        trust_env=False,
    ).json()
    stranger = command.without_secret().run("run")
    assert "set ECPS_DEV_SECRET" in stranger.output
    assert "name provider.client_id" in stranger.output
    text = command.profile.read_text()
    mix = text.index("[[mix]]")
    text = text[:mix] + '[[mix]]\ndo = "approve"\nweight = 1\n'
    named = f'client_id = "{client["client_id"]}"\n[people]'
    asking = 'duration = 1\nnotice = "ask"'
    text = text.replace("[people]", named).replace("duration = 2", asking)
    command.profile.write_text(text)

    done = command.without_secret(client["client_secret"]).run("run")

    assert done.exit_code == 0, done.output
    assert command.report["run"]["approved"] == 12
    assert command.report["run"]["locks"] == {"checked": 12, "wrong": 0, "mismatches": []}
    assert "subscribe" not in command.report["latencies"]


def _assert_page_stands_alone(page: str) -> None:
    fetched: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            fetched.extend(tag for name, _ in attrs if name in {"src", "href"})
            assert tag != "script"

    Reader().feed(page)
    assert fetched == []
    assert page.count("<table>") == page.count('aria-label="') - page.count("<svg"), (
        "wide: scrolled"
    )
    assert "prefers-color-scheme: dark" in page
    plots = page.split("<svg")[1:]
    assert len(plots) == 2
    for plot in plots:
        ET.fromstring("<svg" + plot.partition("</svg>")[0] + "</svg>")


def test_a_populate_that_was_killed_goes_on_where_it_was(
    command: Command, server: RunningProvider
) -> None:
    command.kill_once(lambda: _active(command.state) >= 3, "populate")
    with open_state(command.state) as state:
        before = [holder.national_id for holder in state.holders(fit=True)]
        people = [holder.national_id for holder in state.holders()]
    held = {person: _devices(server, person) for person in before}
    assert 3 <= len(before) < 12

    done = command.run("populate")

    assert done.exit_code == 0, done.output
    assert f"0 people made, {12 - len(before)} phones activated" in done.output
    with open_state(command.state) as state:
        assert [holder.national_id for holder in state.holders(fit=True)] == people
    assert {person: _devices(server, person) for person in before} == held


def test_a_run_that_was_killed_leaves_phones_that_the_next_run_can_use(command: Command) -> None:
    text = command.profile.read_text()
    head = text[: text.index("[[mix]]")].replace("count = 12", "count = 4")
    head = head.replace("rate = 12", "rate = 4")
    mix = '[[mix]]\ndo = "approve"\nweight = 1\n[[mix]]\ndo = "lose_answer"\nweight = 1\n'
    command.profile.write_text(head + mix)
    assert command.run("populate").exit_code == 0
    command.kill_once(lambda: _answers_in_flight_or_given(command.state) >= 2, "run")

    done = command.run("run")

    assert done.exit_code == 0, done.output
    assert command.report["run"]["approved"] == 8
    assert command.report["run"]["lost_answers"] == 0


def test_what_comes_otherwise_than_it_must_is_told_and_fails_the_command(
    command: Command, server: RunningProvider
) -> None:
    text = command.profile.read_text()
    head = text[: text.index("[[mix]]")].replace("count = 12", "count = 2")
    head = head.replace("duration = 2", "duration = 0.17").replace("web = 0.5", "web = 0")
    command.profile.write_text(head + '[[mix]]\ndo = "approve"\nweight = 1\n')
    command.run("populate")
    with open_state(command.state) as state:
        gone = state.holders()[0].national_id
    httpx.delete(
        f"{server.base_url}/dev/v1/people/{gone}",
        headers=server.dev_headers,
        trust_env=False,
    ).raise_for_status()

    done = command.run("run")

    assert done.exit_code == 1
    assert "not everything came as it must" in done.output
    report = command.report
    assert report["good"] is False
    assert report["run"]["unforeseen_count"] == 1
    assert report["run"]["unforeseen"][0]["must"] == "approved"
    assert [each["national_id"] for each in report["run"]["locks"]["mismatches"]] == [gone]


def _active(path: Path) -> int:
    return int(_asked(path, "SELECT sum(is_active) FROM phones"))


def _answers_in_flight_or_given(path: Path) -> int:
    return int(_asked(path, "SELECT sum(state ->> 'counter') FROM phones"))


def _asked(path: Path, statement: str) -> float:
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        figure = connection.execute(statement).fetchone()[0]
    except sqlite3.OperationalError:  # not made yet
        return 0
    connection.close()
    return figure or 0
