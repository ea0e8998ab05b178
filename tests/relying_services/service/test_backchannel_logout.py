"""The provider ends a session: the service forgets it at once (Back-Channel Logout 1.0)."""

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from relying_services.service.app import service_of
from relying_services.service.store.sessions import open_session
from relying_services.service.store.trace import entries
from tests.relying_services.service.conftest import Made
from tests.relying_services.signed_in import sign_in

KEY = RSAKey.generate_key(2048, {"kid": "now"}, private=True)
FORGED = RSAKey.generate_key(2048, {"kid": "now"}, private=True)
EVENT = "http://schemas.openid.net/event/backchannel-logout"
PERSON, OTHER = "899700990015", "899700990023"


class Provider:
    """Publishes its key."""

    def fetch_jwk_set(self, *, force: bool) -> dict[str, Any]:
        del force
        return {"keys": [KEY.as_dict(private=False)]}


@pytest.fixture
def service(made: Made, either_url: str, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr("relying_services.service.provider.psc", Provider)
    return made(database_url=either_url)


def told(service: Flask, key: RSAKey = KEY, **changes: Any) -> int:
    """What the service answers to a token of the provider."""
    now = int(time.time())
    claims = {
        "iss": service_of(service).settings.issuer,
        "aud": "plain",
        "iat": now,
        "exp": now + 120,
        "jti": f"jti-{time.perf_counter_ns()}",
        "events": {EVENT: {}},
        **changes,
    }
    header = {"alg": "RS256", "kid": "now", "typ": "logout+jwt"}
    token = jwt.encode(header, claims, key, ["RS256"])
    answer = service.test_client().post("/backchannel-logout", data={"logout_token": token})
    return answer.status_code


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/elsewhere").status_code == 200


def test_attack_a_token_that_the_provider_did_not_sign_ends_nothing(service: Flask) -> None:
    """2.6: nor one for another service, nor one without a session and a person."""
    browser = sign_in(service, PERSON, sid="one")
    assert told(service, FORGED, sid="one") == 400
    assert told(service, sid="one", aud="another") == 400
    assert told(service) == 400
    assert service.test_client().post("/backchannel-logout").status_code == 400
    assert is_in(browser)


def test_the_session_of_that_sid_ends_and_no_other(service: Flask) -> None:
    """2.7: without cookie and form of ours; every browser of that session."""
    one, twin = sign_in(service, PERSON, sid="one"), sign_in(service, PERSON, sid="one")
    elsewhere, other = sign_in(service, PERSON, sid="two"), sign_in(service, OTHER, sid="three")
    assert told(service, sid="one", sub=f"f:simulation:{PERSON}") == 200
    assert [is_in(each) for each in (one, twin, elsewhere, other)] == [False, False, True, True]
    with service_of(service).store.read() as db:
        traced = [(each.actor, each.action, each.sid) for each in entries(db)]
    assert traced == [(PERSON, "session:ended", "one")] * 2


def test_every_session_of_a_person_ends_where_no_sid_is_told(service: Flask) -> None:
    """2.4."""
    one, two = sign_in(service, PERSON, sid="one"), sign_in(service, PERSON, sid="two")
    other = sign_in(service, OTHER, sid="three")
    assert told(service, sub=f"f:simulation:{PERSON}") == 200
    assert [is_in(each) for each in (one, two, other)] == [False, False, True]


def test_attack_a_session_without_provider_is_ended_by_none(service: Flask) -> None:
    """MA-01: a sign-in by password has neither `sid` nor `sub`: nothing of a token matches it."""
    kept = service_of(service)
    with kept.store.begin() as db:
        open_session(
            db, kept.settings.limits, kept.clock.now(), actor="account:1", name="", means="CARD"
        )
    assert told(service, sub="None") == 200
    assert told(service, sid="", sub=f"f:simulation:{PERSON}") == 400
    with kept.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT actor FROM service_session").all()
    assert [row[0] for row in rows] == ["account:1"]
