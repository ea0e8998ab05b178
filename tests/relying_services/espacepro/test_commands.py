"""The commands of EspacePro."""

import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from relying_services.clock import Clock
from relying_services.espacepro import EspaceProSettings
from relying_services.espacepro import __main__ as commands
from relying_services.espacepro.delegations import draft, lapse, send
from relying_services.espacepro.matrix import MEANS
from relying_services.espacepro.sample import EXTRACT
from relying_services.espacepro.store.accounts import account_of
from relying_services.espacepro.store.tables import TABLES
from relying_services.paris import day_of
from relying_services.service.store.database import Store
from relying_services.service.store.trace import entries
from tests.relying_services.espacepro.stage import (
    BRISELAME,
    BRISELAME_EMAIL,
    COQUELUNE,
    MARGELLE,
    SETTINGS,
    wish,
)

A_YEAR = ("--from", "2026-11-15", "--to", "2027-11-14")


def run(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        commands.main, list(arguments), env={"ESPACEPRO_DATABASE_URL": url}, catch_exceptions=False
    )


def test_the_sample_brings_people_an_account_and_licences(service_url: str) -> None:
    """EP-08, EP-18: the account is as old as the feature, which came in the summer of 2021."""
    for _ in range(2):
        assert run(service_url, "sample").output == "29 rows in force, 0 lines refused\n"
    store = Store(service_url, TABLES)
    with store.read() as db:
        account = account_of(db, BRISELAME.id)
    store.close()
    assert account is not None
    assert (account.email, account.name) == (BRISELAME_EMAIL, BRISELAME.name)
    assert (account.opened_at.year, account.opened_at.month) == (2021, 7)
    (licence,) = run(service_url, "licence", "list", COQUELUNE).output.splitlines()
    assert json.loads(licence) == {
        "number": "LR-99-2026-0003",
        "national_id": COQUELUNE,
        "specialty": "SM54",
        "starts_on": "2025-11-16",
        "ends_on": "2026-11-30",
    }


def test_a_file_that_is_no_extract_is_refused(sampled_url: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("{}", "utf-8")
    refused = run(sampled_url, "import", str(wrong))
    assert refused.exit_code == 1
    assert "is no open extract" in refused.output


def test_an_extract_is_imported(service_url: str) -> None:
    assert run(service_url, "import", str(EXTRACT)).output.startswith("29 rows in force")


@pytest.mark.parametrize(
    ("holder", "number", "period", "why"),
    [
        (MARGELLE.id, "LR-1", A_YEAR, "is no student"),
        ("899700999990", "LR-1", A_YEAR, "is no student"),
        (COQUELUNE, "LR-99-2026-0003", A_YEAR, "is known already"),
        (COQUELUNE, "LR-1", (A_YEAR[0], A_YEAR[3], A_YEAR[2], A_YEAR[1]), "before it begins"),
    ],
)
def test_a_licence_that_means_nothing_is_refused(
    sampled_url: str, holder: str, number: str, period: tuple[str, ...], why: str
) -> None:
    given = ("--number", number, "--specialty", "SM54", *period)
    refused = run(sampled_url, "licence", "add", holder, *given)
    assert refused.exit_code == 1
    assert why in refused.output


def test_a_licence_is_added_listed_withdrawn_and_traced(sampled_url: str) -> None:
    given = ("--number", "LR-99-2027-0003", "--specialty", "SM54", *A_YEAR)
    assert run(sampled_url, "licence", "add", COQUELUNE, *given).exit_code == 0
    listed = run(sampled_url, "licence", "list", COQUELUNE).output.splitlines()
    assert [json.loads(each)["number"] for each in listed] == ["LR-99-2026-0003", "LR-99-2027-0003"]
    assert run(sampled_url, "licence", "withdraw", "LR-99-2026-0003").exit_code == 0
    assert run(sampled_url, "licence", "withdraw", "LR-99-2026-0003").exit_code == 1
    acts = [json.loads(each) for each in run(sampled_url, "trace").output.splitlines()]
    assert [(each["action"], each["object"]) for each in acts] == [
        ("licence:withdrawn", "licence:LR-99-2026-0003"),
        ("licence:added", "licence:LR-99-2027-0003"),
    ]


def test_the_daily_command_closes_what_nobody_answered(sampled_url: str) -> None:
    clock = Clock()
    clock.move(-timedelta(days=16))
    today = day_of(clock.now())
    wanted = wish(starts_on=today, ends_on=today + timedelta(days=90))
    store = Store(sampled_url, TABLES)
    with store.begin() as db:
        asked = {"delegator": MARGELLE, "wish": wanted, "created_by": MARGELLE.id}
        made = draft(db, clock.now(), SETTINGS, **asked)  # type: ignore[arg-type]
        send(db, clock.now(), SETTINGS, made)
    assert run(sampled_url, "lapse").output == "1 invitations closed\n"
    assert run(sampled_url, "lapse").output == "0 invitations closed\n"
    with store.read() as db:
        (act,) = entries(db)
    store.close()
    assert (act.action, act.object) == ("delegation:lapsed", f"delegation:{made.id}")
    assert (act.on_behalf_of, act.delegation_id) == (MARGELLE.id, made.id)
    letters = [json.loads(each) for each in run(sampled_url, "messages").output.splitlines()]
    assert letters[-1]["subject"] == "Invitation restée sans réponse"


def test_the_daily_command_closes_all_of_them_however_many(
    sampled_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some at a time, until there is none."""
    monkeypatch.setattr("relying_services.espacepro.__main__.lapse", partial(lapse, limit=1))
    clock = Clock()
    clock.move(-timedelta(days=16))
    today = day_of(clock.now())
    wanted = wish(starts_on=today, ends_on=today + timedelta(days=90))
    store = Store(sampled_url, TABLES)
    with store.begin() as db:
        for _each in range(3):
            asked = {"delegator": MARGELLE, "wish": wanted, "created_by": MARGELLE.id}
            made = draft(db, clock.now(), SETTINGS, **asked)  # type: ignore[arg-type]
            send(db, clock.now(), SETTINGS, made)
    store.close()
    assert run(sampled_url, "lapse").output == "3 invitations closed\n"


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[EspaceProSettings]:
    """The settings with which `serve` would have served."""
    seen: list[EspaceProSettings] = []

    def keep(load: object, **_: object) -> None:
        seen.append(load.args[1])  # type: ignore[attr-defined]

    monkeypatch.setattr("relying_services.service.command.serve_app", keep)
    return seen


def test_each_option_of_serve_is_a_setting(
    service_url: str, served: list[EspaceProSettings]
) -> None:
    options = {
        "--client-secret": "s",
        "--cpam-agent": "899700990148",
        "--api-secret": "of the service",
        "--mon-compte-url": "http://localhost:8010",
        "--delegate-means": "remplacant=CARD,MOBILE",
        "--invitation-days": "3",
        "--draft-hours": "4",
        "--invitations-a-day": "5",
        "--substitute-months": "6",
        "--student-months": "2",
    }
    done = run(service_url, "serve", *(word for each in options.items() for word in each))
    assert done.exit_code == 0, done.output
    (given,) = served
    assert given.cpam_agents == {"899700990148"}
    assert (given.api_secret, given.mon_compte_url) == ("of the service", "http://localhost:8010")
    assert given.delegate_means == {**MEANS, "remplacant": {"CARD", "MOBILE"}}
    numbers = (given.invitation_days, given.draft_hours, given.invitations_a_day)
    assert numbers == (3, 4, 5)
    assert (given.substitute_months, given.student_months) == (6, 2)
    assert "of the service" not in repr(given)


@pytest.mark.parametrize("wrong", ["remplacant", "medecin=CARD", "remplacant="])
def test_means_that_name_no_status_are_refused(
    service_url: str, served: list[EspaceProSettings], wrong: str
) -> None:
    refused = run(service_url, "serve", "--client-secret", "s", "--delegate-means", wrong)
    assert (refused.exit_code, served) == (2, [])
