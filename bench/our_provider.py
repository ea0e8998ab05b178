"""Our provider, driven through the same operations, with a real simulated phone."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from bench.measure import Report, Server, running
from wallet_sim.phone import Phone

PORT = 18800
BASE = f"http://localhost:{PORT}"
ISSUER = f"{BASE}/auth/realms/esante-wallet"
PROTOCOL = f"{ISSUER}/protocol/openid-connect"
CALLBACK = "http://localhost:9/callback"
CLIENT = ("bench", "bench-secret-bench-secret")
PERSON = "899700990015"
PIN = "2580"
ANSWERS_AT = f"http://127.0.0.1:{PORT}/readyz"


@dataclass
class Setting:
    """A database with one client and one enrolled phone, and how to serve it."""

    command: list[str]
    env: dict[str, str]
    phone: Phone


@contextmanager
def prepared(database_url: str | None = None) -> Iterator[Setting]:
    """Enrol a phone against a `--dev` provider; the measured one then serves without `--dev`."""
    folder = Path(tempfile.mkdtemp(prefix="ecps-bench-"))
    secret = secrets.token_urlsafe(16)
    env = os.environ | {
        "ECPS_DATABASE_URL": database_url or f"sqlite:///{folder}/ecps.db",
        "ECPS_MASTER_KEY_FILE": str(folder / "master.key"),
        "ECPS_BASE_URL": BASE,
        "ECPS_DEV_SECRET": secret,
        "ECPS_KDF_LOG2_COST": "10",
        "ECPS_STARTS_PER_IDENTIFIER": "1000000",
        "ECPS_STARTS_PER_ADDRESS": "1000000",
        "ECPS_PUSHES_PER_WINDOW": "1000000",
        "ECPS_PUSHES_PER_DAY": "1000000",
        "ECPS_ACCESS_TOKEN_LIFETIME": "PT1H",
        "ECPS_LOG_LEVEL": "WARNING",
        # Its own pace, not the requests', decides what it costs: `ecps-idp worker` beside.
        "ECPS_EMBEDDED_WORKER": "false",
    }
    command = [
        sys.executable,
        "-m",
        "idp.cli",
        "serve",
        "--host",
        "127.0.0.1",
        "--port-base",
        str(PORT),
    ]
    phone = Phone(folder / "phone")
    try:
        with running([*command, "--dev"], answers_at=ANSWERS_AT, env=env):
            _enrol(phone, secret)
        _add_client(env)
        yield Setting(command, env, phone)
    finally:
        phone.close()
        shutil.rmtree(folder)


def _enrol(phone: Phone, secret: str) -> None:
    phone.start_enrolment(BASE, PERSON)
    phone.scan(b64decode(_outbox(secret, "mail")["png"]))
    phone.enter_sms_code(_outbox(secret, "sms")["code"])
    phone.choose_pin(PIN)


def _outbox(secret: str, kind: str) -> dict[str, str]:
    answer = httpx.get(f"{BASE}/dev/v1/outbox", headers={"Ecps-Dev-Secret": secret})
    payload: dict[str, str] = next(
        m["payload"] for m in answer.raise_for_status().json()["messages"] if m["kind"] == kind
    )
    return payload


def _add_client(env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "idp.cli", "client", "add", CLIENT[0]]
    options = ["--secret", CLIENT[1], "--redirect-uri", CALLBACK]
    subprocess.run([*command, *options], env=env, check=True, capture_output=True)


def measure(server: Server, report: Report, phone: Phone, *, times: int) -> None:
    report.measure(server, "complete phone sign-in", lambda: sign_in(phone), times=times)
    browser = httpx.Client(base_url=BASE)
    tokens = sign_in(phone, browser)
    report.measure(
        server, "sign-in on a live session", lambda: redeem(_authorize(browser)), times=times
    )
    http = httpx.Client()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    token = {"token": tokens["access_token"]}
    report.measure(
        server,
        "userinfo",
        lambda: http.get(f"{PROTOCOL}/userinfo", headers=bearer).raise_for_status(),
        times=times * 10,
    )
    report.measure(
        server,
        "introspection",
        lambda: http.post(
            f"{PROTOCOL}/token/introspect", auth=CLIENT, data=token
        ).raise_for_status(),
        times=times * 10,
    )
    report.measure(
        server,
        "discovery",
        lambda: http.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status(),
        times=times * 10,
    )
    state = {"refresh_token": tokens["refresh_token"]}

    def refresh() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": state["refresh_token"]}
        answer = http.post(f"{PROTOCOL}/token", auth=CLIENT, data=form).raise_for_status()
        state["refresh_token"] = answer.json()["refresh_token"]

    report.measure(server, "refresh", refresh, times=times * 4)


@dataclass
class Asked:
    """An authorization request under way."""

    browser: httpx.Client
    verifier: str
    answer: httpx.Response


def _authorize(browser: httpx.Client) -> Asked:
    verifier = secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    parameters = {
        "client_id": CLIENT[0],
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid scope_all",
        "acr_values": "eidas1",
        "state": secrets.token_hex(8),
        "nonce": secrets.token_hex(8),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Asked(browser, verifier, browser.get("/auth", params=parameters))


def sign_in(phone: Phone, browser: httpx.Client | None = None) -> dict[str, str]:
    """Authorize, page, number, phone, code, tokens, userinfo, introspection."""
    browser = browser or httpx.Client(base_url=BASE)
    asked = _authorize(browser)
    page = asked.answer.headers["Location"]
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert token is not None
    form = {"csrf_token": token[1], "national_id": PERSON}
    waiting = browser.get(
        browser.post(page, data=form, headers={"Origin": BASE}).headers["Location"]
    )
    number = re.search(r'id="challenge-number"[^>]*>\s*(\d\d)', waiting.text)
    assert number is not None, waiting.text
    browser.get(f"{page}/status").raise_for_status()
    phone.approve(PIN, number=number[1])
    browser.get(f"{page}/status").raise_for_status()
    asked.answer = browser.get(f"{page}/finish")
    tokens = redeem(asked)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    browser.get(f"{PROTOCOL}/userinfo", headers=bearer).raise_for_status()
    browser.post(
        f"{PROTOCOL}/token/introspect", auth=CLIENT, data={"token": tokens["access_token"]}
    ).raise_for_status()
    return tokens


def redeem(asked: Asked) -> dict[str, str]:
    location = asked.answer.headers["Location"]
    tokens: dict[str, str] = (
        asked.browser.post(
            f"{PROTOCOL}/token",
            auth=CLIENT,
            data={
                "grant_type": "authorization_code",
                "code": parse_qs(urlsplit(location).query)["code"][0],
                "redirect_uri": CALLBACK,
                "code_verifier": asked.verifier,
            },
        )
        .raise_for_status()
        .json()
    )
    return tokens
