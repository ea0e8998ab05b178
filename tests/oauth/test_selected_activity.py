"""The claim `selected_activity`, from the code to its last refresh (CP-08, decision 15)."""

from typing import Any

import pytest
from sqlalchemy import update

from idp.directory.activities import PersonalActivity, activities_of
from idp.directory.exercices import ACTIVITY_MEMBERS
from idp.directory.people import find_person
from idp.provider import Provider
from idp.store.clients import change_client
from idp.store.models import DirectoryPerson, JournalEvent
from tests.oauth.helpers import Service, add_client, open_session

SEVERAL = "899700990239"
CLAIM = "selected_activity"
MEMBERS = ["codeProfession", "codeCategorieProfessionnelle", "codeSavoirFaire", *ACTIVITY_MEMBERS]


@pytest.fixture
def asking(service: Service) -> Service:
    """A service that registered for the claim."""
    add_client(service.provider, "asking", selected_activity=True)
    return service.as_client("asking")


@pytest.fixture
def chosen(provider: Provider) -> PersonalActivity:
    """The second of the person's two activities."""
    with provider.store.read() as db:
        person = find_person(db, SEVERAL)
    assert person is not None
    return activities_of(person.national_id, person.exercices)[1]


def sign_in(service: Service, activity: PersonalActivity | None, **changes: Any) -> dict[str, Any]:
    session = open_session(service.provider, national_id=SEVERAL)
    name = activity.activity_id if activity else None
    return service.sign_in(session, activity_id=name, **changes)


def leave(provider: Provider, activity: PersonalActivity) -> None:
    """The next extract holds the first activity only."""
    only_first = [{**activity.exercice, "activities": []}]
    with provider.store.begin() as db:
        db.execute(
            update(DirectoryPerson)
            .where(DirectoryPerson.national_id == SEVERAL)
            .values(exercices=only_first)
        )


def test_a_client_that_did_not_register_is_never_told(
    service: Service, chosen: PersonalActivity
) -> None:
    """CP-08: not even where its grant has one, as after a change of its registration."""
    tokens = sign_in(service, chosen)
    assert CLAIM not in service.userinfo(tokens["access_token"]).json
    assert CLAIM not in service.claims(tokens["id_token"])


def test_a_grant_without_activity_has_no_claim(asking: Service) -> None:
    tokens = sign_in(asking, None)
    assert CLAIM not in asking.userinfo(tokens["access_token"]).json
    assert CLAIM not in asking.claims(tokens["id_token"])


@pytest.mark.parametrize("scope", ["openid", "openid profile email"])
def test_without_the_scope_of_exercises_there_is_no_claim(
    asking: Service, chosen: PersonalActivity, scope: str
) -> None:
    tokens = sign_in(asking, chosen, scope=scope)
    assert CLAIM not in asking.userinfo(tokens["access_token"]).json
    assert CLAIM not in asking.claims(tokens["id_token"])


def test_introspection_and_access_token_do_not_tell_it(
    asking: Service, chosen: PersonalActivity
) -> None:
    tokens = sign_in(asking, chosen)
    assert CLAIM not in asking.introspect(tokens["access_token"])
    assert CLAIM not in asking.claims(tokens["access_token"])


def test_the_claim_stands_beside_the_whole_list(asking: Service, chosen: PersonalActivity) -> None:
    """CP-08: in userinfo and in the ID token, members in PSC's order."""
    tokens = sign_in(asking, chosen)
    userinfo = asking.userinfo(tokens["access_token"]).json
    claim = userinfo[CLAIM]
    assert list(claim) == MEMBERS
    listed = userinfo["SubjectRefPro"]["exercices"][0]
    assert len(listed["activities"]) == 2
    assert {name: claim[name] for name in ACTIVITY_MEMBERS} == listed["activities"][1]
    assert claim["codeProfession"] == listed["codeProfession"] == "70"
    assert asking.claims(tokens["id_token"])[CLAIM] == claim


def test_it_survives_every_refresh(asking: Service, chosen: PersonalActivity) -> None:
    """Decision 15; a scope narrowed for one answer hides it from that answer alone."""
    tokens = sign_in(asking, chosen)
    claim = asking.claims(tokens["id_token"])[CLAIM]
    narrowed = asking.refresh(tokens["refresh_token"], scope="openid").json
    assert CLAIM not in asking.claims(narrowed["id_token"])
    assert CLAIM not in asking.userinfo(narrowed["access_token"]).json
    fresh = asking.refresh(narrowed["refresh_token"]).json
    assert asking.claims(fresh["id_token"])[CLAIM] == claim
    assert asking.userinfo(fresh["access_token"]).json[CLAIM] == claim


def test_an_activity_that_is_gone_ends_what_was_issued_for_it(
    asking: Service, chosen: PersonalActivity
) -> None:
    """CP-08: better no answer than one that bills under an activity the directory lost."""
    tokens = sign_in(asking, chosen)
    leave(asking.provider, chosen)
    refused = asking.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")
    userinfo = asking.userinfo(tokens["access_token"])
    assert userinfo.status_code == 401
    assert 'error="invalid_token"' in userinfo.headers["WWW-Authenticate"]
    assert asking.introspect(tokens["access_token"]) == {"active": False}


def test_a_code_for_an_activity_that_is_gone_is_refused(
    asking: Service, chosen: PersonalActivity
) -> None:
    session = open_session(asking.provider, national_id=SEVERAL)
    code = asking.authorize(session, activity_id=chosen.activity_id)["code"]
    leave(asking.provider, chosen)
    assert asking.exchange(code).json["error"] == "invalid_grant"


def test_those_who_chose_nothing_keep_their_tokens_when_activities_change(
    service: Service, chosen: PersonalActivity
) -> None:
    """CP-08: the check is of grants that have an activity."""
    tokens = sign_in(service, None)
    leave(service.provider, chosen)
    assert service.refresh(tokens["refresh_token"]).status_code == 200


def test_a_client_that_registers_no_more_is_told_no_more(
    asking: Service, chosen: PersonalActivity
) -> None:
    tokens = sign_in(asking, chosen)
    with asking.provider.store.begin() as db:
        change_client(db, "asking", options={})
    assert CLAIM not in asking.userinfo(tokens["access_token"]).json
    fresh = asking.refresh(tokens["refresh_token"]).json
    assert CLAIM not in asking.claims(fresh["id_token"])


def test_every_event_of_its_tokens_carries_the_activity(
    asking: Service, chosen: PersonalActivity
) -> None:
    """CP-08: in every trace."""
    provider = asking.provider
    tokens = sign_in(asking, chosen)
    fresh = asking.refresh(tokens["refresh_token"]).json
    asking.post("revoke", {"token": fresh["refresh_token"]})
    sign_in(asking, None)
    with provider.store.read() as db:
        told = [
            (row.event, row.data.get("activity"))
            for row in db.query(JournalEvent).order_by(JournalEvent.seq)
            if row.event.startswith(("oauth:code", "oauth:token"))
        ]
    assert told == [
        ("oauth:code:issued", chosen.activity_id),
        ("oauth:token:issued", chosen.activity_id),
        ("oauth:token:refreshed", chosen.activity_id),
        ("oauth:token:revoked", chosen.activity_id),
        ("oauth:code:issued", None),
        ("oauth:token:issued", None),
    ]


def test_it_is_advertised_among_the_claims(service: Service) -> None:
    """Decision 12: last, after what PSC serves."""
    address = "/auth/realms/esante-wallet/.well-known/openid-configuration"
    assert service.http.get(address).get_json(force=True)["claims_supported"][-1] == CLAIM
