"""The pytest plugin: light, quiet where nobody asks for it, and gone when pytest is."""

import os
import signal
import subprocess
import sys
import threading
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.harness.sessions import run_pytest
from tests.ports import answers
from wallet_sim.errors import NoAnswer
from wallet_sim.harness.errors import ProviderEnded, ProviderNotStarted
from wallet_sim.harness.psc import Psc
from wallet_sim.harness.running import start_provider

_HEAVY = ["httpx", "cryptography", "pydantic", "flask", "authlib", "werkzeug", "PIL", "wallet_sim."]
_LOOKS = 600


def test_the_plugin_is_found_by_every_pytest_of_the_environment() -> None:
    (found,) = entry_points(group="pytest11", name="ecps")
    assert found.value == "wallet_sim.pytest_plugin"


def test_loading_the_plugin_loads_nothing_else() -> None:
    look = (
        "import pytest, sys; before = set(sys.modules); import wallet_sim.pytest_plugin;"
        "print(sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout
    assert "wallet_sim.pytest_plugin" in loaded
    rest = loaded.replace("wallet_sim.pytest_plugin", "")
    assert [name for name in _HEAVY if name in rest] == []


@pytest.mark.parametrize(
    ("options", "settings", "told"),
    [
        (["--psc-url=http://localhost:1"], "", "set ECPS_DEV_SECRET"),
        (
            ["--psc-url=http://localhost:1", "--psc-secret=a-secret"],
            "psc_profile = strict",
            "psc_profile and psc_settings are for a provider that is started here",
        ),
        ([], "psc_settings = session_idle", "'session_idle' is no `name = value`"),
        ([], "psc_settings = no_such_setting = 1", "no_such_setting"),
    ],
    ids=["no-secret", "profile-elsewhere", "no-value", "no-setting"],
)
def test_a_configuration_that_cannot_be_is_told_of(
    tmp_path: Path, options: list[str], settings: str, told: str
) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{settings}\n")
    (tmp_path / "test_one.py").write_text("def test_one(psc_server): pass\n")
    done = run_pytest(tmp_path, *options)
    assert done.returncode != 0
    assert told in done.stdout + done.stderr


def test_a_session_runs_with_its_profile_its_settings_and_warnings_as_errors(
    tmp_path: Path,
) -> None:
    """No provider is started for the test that asks for none: it runs first and looks."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nfilterwarnings = error\npsc_profile = strict\n"
        "psc_settings = session_idle = 600\n"
    )
    (tmp_path / "test_them.py").write_text(
        "import sys\n"
        "def test_quiet():\n"
        "    assert 'wallet_sim.harness.running' not in sys.modules\n"
        "def test_strict(psc, psc_session):\n"
        "    client = psc.client('a', redirect_uris=['https://a.test/cb'])\n"
        "    assert client.metadata['profile'] == 'strict'\n"
        "    assert psc.issuer != psc_session.issuer\n"
        "    phone = psc.phone(psc.person(card=True), pin='482615')\n"
        "    psc.card(phone.person)\n"
    )
    done = run_pytest(tmp_path)
    assert done.returncode == 0, done.stdout


def test_a_provider_that_does_not_start_tells_what_it_printed(tmp_path: Path) -> None:
    with pytest.raises(ProviderNotStarted, match=r"ended with status(.|\n)*profile"):
        start_provider(tmp_path, {"profile": "no-such-profile"}).__enter__()


def test_a_provider_that_ends_in_mid_session_is_told_of_with_what_it_printed_but_its_secret(
    tmp_path: Path,
) -> None:
    before = _children()
    ended = "ended with status -9 before the tests did"
    with (  # noqa: PT012 - the end of the blocks raises it
        pytest.raises(ProviderEnded, match=ended) as told,
        start_provider(tmp_path) as server,
        Psc.in_realm(server, tmp_path / "phones") as psc,
    ):
        _kill(_children() - before)
        psc.person()
    assert isinstance(told.value.__context__, NoAnswer)
    assert server.base_url in str(told.value.__context__)
    assert "issuer" in str(told.value)
    assert server.secret not in str(told.value)


def test_a_provider_ends_with_the_process_that_started_it_even_when_that_is_killed(
    tmp_path: Path,
) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from wallet_sim.harness.running import start_provider\n"
        "with start_provider(Path(sys.argv[1])) as provider:\n"
        "    print(provider.base_url, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        assert started.stdout is not None
        port = urlsplit(started.stdout.readline().strip()).port or 0
        assert answers(port)
        os.kill(started.pid, signal.SIGKILL)
    pause = threading.Event()
    assert any(not answers(port) or pause.wait(0.05) for _ in range(_LOOKS))


def _kill(processes: set[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)


def _children() -> set[int]:
    listed = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
    return {int(each) for each in listed.split()}
