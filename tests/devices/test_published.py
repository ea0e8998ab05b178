"""What is published of the protocol is what the provider does."""

import re

from tests.devices import openapi, vectors
from tests.devices.helpers import Bench


def test_the_vectors_are_the_generators() -> None:
    assert vectors.FILE.read_text("utf-8") == vectors.write()


def test_the_openapi_document_is_the_generators() -> None:
    assert openapi.FILE.read_text("utf-8") == openapi.write()


def test_the_openapi_document_names_every_route(one: Bench) -> None:
    routed = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/wallet/v1"))
        for rule in one.app.url_map.iter_rules()
        if rule.rule.startswith("/wallet/v1/")
    }
    assert routed == set(openapi.compose()["paths"])


def test_every_code_is_in_the_written_protocol() -> None:
    text = (openapi.FILE.parent / "phone-protocol.md").read_text("utf-8")
    missing = [code for code in openapi.problem_codes() if f"`{code}`" not in text]
    assert missing == []
