"""Registration by protocol (RFC 7591; OpenID Connect Dynamic Client Registration 1.0)."""

import base64
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from idp import create_app
from idp.oauth.clients.metadata import ClientMetadata
from idp.oauth.clients.self_metadata import OWN_MEMBERS
from idp.provider import Provider, ProviderNotReady, initialise
from idp.store.clients import find_client
from idp.store.models import Client, InitialAccessToken
from tests.conftest import make_settings, provider_of
from tests.dynamic_registration.helpers import (
    ADDRESS,
    CALLBACK,
    TOKEN,
    Developer,
    bearer,
    key_set,
    new_key,
    permit,
)
from tests.oauth.helpers import advance, events

REFUSED = "oauth:registration:refused"


def stored(provider: Provider, client_id: str) -> Client:
    with provider.store.read() as db:
        client = find_client(db, client_id)
    assert client is not None
    return client


def count(provider: Provider) -> int:
    with provider.store.read() as db:
        return db.scalar(select(func.count()).select_from(Client)) or 0


def uses_left(provider: Provider) -> int:
    with provider.store.read() as db:
        return db.scalars(select(InitialAccessToken)).one().uses_left


@pytest.mark.parametrize("token", [None, "", "another", TOKEN + "x", TOKEN[:-1]])
def test_nobody_registers_without_a_token_of_the_operator(
    developer: Developer, token: str | None
) -> None:
    """RFC 7591, 3; RFC 6750, 3.1."""
    developer.token = token
    before = count(provider_of(developer.app))
    answer = developer.register()
    assert answer.status_code == 401
    assert answer.json["error"] == "invalid_token"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert count(provider_of(developer.app)) == before
    assert REFUSED in events(provider_of(developer.app))


def test_a_token_lapses(developer: Developer, provider: Provider) -> None:
    advance(provider, 3600)
    assert developer.register().status_code == 401


def test_a_token_of_one_use_serves_once(app: Flask, provider: Provider) -> None:
    permit(provider, uses=1)
    developer = Developer(app)
    assert developer.register().status_code == 201
    assert developer.register().status_code == 401


def test_simultaneous_registrations_take_no_more_than_the_uses(both: Provider) -> None:
    """measured, pitfall 1: one conditional update."""
    permit(both, uses=1)
    app = create_app(both.settings, provider=both)
    barrier, answers = threading.Barrier(6), []

    def register() -> None:
        developer = Developer(app)
        barrier.wait()
        answers.append(developer.register().status_code)

    threads = [threading.Thread(target=register) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 401, 401, 401, 401, 401]


def test_what_is_refused_takes_no_use(developer: Developer, provider: Provider) -> None:
    before = uses_left(provider)
    assert developer.register(redirect_uris=[]).status_code == 400
    assert uses_left(provider) == before


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://service.test/cb#f"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://service.test/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://localhost:3000/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["service.test:/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://*.service.test/cb"]}, "invalid_redirect_uri"),
        ({"application_type": "native"}, "invalid_redirect_uri"),
        ({"post_logout_redirect_uris": ["http://service.test/bye"]}, "invalid_redirect_uri"),
        ({"redirect_uris": 7}, "invalid_client_metadata"),
        ({"application_type": "tv"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_guess"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"response_types": []}, "invalid_client_metadata"),
        ({"scope": "admin"}, "invalid_client_metadata"),
        ({"contacts": ["a@b.test"] * 11}, "invalid_client_metadata"),
        ({"default_max_age": -1}, "invalid_client_metadata"),
        ({"default_acr_values": ["eidas9"]}, "invalid_client_metadata"),
        ({"subject_type": "secret"}, "invalid_client_metadata"),
        ({"jwks": {"keys": []}}, "invalid_client_metadata"),
        ({"jwks": {"keys": [new_key().as_dict(private=True)]}}, "invalid_client_metadata"),
        (
            {"jwks": key_set(new_key()), "jwks_uri": "https://service.test/jwks"},
            "invalid_client_metadata",
        ),
        ({"jwks_uri": "http://service.test/jwks"}, "invalid_client_metadata"),
        ({"jwks_uri": "https://service.test:8443/jwks"}, "invalid_client_metadata"),
        ({"logo_uri": "https://user@service.test/logo"}, "invalid_client_metadata"),
        ({"logo_uri": "https://service.test/\u00e9"}, "invalid_client_metadata"),
        ({"logo_uri": "https://service.test/" + "x" * 2000}, "invalid_client_metadata"),
        ({"client_name": "x" * 201}, "invalid_client_metadata"),
        ({"policy_uri": "javascript:alert(1)"}, "invalid_client_metadata"),
        ({"tos_uri": "http://service.test/tos"}, "invalid_client_metadata"),
        ({"request_uris": ["https://service.test/r"] * 11}, "invalid_client_metadata"),
        (
            {
                "subject_type": "pairwise",
                "redirect_uris": [CALLBACK, "https://other.test/callback"],
            },
            "invalid_client_metadata",
        ),
        ({"software_statement": "not a JWT"}, "invalid_software_statement"),
    ],
    # Numbered: keys are drawn anew in each process that collects.
)
def test_what_does_not_hold_is_named(
    developer: Developer, metadata: dict[str, Any], error: str
) -> None:
    """RFC 7591, 3.2.2; oidcc-redirect-uri-regfrag."""
    answer = developer.register(**metadata)
    assert answer.status_code == 400, answer.text
    assert answer.json["error"] == error
    assert answer.json["error_description"]


@pytest.mark.parametrize(
    "member",
    [
        {"profile": "strict"},
        {"means": ["MOBILE"]},
        {"card_families": ["CPA"]},
        {"development": True},
        {"selected_activity": True},
    ],
)
def test_what_is_the_operators_is_refused(developer: Developer, member: dict[str, Any]) -> None:
    answer = developer.register(**member)
    assert answer.status_code == 400
    assert "operator" in answer.json["error_description"]


def test_a_member_is_the_operators_until_it_is_listed() -> None:
    """Whoever adds a member decides whose it is."""
    theirs = ClientMetadata.model_fields.keys() - OWN_MEMBERS
    assert {"client_id", "client_secret", "profile", "means", "development"} <= theirs


def test_members_that_are_not_known_are_ignored_and_not_echoed(
    developer: Developer, provider: Provider
) -> None:
    """RFC 7591, 2. This provider's own options are unknown, too, where they have no member."""
    unknown = {
        "initiate_login_uri": "https://service.test/login",
        "release_national_id": True,
        "sector_identifier": "victim.test",
        "imposed": ["scope"],
        "client_id": "portail",
        "client_secret": "chosen",
    }
    client = developer.registered(**unknown)
    assert client["client_id"] != "portail"
    assert client["client_secret"] != "chosen"
    assert not {"initiate_login_uri", "release_national_id", "sector_identifier"} & client.keys()
    assert not unknown.keys() & stored(provider, client["client_id"]).options.keys()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"[" * 60_000,
        b'{"client_name": "\\ud800"}',
        b'{"client_name": "a\\u0000b"}',
        b'{"default_max_age": NaN}',
        b"\xff",
    ],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_object_of_texts_is_refused(developer: Developer, body: bytes) -> None:
    answer = developer.http.post(
        ADDRESS, data=body, headers=bearer(TOKEN), content_type="application/json"
    )
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")


def test_a_form_is_refused(developer: Developer) -> None:
    answer = developer.http.post(ADDRESS, data={"client_name": "x"}, headers=bearer(TOKEN))
    assert answer.json["error"] == "invalid_client_metadata"


def test_an_address_that_registers_too_often_waits(app: Flask, provider: Provider) -> None:
    permit(provider)
    provider.settings = provider.settings.model_copy(update={"registrations_per_address": 2})
    stranger = Developer(app, "guess")
    assert [stranger.register().status_code for _ in range(3)] == [401, 401, 429]
    answer = Developer(app).register()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3600"
    advance(provider, 3600)
    assert stranger.register().status_code == 401


def test_open_registration_is_a_choice_of_a_simulation(sqlite_url: str, master_key: str) -> None:
    app = create_app(make_settings(sqlite_url, master_key, open_registration=True))
    developer = Developer(app, None)
    assert developer.register().status_code == 201
    developer.token = "wrong"
    assert developer.register().status_code == 401
    provider_of(app).store.close()


def test_a_real_database_registers_by_token_only(tmp_path: Path, master_key: str) -> None:
    """Decision 1."""
    settings = make_settings(
        f"sqlite:///{tmp_path / 'real.db'}",
        master_key,
        dev=False,
        profile="psc",
        base_url="https://auth.service.test",
        kdf_log2_cost=14,
        open_registration=True,
    )
    with pytest.raises(ProviderNotReady, match="open_registration"):
        initialise(settings, kind="real")


def test_the_answer_holds_all_that_was_registered(developer: Developer) -> None:
    """RFC 7591, 3.2.1: effective values, defaults among them; the secret is told once."""
    answer = developer.register(
        client_name="Logiciel de l’éditeur",
        contacts=["contact@editeur.test"],
        client_uri="https://service.test/",
        default_max_age=3600,
        require_auth_time=True,
        software_id="4NRB1",
        software_version="2.1",
        backchannel_logout_uri="https://service.test/logout",
    )
    client = answer.json
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert client["client_secret_expires_at"] == 0
    assert len(client["client_secret"]) >= 43
    assert client["registration_client_uri"].endswith(f"{ADDRESS}/{client['client_id']}")
    expected = {
        "client_name": "Logiciel de l’éditeur",
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "application_type": "web",
        "subject_type": "public",
        "contacts": ["contact@editeur.test"],
        "client_uri": "https://service.test/",
        "default_max_age": 3600,
        "require_auth_time": True,
        "software_id": "4NRB1",
        "software_version": "2.1",
        "backchannel_logout_uri": "https://service.test/logout",
    }
    assert expected.items() <= client.items()
    assert client.keys() - OWN_MEMBERS == {
        "client_id",
        "client_id_issued_at",
        "client_secret",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    }


@pytest.mark.parametrize("method", ["none", "private_key_jwt"])
def test_a_client_without_a_secret_is_given_none(developer: Developer, method: str) -> None:
    keys = {"jwks": key_set(new_key())} if method == "private_key_jwt" else {}
    client = developer.registered(token_endpoint_auth_method=method, **keys)
    assert not {"client_secret", "client_secret_expires_at"} & client.keys()


def test_secrets_are_kept_as_digests(developer: Developer, provider: Provider) -> None:
    client = developer.registered()
    row = stored(provider, client["client_id"])
    kept = repr([getattr(row, column.name) for column in Client.__table__.columns])
    assert client["registration_access_token"] not in kept
    assert client["client_secret"] not in kept


def test_the_scope_is_the_widest_that_is_given(app: Flask, provider: Provider) -> None:
    permit(provider)
    provider.settings = provider.settings.model_copy(update={"registration_scope": "openid email"})
    developer = Developer(app)
    assert developer.registered()["scope"] == "openid email"
    asked = developer.registered(scope="openid scope_all offline_access")
    assert asked["scope"] == "openid"


def test_what_a_token_imposes_holds_whatever_is_asked(app: Flask, provider: Provider) -> None:
    """And for good: a replacement does not undo it."""
    permit(provider, scope="openid", token_endpoint_auth_method="none", means=["CARD"])
    developer = Developer(app)
    client = developer.registered(scope="openid scope_all", client_name="Asked")
    assert (client["scope"], client["client_name"]) == ("openid", "Asked")
    assert client["token_endpoint_auth_method"] == "none"
    asked = {
        "client_id": client["client_id"],
        "redirect_uris": [CALLBACK],
        "scope": "openid scope_all",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    replaced = developer.manage("PUT", client, json=asked).json
    assert (replaced["scope"], replaced["token_endpoint_auth_method"]) == ("openid", "none")
    assert stored(provider, client["client_id"]).means == ["CARD"]


def test_what_is_imposed_stays_where_it_is_the_default(app: Flask, provider: Provider) -> None:
    """What is left at its default is kept nowhere: a replacement must not find a gap there."""
    permit(
        provider, grant_types=["authorization_code", "refresh_token"], frontchannel_logout_uri=None
    )
    developer = Developer(app)
    client = developer.registered()
    asked = {
        "client_id": client["client_id"],
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"],
        "frontchannel_logout_uri": CALLBACK,
    }
    replaced = developer.manage("PUT", client, json=asked).json
    assert replaced["grant_types"] == ["authorization_code", "refresh_token"]
    assert "frontchannel_logout_uri" not in replaced


def test_the_journal_says_whose_token_it_was(developer: Developer, provider: Provider) -> None:
    from idp.store.models import JournalEvent  # noqa: PLC0415 - only here

    client = developer.registered()
    with provider.store.read() as db:
        (event,) = db.scalars(
            select(JournalEvent).where(JournalEvent.client_id == client["client_id"])
        )
    assert (event.event, event.actor) == ("oauth:client:added", "Editeur SA")


def test_a_registered_client_authenticates(developer: Developer, provider: Provider) -> None:
    client = developer.registered()
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    answer = developer.http.post(
        f"{provider.settings.realm_path}/protocol/openid-connect/token/introspect",
        data={"token": "x"},
        headers={"Authorization": f"Basic {pair}"},
    )
    assert (answer.status_code, answer.json) == (200, {"active": False})


def test_a_native_client_comes_back_to_this_machine(developer: Developer) -> None:
    """OpenID Connect Registration 1.0, 2: `application_type`."""
    addresses = ["http://127.0.0.1/callback"]
    client = developer.registered(application_type="native", redirect_uris=addresses)
    assert client["redirect_uris"] == addresses
