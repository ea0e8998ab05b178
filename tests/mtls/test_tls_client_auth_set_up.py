"""What may be registered for `tls_client_auth`, and configured (RFC 8705, 2.1.2)."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from idp.oauth.clients.certificates import check_trust_files
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.provider import Provider, ProviderNotReady
from idp.settings import Settings
from tests.conftest import make_settings
from tests.mtls.helpers import (
    SUBJECT,
    TLS_CLIENT_AUTH,
)
from tests.oauth.helpers import SECRET, add_client


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "exactly one"),
        ({"subject_dn": SUBJECT, "san_dns": "a.test"}, "exactly one"),
        ({"subject_dn": ""}, "RFC 4514"),
        ({"subject_dn": "/C=FR/CN=a"}, "RFC 4514"),
        ({"subject_dn": "CN=a, C=FR"}, "RFC 4514"),
        ({"san_dns": "*.exemple.test"}, "host name"),
        ({"san_dns": ""}, "host name"),
        ({"san_ip": "192.0.2"}, "192.0.2"),
        ({"san_uri": "nowhere"}, "URI"),
        ({"san_email": "nobody"}, "address"),
    ],
)
def test_one_name_that_can_be_read_is_registered(
    provider: Provider, named: dict[str, str], said: str
) -> None:
    members = {f"tls_client_auth_{name}": value for name, value in named.items()}
    with pytest.raises(ClientMetadataRefused, match=said):
        add_client(provider, **TLS_CLIENT_AUTH, **members)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"tls_client_auth_san_dns": "a.test"}, "tls_client_auth alone"),
        (
            {**TLS_CLIENT_AUTH, "tls_client_auth_san_dns": "a.t", "client_secret": SECRET},
            "no client",
        ),
        ({"token_endpoint_auth_method": "self_signed_tls_client_auth"}, "jwks"),
    ],
)
def test_what_does_not_go_together_is_not_registered(
    provider: Provider, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientMetadataRefused, match=said):
        add_client(provider, **values)


@pytest.mark.parametrize("name", ["client_certificate_authorities", "client_certificate_crls"])
def test_a_trust_file_that_cannot_be_read_shows_at_start(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "nothing.pem"
    with pytest.raises(ProviderNotReady, match=name):
        check_trust_files(settings.model_copy(update={name: [str(file)]}))
    file.write_text("nothing")
    with pytest.raises(ProviderNotReady, match=str(file)):
        check_trust_files(settings.model_copy(update={name: [str(file)]}))


def test_certificates_are_shown_over_tls_alone(sqlite_url: str, master_key: str) -> None:
    with pytest.raises(ValidationError, match="must be https"):
        make_settings(sqlite_url, master_key, mtls_base_url="http://mtls.exemple.test")
