"""A web page cannot reach a simulation, nor anybody a real provider (decision 2, attacker 8)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from idp import create_app
from idp.cli import main
from idp.dev.guard import SECRET_HEADER
from idp.provider import Provider, ProviderNotReady, initialise
from idp.settings import Settings
from idp.store.world import clock_offset
from tests.attacks.helpers import browse_to_number, browser_at
from tests.conftest import BASE_URL, DEV_SECRET, make_settings, provider_of
from tests.signin.helpers import add_client, newest_challenge
from wallet_sim.card.card import insert
from wallet_sim.card.reader import Reader
from wallet_sim.card.trust import ServerTrust
from wallet_sim.control import ControlApp
from wallet_sim.door import SECRET_HEADER as CONTROL_HEADER
from wallet_sim.door import Door
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver

DEV = "/dev/v1"
REAL: dict[str, Any] = {
    "profile": "psc",
    "base_url": "https://auth.test",
    "kdf_log2_cost": 14,
    "smtp_url": "smtp://localhost:25",
    "sms_url": "https://sms.test/",
}
"""What a real database demands besides (decision 1)."""
RIGHT = {SECRET_HEADER: DEV_SECRET}
FOREIGN_HOSTS = (
    "evil.test",
    "localhost.evil.test",
    "evil.test:8000",
    "localhost:8000.evil.test",
    "192.168.1.7:8000",
    "0.0.0.0:8000",
    "[::2]:8000",
    "",
)
FOREIGN_ORIGINS = (
    "https://evil.test",
    "http://localhost:9999",
    "https://localhost:8000",
    "http://localhost:8000.evil.test",
    "null",
    "",
)


def rules(app: Flask) -> set[tuple[str, str]]:
    return {(rule.rule, method) for rule in app.url_map.iter_rules() for method in methods(rule)}


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def requests_of(app: Flask, challenge_id: str) -> Iterator[tuple[str, str]]:
    """Every development address with every method that it is routed for."""
    for rule, method in sorted(rules(app)):
        if rule.startswith(DEV):
            address = rule.replace("<challenge_id>", challenge_id).replace("<ticket_id>", "t")
            yield address, method


@pytest.fixture
def addresses(app: Flask) -> list[tuple[str, str]]:
    """Each with something behind it that a page would like to read."""
    add_client(provider_of(app))
    browse_to_number(browser_at(app))
    found = list(requests_of(app, newest_challenge(provider_of(app)).challenge_id))
    assert len(found) >= 4
    return found


def ask(
    browser: FlaskClient, address: str, method: str, host: str = "localhost:8000", **headers: str
) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.open(
        address,
        method=method,
        headers=named,
        environ_overrides={"HTTP_HOST": host},
        json={"advance": 3600} if method == "POST" else None,
    )


def permissions(answer: TestResponse) -> list[str]:
    """What would let a page of another origin read it."""
    return [name for name, _value in answer.headers if name.startswith("Access-Control")]


def refused(provider: Provider, answer: TestResponse) -> None:
    assert answer.status_code in {400, 403}, (answer.status_code, answer.text)
    assert not permissions(answer)
    assert DEV_SECRET not in answer.text
    with provider.store.read() as db:
        assert clock_offset(db).total_seconds() == 0


@pytest.mark.parametrize("secret", [None, "", "wrong", DEV_SECRET[:-1], DEV_SECRET + "x", "é"])
def test_no_address_answers_without_the_secret(
    browser: FlaskClient, provider: Provider, addresses: list[tuple[str, str]], secret: str | None
) -> None:
    """Decision 2: every one of them, by every method."""
    headers = {} if secret is None else {SECRET_HEADER: secret}
    for address, method in addresses:
        refused(provider, ask(browser, address, method, **headers))


def test_the_secret_counts_in_its_header_only(
    browser: FlaskClient, provider: Provider, addresses: list[tuple[str, str]]
) -> None:
    """Decision 2: a form, an address or a cookie is what a page can forge."""
    browser.set_cookie(SECRET_HEADER, DEV_SECRET)
    for address, method in addresses:
        spelt = f"{address}?{SECRET_HEADER}={DEV_SECRET}&secret={DEV_SECRET}"
        refused(provider, ask(browser, spelt, method))
    posted = browser.post(DEV + "/clock", data={"advance": "9", SECRET_HEADER: DEV_SECRET})
    refused(provider, posted)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_made_to_point_here_is_refused(
    browser: FlaskClient, provider: Provider, addresses: list[tuple[str, str]], host: str
) -> None:
    """Decision 2 (DNS rebinding): even with the secret."""
    for address, method in addresses:
        refused(provider, ask(browser, address, method, host=host, **RIGHT))


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_page_of_another_origin_is_refused(
    browser: FlaskClient, provider: Provider, addresses: list[tuple[str, str]], origin: str
) -> None:
    """Decision 2 (forgery): even with the secret."""
    for address, method in addresses:
        refused(provider, ask(browser, address, method, Origin=origin, **RIGHT))


@pytest.mark.parametrize("origin", ["https://evil.test", BASE_URL])
def test_no_preflight_is_granted(
    browser: FlaskClient, addresses: list[tuple[str, str]], origin: str
) -> None:
    """Decision 2: no CORS permission, to anybody."""
    for address, method in addresses:
        answer = ask(
            browser,
            address,
            "OPTIONS",
            Origin=origin,
            Access_Control_Request_Method=method,
            Access_Control_Request_Headers=SECRET_HEADER,
            Access_Control_Request_Private_Network="true",
        )
        assert not permissions(answer)
    for address, method in addresses:
        answered = ask(browser, address, method, Origin=BASE_URL, **RIGHT)
        assert not permissions(answered)


def test_with_secret_host_and_no_foreign_origin_they_answer(
    browser: FlaskClient, addresses: list[tuple[str, str]]
) -> None:
    """Decision 2: the refusals above are about what they name."""
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost", "[::1]"):
        assert ask(browser, DEV + "/clock", "GET", host=host, **RIGHT).status_code == 200
    # Past the door: what is missing then is a body, a thing, or a step before this one.
    answers = {ask(browser, *each, **RIGHT).status_code for each in addresses}
    assert answers <= {200, 204, 400, 404, 409, 415}


def test_without_a_secret_nothing_is_open(sqlite_url: str, master_key: str) -> None:
    """Decision 2: an empty secret is no secret."""
    app = create_app(make_settings(sqlite_url, master_key, dev_secret=""))
    for headers in ({}, {SECRET_HEADER: ""}):
        answer = app.test_client().get(DEV + "/clock", headers=headers)
        assert answer.status_code == 403
    provider_of(app).store.close()


def test_nothing_of_development_is_routed_outside_it(
    app: Flask, sqlite_url: str, master_key: str
) -> None:
    """Decision 2: by the maps of addresses themselves."""
    plain = create_app(make_settings(sqlite_url, master_key, dev=False))
    assert rules(plain) < rules(app)
    assert {rule for rule, _method in rules(app) - rules(plain)} == {
        rule for rule, _method in rules(app) if rule.startswith(DEV)
    }
    assert not [rule for rule, _method in rules(plain) if "dev" in rule.split("/")]
    for rule, method in rules(app) - rules(plain):
        assert plain.test_client().open(rule, method=method, headers=RIGHT).status_code == 404
    provider_of(plain).store.close()


@pytest.fixture
def real(tmp_path: Path, master_key: str) -> Settings:
    """Settings of a provider whose database was born real."""
    url = f"sqlite:///{tmp_path / 'real.db'}"
    settings = make_settings(url, master_key, dev=False, dev_secret="", **REAL)
    initialise(settings, kind="real")
    return settings


def test_a_real_database_refuses_development(real: Settings, master_key: str) -> None:
    """Decisions 1 and 2: served as a simulation it opens for nobody."""
    app = create_app(real)
    assert not [rule for rule, _method in rules(app) if rule.startswith(DEV)]
    provider_of(app).store.close()
    dev = make_settings(real.database_url, master_key, **REAL)
    with pytest.raises(ProviderNotReady, match="--dev"):
        create_app(dev)


def test_the_command_refuses_it_too(real: Settings, master_key: str) -> None:
    """Decisions 1 and 2: and says so in a line, with nothing served."""
    environment = {
        "ECPS_MASTER_KEY": master_key,
        "ECPS_PROFILE": "psc",
        "ECPS_BASE_URL": REAL["base_url"],
    }
    result = CliRunner().invoke(
        main,
        ["serve", "--dev", "--port-base", "47310", "--database-url", real.database_url],
        env=environment,
    )
    assert result.exit_code == 1
    assert "real database" in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def control(phone: Phone) -> Client:
    """The control addresses of a served phone."""
    origin = "http://localhost:8002"
    door = Door("secret-of-the-phone", frozenset({"localhost", "127.0.0.1", "::1"}))
    reader = Reader(phone.file.path.parent / "cards", insert, ServerTrust())
    return Client(ControlApp(phone, Receiver(phone, origin), door, reader))


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("localhost:8002", {}),
        ("localhost:8002", {CONTROL_HEADER: ""}),
        ("localhost:8002", {CONTROL_HEADER: "wrong"}),
        ("evil.test:8002", {CONTROL_HEADER: "secret-of-the-phone"}),
        ("localhost.evil.test", {CONTROL_HEADER: "secret-of-the-phone"}),
        ("localhost:8002", {CONTROL_HEADER: "secret-of-the-phone", "Origin": "https://evil.test"}),
        ("localhost:8002", {CONTROL_HEADER: "secret-of-the-phone", "Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_the_phones_control_has_the_same_door(
    control: Client, host: str, headers: dict[str, str]
) -> None:
    """Decisions 2 and 3: approving on behalf of a phone is behind it too."""
    for path, method in (("status", "GET"), ("approve", "POST"), ("refuse", "POST")):
        answer = control.open(
            f"/control/v1/{path}", method=method, base_url=f"http://{host}", headers=headers
        )
        assert answer.status_code == 403
        assert not permissions(answer)
