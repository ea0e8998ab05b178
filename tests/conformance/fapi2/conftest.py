"""A second client beside the first, in the same browser."""

import pytest
from flask import Flask

from idp.provider import Provider
from tests.conformance.fapi import (
    FapiClient,
    Variant,
)


@pytest.fixture
def other(app: Flask, provider: Provider, variant: Variant, client: FapiClient) -> FapiClient:
    """A second client, in the same person's browser."""
    made = FapiClient(app, provider, variant, client_id="another").register()
    made.browser = client.browser
    return made
