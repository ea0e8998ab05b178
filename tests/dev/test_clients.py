"""Relying services that a test registers: by the rules of every registration."""

from typing import Any
from urllib.parse import quote

import pytest

from idp.portal.client import register_portal
from idp.provider import Provider
from idp.store.models import Client
from tests.dev.helpers import Developer
from tests.signin.helpers import all_of, events

SERVICE = {"client_id": "mine", "redirect_uris": ["http://service:3000/callback"]}


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, "redirect_uris"),
        (SERVICE | {"redirect_uris": ["not an address"]}, 400, "not an absolute address"),
        (SERVICE | {"redirect_uri": "http://a.test/"}, 400, "redirect_uri: Extra inputs"),
        (SERVICE | {"means": ["SMS"]}, 400, "means"),
        (SERVICE | {"profile": "fapi"}, 400, ""),
        (SERVICE | {"client_id": "portail"}, 409, "exists already"),
        (SERVICE | {"development": False}, 400, "http"),
        (SERVICE | {"client_id": "a b"}, 400, "client_id"),
        (SERVICE | {"token_endpoint_auth_method": "none", "client_secret": "x"}, 400, "secret"),
    ],
)
def test_what_does_not_hold_is_refused_with_the_reason_and_not_kept(
    developer: Developer, provider: Provider, body: dict[str, Any], status: int, told: str
) -> None:
    answered, detail = developer.refused("POST", "clients", body)
    assert answered == status, detail
    assert told in detail
    assert all_of(provider, Client) == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_client_that_is_not_there_is_not_found(developer: Developer, method: str) -> None:
    body: dict[str, Any] | None = {} if method == "PATCH" else None
    assert developer.refused(method, "clients/none", body)[0] == 404


@pytest.mark.parametrize("client_id", ["https://app.test/login?a=b#c", "a%2Fb"])
def test_whatever_identifier_is_registered_is_found_again(
    developer: Developer, client_id: str
) -> None:
    developer.told("POST", "clients", SERVICE | {"client_id": client_id})
    address = f"clients/{quote(client_id, safe='')}"
    assert developer.told("GET", address)["client_id"] == client_id
    assert developer.told("PATCH", address, {"client_name": "B"})["client_name"] == "B"
    assert developer.ask("DELETE", address).status_code == 204
    assert developer.refused("GET", address)[0] == 404


def test_an_identifier_is_given_once(developer: Developer) -> None:
    developer.told("POST", "clients", SERVICE)
    status, detail = developer.refused("POST", "clients", SERVICE)
    assert (status, "PATCH changes it" in detail) == (409, True)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_the_portal_of_the_provider_stays_as_it_is(
    developer: Developer, provider: Provider, method: str
) -> None:
    """People sign in to it: nothing but the provider changes it."""
    with provider.store.begin() as db:
        register_portal(provider, db)
    assert [one["client_id"] for one in developer.told("GET", "clients")["clients"]] == ["portail"]
    assert developer.refused(method, "clients/portail", {} if method == "PATCH" else None)[0] == 409


def test_a_secret_is_told_in_clear_once(developer: Developer, provider: Provider) -> None:
    made = developer.told("POST", "clients", SERVICE)
    assert len(made["client_secret"]) >= 43
    assert "client_secret" not in developer.told("GET", "clients/mine")
    assert made["client_secret"].encode() not in all_of(provider, Client)[0].secret_hash
    public = developer.told(
        "POST", "clients", SERVICE | {"client_id": "public", "token_endpoint_auth_method": "none"}
    )
    assert public["client_secret"] is None


def test_a_secret_that_is_given_is_the_one(developer: Developer) -> None:
    made = developer.told("POST", "clients", SERVICE | {"client_secret": "of-the-compose-file"})
    assert made["client_secret"] == "of-the-compose-file"
    answer = developer.browser.post(
        "/auth/realms/esante-wallet/protocol/openid-connect/token",
        data={"grant_type": "authorization_code", "code": "none"},
        auth=("mine", "of-the-compose-file"),
    )
    assert answer.get_json()["error"] != "invalid_client"


def test_a_member_is_changed_and_the_others_stay(developer: Developer) -> None:
    before = developer.told("POST", "clients", SERVICE | {"client_name": "Mine"})
    after = developer.told("PATCH", "clients/mine", {"means": ["CARD"], "profile": "strict"})
    assert (after["means"], after["profile"], after["client_name"]) == (["CARD"], "strict", "Mine")
    back = developer.told("PATCH", "clients/mine", {"means": None, "profile": "psc"})
    del before["client_secret"]
    assert back == before == developer.told("GET", "clients/mine")


def test_a_change_that_does_not_hold_changes_nothing(developer: Developer) -> None:
    developer.told("POST", "clients", SERVICE)
    before = developer.told("GET", "clients/mine")
    assert developer.refused("PATCH", "clients/mine", {"redirect_uris": [], "disabled": True})
    assert developer.refused("PATCH", "clients/mine", {"client_secret": "x"})[0] == 400
    assert developer.told("GET", "clients/mine") == before


def test_a_client_is_shut_out_and_let_in_again(developer: Developer, provider: Provider) -> None:
    developer.told("POST", "clients", SERVICE)
    assert developer.told("PATCH", "clients/mine", {"disabled": True})["disabled"] is True
    assert developer.told("PATCH", "clients/mine", {"disabled": False})["disabled"] is False
    assert [name for name in events(provider) if "abled" in name] == [
        "oauth:client:disabled",
        "oauth:client:enabled",
    ]


def test_a_client_that_is_removed_is_gone(developer: Developer, provider: Provider) -> None:
    developer.told("POST", "clients", SERVICE)
    assert developer.ask("DELETE", "clients/mine").status_code == 204
    assert all_of(provider, Client) == []
    assert events(provider)[-1] == "oauth:client:removed"
