"""Managing a registration of one's own (RFC 7592)."""

from typing import Any

import pytest

from idp.provider import Provider
from idp.settings import REALM_PATH
from tests.conftest import provider_of
from tests.dynamic_registration.helpers import (
    ADDRESS,
    CALLBACK,
    Developer,
    bearer,
    key_set,
    new_key,
)
from tests.dynamic_registration.test_registration import stored
from tests.oauth.helpers import REDIRECT, Service, add_client, events

METHODS = ("GET", "PUT", "DELETE")


def replacement(client: dict[str, Any], **changes: Any) -> dict[str, Any]:
    given = {"client_id": client["client_id"], "redirect_uris": [CALLBACK]} | changes
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("method", METHODS)
def test_without_its_token_nothing_is_told_or_changed(developer: Developer, method: str) -> None:
    """RFC 7592, 2: 401, and the same answer for a client that does not exist."""
    client, other = developer.registered(), developer.registered()
    add_client(provider_of(developer.app), "of-the-operator")
    seen = set()
    for client_id, token in (
        (client["client_id"], None),
        (client["client_id"], "wrong"),
        (client["client_id"], other["registration_access_token"]),
        (client["client_id"], developer.token),
        ("of-the-operator", ""),
        ("nobody", "wrong"),
        ("%20", "wrong"),
    ):
        answer = developer.http.open(
            f"{ADDRESS}/{client_id}", method=method, headers=bearer(token), json={}
        )
        seen.add((answer.status_code, answer.text, answer.headers["WWW-Authenticate"]))
    assert len(seen) == 1
    assert seen.pop()[0] == 401
    assert developer.manage("GET", client).status_code == 200


def test_a_client_is_read_without_its_secret(developer: Developer) -> None:
    """2.1: only a digest of it is kept."""
    client = developer.registered(client_name="Lu")
    read = developer.manage("GET", client).json
    secret = ("client_secret", "client_secret_expires_at")
    assert read == {name: value for name, value in client.items() if name not in secret}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": "another"},
        {"client_secret": "of my own choice"},
        {"client_secret": 7},
        {"registration_access_token": "x"},
        {"registration_client_uri": "https://service.test"},
        {"client_secret_expires_at": 0},
        {"client_id_issued_at": 1},
        {"profile": "strict"},
        {"development": True},
        {"scope": "nothing"},
    ],
    ids=str,
)
def test_a_replacement_that_does_not_hold_changes_nothing(
    developer: Developer, changes: dict[str, Any]
) -> None:
    client = developer.registered(client_name="Avant")
    answer = developer.manage("PUT", client, json=replacement(client, **changes))
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert developer.manage("GET", client).json["client_name"] == "Avant"


def test_a_replacement_replaces_all(developer: Developer, provider: Provider) -> None:
    """2.2: what it leaves out is as if it had never been given; secret and token stay."""
    client = developer.registered(client_name="Avant", contacts=["a@b.test"], default_max_age=5)
    before = stored(provider, client["client_id"])
    asked = replacement(
        client, client_secret=client["client_secret"], redirect_uris=["https://service.test/new"]
    )
    answer = developer.manage("PUT", client, json=asked)
    assert answer.status_code == 200
    assert answer.json["redirect_uris"] == ["https://service.test/new"]
    assert not {"contacts", "default_max_age", "client_secret"} & answer.json.keys()
    assert answer.json["registration_access_token"] == client["registration_access_token"]
    after = stored(provider, client["client_id"])
    assert (after.secret_hash, after.created_at) == (before.secret_hash, before.created_at)
    assert events(provider).count("oauth:client:changed") == 1


def test_a_client_that_comes_to_need_a_secret_is_given_one(developer: Developer) -> None:
    keys = key_set(new_key())
    client = developer.registered(token_endpoint_auth_method="private_key_jwt", jwks=keys)
    asked = replacement(client, token_endpoint_auth_method="client_secret_basic")
    replaced = developer.manage("PUT", client, json=asked).json
    assert len(replaced["client_secret"]) >= 43
    asked = replacement(client, token_endpoint_auth_method="private_key_jwt", jwks=keys)
    assert "client_secret" not in developer.manage("PUT", client, json=asked).json


def test_what_the_operator_set_stays(developer: Developer, provider: Provider) -> None:
    client = developer.registered()
    with provider.store.begin() as db:
        row = db.merge(stored(provider, client["client_id"]))
        row.means, row.profile = ["CARD"], "strict"
        row.options = row.options | {"release_national_id": True}
    assert developer.manage("PUT", client, json=replacement(client)).status_code == 200
    after = stored(provider, client["client_id"])
    assert (after.means, after.profile) == (["CARD"], "strict")
    assert after.options["release_national_id"] is True


def test_a_removed_client_is_gone_with_all_that_it_was_granted(
    developer: Developer, provider: Provider
) -> None:
    """2.3: tokens and codes are worth nothing from then on, whoever asks."""
    client = developer.registered(redirect_uris=[REDIRECT])
    service = Service(developer.app, provider, client["client_id"], client["client_secret"])
    add_client(provider, "api")
    tokens = service.sign_in()
    api = Service(developer.app, provider, "api")
    assert api.introspect(tokens["access_token"])["active"]
    code = service.authorize()["code"]
    assert developer.manage("DELETE", client).status_code == 204
    assert not api.introspect(tokens["access_token"])["active"]
    assert service.userinfo(tokens["access_token"]).status_code == 401
    assert service.exchange(code).status_code == 401
    assert service.refresh(tokens["refresh_token"]).status_code == 401
    assert developer.manage("GET", client).status_code == 401
    assert "oauth:client:removed" in events(provider)


def test_the_endpoints_are_told_by_discovery(developer: Developer) -> None:
    document = developer.http.get(f"{REALM_PATH}/.well-known/openid-configuration").json
    assert document["registration_endpoint"] == f"http://localhost:8000{ADDRESS}"


def test_replacements_count_as_registrations_do(developer: Developer, provider: Provider) -> None:
    """Each may name documents anew, which we then fetch wherever they are."""
    client = developer.registered()
    provider.settings = provider.settings.model_copy(update={"registrations_per_address": 3})
    statuses = [
        developer.manage("PUT", client, json=replacement(client, **changes)).status_code
        for changes in ({}, {"scope": ""}, {}, {})
    ]
    assert statuses == [200, 400, 429, 429]
    assert developer.manage("GET", client).status_code == 200
