"""Acts of weight take two people, each once, and nobody agrees with themselves."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.audit.events import Event
from idp.console.acts.asking import ReasonNeeded, Waiting, ask
from idp.console.acts.table import ACTS
from idp.console.app import create_console
from idp.console.entry.visitors import ProofNeeded, RoleTooLow, Visitor
from idp.console.operators.acts import ADD
from idp.console.operators.rules import keep_out
from idp.provider import Provider
from idp.store.models import Operator, OperatorSession, PendingAct
from idp.worker.jobs import recurring_jobs
from tests.console.helpers import Colleague, colleague, error_in, events, give, later, token_in

WEIGHTY = {"operators.add", "operators.invite", "operators.roles"}


@pytest.fixture
def asking(manned_app: Flask, manned: Provider) -> Colleague:
    return colleague(manned_app, manned, "claire", "administrator")


@pytest.fixture
def agreeing(manned_app: Flask, manned: Provider) -> Colleague:
    return colleague(manned_app, manned, "paul", "administrator")


def request_of(asking: Colleague, name: str = "luc", **changes: str) -> str:
    """Ask for a new operator; gives the page of what waits."""
    fields = {"name": name, "roles": "support", "reason": "Il rejoint l’équipe."} | changes
    asked = asking.post("/operateurs/nouveau", **fields)
    assert asked.status_code == 303, asked.text
    address: str = asked.headers["Location"]
    return address


def decide(one: Colleague, page: str, decision: str) -> TestResponse:
    return one.post(f"{page}/{decision}", page="/")


def state_of(provider: Provider) -> str:
    with provider.store.read() as db:
        return db.scalars(select(PendingAct.state)).one()


def run_expiry(provider: Provider) -> None:
    """As the worker does."""
    [job] = [job for job in recurring_jobs(provider) if job.name == "expiry"]
    job.run(provider)


def operators(provider: Provider) -> set[str]:
    with provider.store.read() as db:
        return set(db.scalars(select(Operator.name)))


def test_nobody_agrees_with_themselves(manned: Provider, asking: Colleague) -> None:
    page = request_of(asking)
    for decision in ("accord", "refus"):
        refused = decide(asking, page, decision)
        assert refused.status_code == 409
        assert "un autre opérateur" in error_in(refused)
    assert state_of(manned) == "pending"
    assert "luc" not in operators(manned)


def test_without_the_role_nobody_decides_or_reads_what_is_asked(
    manned_app: Flask, manned: Provider, asking: Colleague
) -> None:
    page = request_of(asking)
    reader = colleague(manned_app, manned, "zoe", "reader", "support")
    shown = reader.browser.get(page)
    assert "Rôles : Assistance" not in shown.text
    assert "Donner mon accord" not in shown.text
    for decision in ("accord", "refus"):
        assert decide(reader, page, decision).status_code == 403
    assert state_of(manned) == "pending"
    assert len(events(manned, Event.ACT_FORBIDDEN)) == 2


def test_a_reason_is_given_for_the_one_who_agrees(asking: Colleague) -> None:
    fields = {"name": "luc", "roles": "support", "reason": "  "}
    refused = asking.post("/operateurs/nouveau", **fields)
    assert refused.status_code == 400
    assert "Dites pourquoi" in error_in(refused)
    assert 'value="luc"' in refused.text


def test_who_agrees_proved_who_they_are_lately(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    page = request_of(asking)
    later(manned, seconds=601)
    answer = decide(agreeing, page, "accord")
    assert answer.headers["Location"] == f"/confirmation?suite={page}"
    assert state_of(manned) == "pending"


def test_what_waited_too_long_is_not_done(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    page = request_of(asking)
    later(manned, hours=24, seconds=1)
    assert agreeing.enter().status_code == 303
    assert "Expirée" in agreeing.browser.get(page).text
    assert decide(agreeing, page, "accord").status_code == 409
    assert "luc" not in operators(manned)
    run_expiry(manned)
    run_expiry(manned)
    assert state_of(manned) == "lapsed"
    assert len(events(manned, Event.ACT_LAPSED)) == 1


def test_what_was_refused_or_withdrawn_is_not_done(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    refused, withdrawn = request_of(asking), request_of(asking, "marc")
    assert decide(agreeing, refused, "refus").status_code == 303
    assert decide(agreeing, withdrawn, "retrait").status_code == 409
    assert decide(asking, withdrawn, "retrait").status_code == 303
    for page in (refused, withdrawn):
        assert decide(agreeing, page, "accord").status_code == 409
    assert not {"luc", "marc"} & operators(manned)
    assert len(events(manned, Event.ACT_DECLINED)) == 1
    assert len(events(manned, Event.ACT_WITHDRAWN)) == 1


@pytest.mark.parametrize("change", ["role", "disabled"])
def test_who_may_not_ask_any_more_has_asked_for_nothing(
    manned: Provider, asking: Colleague, agreeing: Colleague, change: str
) -> None:
    page = request_of(asking)
    if change == "role":
        give(manned, "claire", "reader")
    else:
        with manned.store.begin() as db:
            keep_out(manned, db, "claire")
    assert decide(agreeing, page, "accord").status_code == 409
    assert "luc" not in operators(manned)


def test_of_several_who_agree_to_what_cannot_be_done_each_is_told(either: Provider) -> None:
    app = create_console(either)
    asking = colleague(app, either, "claire", "administrator")
    others = [colleague(app, either, f"paul{n}", "administrator") for n in range(4)]
    done, impossible = request_of(asking), request_of(asking)
    assert decide(others[0], done, "accord").status_code == 303
    tokens = [token_in(one.browser.get("/")) for one in others]

    def agree(n: int) -> int:
        fields = {"csrf_token": tokens[n]}
        return others[n].browser.post(f"{impossible}/accord", data=fields).status_code

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = list(pool.map(agree, range(len(others))))
    assert outcomes == [409] * 4
    assert len(events(either, Event.ACT_FAILED)) == 1


def test_what_cannot_be_done_any_more_is_told_to_both(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    """The world changed while it waited."""
    first, second = request_of(asking), request_of(asking)
    assert decide(agreeing, first, "accord").status_code == 303
    failed = decide(agreeing, second, "accord")
    assert failed.status_code == 409
    assert "porte déjà ce nom" in error_in(failed)
    assert "Impossible" in asking.browser.get(second).text
    [event] = events(manned, Event.ACT_FAILED)
    assert (event.actor, event.outcome) == ("operator:paul", "failure")


def test_of_two_who_agree_at_once_one_does(either: Provider) -> None:
    app = create_console(either)
    asking = colleague(app, either, "claire", "administrator")
    others = [colleague(app, either, f"paul{n}", "administrator") for n in range(4)]
    page = request_of(asking)
    tokens = [token_in(one.browser.get("/")) for one in others]

    def agree(n: int) -> int:
        fields = {"csrf_token": tokens[n]}
        return others[n].browser.post(f"{page}/accord", data=fields).status_code

    with ThreadPoolExecutor(len(others)) as pool:
        outcomes = list(pool.map(agree, range(len(others))))
    assert sorted(outcomes) == [303, 409, 409, 409]
    assert len(events(either, Event.ACT_DONE)) == 1


def test_the_result_is_shown_once_to_who_asked(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    page = request_of(asking)
    agreed = decide(agreeing, page, "accord")
    assert "/invitation/" not in agreed.text
    assert "/invitation/" not in decide(agreeing, page, "resultat").text
    shown = decide(asking, page, "resultat")
    assert len(re.findall(r"/invitation/[\w-]{43}", shown.text)) == 1
    again = decide(asking, page, "resultat")
    assert (again.status_code, again.headers["Location"]) == (303, page)
    with manned.store.read() as db:
        assert db.scalars(select(PendingAct.result_sealed)).one() is None
    assert len(events(manned, Event.ACT_RESULT_SHOWN)) == 1


def test_the_result_is_shown_once_however_often_it_is_asked_for(either: Provider) -> None:
    app = create_console(either)
    asking = colleague(app, either, "claire", "administrator")
    agreeing = colleague(app, either, "paul", "administrator")
    page = request_of(asking)
    decide(agreeing, page, "accord")
    token = token_in(asking.browser.get("/"))
    cookie = asking.browser.get_cookie("ecps_operator_console")
    known = asking.browser.get_cookie("ecps_browser_console")
    assert cookie is not None
    assert known is not None

    def look(_n: int) -> bool:
        browser = type(asking.browser)(app, app.response_class)
        browser.set_cookie("ecps_operator_console", cookie.value)
        browser.set_cookie("ecps_browser_console", known.value)
        shown = browser.post(f"{page}/resultat", data={"csrf_token": token})
        return "/invitation/" in shown.text

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(look, range(4))) == [False, False, False, True]


def test_the_journal_names_both(manned: Provider, asking: Colleague, agreeing: Colleague) -> None:
    page = request_of(asking)
    decide(agreeing, page, "accord")
    [asked], [done] = events(manned, Event.ACT_ASKED), events(manned, Event.ACT_DONE)
    assert asked.actor == "operator:claire"
    assert done.actor == "operator:paul"
    assert done.data["asked_by"] == "claire"
    assert asked.data["reason"] == "Il rejoint l’équipe."
    [_claire, _paul, invited] = events(manned, Event.OPERATOR_INVITED)
    assert invited.actor == "operator:paul"


def test_what_waits_is_sealed_at_rest(manned: Provider, asking: Colleague) -> None:
    request_of(asking)
    with manned.store.read() as db:
        sealed = db.scalars(select(PendingAct.arguments_sealed)).one()
    assert b"support" not in sealed


def test_acts_of_weight_take_two() -> None:
    """Whoever gives a role alone could make a second operator of themselves."""
    assert {act.name for act in ACTS.values() if act.second} >= WEIGHTY


def test_the_one_door_asks_for_role_proof_and_reason(manned_app: Flask, manned: Provider) -> None:
    """Whichever page asks: the rules stand in `ask`, not in views."""

    def asked(roles: set[str], reason: str) -> object:
        who = Visitor("luc", frozenset(roles), "password", began, b"", began)
        with manned_app.test_request_context("/"), manned.store.begin() as db:
            return ask(manned, db, who, ADD, "luc", arguments={"roles": ["reader"]}, reason=reason)

    began = manned.clock.now()
    with pytest.raises(RoleTooLow):
        asked({"support", "registrar"}, "Raison")
    with pytest.raises(ReasonNeeded):
        asked({"administrator"}, " ")
    assert isinstance(asked({"administrator"}, "Raison"), Waiting)
    later(manned, seconds=601)
    with pytest.raises(ProofNeeded):
        asked({"administrator"}, "Raison")


def test_what_is_over_is_forgotten_in_its_time(
    manned: Provider, asking: Colleague, agreeing: Colleague
) -> None:
    decide(agreeing, request_of(asking), "accord")
    later(manned, days=30)
    run_expiry(manned)
    assert state_of(manned) == "done"
    with manned.store.read() as db:
        assert list(db.scalars(select(OperatorSession.operator))) == []
    later(manned, days=31, seconds=1)
    run_expiry(manned)
    with manned.store.read() as db:
        assert list(db.scalars(select(PendingAct.state))) == []
