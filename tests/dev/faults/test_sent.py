"""What is sent to a service is wrong on demand: logout tokens, and the tokens of a CIBA request."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from joserfc import jws

from idp.provider import Provider
from idp.sessions import end_session
from idp.worker.dispatcher import drain
from tests.ciba.helpers import CibaService, add_ciba_client, approve, phone_of
from tests.ciba.pushing import begin, push_metadata
from tests.dev.faults.asking import Faults
from tests.dev.faults.tokens import claims_of, verifies
from tests.oauth.helpers import Service, add_client
from tests.outbox.servers import HttpServer, http_server
from tests.sessions.helpers import session_with

Claims = dict[str, Any]
EVENTS: dict[str, Any] = {"http://schemas.openid.net/event/backchannel-logout": {}}


@pytest.fixture(scope="module")
def receiver() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture(scope="module")
def told(app: Flask, receiver: HttpServer) -> Callable[[], str]:
    """Ends a session of a service, and gives the logout token that it is sent."""
    provider: Provider = app.extensions["ecps"]
    registered = {"backchannel_logout_uri": receiver.url, "development": True}
    add_client(provider, "told", **registered)

    def logout_token() -> str:
        receiver.requests.clear()
        sid = session_with(provider, "told")
        with provider.store.begin() as db:
            assert end_session(provider, db, sid)
        drain(provider, "logout")
        (request,) = receiver.requests
        form = parse_qs(str(request["body"], "utf-8"))
        return form["logout_token"][0]

    return logout_token


LOGOUT: dict[str, Callable[[Claims, int], bool]] = {
    "logout_token_wrong_iss": lambda told, _now: told["iss"] == "https://issuer.invalid",
    "logout_token_wrong_aud": lambda told, _now: told["aud"] == "another-service",
    "logout_token_expired": lambda told, now: told["exp"] <= now - 3595,
    "logout_token_names_nobody": lambda told, _now: not {"sub", "sid"} & told.keys(),
    "logout_token_missing_events": lambda told, _now: "events" not in told,
    "logout_token_with_nonce": lambda told, _now: (
        told["nonce"] == "a-nonce" and told["events"] == EVENTS
    ),
}


@pytest.mark.parametrize("name", LOGOUT)
def test_a_logout_token_is_wrong_in_one_claim_and_rightly_signed(
    faults: Faults, service: Service, told: Callable[[], str], name: str
) -> None:
    """OpenID Connect Back-Channel Logout 1.0, 2.6."""
    number = faults.ask(name, times=1, client_id="told")
    token = told()
    assert faults.committed(number) == 1
    assert LOGOUT[name](claims_of(token), service.provider.clock.timestamp())
    assert verifies(service, token)
    assert jws.extract_compact(token.encode()).headers()["typ"] == "logout+jwt"


def test_a_logout_token_is_forged_or_unsigned(
    faults: Faults, service: Service, told: Callable[[], str]
) -> None:
    faults.ask("logout_token_bad_signature", times=1)
    forged = told()
    assert not verifies(service, forged)
    faults.ask("logout_token_unsigned", times=1)
    unsigned = told()
    assert unsigned.endswith(".")
    assert claims_of(unsigned)["events"] == EVENTS


def test_a_logout_token_comes_from_a_skewed_clock(
    faults: Faults, service: Service, told: Callable[[], str]
) -> None:
    faults.ask(
        "clock_skew",
        endpoint="backchannel_logout",
        times=1,
        parameters={"seconds": -900},
    )
    token = told()
    assert abs(claims_of(token)["iat"] - service.provider.clock.timestamp() + 900) <= 5
    assert verifies(service, token)


def test_another_service_is_told_as_ever(
    faults: Faults, service: Service, told: Callable[[], str]
) -> None:
    number = faults.ask("logout_token_unsigned", client_id="service")
    token = told()
    assert verifies(service, token)
    assert claims_of(token)["aud"] == "told"
    assert faults.committed(number) == 0


def test_tokens_that_are_sent_are_wrong_as_those_that_are_fetched(
    app: Flask, faults: Faults, service: Service, receiver: HttpServer, tmp_path: Path
) -> None:
    """CIBA Core 1.0, 10.3.1, with the person's real phone."""
    provider = service.provider
    add_ciba_client(provider, "pushed", **push_metadata(receiver.url))
    number = faults.ask("id_token_wrong_aud", endpoint="ciba_push", client_id="pushed", times=1)
    at_token = faults.ask("id_token_wrong_iss", client_id="pushed")
    phone = phone_of(app, tmp_path)
    receiver.requests.clear()
    begin(CibaService(app, provider, "pushed"))
    approve(phone)
    drain(provider, "ciba")
    (request,) = receiver.requests
    sent = json.loads(request["body"])
    assert claims_of(sent["id_token"])["aud"] == "another-service"
    assert verifies(service, sent["id_token"])
    assert faults.committed(number) == 1
    assert faults.committed(at_token) == 0
