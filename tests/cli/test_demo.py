"""`ecps-idp demo`, short of the walk itself, which `tests/serving/test_wheel.py` walks."""

import shlex
import socket
import webbrowser
from itertools import pairwise
from typing import NoReturn

import pytest
from click.testing import CliRunner

from idp.cli import demo, main
from idp.cli.demo_browser import Browser, Form
from idp.cli.demo_stage import Hand, Walk
from tests.docs.commands import refusal
from tests.serving.running import free_port_base

SERVICE, SCREEN, CONSOLE = "http://localhost:1", "http://localhost:2", "http://localhost:7"
CATALOGUE, MON_COMPTE = "http://localhost:8", "http://localhost:10"
PORTAL = "http://localhost:0/portail"


def test_a_taken_port_is_named_with_the_way_out() -> None:
    base = free_port_base()
    with socket.create_server(("127.0.0.1", base + 2)):
        result = CliRunner().invoke(main, ["demo", "--once", "--port-base", str(base)])
    assert result.exit_code == 1
    assert f"port {base + 2} is taken" in result.output
    assert "--port-base" in result.output


def test_the_browser_reads_a_page_as_a_person_would() -> None:
    text = (
        '<h1>A <b>title</b></h1><p id="n"> 4<br>2 </p><form method="post" action="/go">'
        '<input name="a" value="1"><input type="checkbox" name="b"></form>'
    )
    page = Browser.read("http://localhost/", 200, text)
    assert page.heading == "A title"
    assert page.texts == {"n": "42"}
    assert page.forms == [Form("/go", "post", {"a": "1"})]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that the browser was asked to open, after a walk that held."""
    addresses: list[str] = []
    walk = Walk(
        provider="http://localhost:0",
        service=SERVICE,
        console=CONSOLE,
        phone=Hand(f"{SCREEN}/phones/solene", "s"),
        new_phone=Hand(f"{SCREEN}/phones/anatole", "s"),
        reader=Hand(SCREEN, "secret-of-the-screen"),
        dev_secret="secret-of-the-console",
        client=("", ""),
        make_card=lambda _number: None,
        tell=lambda _line: None,
        pause=lambda _seconds: None,
        card_code="0268",
        services={"catalogue": CATALOGUE, "mon_compte": MON_COMPTE},
    )
    monkeypatch.setattr(demo, "_start", lambda *_, **__: walk)
    monkeypatch.setattr(demo, "_play", lambda *_: None)
    monkeypatch.setattr(demo, "_stay", _leave)
    monkeypatch.setattr(webbrowser, "open", addresses.append)
    return addresses


def _leave() -> NoReturn:
    raise KeyboardInterrupt


def _demo(*options: str) -> str:
    given = ["demo", "--port-base", str(free_port_base()), *options]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_demonstration_that_ends_at_once_opens_nothing(opened: list[str]) -> None:
    told = _demo("--once", "--open")
    assert opened == []
    assert "Ctrl-C" not in told


def test_the_pages_are_told_and_opened_where_that_is_asked_for(opened: list[str]) -> None:
    for options in ([], ["--open"]):
        told = _demo(*options)
        for address in (SERVICE, SCREEN, PORTAL, CONSOLE, CATALOGUE, MON_COMPTE):
            assert f" {address} " in told.replace("\n", " \n")
        for needed in ("secret-of-the-screen", "secret-of-the-console", "0268"):
            assert needed in told
    assert opened == [SERVICE, SCREEN, PORTAL, CONSOLE, CATALOGUE, MON_COMPTE]


def test_the_code_for_mon_compte_leads_to_it_at_the_time_of_the_simulation(
    opened: list[str],
) -> None:
    """MA-01: the command that is told can be typed as it stands."""
    told = _demo().partition("Code for Mon compte")[2].partition("A service of yours")[0]
    python, dash, module, *words = shlex.split(told)
    assert refusal([f"{python} {dash} {module}", *words]) == ""
    given = dict(pairwise(words))
    assert given["--base-url"] == MON_COMPTE
    assert given["--clock-from"] == "http://localhost:0"
    assert given["--provider-secret"] == "secret-of-the-console"
    assert opened == []


@pytest.mark.parametrize(("arguments", "status"), [(["--once"], 130), ([], 0)])
def test_a_walk_that_was_cut_short_is_none_that_held(
    opened: list[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int
) -> None:
    """Who stays ends it so; of `--once` a status of 0 says that all of it held."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_play", interrupted)
    base = str(free_port_base())
    result = CliRunner().invoke(main, ["demo", *arguments, "--port-base", base])
    assert (result.exit_code, "stopped" in result.output) == (status, True)
    assert not opened
