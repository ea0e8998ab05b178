"""Software statements (RFC 7591, 2.3)."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import ECKey

from idp.provider import Provider
from tests.dynamic_registration.helpers import (
    CALLBACK,
    Developer,
    key_set,
    new_key,
    permit,
    signed,
)
from tests.oauth.helpers import advance

AUTHORITY = "https://authority.test"
Statement = Callable[..., str]


@pytest.fixture
def key() -> ECKey:
    return new_key("authority")


@pytest.fixture
def developer(app: Flask, provider: Provider, key: ECKey, tmp_path: Path) -> Developer:
    file = tmp_path / "authority.json"
    file.write_text(json.dumps(key_set(key)))
    permit(provider)
    authorities = {AUTHORITY: str(file), "https://forgotten.test": str(tmp_path / "none.json")}
    provider.settings = provider.settings.model_copy(
        update={"software_statement_issuers": authorities}
    )
    return Developer(app)


def claims(**changes: Any) -> dict[str, Any]:
    return {"iss": AUTHORITY, "software_id": "4NRB1", "client_name": "Homologué"} | changes


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": "https://elsewhere.test"}, "unapproved_software_statement"),
        ({"iss": None}, "unapproved_software_statement"),
        ({"iss": ["https://authority.test"]}, "unapproved_software_statement"),
        ({"iss": "https://forgotten.test"}, "unapproved_software_statement"),
        ({"exp": 1}, "invalid_software_statement"),
        ({"exp": "tomorrow"}, "invalid_software_statement"),
        ({"nbf": 32503680000}, "invalid_software_statement"),
        ({"nbf": "yesterday"}, "invalid_software_statement"),
        ({"aud": "https://elsewhere.test"}, "invalid_software_statement"),
        ({"aud": ["https://elsewhere.test"]}, "invalid_software_statement"),
        ({"aud": {}}, "invalid_software_statement"),
        ({"client_name": "a\0b"}, "invalid_software_statement"),
        ({"redirect_uris": ["http://service.test/"]}, "invalid_redirect_uri"),
    ],
    ids=str,
)
def test_a_statement_that_does_not_hold_is_refused(
    developer: Developer, key: ECKey, changes: dict[str, Any], error: str
) -> None:
    answer = developer.register(software_statement=signed(key, claims(**changes)))
    assert (answer.status_code, answer.json["error"]) == (400, error)


def test_a_statement_of_another_key_is_refused(developer: Developer) -> None:
    answer = developer.register(software_statement=signed(new_key("authority"), claims()))
    assert answer.json["error"] == "invalid_software_statement"


def test_an_unsigned_statement_is_refused(developer: Developer, key: ECKey) -> None:
    unsigned = signed(key, claims()).rpartition(".")[0] + "."
    answer = developer.register(software_statement=unsigned)
    assert answer.json["error"] == "invalid_software_statement"


def test_what_it_says_goes_before_what_is_asked(developer: Developer, key: ECKey) -> None:
    """And it is returned as it came (3.2.1)."""
    statement = signed(key, claims(profile="strict", tos_uri="https://authority.test/tos"))
    client = developer.registered(software_statement=statement, client_name="Autre", contacts=["a"])
    assert client["client_name"] == "Homologué"
    assert client["tos_uri"] == "https://authority.test/tos"
    assert client["contacts"] == ["a"]
    assert client["software_statement"] == statement


def test_it_holds_for_replacements_as_well(
    developer: Developer, provider: Provider, key: ECKey
) -> None:
    """A client does not shed what an authority says of it; a newer statement replaces it."""
    soon = provider.clock.now().timestamp() + 60
    client = developer.registered(software_statement=signed(key, claims(exp=soon)))
    advance(provider, 120)
    asked = {"client_id": client["client_id"], "redirect_uris": [CALLBACK], "client_name": "Autre"}
    for again in ({}, {"software_statement": client["software_statement"]}):
        replaced = developer.manage("PUT", client, json=asked | again).json
        assert replaced["client_name"] == "Homologué"
        assert replaced["software_statement"] == client["software_statement"]
    newer = signed(key, claims(client_name="Homologué 2"))
    replaced = developer.manage("PUT", client, json=asked | {"software_statement": newer}).json
    assert (replaced["client_name"], replaced["software_statement"]) == ("Homologué 2", newer)


def test_one_that_names_this_issuer_holds(
    developer: Developer, provider: Provider, key: ECKey
) -> None:
    for audience in (provider.settings.issuer, [provider.settings.issuer, "https://else.test"]):
        statement = signed(key, claims(aud=audience, nbf=1))
        assert developer.registered(software_statement=statement)["client_name"] == "Homologué"
