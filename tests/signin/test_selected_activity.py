"""The activity under which a person signs in, for services that ask (CP-08, decision 15)."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from idp import create_app
from idp.directory.activities import PersonalActivity, activities_of
from idp.directory.importer import import_directory
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import (
    AuthorizationCode,
    DirectoryPerson,
    Grant,
    JournalEvent,
    SessionClient,
)
from idp.store.sessions import confirm_client, find_selected_activity, select_activity
from tests.conftest import make_settings, provider_of
from tests.directory.helpers import sample_lines
from tests.signin.helpers import (
    PERSON,
    add_client,
    all_of,
    answer,
    authorize,
    begin,
    live_sessions,
    post,
    returned,
    sign_in,
    start,
    token_in,
)

SEVERAL = "899700990239"
"""A practice of her own, and a humanitarian association."""
SEVERAL_ELSEWHERE = "899700990262"
CHOSEN = "signin:activity:chosen"


@pytest.fixture
def asking(service: None, provider: Provider) -> str:
    """A service that registered for the activity."""
    del service
    add_client(provider, "asking", options={"selected_activity": True})
    return "asking"


def activities(provider: Provider, national_id: str = SEVERAL) -> list[PersonalActivity]:
    with provider.store.read() as db:
        person = find_person(db, national_id)
    assert person is not None
    return activities_of(person.national_id, person.exercices)


def leave_activities(provider: Provider, *, but: int) -> None:
    """The next extract holds no more than the first ones."""
    with provider.store.begin() as db:
        row = db.scalars(
            select(DirectoryPerson).where(DirectoryPerson.national_id == SEVERAL)
        ).one()
        exercices = [{**e, "activities": e["activities"][:but]} for e in row.exercices]
        db.execute(
            update(DirectoryPerson)
            .where(DirectoryPerson.national_id == SEVERAL)
            .values(exercices=exercices)
        )


def granted(provider: Provider) -> list[str | None]:
    return [grant.selected_activity for grant in all_of(provider, Grant)]


def noted(provider: Provider, event: str = CHOSEN) -> list[JournalEvent]:
    return [row for row in all_of(provider, JournalEvent) if row.event == event]


def choose(browser: FlaskClient, page: str, activity_id: str) -> dict[str, str]:
    return returned(post(browser, page, "/activity", activity=activity_id))


def to_choice(browser: FlaskClient, provider: Provider, **changes: str) -> str:
    """Sign in to the service that asks; gives the address of the page."""
    told = sign_in(browser, provider, SEVERAL, **({"client_id": "asking"} | changes))
    assert told.status_code == 303
    page: str = told.headers["Location"]
    assert page.startswith("/signin/"), page
    return page


def test_a_service_that_did_not_register_is_told_nothing_and_nobody_is_asked(
    browser: FlaskClient, provider: Provider
) -> None:
    """CP-08: the choice is an opt-in of the client."""
    assert returned(sign_in(browser, provider, SEVERAL))["code"]
    assert granted(provider) == [None]
    assert noted(provider) == []
    assert "activity" not in noted(provider, "oauth:code:issued")[0].data


def test_without_the_scope_of_exercises_nothing_is_asked(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    told = returned(sign_in(browser, provider, SEVERAL, client_id=asking, scope="openid"))
    assert told["code"]
    assert granted(provider) == [None]


def test_a_silent_request_does_not_choose(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """Core 3.1.2.6."""
    page = to_choice(browser, provider)
    silent = returned(authorize(browser, client_id=asking, prompt="none"))
    assert silent["error"] == "interaction_required"
    choose(browser, page, activities(provider)[0].activity_id)
    assert returned(authorize(browser, client_id=asking, prompt="none"))["code"]


@pytest.mark.parametrize("kind", ["nothing", "forged", "of somebody else", "any text"])
def test_an_activity_that_is_not_theirs_is_refused_and_the_page_says_so(
    browser: FlaskClient, provider: Provider, asking: str, kind: str
) -> None:
    """CP-08, RGAA 11.10: nothing chosen, or an id that was made up."""
    page = to_choice(browser, provider)
    fields = {
        "nothing": {},
        "forged": {"activity": "0" * 24},
        "of somebody else": {"activity": activities(provider, PERSON)[0].activity_id},
        "any text": {"activity": "é' OR 1=1 --" * 100},
    }[kind]
    refused = post(browser, page, "/activity", **fields)
    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    assert "<title>Erreur" in refused.text
    assert all_of(provider, AuthorizationCode) == []
    assert noted(provider) == []
    assert browser.get(page).status_code == 200
    del asking


def test_the_page_cannot_be_used_to_step_over_the_sign_in_or_the_confirmation(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """Each form is decided by the same table."""
    activity_id = activities(provider)[0].activity_id
    page = begin(browser, client_id=asking)
    assert post(browser, page, "/activity", activity=activity_id).headers["Location"] == page
    sign_in(browser, provider, SEVERAL)
    page = begin(browser, client_id=asking)
    assert "confirmez-vous" in browser.get(page).text
    assert post(browser, page, "/activity", activity=activity_id).headers["Location"] == page
    assert len(all_of(provider, AuthorizationCode)) == 1


def test_a_service_that_does_not_ask_takes_no_choice(
    browser: FlaskClient, provider: Provider
) -> None:
    page = begin(browser)
    token = token_in(browser.get(page))
    sign_in(browser, provider, SEVERAL)
    form = {"csrf_token": token, "activity": activities(provider)[0].activity_id}
    assert browser.post(page + "/activity", data=form).headers["Location"] == page
    assert granted(provider) == [None]


def test_the_page_tells_each_activity_in_words(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """CP-08; RGAA 11.5 to 11.7: a legend, and a label a choice."""
    shown = browser.get(to_choice(browser, provider)).text
    legend = "<legend>Choisissez l’activité au titre de laquelle vous vous connectez</legend>"
    assert legend in shown
    assert "Logiciel asking" in shown
    for activity in activities(provider):
        assert f'<label for="activity-{activity.activity_id}">' in shown
        assert activity.activity["raisonSocialeSite"] in shown
        assert activity.activity["bureauCedex"] in shown
    assert "Exercice libéral" in shown
    assert "Exercice bénévole" in shown
    assert "Masseur-Kinésithérapeute, Assistant collaborateur" in shown
    assert " checked" not in shown
    del asking


def test_the_choice_is_kept_with_the_grant_and_in_the_journal(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """CP-08: the activity is in every trace."""
    second = activities(provider)[1]
    page = to_choice(browser, provider)
    assert choose(browser, page, second.activity_id)["code"]
    assert granted(provider) == [second.activity_id]
    (event,) = noted(provider)
    assert (event.person, event.client_id) == (SEVERAL, asking)
    assert event.sid == live_sessions(provider)[0].sid
    assert event.data == {
        "activity": second.activity_id,
        "structure": second.activity["identifiantTechniqueDeLaStructure"],
        "automatic": False,
    }
    assert noted(provider, "oauth:code:issued")[0].data["activity"] == second.activity_id
    assert browser.get(page).status_code == 410


def test_a_single_activity_is_chosen_automatically(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """CP-08."""
    (only,) = activities(provider, PERSON)
    assert returned(sign_in(browser, provider, PERSON, client_id=asking))["code"]
    assert granted(provider) == [only.activity_id]
    (event,) = noted(provider)
    assert event.data["automatic"] is True
    assert event.data["activity"] == only.activity_id
    assert [row.selected_activity for row in all_of(provider, SessionClient)] == [None]


def test_a_person_without_activity_signs_in_without_one(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    leave_activities(provider, but=0)
    assert activities(provider) == []
    assert returned(sign_in(browser, provider, SEVERAL, client_id=asking))["code"]
    assert granted(provider) == [None]
    assert noted(provider) == []


def test_another_service_asks_again_and_the_same_one_does_not(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """Decision 15."""
    first, second = (one.activity_id for one in activities(provider))
    choose(browser, to_choice(browser, provider), first)
    assert returned(authorize(browser, client_id=asking))["code"]
    add_client(provider, "other", options={"selected_activity": True})
    page = begin(browser, client_id="other")
    sid = live_sessions(provider)[0].sid
    confirmation = browser.get(page).text
    assert "celle au titre de laquelle vous vous connectez" in confirmation
    told = post(browser, page, "/confirm", sid=sid, answer="confirm")
    assert told.headers["Location"] == page
    assert choose(browser, page, second)["code"]
    assert returned(authorize(browser, client_id=asking))["code"]
    assert granted(provider) == [first, first, second, first]
    assert len(noted(provider)) == 2
    assert len(noted(provider, "signin:service:confirmed")) == 1


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_fresh_sign_in_that_is_asked_for_asks_the_activity_too(
    browser: FlaskClient, provider: Provider, asking: str, prompt: str
) -> None:
    """Decision 15: the former choice is marked, and is not taken unasked."""
    first, second = (one.activity_id for one in activities(provider))
    choose(browser, to_choice(browser, provider), first)
    page = to_choice(browser, provider, prompt=prompt)
    shown = browser.get(page).text
    assert re.search(rf'value="{first}"[^>]* checked', shown)
    assert choose(browser, page, second)["code"]
    assert granted(provider) == [first, second]
    assert returned(authorize(browser, client_id=asking))["code"]
    assert granted(provider)[-1] == second


def test_consent_and_then_the_activity_are_each_asked_once(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    page = to_choice(browser, provider, prompt="consent")
    assert "confirmez-vous" in browser.get(page).text
    sid = live_sessions(provider)[0].sid
    post(browser, page, "/confirm", sid=sid, answer="confirm")
    assert "<legend>" in browser.get(page).text
    assert choose(browser, page, activities(provider)[0].activity_id)["code"]
    del asking


def test_a_service_that_was_rejected_forgets_the_choice(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """Decision 13: let in again, it asks again."""
    choose(browser, to_choice(browser, provider), activities(provider)[0].activity_id)
    page = begin(browser, client_id=asking, prompt="consent")
    sid = live_sessions(provider)[0].sid
    assert returned(post(browser, page, "/confirm", sid=sid, answer="reject"))["error"]
    page = begin(browser, client_id=asking)
    post(browser, page, "/confirm", sid=sid, answer="confirm")
    assert "<legend>" in browser.get(page).text


def test_wrong_pins_are_told_before_the_activity_is_asked(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """Decision 19."""
    page = begin(browser, client_id=asking)
    start(browser, page, SEVERAL)
    answer(provider, failures_told=2)
    assert browser.get(page + "/finish").headers["Location"] == page
    assert "<legend>" not in browser.get(page).text
    post(browser, page, "/proceed")
    assert choose(browser, page, activities(provider)[0].activity_id)["code"]


def test_the_choice_of_one_person_is_none_for_the_next_at_this_browser(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    choose(browser, to_choice(browser, provider), activities(provider)[0].activity_id)
    told = sign_in(browser, provider, SEVERAL_ELSEWHERE, client_id=asking, prompt="login")
    page = told.headers["Location"]
    refused = post(browser, page, "/activity", activity=activities(provider)[0].activity_id)
    assert refused.status_code == 400
    theirs = activities(provider, SEVERAL_ELSEWHERE)[0].activity_id
    assert choose(browser, page, theirs)["code"]


def test_a_session_without_the_choice_asks_again(
    browser: FlaskClient, other_browser: FlaskClient, provider: Provider, asking: str
) -> None:
    choose(browser, to_choice(browser, provider), activities(provider)[0].activity_id)
    assert "<legend>" in other_browser.get(to_choice(other_browser, provider)).text
    del asking


def test_a_chosen_activity_that_is_gone_is_asked_again(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    """CP-08, decision 36: of those that are left; a single one is taken."""
    whole = activities(provider)
    choose(browser, to_choice(browser, provider), whole[1].activity_id)
    leave_activities(provider, but=1)
    assert returned(authorize(browser, client_id=asking))["code"]
    assert granted(provider)[-1] == whole[0].activity_id
    assert noted(provider)[-1].data["automatic"] is True
    leave_activities(provider, but=0)
    assert returned(authorize(browser, client_id=asking))["code"]
    assert granted(provider)[-1] is None


@pytest.fixture
def app_on_either(database_url: str, master_key: str) -> Iterator[Flask]:
    app = create_app(make_settings(database_url, master_key))
    add_client(provider_of(app), "asking", options={"selected_activity": True})
    yield app
    provider_of(app).store.close()


def test_an_import_takes_the_chosen_activity_away(app_on_either: Flask, tmp_path: Path) -> None:
    """CP-08 and decision 36, on both databases, by the real import."""
    provider, browser = provider_of(app_on_either), app_on_either.test_client()
    kept, gone = activities(provider)
    choose(browser, to_choice(browser, provider), gone.activity_id)
    structure = gone.activity["identifiantTechniqueDeLaStructure"]
    lines = [line for line in sample_lines() if SEVERAL not in line or structure not in line]
    extract = tmp_path / "extract.txt"
    extract.write_text("\n".join(lines) + "\n", "utf-8")
    import_directory(provider, extract)
    assert activities(provider) != []
    assert returned(authorize(browser, client_id="asking"))["code"]
    assert granted(provider) == [gone.activity_id, kept.activity_id]


def test_a_client_that_registers_no_more_is_told_nothing(
    browser: FlaskClient, provider: Provider, asking: str
) -> None:
    choose(browser, to_choice(browser, provider), activities(provider)[0].activity_id)
    with provider.store.begin() as db:
        change_client(db, asking, options={})
    assert returned(authorize(browser, client_id=asking))["code"]
    assert granted(provider)[-1] is None


class TestStore:
    """What the choice asks of SQL."""

    @pytest.fixture
    def service(self) -> None:
        """Replaces the folder's fixture: these tests have no application."""

    def test_a_choice_needs_a_service_that_was_let_in(self, both: Provider) -> None:
        with both.store.begin() as db:
            assert not select_activity(db, "sid", "asking", "one")
            confirm_client(db, "sid", "asking", now=both.clock.now())
            assert find_selected_activity(db, "sid", "asking") is None
            assert select_activity(db, "sid", "asking", "one")
            assert select_activity(db, "sid", "asking", "two")
            confirm_client(db, "sid", "asking", now=both.clock.now())
            assert find_selected_activity(db, "sid", "asking") == "two"
            assert find_selected_activity(db, "sid", "other") is None
