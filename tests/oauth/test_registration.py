"""What a registration must hold, above all in a real database (decision 1)."""

import secrets
from typing import Any

import pytest
from joserfc.jwk import ECKey

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from tests.oauth.helpers import events

CHANGED = "oauth:client:changed"


def metadata(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "client_id": "registered",
        "client_name": "Logiciel",
        "client_secret": secrets.token_urlsafe(32),
        "redirect_uris": ["https://service.test/callback"],
    }
    return given | changes


def put(provider: Provider, values: dict[str, Any], kind: str = "simulation") -> bool:
    with provider.store.begin() as db:
        return register(
            db, read_metadata(values), kind=kind, sealer=provider.sealer, now=provider.clock.now()
        )


def public_keys(number: int) -> dict[str, Any]:
    return {
        "keys": [ECKey.generate_key("P-256").as_dict(private=False) for _ in range(number)],
    }


@pytest.mark.parametrize("secret", ["s", "x" * 31, "x" * 64, "ab" * 20, "changez-moi"])
def test_a_real_database_refuses_a_secret_that_can_be_guessed(
    provider: Provider, secret: str
) -> None:
    with pytest.raises(ClientMetadataRefused, match="32 random characters"):
        put(provider, metadata(client_secret=secret), "real")
    assert put(provider, metadata(client_secret=secret))


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex])
def test_a_real_database_takes_a_drawn_secret(provider: Provider, make: Any) -> None:
    assert put(provider, metadata(client_secret=make(32)), "real")


def test_a_set_of_keys_is_bounded(provider: Provider) -> None:
    """Each key costs work at every assertion."""
    method = {"client_secret": None, "token_endpoint_auth_method": "private_key_jwt"}
    with pytest.raises(ClientMetadataRefused, match="more than 20 keys"):
        put(provider, metadata(**method, jwks=public_keys(21)))
    assert put(provider, metadata(**method, jwks=public_keys(2)))


def test_a_registration_that_changes_nothing_is_no_event(both: Provider) -> None:
    """The clients' file is read at every start."""
    given = metadata()
    assert put(both, given)
    assert not put(both, given)
    assert CHANGED not in events(both)


@pytest.mark.parametrize(
    "change",
    [
        {"client_secret": "another secret of the client"},
        {"redirect_uris": ["https://service.test/other"]},
        {"means": ["CARD"]},
        {"selected_activity": True},
        {"a_member_of_its_own": 1},
    ],
)
def test_a_registration_that_changes_something_is_an_event(
    both: Provider, change: dict[str, Any]
) -> None:
    given = metadata()
    put(both, given)
    assert not put(both, given | change)
    assert events(both).count(CHANGED) == 1
