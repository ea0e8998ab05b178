"""Sectors: who shares a `sub` (OpenID Connect Core 8.1; Registration 1.0, 5)."""

import json
from typing import Any

import pytest

from idp.oauth.clients.registered import DEVICE_CODE
from idp.provider import Provider
from idp.psc.subject import subject_of
from idp.store.clients import find_client
from tests.dynamic_registration.helpers import CALLBACK, Developer, Site, fetch
from tests.oauth.helpers import REDIRECT, Service, advance
from tests.signin.helpers import authorize

OTHER = "https://other.test/callback"


def listing(site: Site, *addresses: str) -> str:
    return site.publish("/sector.json", json.dumps(addresses).encode())


def sub_of(provider: Provider, client: dict[str, Any]) -> str:
    with provider.store.read() as db:
        row = find_client(db, client["client_id"])
    assert row is not None
    return subject_of(provider, row, account_id="account", national_id="899700990015")


def asked(developer: Developer, client: dict[str, Any]) -> Any:
    return authorize(
        developer.http, client_id=client["client_id"], redirect_uri=client["redirect_uris"][0]
    )


@pytest.mark.parametrize("listed", [[], [OTHER], [CALLBACK + "/"], ["https://service.test"]])
def test_nobody_enters_where_the_sector_does_not_list_the_address(
    tester: Developer, provider: Provider, site: Site, listed: list[str]
) -> None:
    """oidcc-registration-sector-bad: the page names the reason."""
    client = tester.registered(sector_identifier_uri=listing(site, *listed))
    page = asked(tester, client)
    assert (page.status_code, "sector_identifier_uri" in page.text) == (400, True)
    assert "réessayez" in page.text
    fetch(provider)
    page = asked(tester, client)
    assert page.status_code == 400
    assert "ne contient pas toutes ses adresses" in page.text


def test_a_sector_is_known_once_it_was_read(
    tester: Developer, provider: Provider, site: Site
) -> None:
    """oidcc-registration-sector-uri."""
    client = tester.registered(sector_identifier_uri=listing(site, CALLBACK, OTHER))
    assert asked(tester, client).status_code == 400
    fetch(provider)
    assert asked(tester, client).status_code == 303


def test_a_sector_that_was_corrected_is_read_when_it_is_needed(
    tester: Developer, provider: Provider, site: Site
) -> None:
    client = tester.registered(sector_identifier_uri=listing(site))
    fetch(provider)
    listing(site, CALLBACK)
    advance(provider, provider.settings.document_refetch_pause.total_seconds())
    assert asked(tester, client).status_code == 400
    assert fetch(provider) == 1
    assert asked(tester, client).status_code == 303


def test_a_further_address_is_compared_anew(
    tester: Developer, provider: Provider, site: Site
) -> None:
    client = tester.registered(sector_identifier_uri=listing(site, CALLBACK))
    fetch(provider)
    replaced = {
        "client_id": client["client_id"],
        "redirect_uris": [CALLBACK, OTHER],
        "sector_identifier_uri": client["sector_identifier_uri"],
    }
    assert tester.manage("PUT", client, json=replaced).status_code == 200
    fetch(provider)
    assert asked(tester, client).status_code == 400


@pytest.mark.parametrize(
    ("path", "grant_type"),
    [
        ("auth/device", "urn:ietf:params:oauth:grant-type:device_code"),
        ("ext/ciba/auth", "urn:openid:params:grant-type:ciba"),
    ],
)
def test_ways_without_a_page_are_closed_as_well(
    tester: Developer, provider: Provider, site: Site, path: str, grant_type: str
) -> None:
    """RFC 8628, CIBA: the `sub` is the same there."""
    client = tester.registered(
        sector_identifier_uri=listing(site), grant_types=["authorization_code", grant_type]
    )
    service = Service(tester.app, provider, client["client_id"], client["client_secret"])
    answer = service.post(path, {"scope": "openid", "login_hint": "899700990015"})
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_clients_of_one_sector_know_a_person_by_one_sub(
    tester: Developer, provider: Provider, site: Site
) -> None:
    """`pairwise` by the client's own wish, whatever the provider does for others."""
    uri = listing(site, CALLBACK, OTHER)
    pairwise = {"subject_type": "pairwise", "redirect_uris": [CALLBACK, OTHER]}
    first = tester.registered(**pairwise, sector_identifier_uri=uri)
    second = tester.registered(
        subject_type="pairwise", redirect_uris=[OTHER], sector_identifier_uri=uri
    )
    alone = tester.registered(subject_type="pairwise")
    public = tester.registered(subject_type="public")
    assert first["subject_type"] == "pairwise"
    assert sub_of(provider, first) == sub_of(provider, second)
    subs = {sub_of(provider, client) for client in (first, alone, public)}
    assert len(subs) == 3
    assert sub_of(provider, public).startswith("f:")


def test_a_pairwise_client_is_told_no_identifier_anywhere(
    developer: Developer, provider: Provider
) -> None:
    """Decision 11."""
    client = developer.registered(subject_type="pairwise", redirect_uris=[REDIRECT])
    service = Service(developer.app, provider, client["client_id"], client["client_secret"])
    tokens = service.sign_in()
    told = service.claims(tokens["id_token"])
    assert told["sub"] == service.userinfo(tokens["access_token"]).json["sub"]
    assert not {"SubjectNameID", "preferred_username"} & told.keys()
    assert "899700990015" not in json.dumps([told, service.claims(tokens["access_token"])])


def test_where_all_is_pairwise_nobody_gets_public(developer: Developer, provider: Provider) -> None:
    provider.settings = provider.settings.model_copy(update={"sub_format": "pairwise"})
    assert developer.register(subject_type="public").json["error"] == "invalid_client_metadata"
    assert developer.registered()["subject_type"] == "pairwise"


@pytest.mark.parametrize("world", ["public", "pairwise"])
@pytest.mark.parametrize(
    "asked",
    [
        {"redirect_uris": ["https://victim.test/back", "https://service.test/back"]},
        {"grant_types": ["authorization_code", DEVICE_CODE]},
    ],
    ids=["another_address", "no_address"],
)
def test_nobody_takes_the_sector_of_an_address_that_they_need_not_hold(
    developer: Developer, provider: Provider, world: str, asked: dict[str, Any]
) -> None:
    """Its tokens come elsewhere, or without an address: the first one registered proves nothing."""
    given = {"redirect_uris": ["https://victim.test/back"]} | asked
    if world == "pairwise":
        settings = provider.settings.model_copy(update={"sub_format": "pairwise"})
        provider.settings = settings
    else:
        given["subject_type"] = "pairwise"
    answer = developer.register(**given)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert "sector_identifier_uri" in answer.json["error_description"]
    named = developer.register(sector_identifier_uri="https://service.test/sector", **given)
    assert named.status_code == 201


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"subject_type": "pairwise"}, {"subject_type": "pairwise", "redirect_uris": [OTHER]}),
        ({}, {"subject_type": "pairwise"}),
        (
            {"subject_type": "pairwise"},
            {"subject_type": "pairwise", "sector_identifier_uri": "https://victim.test/sector"},
        ),
    ],
    ids=["another_host", "of_a_public_client", "another_document"],
)
def test_what_was_granted_is_carried_into_no_other_sector(
    developer: Developer, provider: Provider, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """Tokens that live would tell at once how people are known there, whoever holds the address."""
    client = developer.registered(**before)
    known = sub_of(provider, client)
    given = {"client_id": client["client_id"], "redirect_uris": [CALLBACK]} | after
    answer = developer.manage("PUT", client, json=given)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert sub_of(provider, client) == known


def test_applications_on_a_persons_machine_share_no_sector(
    developer: Developer, provider: Provider
) -> None:
    """Loopback is nobody's own address: one application would know another's people."""
    native = {"application_type": "native", "redirect_uris": ["http://127.0.0.1/back"]}
    first = developer.registered(subject_type="pairwise", **native)
    second = developer.registered(subject_type="pairwise", **native)
    assert sub_of(provider, first) != sub_of(provider, second)
