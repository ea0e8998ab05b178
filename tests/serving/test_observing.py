"""Logs, metrics and health: what operators see, and what they must never see."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import generate_latest

from idp import create_app
from idp.audit.events import Event
from idp.audit.journal import record
from idp.provider import Provider
from idp.serving.mounts import MountMalformed, mounted_settings
from idp.serving.wsgi import without_process_environment
from idp.settings import Settings
from idp.web.logs import REDACTED, redact
from tests.conftest import provider_of

CANARY = "canary0123456789"


def test_one_line_a_request_with_its_route_and_no_value_of_it(
    browser: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = browser.get(
        f"/signin/{CANARY}?code={CANARY}&login_hint={CANARY}",
        headers={"Authorization": f"Bearer {CANARY}", "Cookie": f"a={CANARY}"},
    )
    written = capsys.readouterr().err
    assert CANARY not in written
    line = json.loads(written.splitlines()[-1])
    assert line["route"] == "/signin/<handle>"
    assert line["status"] == answer.status_code
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["ms"] >= 0


def test_posted_secrets_reach_no_log(
    browser: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    token = "/auth/realms/esante-wallet/protocol/openid-connect/token"
    browser.post(
        token,
        data={"grant_type": "authorization_code", "code": CANARY, "client_id": CANARY}
        | {"client_secret": CANARY, "code_verifier": CANARY, "refresh_token": CANARY},
    )
    browser.post("/wallet/v1/enrolments", data=CANARY, content_type="application/jose")
    assert CANARY not in capsys.readouterr().err


def test_an_exception_is_logged_without_the_values_it_carries(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    app = create_app(settings)

    @app.get("/fails")
    def fails() -> str:
        raise RuntimeError(f"secret={CANARY}\n[parameters: {CANARY}]")

    answer = app.test_client().get("/fails")
    provider_of(app).store.close()
    assert answer.status_code == 500
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    written = capsys.readouterr().err
    assert CANARY not in written
    assert any(json.loads(line).get("kind") == "RuntimeError" for line in written.splitlines())


@pytest.mark.parametrize(
    "event",
    [
        {"client_secret": CANARY},
        {"pin": CANARY},
        {"refresh_token": CANARY},
        {"headers": {"Authorization": CANARY}},
        {"event": f"eyJ{CANARY}.eyJ{CANARY}.{CANARY}"},
        {"url": f"postgresql://ecps:{CANARY}@db/ecps"},
        {"event": f"GET /callback?code={CANARY}&x=1"},
        {"items": [{"password": CANARY}]},
        {"event": f"GET /signin/x/card?completion={CANARY}"},
        {"proof": CANARY, "evaluations": CANARY, "share": CANARY},
    ],
)
def test_the_last_door_hides_what_looks_like_a_secret(event: dict[str, object]) -> None:
    assert CANARY not in repr(redact(None, "info", dict(event)))
    assert REDACTED in repr(redact(None, "info", dict(event)))


def test_ordinary_words_are_left_alone() -> None:
    event = {"status": 200, "route": "/token", "opinion": "x", "kind": "Encoder", "ms": 1.5}
    assert redact(None, "info", dict(event)) == event


def test_the_process_environment_is_no_part_of_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """measured.md, pitfall 10; a variable HTTP_PROXY would read as a header."""
    for name, value in os.environ.items():
        monkeypatch.setenv(name, value)  # what the guard forgets comes back after the test
    monkeypatch.setenv("ECPS_MASTER_KEY", CANARY)
    monkeypatch.setenv("HTTP_PROXY", CANARY)
    monkeypatch.setenv("SOME_PASSWORD", CANARY)
    monkeypatch.setenv("PATH_INFO", "/of-the-process")
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    guarded = without_process_environment(app)
    start: Any = None
    guarded(dict(os.environ) | {"PATH_INFO": "/asked", "HTTP_HOST": "h"}, start)
    assert CANARY not in repr(seen)
    assert seen["PATH_INFO"] == "/asked"
    assert seen["HTTP_HOST"] == "h"


def test_a_process_is_ready_only_with_its_database_and_keys(
    app: Flask, browser: FlaskClient, provider: Provider
) -> None:
    assert browser.get("/readyz").get_json() == {"status": "ready", "database": True, "keys": True}
    assert browser.get("/healthz").get_json() == {"status": "alive"}


@pytest.fixture
def strangers_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"dev": False}))
    yield app
    provider_of(app).store.close()


def test_a_database_that_went_away_makes_the_process_unready_but_alive(
    strangers_app: Flask,
) -> None:
    store = provider_of(strangers_app).store
    store.close()
    Path(str(store.url.database)).write_bytes(b"not a database")
    client = strangers_app.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_security_events_are_counted(provider: Provider) -> None:
    with provider.store.begin() as db:
        record(db, Event.SESSION_OPENED, now=provider.clock.now())
    figures = generate_latest().decode()
    assert 'ecps_events_total{event="signin:session:opened",outcome="success"}' in figures


def test_unknown_addresses_do_not_multiply_metrics(browser: FlaskClient) -> None:
    browser.get(f"/{CANARY}")
    browser.open("/", method="BREW")
    figures = generate_latest().decode()
    assert CANARY not in figures
    assert "BREW" not in figures
    assert re.search(r'route="\(none\)"', figures)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("../up", 'database_url = "sqlite:///other.db"', "lower-case"),
        ("one", "", "database_url"),
        ("one", 'database_url = "sqlite:///first.db"', "own"),
        ("one", 'database_url = "sqlite:///o.db"\nbase_url = "http://x.test"', "/r/one"),
        ("one", "not toml", "one"),
    ],
)
def test_a_mount_that_does_not_fit_is_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, content: str, said: str
) -> None:
    """Decision 5."""
    file = tmp_path_factory.mktemp("mounts") / "mount.toml"
    file.write_text(content)
    values: dict[str, Any] = {"database_url": "sqlite:///first.db", "mounts": {name: str(file)}}
    parent = Settings(**values)
    with pytest.raises(MountMalformed, match=said):
        mounted_settings(parent)


def test_a_mount_has_settings_of_its_own_whatever_the_environment_says(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 5."""
    file = tmp_path_factory.mktemp("mounts") / "mount.toml"
    file.write_text('database_url = "sqlite:///other.db"\nprofile = "strict"')
    values: dict[str, Any] = {"mounts": {"one": str(file)}, "dev": True, "dev_secret": "secret"}
    parent = Settings(**values)
    monkeypatch.setenv("ECPS_DATABASE_URL", "sqlite:///environment.db")
    monkeypatch.setenv("ECPS_ISSUER", "http://localhost:8000/other")
    mounted = mounted_settings(parent)["/r/one"]
    assert mounted.database_url == "sqlite:///other.db"
    assert mounted.issuer == "http://localhost:8000/r/one/auth/realms/esante-wallet"
    assert mounted.pin_min_length == 6
    assert mounted.dev


def test_a_mount_stands_behind_the_same_proxies(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Decision 24: else every person would come from the proxy's address, and share its limits."""
    file = tmp_path_factory.mktemp("mounts") / "mount.toml"
    file.write_text('database_url = "sqlite:///other.db"')
    values: dict[str, Any] = {"mounts": {"one": str(file)}, "trusted_proxies": 2}
    assert mounted_settings(Settings(**values))["/r/one"].trusted_proxies == 2
