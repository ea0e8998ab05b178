"""The device asks what its person decided (RFC 8628, 3.4 and 3.5)."""

import pytest

from idp.outbox.expiry import delete_expired
from idp.sessions import end_session
from idp.store.models import DeviceAuthorization, Grant
from tests.device_flow.helpers import Device, Person, add_device_client
from tests.oauth.helpers import add_client, advance, events
from tests.signin.helpers import all_of, live_sessions


def test_a_device_code_that_was_not_given_is_refused(device: Device) -> None:
    assert device.error("unknown") == "invalid_grant"
    assert device.error("") == "invalid_request"


def test_a_device_code_of_another_client_is_refused(device: Device, person: Person) -> None:
    """RFC 8628, 5.2: even once it is approved; it stays good for its own."""
    other = Device(device.service.as_client(add_device_client(device.provider, "other")))
    codes = device.codes()
    assert other.error(codes["device_code"]) == "invalid_grant"
    person.approve(codes["user_code"])
    assert other.error(codes["device_code"]) == "invalid_grant"
    assert device.poll(codes["device_code"]).status_code == 200


def test_a_client_that_lost_the_grant_gets_nothing(device: Device, person: Person) -> None:
    codes = device.codes()
    person.approve(codes["user_code"])
    add_client(device.provider, "device")
    assert device.error(codes["device_code"]) == "unauthorized_client"


def test_nothing_is_given_before_the_person_decided(device: Device) -> None:
    code = device.codes()["device_code"]
    assert device.error(code) == "authorization_pending"


def test_a_device_that_asks_too_often_must_slow_down_for_good(device: Device) -> None:
    """RFC 8628, 3.5: five seconds more for this and all further requests."""
    code = device.codes()["device_code"]
    assert device.error(code) == "authorization_pending"
    advance(device.provider, 2)
    assert device.error(code) == "slow_down"
    advance(device.provider, 6)
    assert device.error(code) == "slow_down"
    advance(device.provider, 15)
    assert device.error(code) == "authorization_pending"
    advance(device.provider, 10)
    assert device.error(code) == "slow_down"


def test_a_device_that_keeps_the_interval_is_never_slowed(device: Device) -> None:
    code = device.codes()["device_code"]
    for _ in range(5):
        assert device.error(code) == "authorization_pending"
        advance(device.provider, 4.6)


def test_a_device_that_asks_too_often_gets_its_tokens_all_the_same(
    device: Device, person: Person
) -> None:
    codes = device.codes()
    assert device.error(codes["device_code"]) == "authorization_pending"
    person.approve(codes["user_code"])
    assert device.poll(codes["device_code"]).status_code == 200


def test_a_refusal_is_told_as_access_denied(device: Device, person: Person) -> None:
    codes = device.codes()
    page = person.page_for(codes["user_code"])
    person.sign_in(page)
    assert person.decide(page, "reject").headers["Location"].endswith("/device/refused")
    assert device.error(codes["device_code"]) == "access_denied"
    assert all_of(device.provider, Grant) == []
    assert "oauth:device:denied" in events(device.provider)


def test_a_code_that_lapsed_is_told_as_expired_token(device: Device) -> None:
    code = device.codes()["device_code"]
    advance(device.provider, 601)
    assert device.error(code) == "expired_token"


def test_an_approval_does_not_outlive_the_code(device: Device, person: Person) -> None:
    codes = device.codes()
    person.approve(codes["user_code"])
    advance(device.provider, 601)
    assert device.error(codes["device_code"]) == "expired_token"


def test_a_second_redemption_ends_what_the_first_gave(device: Device, person: Person) -> None:
    """As for an authorization code (RFC 6749, 4.1.2): two parties hold it."""
    codes = device.codes()
    person.approve(codes["user_code"])
    tokens = device.poll(codes["device_code"]).json
    assert device.service.userinfo(tokens["access_token"]).status_code == 200
    assert device.error(codes["device_code"]) == "invalid_grant"
    assert device.service.userinfo(tokens["access_token"]).status_code == 401
    assert "oauth:code:reused" in events(device.provider)


def test_a_logout_before_the_redemption_leaves_nothing_to_redeem(
    device: Device, person: Person
) -> None:
    codes = device.codes()
    person.approve(codes["user_code"])
    (session,) = live_sessions(device.provider)
    with device.provider.store.begin() as db:
        end_session(device.provider, db, session.sid)
    assert device.error(codes["device_code"]) == "invalid_grant"


def test_a_device_gets_what_a_browser_would(device: Device, person: Person) -> None:
    codes = device.codes(scope="openid scope_all")
    person.approve(codes["user_code"])
    tokens = device.poll(codes["device_code"]).json
    (session,) = live_sessions(device.provider)
    claims = device.service.claims(tokens["id_token"])
    assert claims["aud"] == "device"
    assert claims["sid"] == session.sid
    assert claims["authMode"] == "MOBILE"
    assert "nonce" not in claims
    assert device.service.userinfo(tokens["access_token"]).json["sub"] == claims["sub"]
    assert device.service.refresh(tokens["refresh_token"]).status_code == 200


def test_the_logout_of_the_browser_reaches_the_device(device: Device, person: Person) -> None:
    """Its grant lives by the session of the browser in which it was confirmed."""
    codes = device.codes()
    person.approve(codes["user_code"])
    tokens = device.poll(codes["device_code"]).json
    assert "Vous êtes déconnecté" in person.post("/deconnexion").text
    assert device.service.userinfo(tokens["access_token"]).status_code == 401
    assert device.service.refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.parametrize(("waited", "kept"), [(4 * 3600, True), (4 * 3600 + 700, False)])
def test_a_code_is_known_as_long_as_what_it_gave_may_live(
    device: Device, waited: float, kept: bool
) -> None:
    device.codes()
    advance(device.provider, waited)
    delete_expired(device.provider)
    assert bool(all_of(device.provider, DeviceAuthorization)) is kept
