"""Single use under simultaneous requests, on both databases (measured.md, pitfall 1)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from idp import create_app
from idp.keys.sealing import sha256
from idp.oauth.authorization.authorize import new_grant
from idp.oauth.device_flow.codes import waiting_device
from idp.oauth.device_flow.decision import request_of_device
from idp.oauth.rules.user_code import read_typed
from idp.provider import Provider
from idp.store.device_authorizations import (
    add_device_authorization,
    approve_device,
    deny_device,
    redeem_device,
)
from idp.store.grants import keep_grant
from idp.store.models import DeviceAuthorization
from idp.store.statements import values_of
from tests.conftest import make_settings, provider_of
from tests.device_flow.helpers import Device, add_device_client
from tests.oauth.helpers import Service, open_session

_PARTIES = 4


@pytest.fixture
def device(database_url: str, master_key: str) -> Iterator[Device]:
    app = create_app(make_settings(database_url, master_key))
    provider = provider_of(app)
    add_device_client(provider)
    yield Device(Service(app, provider, client_id="device"))
    provider.store.close()


def at_once(use: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(_PARTIES) as pool:
        return list(pool.map(use, range(_PARTIES)))


def poll(device: Device, device_code: str, _party: int) -> Any:
    own = Service(device.service.app, device.provider, client_id="device")
    return Device(own).poll(device_code)


def decide(provider: Provider, device_code: str, party: int) -> bool:
    with provider.store.begin() as db:
        now, digest = provider.clock.now(), sha256(device_code)
        if party % 2:
            return deny_device(db, digest, now=now)
        return approve_device(db, digest, f"grant-{party}", now=now)


def approve(device: Device, codes: dict[str, Any]) -> None:
    """As the confirmation does, without its pages."""
    provider, session = device.provider, open_session(device.provider)
    user_code = read_typed(codes["user_code"]) or ""
    with provider.store.begin() as db:
        found = waiting_device(provider, db, user_code)
        assert found is not None
        request = request_of_device(provider, *found, user_code)
        grant = new_grant(provider, request, session, "MOBILE", activity_id=None)
        keep_grant(db, grant)
        digest = sha256(codes["device_code"])
        assert approve_device(db, digest, grant.grant_id, now=provider.clock.now())


def test_a_device_code_is_redeemed_once(device: Device) -> None:
    for _ in range(3):
        codes = device.codes()
        approve(device, codes)
        answers = at_once(partial(poll, device, codes["device_code"]))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200, *[400] * (_PARTIES - 1)], [answer.text for answer in answers]
        (tokens,) = [answer.json for answer in answers if answer.status_code == 200]
        assert device.service.userinfo(tokens["access_token"]).status_code == 401


def test_one_decision_alone_holds(device: Device) -> None:
    for _ in range(3):
        code = device.codes()["device_code"]
        won = at_once(partial(decide, device.provider, code))
        assert won.count(True) == 1


def test_a_user_code_in_use_is_not_given_again(device: Device) -> None:
    device.codes()
    with device.provider.store.begin() as db:
        row = db.query(DeviceAuthorization).one()
        same = DeviceAuthorization(**(values_of(row) | {"device_code_hash": b"another"}))
        assert not add_device_authorization(db, same)


@pytest.mark.parametrize("decided", [False, True])
def test_nothing_is_redeemed_that_was_not_approved_or_lapsed(device: Device, decided: bool) -> None:
    provider, codes = device.provider, device.codes()
    if decided:
        approve(device, codes)
    later = provider.clock.now() + provider.settings.device_code_lifetime
    with provider.store.begin() as db:
        now = later if decided else provider.clock.now()
        assert not redeem_device(db, sha256(codes["device_code"]), now=now)
