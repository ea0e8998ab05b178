"""`/provider/…`: the provider's development addresses, as they answer, and nothing else of it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from tests.control.helpers import SECRET, Control
from wallet_sim.cli.listening import LOOPBACK
from wallet_sim.control_server.app import ControlServer
from wallet_sim.control_server.desk import Desks
from wallet_sim.dev_provider import SECRET_HEADER as PROVIDERS_HEADER
from wallet_sim.door import SECRET_HEADER, Door

_PROVIDERS = "the-providers-own-secret"


class _Recording:
    """A server in the provider's place that keeps what came."""

    def __init__(self) -> None:
        self.came: list[Request] = []
        self.address = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        self.came.append(request)
        answer = Response("<p>no JSON", 418, headers={"Set-Cookie": "a=b", "Retry-After": "7"})
        return answer(environ, start_response)


@contextmanager
def _recording() -> Iterator[_Recording]:
    recording = _Recording()
    server = make_server("localhost", 0, recording)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    recording.address = f"http://localhost:{server.server_port}"
    yield recording
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def recording() -> Iterator[_Recording]:
    with _recording() as server:
        yield server


@pytest.fixture
def before(recording: _Recording, tmp_path: Path) -> Iterator[Control]:
    """Control before the recording server."""
    desks = Desks(recording.address, _PROVIDERS, tmp_path, None)
    yield Control(ControlServer(Door(SECRET, LOOPBACK), desks))
    desks.close()


@pytest.mark.parametrize(
    ("method", "path", "there"),
    [
        ("POST", "provider/reset", "POST /control/v1/reset"),
        ("PUT", "provider/snapshots/a", "PUT /control/v1/snapshots/a"),
        ("POST", "provider/snapshots/a/restoration/", "/control/v1/snapshots/a/restoration"),
        ("DELETE", "provider/realms/a", "DELETE /control/v1/realms/a"),
    ],
)
def test_what_phones_and_cards_must_follow_is_asked_of_control_itself(
    before: Control, recording: _Recording, method: str, path: str, there: str
) -> None:
    status, code, detail = before.refused(method, path)
    assert (status, code) == (409, "ask_control")
    assert there in detail
    assert recording.came == []


@pytest.mark.parametrize(
    "path",
    [
        "../healthz",
        "%2e%2e/%2E%2E/healthz",
        "%252e%252e/healthz",
        "./../../auth",
        "http:%2f%2fevil.example/people",
        "..%5c..%5chealthz",
        "%2f%2fevil.example",
        "a%3fb%23c",
    ],
)
def test_no_path_leads_out_of_the_development_addresses(
    before: Control, recording: _Recording, path: str
) -> None:
    before.ask("GET", f"provider/{path}")
    for request in recording.came:
        below = request.path.removeprefix("/dev/v1/")
        assert below != request.path
        assert not {".", ".."} & set(below.split("/"))
        assert request.query_string == b""


def test_nothing_of_who_asks_is_passed_on_but_the_question(
    before: Control, recording: _Recording
) -> None:
    headers = {
        SECRET_HEADER: SECRET,
        PROVIDERS_HEADER: "guessed",
        "Cookie": "session=mine",
        "Authorization": "Bearer mine",
        "X-Forwarded-For": "192.0.2.7",
        "User-Agent": "mine",
    }
    before.ask("PATCH", "provider/clients/a%20b", {"a": 1}, headers=headers, query_string="c=d%26e")
    (came,) = recording.came
    assert (came.method, came.path) == ("PATCH", "/dev/v1/clients/a b")
    assert (came.query_string, came.get_json()) == (b"c=d%26e", {"a": 1})
    assert came.headers[PROVIDERS_HEADER] == _PROVIDERS
    told = " ".join(f"{name}: {value}" for name, value in came.headers.items())
    assert SECRET not in told
    assert "mine" not in told
    assert "192.0.2.7" not in told


def test_the_answer_is_given_as_it_came_without_cookies(before: Control) -> None:
    answer = before.ask("GET", "provider/people")
    assert (answer.status_code, answer.text) == (418, "<p>no JSON")
    assert answer.headers["Retry-After"] == "7"
    assert "Set-Cookie" not in answer.headers


def test_a_provider_that_is_none_or_is_gone_is_told_as_such(
    before: Control, recording: _Recording, tmp_path: Path
) -> None:
    status, code, detail = before.refused("POST", "phones", {"national_id": "899788000232"})
    assert (status, code) == (502, "provider_refused")
    assert "--dev" in detail
    desks = Desks("http://localhost:1", _PROVIDERS, tmp_path, None)
    nobody = Control(ControlServer(Door(SECRET, LOOPBACK), desks))
    for method, path in (("GET", "provider/clock"), ("POST", "reset")):
        assert nobody.refused(method, path)[:2] == (502, "provider_unreachable")
    desks.close()


def test_statuses_and_problems_of_the_provider_come_through(shared: Control) -> None:
    assert shared.ask("POST", "provider/people", {}).status_code == 201
    status, _, detail = shared.refused("POST", "provider/people", {"colour": "red"})
    assert status == 400
    assert "colour" in detail
    assert shared.refused("GET", "provider/people/899788000232")[0] == 404
    assert len(shared.told("GET", "provider/people", query_string="limit=2")["people"]) == 2
    assert shared.told("GET", "provider/openapi.json")["openapi"].startswith("3.1")
