from pathlib import Path

import pytest
from flask import Flask

from idp.provider import Provider
from idp.settings import Settings
from tests.conftest import make_settings
from tests.mtls.helpers import SUBJECT, Made, Pki, settings_of
from tests.oauth.helpers import Service, add_client


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


@pytest.fixture
def settings(sqlite_url: str, master_key: str, pki: Pki) -> Settings:
    return make_settings(sqlite_url, master_key, **settings_of(pki))


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    """Authenticates by a certificate that an authority issued to its name."""
    add_client(
        provider, token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn=SUBJECT
    )
    return Service(app, provider)


@pytest.fixture
def shown(pki: Pki) -> Made:
    """The service's own certificate."""
    return pki.issue()
