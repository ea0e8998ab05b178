"""What each role may do, at every address of the console, present and future."""

from flask import Flask

from idp.audit.events import Event
from idp.console.acts.table import ACTS
from idp.console.entry.roles import READER, ROLES
from idp.provider import Provider
from tests.console.helpers import addresses, colleague, events, give, token_in

OWN = ("/approbations/", "/acces/")
"""Where the rule is about what an operator asked for, or has, themselves: see those tests."""


def test_without_a_role_nothing_is_seen(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    token = token_in(one.browser.get("/"))
    give(manned, "claire")
    answered = [
        (method, path)
        for method, path in addresses(manned_app)
        if one.browser.open(path, method=method, data={"csrf_token": token}).status_code != 403
    ]
    assert answered == []
    assert len(events(manned, Event.ACT_FORBIDDEN)) > 0


def test_who_reads_changes_nothing(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    token = token_in(one.browser.get("/"))
    taken = [
        path
        for method, path in addresses(manned_app)
        if method == "POST" and not path.startswith(OWN)
        if one.browser.post(path, data={"csrf_token": token}).status_code != 403
    ]
    assert taken == []


def test_no_act_is_for_readers() -> None:
    for act in ACTS.values():
        assert act.role in set(ROLES) - {READER}, act.name


def test_roles_hold_from_the_next_page_on(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    assert one.browser.get("/operateurs").status_code == 403
    give(manned, "claire", "administrator")
    assert one.browser.get("/operateurs").status_code == 200
    give(manned, "claire", "support", "registrar")
    assert one.browser.get("/operateurs").status_code == 403


def test_a_refusal_names_the_role_and_is_journalled(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "support")
    assert "Administration" in one.browser.get("/operateurs").text
    [event] = events(manned, Event.ACT_FORBIDDEN)
    assert event.actor == "operator:claire"
    assert (event.outcome, event.data) == ("failure", {"role": "administrator"})


def test_the_navigation_shows_what_one_may_read(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    assert 'href="/operateurs"' not in one.browser.get("/").text
    give(manned, "claire", "administrator")
    assert 'href="/operateurs"' in one.browser.get("/").text
