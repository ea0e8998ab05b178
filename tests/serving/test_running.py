"""The server as processes: start, addresses, end."""

import os
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.ports import loopback_addresses
from tests.serving.running import (
    DEV_SECRET,
    RunningProvider,
    running_provider,
    start_provider,
    wait_until_ready,
)

pytestmark = pytest.mark.slow

_CONNECTIONS = 16
"""So many that each of two workers is asked."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    folder = tmp_path_factory.mktemp("served")
    with running_provider(folder, options=("--tls", "--workers", "2")) as provider:
        yield provider


def test_both_loopback_addresses_answer(served: RunningProvider) -> None:
    """Decision 4: `localhost` is ::1 for some programs and 127.0.0.1 for others."""
    for address in loopback_addresses():
        answer = httpx.get(f"http://{address}:{served.port_base}/healthz", trust_env=False)
        assert answer.json() == {"status": "alive"}


def test_tls_is_served_by_the_development_authority_under_test_names(
    served: RunningProvider,
) -> None:
    """Decisions 4 and 30."""
    authority = next(Path(served.log).parent.glob("*.tls")) / "ca.pem"
    port = served.port_base + 4
    context = ssl.create_default_context(cafile=str(authority))
    answer = httpx.get(f"https://localhost:{port}/readyz", verify=context, trust_env=False)
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers  # it would hold for every port
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://localhost:{port}/readyz", trust_env=False)


def test_the_issuer_is_a_setting_and_never_the_host_header(served: RunningProvider) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{served.port_base}/auth/realms/esante-wallet"
        "/.well-known/openid-configuration",
        headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"},
        trust_env=False,
    )
    assert "evil.test" not in answer.text
    assert answer.json()["issuer"].startswith(f"https://localhost:{served.port_base + 4}/")


def test_metrics_of_all_workers_stand_on_their_own_port(served: RunningProvider) -> None:
    for _ in range(6):
        httpx.get(f"{served.base_url}/healthz", trust_env=False)
    figures = httpx.get(f"http://127.0.0.1:{served.port_base + 3}/metrics", trust_env=False).text
    assert 'ecps_http_requests_total{method="GET",route="/healthz",status="200"}' in figures
    assert httpx.get(f"{served.base_url}/metrics", trust_env=False).status_code == 404


def test_the_start_up_secret_is_printed_and_never_logged(served: RunningProvider) -> None:
    httpx.get(f"{served.base_url}/dev/v1/clock", headers=served.dev_headers, trust_env=False)
    lines = served.log.read_text().splitlines()
    assert [line for line in lines if DEV_SECRET in line] == [f"secret    {DEV_SECRET}"]


def test_ports_that_are_taken_are_named_with_the_way_out(
    served: RunningProvider, tmp_path: Path
) -> None:
    second = start_provider(tmp_path, (), served.port_base)
    assert second.process.wait(60) == 1
    said = second.log.read_text()
    assert f"port {served.port_base} is taken" in said
    assert "--port-base" in said
    assert "Traceback" not in said


def test_each_worker_serves_an_issuer_made_on_demand_as_it_is_now(served: RunningProvider) -> None:
    """Decision 5: also where another process made it, moved its clock, or dropped it."""
    first = keys_seen(served)
    assert len(first) == 1
    moved = ask(served, "POST", "/r/job/dev/v1/clock", {"advance": 3600})
    assert moved.json()["offset"] == 3600
    offsets = {
        ask(served, "GET", "/r/job/dev/v1/clock").json()["offset"] for _ in range(_CONNECTIONS)
    }
    assert offsets == {3600}
    assert ask(served, "DELETE", "/dev/v1/realms/job").status_code == 204
    again = keys_seen(served)
    assert len(again) == 1
    assert again.isdisjoint(first)


def keys_seen(served: RunningProvider) -> set[str]:
    """Identifiers of the first key, as each worker tells it."""
    path = "/r/job/auth/realms/esante-wallet/protocol/openid-connect/certs"
    return {ask(served, "GET", path).json()["keys"][0]["kid"] for _ in range(_CONNECTIONS)}


def ask(served: RunningProvider, method: str, path: str, body: object = None) -> httpx.Response:
    """Over a connection of its own, which the kernel gives to any worker."""
    return httpx.request(
        method,
        served.base_url + path,
        json=body,
        headers=served.dev_headers,
        trust_env=False,
        timeout=30,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_ended_server_leaves_no_process_behind(tmp_path: Path, number: signal.Signals) -> None:
    provider = start_provider(tmp_path, ("--workers", "2", "--tls"))
    wait_until_ready(provider)
    family = psutil.Process(provider.process.pid).children(recursive=True)
    assert len(family) >= 5
    assert provider.stop(number) == 0
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


def test_workers_end_when_their_server_is_killed_outright(tmp_path: Path) -> None:
    provider = start_provider(tmp_path)
    wait_until_ready(provider)
    family = psutil.Process(provider.process.pid).children(recursive=True)
    os.kill(provider.process.pid, signal.SIGKILL)
    provider.process.wait()
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
