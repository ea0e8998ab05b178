"""The page about the development addresses: its commands run as they stand, in a shell."""

import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from idp.provider import Provider
from idp.snapshots import take_start
from tests.conftest import DEV_SECRET
from tests.dev.helpers import Developer
from tests.wallet.helpers import ask_signin

PAGE = Path(__file__).parents[2] / "docs" / "testing" / "development-api.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STARTS_A_SERVER = "ecps-idp serve"


@pytest.fixture
def address(app: Flask, provider: Provider) -> Iterator[str]:
    """The simulation of this test, over HTTP."""
    take_start(provider)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def commands(page: str) -> str:
    """Every command of the page, in its order, but the one that starts a server."""
    lines = "".join(_BLOCK.findall(page)).splitlines()
    return "\n".join(line for line in lines if not line.startswith(_STARTS_A_SERVER))


def test_every_command_of_the_page_runs(app: Flask, address: str, developer: Developer) -> None:
    """The last one brings everything back to how it began."""
    challenge = ask_signin(app)
    script = commands(PAGE.read_text("utf-8"))
    assert script.count("\ndev ") >= 15
    script = script.replace("http://localhost:8000", address)
    script = script.replace("challenges/7d7c…", f"challenges/{challenge.challenge_id}")
    done = subprocess.run(
        ["sh", "-euc", script],
        env={"ECPS_DEV_SECRET": DEV_SECRET, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout[-500:] + done.stderr
    assert developer.told("GET", "clients")["clients"] == []
    assert developer.told("GET", "clock")["offset"] == 0
