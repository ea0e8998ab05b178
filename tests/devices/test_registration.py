"""A phone becomes active: the key is proved, and only then the old phone ends."""

from typing import Any

import pytest
from sqlalchemy import func, select

from idp.devices.errors import PolicyStale, PushAddressRefused, RegistrationRefused
from idp.devices.lifecycle import expire
from idp.devices.push_address import read_subscription
from idp.devices.registration import first_roll
from idp.store.holdings import phones_of_holders
from idp.store.models import BrowserSession, Device
from tests.devices.helpers import OWNER, Bench, push_subscription


def test_one_active_phone_the_old_one_ends_with_its_sessions(bench: Bench) -> None:
    """Decision 16; attack 43: the contacts and the old phone are told."""
    old = bench.enrol(push=push_subscription())
    _open_session(bench, old.device_id)
    new = bench.enrol()
    assert (bench.device(old).state, bench.device(old).state_reason) == ("revoked", "replaced")
    assert bench.device(new).state == "active"
    with bench.provider.store.read() as db:
        assert db.scalars(select(BrowserSession.ended_at)).one() is not None
        assert len(phones_of_holders(db, [OWNER])) == 2
    assert len(bench.messages("mail")) == 2
    assert [message.recipient for message in bench.messages("push")] == [old.device_id]


@pytest.mark.parametrize("change", [{"policy_version": 2}, {"policy_version": None}], ids=str)
def test_the_old_phone_stays_where_the_new_one_is_refused(
    bench: Bench, change: dict[str, Any]
) -> None:
    old = bench.enrol()
    with pytest.raises(PolicyStale):
        bench.enrol(**change)
    assert bench.device(old).state == "active"


def test_a_key_or_credential_id_in_use_is_refused(bench: Bench) -> None:
    """Attack 22: also of somebody else, and of a phone that was revoked."""
    first = bench.enrol()
    bench.send(first, "/delete")
    same_credential = bench.driver()
    same_credential.credential_id = first.credential_id
    with pytest.raises(RegistrationRefused):
        bench.enrol("899700990023", same_credential)
    same_key = bench.driver()
    same_key.key = first.key
    with pytest.raises(RegistrationRefused):
        bench.enrol("899700990023", same_key)
    with bench.provider.store.read() as db:
        assert db.scalar(select(func.count()).select_from(Device)) == 1


@pytest.mark.parametrize("registration", [None, {}, "x", [], {"id": "a", "response": {}}], ids=str)
def test_what_is_no_registration_is_refused(bench: Bench, registration: Any) -> None:
    with pytest.raises(RegistrationRefused):
        bench.enrol(registration=registration)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.attacker.test/x",
        "https://attacker.test@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://169.254.169.254/latest",
        "http://10.0.0.1/",
        "file:///etc/passwd",
        "https://fcm.googleapis.com\\@attacker.test/",
        "https://fcm.googleapis.com/\n",
        "",
        7,
    ],
    ids=str,
)
def test_a_push_endpoint_elsewhere_is_refused(one: Bench, endpoint: Any) -> None:
    """Decision 27."""
    with pytest.raises(PushAddressRefused):
        one.enrol(push=push_subscription(endpoint))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "http://localhost:8002/push",
        "http://[::1]:8002/push",
    ],
)
def test_a_push_endpoint_of_a_known_service_is_taken(one: Bench, endpoint: str) -> None:
    phone = one.enrol()
    response = one.send(phone, "/push", push_subscription(endpoint))
    assert response.get_json() == {"outcome": "changed"}
    assert (one.device(phone).push or {})["endpoint"] == endpoint
    assert one.send(phone, "/push", {"endpoint": None}).status_code == 200
    assert one.device(phone).push is None


def test_loopback_is_a_push_service_in_a_simulation_under_dev_only(one: Bench) -> None:
    outside = one.provider.settings.model_copy(update={"dev": False})
    with pytest.raises(PushAddressRefused):
        read_subscription(outside, push_subscription())


def test_a_repeated_activation_can_be_told_the_first_roll_again(one: Bench) -> None:
    phone = one.enrol()
    assert first_roll(one.provider, phone.device_id) == phone.roll


def test_phones_past_their_life_are_ended(bench: Bench) -> None:
    """EC-27."""
    phone = bench.enrol()
    bench.advance(bench.provider.settings.device_lifetime)
    with bench.provider.store.begin() as db:
        assert expire(bench.provider, db) == 1
    assert bench.device(phone).state == "expired"


def _open_session(bench: Bench, device_id: str) -> None:
    now = bench.provider.clock.now()
    session = BrowserSession(
        sid="sid",
        cookie_hash=b"c",
        national_id=OWNER,
        account_id="a",
        auth_time=now,
        means={},
        device_id=device_id,
        last_activity_at=now,
        created_at=now,
        expires_at=now,
    )
    with bench.provider.store.begin() as db:
        db.add(session)
