"""Operators: invited once, given roles, kept out at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from idp.audit.events import Event
from idp.cli import main
from idp.console.app import create_console
from idp.console.operators.rules import (
    LastAdministrator,
    NameMalformed,
    NameTaken,
    OperatorUnknown,
    RoleMissing,
    add,
    give_roles,
    invite_again,
    keep_out,
)
from idp.provider import Provider
from tests.console.helpers import (
    CONSOLE,
    PASSWORD,
    Colleague,
    browser_of,
    colleague,
    error_in,
    events,
    later,
    leads_to_entrance,
    post,
    token_in,
)


def invited(provider: Provider, name: str = "claire", *roles: str) -> str:
    """Where the console opens to a new operator."""
    with provider.store.begin() as db:
        return f"/invitation/{add(provider, db, name, roles or ('reader',))}"


@pytest.mark.parametrize("name", ["", "C", "Claire", "claire martin", "é" * 4, "a" * 41, "-x"])
def test_a_name_stands_well_in_a_journal(manned: Provider, name: str) -> None:
    with manned.store.begin() as db, pytest.raises(NameMalformed):
        add(manned, db, name, ["reader"])


def test_nobody_has_the_name_of_development(manned: Provider) -> None:
    """Sessions of the start-up secret stand under it."""
    with manned.store.begin() as db, pytest.raises(NameMalformed):
        add(manned, db, "development", ["administrator"])


@pytest.mark.parametrize("roles", [[], ["root"], ["reader", "root"]])
def test_an_operator_has_a_role_that_there_is(manned: Provider, roles: list[str]) -> None:
    with manned.store.begin() as db, pytest.raises(RoleMissing):
        add(manned, db, "claire", roles)


def test_a_name_is_given_once(manned: Provider) -> None:
    invited(manned)
    with manned.store.begin() as db, pytest.raises(NameTaken):
        add(manned, db, "claire", ["reader"])


def test_nobody_is_invited_again_who_never_was(manned: Provider) -> None:
    with manned.store.begin() as db, pytest.raises(OperatorUnknown):
        invite_again(manned, db, "claire")


def test_a_made_up_invitation_opens_nothing(manned_app: Flask) -> None:
    browser = browser_of(manned_app)
    assert browser.get("/invitation/made-up").status_code == 410
    assert browser.get("/invitation/made-up/cle/options").status_code == 410


def test_guessing_invitations_is_limited(manned_app: Flask, manned: Provider) -> None:
    browser = browser_of(manned_app)
    for _try in range(manned.settings.operator_entries_per_address):
        assert browser.get("/invitation/made-up").status_code == 410
    assert browser.get("/invitation/made-up").status_code == 429
    assert browser.get(invited(manned)).status_code == 200


def test_an_invitation_lapses(manned_app: Flask, manned: Provider) -> None:
    address = invited(manned)
    later(manned, hours=24, seconds=1)
    assert browser_of(manned_app).get(address).status_code == 410


def test_a_new_invitation_ends_the_former_and_what_it_opened(
    manned_app: Flask, manned: Provider
) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    with manned.store.begin() as db:
        first = invite_again(manned, db, "claire")
        second = invite_again(manned, db, "claire")
    assert leads_to_entrance(one.browser.get("/"))
    assert one.enter().status_code == 403
    assert one.browser.get(f"/invitation/{first}").status_code == 410
    assert one.browser.get(f"/invitation/{second}").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "court", "again": "court"}, "password"),
        ({"password": "claire est mon prénom", "again": "claire est mon prénom"}, "password"),
        ({"password": "x" * 257, "again": "x" * 257}, "password"),
        ({"again": "une autre phrase que la bonne"}, "again"),
        ({"code": "000000"}, "code"),
    ],
)
def test_a_way_in_is_refused_that_would_not_hold(
    manned_app: Flask, manned: Provider, changes: dict[str, str], field: str
) -> None:
    address, browser = invited(manned), browser_of(manned_app)
    one = Colleague(manned, "claire", totp_of(browser.get(address).text), browser)
    fields = {"password": PASSWORD, "again": PASSWORD, "code": one.code()} | changes
    refused = post(browser, f"{address}/mot-de-passe", page=address, **fields)
    assert refused.status_code == 400
    assert error_in(refused)
    assert f'aria-describedby="{field}-' in refused.text
    assert browser.get(address).status_code == 200


def test_an_invitation_lets_in_once(either: Provider) -> None:
    """Of those who hold it, the first."""
    app, address = create_console(either), invited(either)
    colleagues = []
    for _each in range(4):
        browser = browser_of(app)
        colleagues.append(
            (browser, Colleague(either, "claire", totp_of(browser.get(address).text), browser))
        )

    def join(held: tuple[object, Colleague]) -> int:
        one = held[1]
        fields = {"password": PASSWORD, "again": PASSWORD, "code": one.code()}
        token = token_in(one.browser.get("/entree"))
        answer = one.browser.post(f"{address}/mot-de-passe", data={"csrf_token": token} | fields)
        return answer.status_code

    with ThreadPoolExecutor(len(colleagues)) as pool:
        outcomes = list(pool.map(join, colleagues))
    assert sorted(outcomes) == [303, 410, 410, 410]
    assert len(events(either, Event.OPERATOR_JOINED)) == 1


def test_the_code_that_proved_an_authenticator_lets_in_no_more(
    manned_app: Flask, manned: Provider
) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    fields = {"name": "claire", "password": PASSWORD, "code": one.code(-1)}
    refused = one.post("/entree/mot-de-passe", page="/entree", **fields)
    assert refused.status_code == 403


def test_who_is_disabled_works_no_more(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    chief = colleague(manned_app, manned, "paul", "administrator")
    assert one.browser.get("/").status_code == 200
    done = chief.post("/operateurs/claire/desactivation")
    assert done.status_code == 303
    assert leads_to_entrance(one.browser.get("/"))
    assert one.enter().status_code == 403
    with manned.store.begin() as db, pytest.raises(OperatorUnknown):
        keep_out(manned, db, "claire")
    [event] = events(manned, Event.OPERATOR_DISABLED)
    assert event.actor == "operator:paul"


def test_the_last_administrator_is_not_disabled_on_the_console(
    manned_app: Flask, manned: Provider
) -> None:
    """Nobody would be left who could invite one; the command remains."""
    last = colleague(manned_app, manned, "claire", "administrator")
    colleague(manned_app, manned, "lea", "registrar")
    with manned.store.begin() as db:
        add(manned, db, "paul", ["administrator"])  # invited, not there yet
    refused = last.post("/operateurs/claire/desactivation")
    assert refused.status_code == 409
    assert "dernier administrateur" in error_in(refused)
    assert last.browser.get("/operateurs").status_code == 200
    with manned.store.begin() as db:
        keep_out(manned, db, "claire")
    assert leads_to_entrance(last.browser.get("/"))


def test_the_last_administrator_keeps_the_role_on_the_console(
    manned_app: Flask, manned: Provider
) -> None:
    colleague(manned_app, manned, "claire", "administrator")
    with manned.store.begin() as db, pytest.raises(LastAdministrator):
        give_roles(manned, db, "claire", ["reader"], spares_last=True)
    with manned.store.begin() as db:
        give_roles(manned, db, "claire", ["reader", "administrator"], spares_last=True)
        give_roles(manned, db, "claire", ["reader"])


def test_administrators_who_disable_one_another_at_once_leave_one(either: Provider) -> None:
    app, names = create_console(either), ["ada", "bea", "cleo"]
    for name in names:
        colleague(app, either, name, "administrator")

    def end(name: str) -> bool:
        try:
            with either.store.begin() as db:
                keep_out(either, db, name, spares_last=True)
        except LastAdministrator:
            return False
        return True

    with ThreadPoolExecutor(len(names)) as pool:
        outcomes = list(pool.map(end, names))
    assert sorted(outcomes) == [False, True, True]


def test_a_development_session_invites_at_once(provider: Provider) -> None:
    """Decision 2: nobody real is there to agree."""
    app = create_console(provider)
    browser = browser_of(app)
    from_secret = provider.settings.dev_secret.get_secret_value()
    post(browser, "/entree/developpement", page="/entree", secret=from_secret)
    done = post(browser, "/operateurs/nouveau", name="claire", roles="reader")
    assert done.status_code == 200
    assert f"{CONSOLE}/invitation/" in done.text


def test_operators_by_command(
    manned: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECPS_CONFIG", "")  # commands leave their own there
    file = tmp_path / "console.toml"
    url = manned.settings.database_url
    key = manned.settings.master_key.get_secret_value()
    lines = (f'database_url = "{url}"', f'master_key = "{key}"', f'console_base_url = "{CONSOLE}"')
    file.write_text("\n".join(lines))

    def command(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["operator", *arguments, "--config", str(file)])
        return done.output

    assert "there is no such operator" in command("disable", "claire")
    assert f"{CONSOLE}/invitation/" in command("add", "claire", "--role", "support")
    assert "exists already" in command("add", "claire", "--role", "support")
    assert command("list") == "claire  invited  support  by -\n"
    command("roles", "claire", "--role", "reader")
    assert '"roles": [\n      "reader"\n    ]' in command("list", "--json")
    assert f"{CONSOLE}/invitation/" in command("invite", "claire", "--json")
    assert command("disable", "claire") == "claire is disabled\n"


def test_an_invitation_has_an_address_or_is_not_made(
    manned: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECPS_CONFIG", "")
    url = manned.settings.database_url
    arguments = ["operator", "add", "claire", "--role", "reader", "--database-url", url]
    assert "console_base_url" in CliRunner().invoke(main, arguments).output


def totp_of(text: str) -> str:
    """The typed secret of an authenticator, on the page of an invitation."""
    return text.partition('<code id="totp">')[2].partition("<")[0].replace(" ", "")
