"""A database that is locked, read-only or away: told with a time to come back, nothing lost."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from idp import create_app
from idp.outbox.queue import enqueue_mail
from idp.provider import Provider
from idp.worker.dispatcher import drain
from tests import postgresql
from tests.conftest import fill, make_settings, provider_of
from tests.oauth.helpers import PROTOCOL, Service
from tests.oauth.helpers import add_client as add_service
from tests.robustness.routes import BROWSER
from tests.signin.helpers import PERSON, add_client, authorize, begin, start, token_in
from tests.wallet.helpers import PIN, ask_signin, enrol
from wallet_sim.errors import PhoneError


def on_connect(provider: Provider, pragma: str) -> Callable[[], None]:
    """Give each new connection a pragma; what is given back takes it away again."""

    def configure(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {pragma}")

    engine = provider.store.engine
    event.listen(engine, "connect", configure)
    engine.dispose()

    def undo() -> None:
        event.remove(engine, "connect", configure)
        engine.dispose()

    return undo


@pytest.fixture
def write_lock(provider: Provider) -> Iterator[sqlite3.Connection]:
    """Another process that writes and does not end; nobody waits for it in this test."""
    undo = on_connect(provider, "busy_timeout=0")
    other = sqlite3.connect(str(provider.store.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()
    undo()


def is_unavailable(response: TestResponse) -> bool:
    return (
        response.status_code == 503
        and int(response.headers["Retry-After"]) > 0
        and "sqlite" not in response.text.lower()
        and "Traceback" not in response.text
    )


def test_a_locked_database_file_delays_a_sign_in_and_loses_nothing(
    browser: FlaskClient, provider: Provider, write_lock: sqlite3.Connection
) -> None:
    write_lock.execute("ROLLBACK")
    add_client(provider)
    page = begin(browser)
    form = {"csrf_token": token_in(browser.get(page)), "national_id": PERSON}
    write_lock.execute("BEGIN IMMEDIATE")
    refused = browser.post(page, data=form, headers=BROWSER)
    assert is_unavailable(refused)
    assert "Rien n’est perdu" in refused.text
    assert browser.get(page).status_code == 200
    write_lock.execute("ROLLBACK")
    assert browser.post(page, data=form, headers=BROWSER).status_code == 303


def test_a_locked_database_file_spends_no_code(
    app: Flask, provider: Provider, write_lock: sqlite3.Connection
) -> None:
    write_lock.execute("ROLLBACK")
    add_service(provider)
    service = Service(app, provider)
    code = service.authorize()["code"]
    write_lock.execute("BEGIN IMMEDIATE")
    refused = service.exchange(code)
    assert is_unavailable(refused)
    assert refused.json["error"] == "temporarily_unavailable"
    write_lock.execute("ROLLBACK")
    assert service.exchange(code).status_code == 200


def test_a_read_only_database_file_is_told_to_people_programs_and_phones(
    app: Flask, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    add_client(provider)
    phone = enrol(app, tmp_path_factory.mktemp("home") / "phone")
    challenge = ask_signin(app)
    undo = on_connect(provider, "query_only=ON")
    client = app.test_client()
    page = authorize(client)
    assert is_unavailable(page)
    answered = client.post("/wallet/v1/enrolments", data=b"x", content_type="application/jose")
    assert answered.status_code == 401
    assert client.get(f"{PROTOCOL}/certs").status_code == 200
    with pytest.raises(PhoneError):
        phone.approve(PIN, number=challenge.number)
    undo()
    assert authorize(client).status_code == 303


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[postgresql.Server]:
    """A PostgreSQL server that this test may stop."""
    monkeypatch.setenv(postgresql.ADDRESS, os.environ.get(postgresql.ADDRESS, ""))
    server = postgresql.start()
    if server is None:
        pytest.skip("PostgreSQL is not installed: run `make test`, which installs it")
    yield server
    if not (Path(server.folder) / "data" / "postmaster.pid").exists():
        pg_ctl(server, "start")
    server.stop()


def pg_ctl(server: postgresql.Server, *command: str) -> None:
    options = f"-k {server.folder} -c listen_addresses='' -c fsync=off"
    program = [str(server.binaries / "pg_ctl"), "-D", f"{server.folder}/data", "-w"]
    log = ["-l", f"{server.folder}/log", "-o", options] if "start" in command else []
    subprocess.run(
        [*server.as_user, *program, *log, *command], check=True, capture_output=True, cwd="/tmp"
    )


def test_postgresql_away_and_back_loses_nothing(
    own_server: postgresql.Server, master_key: str
) -> None:
    url = f"postgresql://postgres@/postgres?host={own_server.folder}"
    settings = make_settings(url, master_key)
    fill(settings)
    app = create_app(settings)
    provider, browser = provider_of(app), app.test_client()
    add_client(provider)
    page = begin(browser)
    start(browser, page)
    with provider.store.begin() as db:
        enqueue_mail(provider, db, to="a@exemple.test", subject="s", text="t")

    pg_ctl(own_server, "-m", "immediate", "stop")
    for _ in range(2):
        assert is_unavailable(browser.get(page, headers=BROWSER))
        assert is_unavailable(authorize(browser))
        assert browser.get("/readyz").status_code == 503
        assert browser.get("/healthz").status_code == 200
    with pytest.raises(OperationalError):
        drain(provider, "mail")

    pg_ctl(own_server, "start")
    assert browser.get("/readyz").status_code == 200
    assert browser.get(page + "/status").json == {"state": "pending"}
    assert drain(provider, "mail") == 1
    provider.store.close()
