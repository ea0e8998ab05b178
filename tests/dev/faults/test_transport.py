"""Late and cut answers, on the servers that are really used."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from idp.clock import monotonic
from tests.serving.running import RunningProvider, running_provider

LATE = 4
"""Seconds, many for a busy machine: the one wait that is spared nobody, for it is tested."""


@pytest.fixture(scope="module", params=["processes", "single_process"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningProvider]:
    """Granian, as `serve --dev` starts it, then cheroot, as `--single-process` does."""
    options = ("--single-process",) if request.param == "single_process" else ()
    with running_provider(tmp_path_factory.mktemp("faults"), options=options) as provider:
        yield provider


@pytest.fixture
def http(running: RunningProvider) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=20) as client:
        yield client
        client.delete(f"{running.base_url}/dev/v1/faults", headers=running.dev_headers)


def ask(running: RunningProvider, http: httpx.Client, fault: str, **wanted: object) -> None:
    answer = http.post(
        f"{running.base_url}/dev/v1/faults",
        json={"fault": fault} | wanted,
        headers=running.dev_headers,
    )
    assert answer.status_code == 201, answer.text


def test_late_answers_are_late_and_keep_nobody_else_waiting(
    running: RunningProvider, http: httpx.Client
) -> None:
    """Decision 40: they hold threads of their own."""
    certs = f"{running.issuer}/protocol/openid-connect/certs"
    ask(running, http, "late", endpoint="jwks", times=3, parameters={"seconds": LATE})
    began = monotonic()

    def waited(address: str) -> float:
        answer = httpx.get(address, trust_env=False, timeout=20)
        assert answer.status_code == 200
        assert answer.json()
        return monotonic() - began

    with ThreadPoolExecutor(4) as pool:
        late = [pool.submit(waited, certs) for _ in range(3)]
        waited(f"{running.issuer}/.well-known/openid-configuration")
        assert not any(each.done() for each in late), "the other was answered meanwhile"
        assert min(each.result() for each in late) >= LATE
    listed = http.get(f"{running.base_url}/dev/v1/faults", headers=running.dev_headers).json()
    assert [fault["committed"] for fault in listed["faults"]] == [3]


def test_a_client_that_waits_for_less_gives_up(
    running: RunningProvider, http: httpx.Client
) -> None:
    ask(running, http, "late", endpoint="discovery", times=1, parameters={"seconds": LATE})
    with pytest.raises(httpx.ReadTimeout):
        http.get(f"{running.issuer}/.well-known/openid-configuration", timeout=0.2)


def read_into(received: bytearray, answer: httpx.Response) -> None:
    for part in answer.iter_raw():
        received += part


def test_a_cut_answer_ends_before_what_it_promised(
    running: RunningProvider, http: httpx.Client
) -> None:
    address = f"{running.issuer}/.well-known/openid-configuration"
    whole = http.get(address)
    ask(running, http, "cut", endpoint="discovery", times=1)
    received = bytearray()
    with http.stream("GET", address) as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Length"] == str(len(whole.content))
        with pytest.raises(httpx.RemoteProtocolError):
            read_into(received, answer)
    assert len(received) <= len(whole.content) // 2
    assert http.get(address).json() == whole.json()
