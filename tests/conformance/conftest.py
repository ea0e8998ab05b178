"""A client of the FAPI profile beside a browser in which a person signed in."""

import pytest
from flask import Flask

from idp.provider import Provider
from idp.settings import Settings
from tests.conformance.fapi import VARIANTS, FapiClient, Variant, name_of, sign_in_browser
from tests.conftest import make_settings


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    """A provider that asks for certificates too."""
    return make_settings(sqlite_url, master_key, mtls_base_url="https://localhost:8005")


@pytest.fixture(params=VARIANTS, ids=name_of)
def variant(request: pytest.FixtureRequest) -> Variant:
    """Each of the four variants of the plan."""
    chosen: Variant = request.param
    return chosen


@pytest.fixture
def client(app: Flask, provider: Provider, variant: Variant) -> FapiClient:
    made = FapiClient(app, provider, variant).register()
    sign_in_browser(made)
    return made
