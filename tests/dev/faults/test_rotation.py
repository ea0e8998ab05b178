"""Keys rotate as `ecps-idp key rotate` does, and a service sees it happen."""

from typing import Any

import pytest
from flask import Flask

from idp.provider import Provider
from tests.dev.faults.asking import HEADERS, Faults
from tests.dev.faults.tokens import header_of
from tests.oauth.helpers import PROTOCOL, Service, advance, events


def rotate(faults: Faults, **wanted: Any) -> Any:
    return faults.http.post("/dev/v1/keys/rotation", json=wanted, headers=HEADERS)


def published(service: Service) -> set[str]:
    return {key["kid"] for key in service.http.get(f"{PROTOCOL}/certs").json["keys"]}


def test_a_purpose_that_no_key_serves_is_refused(faults: Faults) -> None:
    answer = rotate(faults, purpose="something else")
    assert answer.status_code == 400
    assert "tokens-es256" in answer.json["detail"]


def test_the_successor_is_published_signs_after_the_overlap_and_the_old_key_lapses(
    faults: Faults, service: Service, provider: Provider
) -> None:
    before = header_of(service.sign_in()["id_token"])["kid"]
    told = rotate(faults)
    assert told.status_code == 200, told.text
    successor = told.json["kid"]
    assert told.json["previous"] == before
    assert {before, successor} <= published(service)
    assert header_of(service.sign_in()["id_token"])["kid"] == before
    assert "keys:key:rotated" in events(provider)

    refused = rotate(faults)
    assert refused.status_code == 409
    assert "signs from" in refused.json["detail"]

    advance(provider, provider.settings.key_overlap.total_seconds() + 1)
    assert header_of(service.sign_in()["id_token"])["kid"] == successor
    assert before in published(service)
    kept = max(provider.settings.key_overlap, provider.settings.session_lifetime)
    advance(provider, kept.total_seconds() + 1)
    assert before not in published(service)
    assert successor in published(service)


@pytest.mark.parametrize("purpose", ["tokens-ps256", "encryption", "phone"])
def test_other_keys_rotate_by_their_purpose(
    app: Flask, faults: Faults, provider: Provider, purpose: str
) -> None:
    told = rotate(faults, purpose=purpose)
    assert told.status_code == 200
    assert told.json["purpose"] == purpose
    assert told.json["previous"] == provider.keyring.active(purpose).kid
