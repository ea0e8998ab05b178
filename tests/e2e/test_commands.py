"""The words that others script against, as a shell runs them: output, and exit status."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from idp.cli.demo_browser import Browser, Page
from tests.e2e import commands
from tests.e2e.callback import Callback, running_callback
from tests.e2e.demonstration import PERSON, Demonstration, RunningPhone
from tests.serving.running import RunningProvider, running_provider

pytestmark = pytest.mark.slow

PIN = "2580"
EMAIL = "solene.margelle@exemple.test"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProvider]:
    """`ecps-idp serve --dev`, with a service added by `ecps-idp client add`."""
    folder: Path = tmp_path_factory.mktemp("commands")
    with running_provider(folder) as running:
        yield running


@pytest.fixture(scope="module")
def callback(provider: RunningProvider) -> Iterator[Callback]:
    with running_callback(Demonstration(provider, RunningPhone(""))) as listening:
        yield listening


@pytest.fixture(scope="module")
def home(provider: RunningProvider, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a phone that holds an e-CPS."""
    folder: Path = tmp_path_factory.mktemp("phone")
    told = commands.enrol(folder, idp=provider.base_url, secret=provider.dev_secret, pin=PIN)
    assert told["national_id"] == PERSON
    return folder


@pytest.fixture
def waiting(provider: RunningProvider, callback: Callback) -> Iterator[tuple[Browser, Page]]:
    """A browser on the page that shows the number."""
    browser = Browser()
    page = browser.visit(callback.request(Demonstration(provider, RunningPhone(""))))
    form = page.form_with("national_id")
    assert form is not None
    yield browser, browser.submit(page, form, national_id=PERSON)
    browser.close()


def idp(provider: RunningProvider, *arguments: str, typed: str = "") -> Any:
    database = ["--database-url", provider.database_url]
    return commands.run("ecps-idp", [*arguments, *database], typed=typed)


# -- refusals: status 1, the reason in words, no traceback ----------------------------------------


def test_enrol_without_the_start_up_secret_fails(provider: RunningProvider, tmp_path: Path) -> None:
    """Decision 2."""
    given = ["--idp", provider.base_url, "--national-id", PERSON, "--pin", PIN, "--outbox"]
    for environment in ({}, {"ECPS_DEV_SECRET": "wrong"}):
        done = commands.wallet(tmp_path, "enrol", *given, **environment)
        assert done.returncode == 1
        assert "ECPS_DEV_SECRET" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("national_id", "pin", "code"),
    [
        (PERSON[1:], PIN, "identifier_lacks_type"),
        ("12", PIN, "identifier_malformed"),
        (PERSON, "1234", "pin_refused"),
        (PERSON, "12", "pin_refused"),
    ],
)
def test_enrol_with_what_is_refused_fails(
    provider: RunningProvider, tmp_path: Path, national_id: str, pin: str, code: str
) -> None:
    options = ["--idp", provider.base_url, "--national-id", national_id, "--pin", pin, "--outbox"]
    done = commands.wallet(tmp_path, "enrol", *options, ECPS_DEV_SECRET=provider.dev_secret)
    assert done.returncode == 1
    assert code in done.stderr
    assert pin not in done.stderr.replace(national_id, "")


def test_approve_with_a_wrong_pin_then_a_wrong_number_fails(
    home: Path, waiting: tuple[Browser, Page]
) -> None:
    number = waiting[1].texts["challenge-number"]
    wrong_pin = commands.wallet(home, "approve", "--pin", "9753", "--number", number)
    assert wrong_pin.returncode == 1
    assert "wrong_pin" in wrong_pin.stderr
    assert "tries_left=2" in wrong_pin.stderr
    (shown,) = json.loads(commands.wallet(home, "pending", "--json").stdout)
    other = next(option for option in shown["number"]["options"] if option != number)
    wrong_number = commands.wallet(home, "approve", "--pin", PIN, "--number", other)
    assert wrong_number.returncode == 1
    assert "wrong_number" in wrong_number.stderr


def test_approve_when_nothing_waits_fails(home: Path) -> None:
    done = commands.wallet(home, "approve", "--pin", PIN, "--auto", "--wait", "0.1")
    assert done.returncode == 1
    assert "nothing_pending" in done.stderr


def test_a_provider_that_is_not_there_is_told(tmp_path: Path) -> None:
    options = ["--idp", "http://localhost:9", "--national-id", PERSON, "--pin", PIN]
    done = commands.wallet(tmp_path, "enrol", *options)
    assert done.returncode == 1
    assert "no_answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_dev_beyond_the_loopback(tmp_path: Path) -> None:
    """Decision 2."""
    database = f"sqlite:///{tmp_path / 'x.db'}"
    arguments = ["serve", "--dev", "--host", "0.0.0.0", "--database-url", database]
    done = commands.run("ecps-idp", arguments)
    assert done.returncode == 1
    assert "--expose" in done.stderr


def test_a_client_that_exists_or_is_unsafe_is_refused(provider: RunningProvider) -> None:
    again = ["client", "add", "rappel-2", "--secret", "S", "--redirect-uri", "https://a.test/b"]
    assert idp(provider, *again).returncode == 0
    done = idp(provider, *again)
    assert done.returncode == 1
    assert "exists already" in done.stderr
    unsafe = ["client", "add", "rappel-3", "--redirect-uri", "javascript:alert(1)"]
    assert idp(provider, *unsafe).returncode == 1
    assert idp(provider, "client", "show", "rappel-3").returncode == 1


# -- what works -----------------------------------------------------------------------------------


def test_the_phones_file_is_the_owners_alone(home: Path) -> None:
    modes = {stat.S_IMODE(file.stat().st_mode) for file in home.iterdir() if file.is_file()}
    assert modes == {0o600}


def test_outbox_prints_the_messages_of_one_address(provider: RunningProvider, home: Path) -> None:
    told = json.loads(idp(provider, "outbox", "--to", EMAIL, "--json").stdout)
    assert {message["to"] for message in told["messages"]} == {EMAIL}
    assert any(message["payload"].get("png") for message in told["messages"])
    nobody = json.loads(idp(provider, "outbox", "--to", "nobody@exemple.test", "--json").stdout)
    assert nobody["messages"] == []


@pytest.mark.parametrize("way", ["number", "auto"])
def test_approve_finishes_the_sign_in_of_the_browser(
    provider: RunningProvider,
    home: Path,
    callback: Callback,
    waiting: tuple[Browser, Page],
    way: str,
) -> None:
    browser, page = waiting
    number = ["--number", page.texts["challenge-number"]] if way == "number" else ["--auto"]
    done = commands.wallet(
        home,
        *("approve", "--pin-stdin", "--wait", "10", "--json", *number),
        typed=f"{PIN}\n",
        ECPS_DEV_SECRET=provider.dev_secret,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["outcome"] == "approved"
    page = browser.visit(page.url)
    notice = next((form for form in page.forms if form.action.endswith("/proceed")), None)
    if notice is not None:  # wrong PINs of the tests before are told first
        page = browser.submit(page, notice)
    assert page.url.startswith(callback.url)
    assert callback.answers[-1][1]["code"]


def test_data_is_printed_as_json(provider: RunningProvider, home: Path) -> None:
    status = json.loads(commands.wallet(home, "status", "--json").stdout)
    assert status["provider"]["state"] == "active"
    made = json.loads(
        idp(
            provider, "client", "add", "rappel-4", "--redirect-uri", "https://a.test/b", "--json"
        ).stdout
    )
    assert made["client_secret"]
    listed = json.loads(idp(provider, "client", "list", "--json").stdout)
    (shown,) = [client for client in listed if client["client_id"] == "rappel-4"]
    assert shown["redirect_uris"] == ["https://a.test/b"]
    assert made["client_secret"] not in json.dumps(listed)
    claims = idp(provider, "claims", PERSON, "--json")
    assert json.loads(claims.stdout)["SubjectNameID"] == PERSON
