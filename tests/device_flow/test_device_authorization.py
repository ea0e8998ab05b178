"""The device authorization endpoint (RFC 8628, 3.1 and 3.2)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from idp.oauth.rules.user_code import ALPHABET, read_typed
from idp.provider import open_provider
from idp.psc.subject import subject_of
from idp.store.clients import find_client
from idp.store.models import DeviceAuthorization
from tests.conftest import make_settings
from tests.device_flow.helpers import Device, add_device_client
from tests.oauth.helpers import PROTOCOL, SECRET, Service, add_client, advance, events
from tests.signin.helpers import all_of


def test_a_client_that_is_not_authenticated_gets_no_codes(device: Device) -> None:
    """RFC 8628, 3.1: client authentication as at the token endpoint."""
    answer = device.service.post("auth/device", {"client_id": "device"}, basic=False)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert all_of(device.provider, DeviceAuthorization) == []


def test_a_client_that_did_not_register_the_grant_gets_no_codes(device: Device) -> None:
    add_client(device.provider, "browser-only")
    answer = Device(device.service.as_client("browser-only")).ask_codes()
    assert (answer.status_code, answer.json["error"]) == (400, "unauthorized_client")


def test_a_stranger_lets_no_end_of_devices_wait_for_a_public_client(
    app: Flask, device: Device
) -> None:
    """RFC 8628, 5.1: its identifier is known to everybody. Other networks, and who proves who
    they are, are not kept out; a window later all is well."""
    add_device_client(device.provider, "public", token_endpoint_auth_method="none")
    limit = device.provider.settings.device_requests_per_address
    asked = {"client_id": "public", "scope": "openid"}

    def ask(address: str = "127.0.0.1") -> Any:
        path = f"{PROTOCOL}/auth/device"
        return app.test_client().post(path, data=asked, environ_base={"REMOTE_ADDR": address})

    assert {ask().status_code for _ in range(limit)} == {200}
    refused = ask()
    assert (refused.status_code, refused.json["error"]) == (429, "temporarily_unavailable")
    assert refused.headers["Retry-After"] == "60"
    ask()
    assert len(all_of(device.provider, DeviceAuthorization)) == limit
    assert events(device.provider).count("oauth:device:throttled") == 1
    assert ask("192.0.2.1").status_code == 200
    assert device.ask_codes().status_code == 200
    advance(device.provider, 61)
    assert ask().status_code == 200


@pytest.mark.parametrize("scope", ["", "profile", "unknown"])
def test_a_scope_without_openid_or_scope_all_is_refused(device: Device, scope: str) -> None:
    assert device.ask_codes(scope=scope).json["error"] == "invalid_scope"


def test_a_repeated_parameter_is_refused(device: Device) -> None:
    assert device.ask_codes(scope=["openid", "scope_all"]).json["error"] == "invalid_request"


def test_a_device_gets_both_codes_and_the_address(device: Device) -> None:
    codes = device.codes()
    settings = device.provider.settings
    assert codes["verification_uri"] == f"{settings.wallet_base_url}/device"
    query = parse_qs(urlsplit(codes["verification_uri_complete"]).query)
    assert query == {"user_code": [codes["user_code"]]}
    assert codes["expires_in"] == 600
    assert codes["interval"] == 5
    assert set(codes["user_code"].replace("-", "")) <= set(ALPHABET)


def test_neither_code_is_kept_as_it_is(device: Device) -> None:
    codes = device.codes()
    (row,) = all_of(device.provider, DeviceAuthorization)
    kept = repr({name: value for name, value in vars(row).items() if name[0] != "_"})
    assert codes["device_code"] not in kept
    assert codes["user_code"].replace("-", "") not in kept.replace("-", "")


def test_codes_are_drawn_anew_each_time(device: Device) -> None:
    given = [device.codes() for _ in range(20)]
    assert len({codes["user_code"] for codes in given}) == 20
    assert len({codes["device_code"] for codes in given}) == 20


@pytest.mark.parametrize("text", ["bcdf ghjk", "BCDFGHJK", " b c d f-g.h_j-k ", "BCDF–GHJK"])
def test_case_and_separators_do_not_matter(text: str) -> None:
    """RFC 8628, 6.1."""
    assert read_typed(text) == "BCDFGHJK"


@pytest.mark.parametrize("text", ["", "BCDFGHJ", "BCDFGHJKL", "BCDF-GHJA", "BCDF-GHJ0", "ſ" * 8])
def test_what_is_no_code_is_not_taken_for_one(text: str) -> None:
    assert read_typed(text) is None


@pytest.mark.parametrize("letter", "AEIOUY0123456789")
def test_the_alphabet_makes_no_words_and_no_confusion(letter: str) -> None:
    """RFC 8628, 6.1."""
    assert letter not in ALPHABET


@pytest.mark.parametrize("method", ["client_secret_post", "none"])
def test_other_ways_to_authenticate_hold_here_too(app: Flask, device: Device, method: str) -> None:
    add_device_client(device.provider, "other", token_endpoint_auth_method=method)
    form = {"client_id": "other", "scope": "openid"}
    form |= {"client_secret": SECRET} if method == "client_secret_post" else {}
    answer = Service(app, device.provider).post("auth/device", form, basic=False)
    assert answer.status_code == 200, answer.text


def test_a_client_without_redirect_uri_has_a_sector_of_its_own(
    sqlite_url: str, master_key: str
) -> None:
    """OpenID Connect Core 8.1: a pairwise `sub` is made for it all the same."""
    provider = open_provider(make_settings(sqlite_url, master_key, sub_format="pairwise"))
    subjects = set()
    for client_id in ("one", "two"):
        add_device_client(provider, client_id)
        with provider.store.read() as db:
            client = find_client(db, client_id)
        assert client is not None
        subjects.add(subject_of(provider, client, account_id="a", national_id="n"))
    provider.store.close()
    assert len(subjects) == 2
