"""An unmodified certified client is a device: npm's `openid-client` (RFC 8628)."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from idp.cli.demo_browser import Browser
from idp.oauth.clients.registered import DEVICE_CODE, REFRESH_TOKEN
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration
from tests.interop.test_openid_client import FOLDER, node

pytestmark = pytest.mark.slow

__all__ = ["node"]


@pytest.fixture(scope="module")
def demonstration(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    del node
    folder = tmp_path_factory.mktemp("interop-device")
    with running_demonstration(folder, services=0, device_poll_interval=1) as running:
        for method in ("client_secret_basic", "none"):
            running.provider.command(
                *("client", "add", f"device-{method}", "--auth-method", method),
                *(() if method == "none" else ("--secret", SECRET)),
                *("--metadata", f'grant_types=["{DEVICE_CODE}", "{REFRESH_TOKEN}"]'),
            )
        yield running


SECRET = "0b1c2d3e4f5a69788796a5b4c3d2e1f0"


def decide(demonstration: Demonstration, address: str, answer: str) -> str:
    """Sign in by the phone for the device, and answer; gives the heading of the last page."""
    browser = Browser()
    try:
        page = browser.visit(address)
        form = page.form_with("user_code")
        assert form is not None, page.heading
        page = browser.submit(page, form)
        form = page.form_with("national_id")
        assert form is not None, page.heading
        page = browser.submit(page, form, national_id=PERSON)
        demonstration.phone.approve(page.texts["challenge-number"])
        page = browser.visit(page.url)
        form = page.form_with("sid")
        assert form is not None, page.heading
        return browser.submit(page, form, answer=answer).heading
    finally:
        browser.close()


def run_device(
    node: str, demonstration: Demonstration, client_id: str, secret: str, answer: str
) -> dict[str, Any]:
    """Run the device to its end; gives what it reports."""
    command = [node, "device.mjs", demonstration.provider.issuer, client_id, secret]
    with subprocess.Popen(
        command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as device:
        assert device.stdout is not None
        codes = json.loads(device.stdout.readline())
        decide(demonstration, codes["verification_uri_complete"], answer)
        report, complaint = device.communicate(timeout=60)
    assert device.returncode == 0, complaint
    told: dict[str, Any] = json.loads(report)
    return told


def test_a_device_learns_of_a_refusal(node: str, demonstration: Demonstration) -> None:
    report = run_device(node, demonstration, "device-none", "-", "reject")
    assert report == {"error": "access_denied"}


@pytest.mark.parametrize("method", ["client_secret_basic", "none"])
def test_a_device_is_let_in(node: str, demonstration: Demonstration, method: str) -> None:
    """Confidential and public."""
    secret = "-" if method == "none" else SECRET
    report = run_device(node, demonstration, f"device-{method}", secret, "confirm")
    assert report["claims"]["aud"] == f"device-{method}"
    assert report["userinfo"]["SubjectNameID"] == PERSON
    assert report["refreshedClaims"]["sub"] == report["claims"]["sub"]
