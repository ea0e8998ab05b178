"""An unmodified client that registers itself: npm's `openid-client`, from a token to a login.

Its `dynamicClientRegistration` finds the endpoint in discovery, judges the answer, and goes on with
the credentials in it (RFC 7591).
"""

import json

import pytest

from tests.e2e.callback import Callback
from tests.e2e.demonstration import Demonstration
from tests.interop.test_openid_client import callback, check, demonstration, node, run_client

__all__ = ["callback", "demonstration", "node"]  # fixtures

pytestmark = pytest.mark.slow


def test_a_token_that_is_not_the_operators_is_noticed(
    node: str, demonstration: Demonstration, callback: Callback
) -> None:
    status, report, complaint = run_client(
        node, demonstration, "a-guess", callback.url, program="register.mjs"
    )
    assert status != 0
    assert report == {}
    assert "WWW-Authenticate" in complaint


def test_a_developer_registers_a_service_and_signs_in_to_it(
    node: str, demonstration: Demonstration, callback: Callback
) -> None:
    made = demonstration.provider.command(
        "client", "initial-token", "create", "Editeur SA", "--json"
    )
    token = json.loads(made)["initial_access_token"]
    status, report, complaint = run_client(
        node, demonstration, token, callback.url, program="register.mjs"
    )
    assert status == 0, complaint
    registered = report["registered"]
    assert registered["client_name"] == "Logiciel enregistré"
    assert registered["registration_client_uri"].endswith(registered["client_id"])
    check(report, demonstration, registered["client_id"])
