"""PSC's claims stay as they were beside `selected_activity` (CP-08, decisions 11 and 15)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from idp import create_app
from idp.directory.activities import activities_of
from idp.directory.people import find_person
from idp.provider import Provider
from idp.psc.vintages import VINTAGES
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import Service, add_client, open_session

SEVERAL = "899700990239"
PAIRWISE = "pairwise"


@pytest.fixture
def pairwise(sqlite_url: str, master_key: str) -> Iterator[Flask]:
    app = create_app(make_settings(sqlite_url, master_key, sub_format=PAIRWISE))
    yield app
    provider_of(app).store.close()


def first_activity(provider: Provider, national_id: str) -> str:
    with provider.store.read() as db:
        person = find_person(db, national_id)
    assert person is not None
    return activities_of(person.national_id, person.exercices)[0].activity_id


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_vintage_is_the_same_byte_for_byte_but_for_the_claim_at_its_end(
    app: Flask, sqlite_url: str, master_key: str, vintage: str
) -> None:
    """CP-08, decision 11: PSC's full list is not touched, in whichever recorded shape."""
    provider = provider_of(app)
    provider.settings = make_settings(sqlite_url, master_key, claims_vintage=vintage)
    add_client(provider)
    add_client(provider, "asking", selected_activity=True)
    plain, asking = Service(app, provider), Service(app, provider, "asking")
    session = open_session(provider, national_id=SEVERAL)
    chosen = first_activity(provider, SEVERAL)
    without = plain.userinfo(plain.sign_in(session)["access_token"]).text
    told = asking.userinfo(asking.sign_in(session, activity_id=chosen)["access_token"]).text
    assert told.startswith(without.removesuffix("}") + ',"selected_activity":{')


def test_a_pairwise_subject_is_not_named_by_the_activity(pairwise: Flask) -> None:
    """Decision 11: the number of a practice of one's own holds its practitioner's."""
    provider = provider_of(pairwise)
    add_client(provider, selected_activity=True)
    service = Service(pairwise, provider)
    person = "899700990015"
    session = open_session(provider, national_id=person)
    tokens = service.sign_in(session, activity_id=first_activity(provider, person))
    told = service.userinfo(tokens["access_token"])
    assert told.json["selected_activity"]["ancienIdentifiantDeLaStructure"] == ""
    assert (
        service.claims(tokens["id_token"])["selected_activity"] == (told.json["selected_activity"])
    )
    assert person[1:] not in told.text
