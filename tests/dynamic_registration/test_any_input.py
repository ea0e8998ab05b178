"""Whatever a developer sends: a registration or a refusal, and never a fault of ours."""

import contextlib
import json
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from idp.oauth.clients.metadata import ClientMetadata
from idp.oauth.rules.image_types import image_type
from idp.oauth.rules.json_text import read_object
from idp.provider import Provider
from tests.dynamic_registration.helpers import ADDRESS, TOKEN, Developer, bearer, permit

ANSWERS = {201, 400}
MEMBERS = [*ClientMetadata.model_fields, "software_statement", "another"]
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "https://service.test/a",
            "http://localhost/a",
            "https://[::1",
            "https://a:99999/",
            "e30..",
        ]
    ),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=6)
fuzzed = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def unlimited(app: Flask, provider: Provider) -> Developer:
    provider.settings = provider.settings.model_copy(update={"registrations_per_address": 0})
    permit(provider, uses=10_000)
    return Developer(app)


@fuzzed
@given(body=BODIES)
@example(body={"redirect_uris": ["https://service.test/a"], "scope": 7})
@example(body={"software_statement": {"a": 1}})
@example(body={"token_endpoint_auth_method": {}, "redirect_uris": {}})
@example(body={"client_secret": [], "scope": []})
def test_any_metadata_is_registered_or_refused(unlimited: Developer, body: dict[str, Any]) -> None:
    developer = unlimited
    sent = {"redirect_uris": ["https://service.test/a"]} | body
    answer = developer.http.post(
        ADDRESS,
        data=json.dumps(sent),
        headers=bearer(TOKEN),
        content_type="application/json",
    )
    assert answer.status_code in ANSWERS, answer.text
    if answer.status_code == 201:
        client = answer.json
        asked = sent | {"client_id": client["client_id"], "client_secret": None}
        assert developer.manage("PUT", client, json=asked).status_code == 200
    else:
        assert answer.json["error"].isascii()


@fuzzed
@given(body=st.binary(max_size=60))
def test_any_bytes_are_an_object_or_refused(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(read_object(body), dict)


@fuzzed
@given(content=st.binary(max_size=20))
def test_what_is_called_a_picture_begins_as_one(content: bytes) -> None:
    kind = image_type(content)
    assert kind is None or content[:4] in {b"\x89PNG", b"GIF8", b"RIFF"} or content[:1] == b"\xff"
