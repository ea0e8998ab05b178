from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from tests.device_flow.helpers import Device, Person, a_person, add_device_client
from tests.oauth.helpers import Service


@pytest.fixture
def device(app: Flask, provider: Provider) -> Device:
    add_device_client(provider)
    return Device(Service(app, provider, client_id="device"))


@pytest.fixture
def person(app: Flask, tmp_path: Path) -> Person:
    return a_person(app, tmp_path / "phone")
