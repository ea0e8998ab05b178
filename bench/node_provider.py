"""node-oidc-provider, driven through the same operations as ours."""

import re
import secrets
import subprocess
from base64 import urlsafe_b64encode
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from bench.measure import Report, Server, running

FOLDER = Path(__file__).with_name("node")
CALLBACK = "http://localhost:9/callback"
PORT = 18999
BASE = f"http://localhost:{PORT}"
CLIENT = ("bench", "bench-secret")


def start() -> AbstractContextManager[Server]:
    if not (FOLDER / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent"], cwd=FOLDER, check=True)
    command = ["node", str(FOLDER / "server.mjs"), str(PORT), CALLBACK]
    return running(command, answers_at=f"{BASE}/.well-known/openid-configuration")


def measure(server: Server, report: Report, *, times: int) -> None:
    report.measure(server, "node: complete form login", sign_in, times=times)
    tokens = sign_in()
    http = httpx.Client(base_url=BASE)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    report.measure(
        server,
        "node: userinfo",
        lambda: http.get("/me", headers=bearer).raise_for_status(),
        times=times * 10,
    )
    report.measure(
        server,
        "node: introspection",
        lambda: http.post(
            "/token/introspection", auth=CLIENT, data={"token": tokens["access_token"]}
        ).raise_for_status(),
        times=times * 10,
    )
    report.measure(
        server,
        "node: discovery",
        lambda: http.get("/.well-known/openid-configuration").raise_for_status(),
        times=times * 10,
    )
    state = {"refresh_token": tokens["refresh_token"]}

    def refresh() -> None:
        form = {"grant_type": "refresh_token", "refresh_token": state["refresh_token"]}
        answer = http.post("/token", auth=CLIENT, data=form).raise_for_status()
        state["refresh_token"] = answer.json()["refresh_token"]

    report.measure(server, "node: refresh", refresh, times=times * 4)
    browser = httpx.Client(base_url=BASE)
    sign_in(browser)
    report.measure(server, "node: sign-in on a live session", lambda: sign_in(browser), times=times)


def sign_in(browser: httpx.Client | None = None) -> dict[str, str]:
    """Authorize, forms, code, tokens, userinfo and introspection."""
    browser = browser or httpx.Client(base_url=BASE)
    verifier = secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    answer = browser.get(
        "/auth",
        params={
            "client_id": "bench",
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid offline_access",
            "prompt": "consent" if not browser.cookies else "",
            "state": secrets.token_hex(8),
            "nonce": secrets.token_hex(8),
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        },
    )
    while not (location := answer.headers.get("location", "")).startswith(CALLBACK):
        if answer.is_redirect:
            answer = browser.get(location)
            continue
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        action = re.search(r'action="([^"]+)"', answer.text)
        assert prompt is not None
        assert action is not None, answer.text
        form = {"prompt": prompt[1], "login": "somebody", "password": "anything"}
        answer = browser.post(action[1], data=form)
    code = parse_qs(urlsplit(location).query)["code"][0]
    tokens: dict[str, str] = (
        browser.post(
            "/token",
            auth=CLIENT,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": CALLBACK,
                "code_verifier": verifier,
            },
        )
        .raise_for_status()
        .json()
    )
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    browser.get("/me", headers=bearer).raise_for_status()
    browser.post(
        "/token/introspection", auth=CLIENT, data={"token": tokens["access_token"]}
    ).raise_for_status()
    return tokens
