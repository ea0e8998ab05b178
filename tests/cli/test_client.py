"""`ecps-idp client`: registrations that hold, and secrets that leave no trace."""

import base64
import json
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.serving.preparation import prepare_database
from tests.cli.helpers import REAL, run
from tests.conftest import make_settings

CALLBACK = ("--redirect-uri", "http://localhost:3000/callback")
STRONG = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "ecps.db"
    assert run(path, "db", "init").exit_code == 0
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--redirect-uri", "http://service.test/callback"), "https"),
        (("--redirect-uri", "https://service.test/callback#part"), "fragment"),
        (("--redirect-uri", "https://*.service.test/callback"), "wildcard"),
        (("--redirect-uri", "javascript:alert(1)"), "absolute"),
        ((*CALLBACK, "--auth-method", "private_key_jwt"), "jwks"),
        ((*CALLBACK, "--auth-method", "none", "--secret", "S"), "client_secret"),
    ],
)
def test_a_registration_that_does_not_hold_is_refused_with_its_reason(
    database: Path, options: tuple[str, ...], said: str
) -> None:
    result = run(database, "client", "add", "service", *options)
    assert result.exit_code == 1
    assert said in result.output
    assert json.loads(run(database, "client", "list", "--json").stdout) == []


def test_private_keys_are_never_registered(database: Path, tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps({"keys": [{"kty": "oct", "k": "A" * 43}]}))
    options = (*CALLBACK, "--auth-method", "private_key_jwt", "--jwks-file", str(keys))
    result = run(database, "client", "add", "service", *options)
    assert result.exit_code == 1
    assert "private" in result.output


def test_an_identifier_is_registered_once_unless_replaced(database: Path) -> None:
    assert run(database, "client", "add", "service", *CALLBACK).exit_code == 0
    assert run(database, "client", "add", "service", *CALLBACK).exit_code == 1
    assert run(database, "client", "add", "service", *CALLBACK, "--replace").exit_code == 0


def test_nobody_takes_the_place_of_the_portal(database: Path, tmp_path: Path) -> None:
    """EC-05: whoever entered the portal would have entered that service."""
    taken = run(database, "client", "add", "portail", *CALLBACK, "--replace")
    assert taken.exit_code == 1
    assert "portal" in taken.output
    file = tmp_path / "clients.toml"
    file.write_text(
        '[[clients]]\nclient_id = "portail"\nredirect_uris = ["https://x.test/"]\n'
        'token_endpoint_auth_method = "none"\n'
    )
    with pytest.raises(ClientMetadataRefused, match="portal"):
        prepare_database(make_settings(f"sqlite:///{database}", "", clients_file=str(file)))
    assert run(database, "client", "show", "portail").exit_code == 1


def test_a_secret_is_made_where_none_is_given_and_shown_once(database: Path) -> None:
    made = json.loads(run(database, "client", "add", "service", *CALLBACK, "--json").stdout)
    assert len(made["client_secret"]) >= 43
    shown = run(database, "client", "show", "service").stdout
    assert made["client_secret"] not in shown
    assert "secret" not in json.loads(shown)


@pytest.mark.parametrize(
    ("options", "typed", "environment"),
    [
        (("--secret", "canary"), "", {}),
        (("--secret-stdin",), "canary\n", {}),
        ((), "", {"ECPS_CLIENT_SECRET": "canary"}),
    ],
)
def test_a_given_secret_is_taken_and_never_printed(
    database: Path, options: tuple[str, ...], typed: str, environment: dict[str, str]
) -> None:
    """Decision 42."""
    result = run(
        database, "client", "add", "service", *CALLBACK, *options, typed=typed, **environment
    )
    assert result.exit_code == 0
    assert "canary" not in result.output
    assert "secret" not in result.output


def test_a_plain_secret_on_a_real_database_is_warned_about(tmp_path: Path) -> None:
    """Decision 42."""
    path = tmp_path / "real.db"
    assert run(path, "db", "init", "--real", **REAL).exit_code == 0
    result = run(path, "client", "add", "service", *CALLBACK, "--secret", STRONG, **REAL)
    assert result.exit_code == 0
    assert "--secret-stdin" in result.stderr


def test_a_real_database_accepts_no_development_client(tmp_path: Path) -> None:
    """Decision 1."""
    path = tmp_path / "real.db"
    run(path, "db", "init", "--real", **REAL)
    result = run(path, "client", "add", "service", *CALLBACK, "--development", **REAL)
    assert result.exit_code == 1


@pytest.mark.parametrize("command", ["show", "remove", "secret", "disable", "enable"])
def test_an_unknown_client_fails(database: Path, command: str) -> None:
    result = run(database, "client", command, "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.output


def test_a_removed_client_is_gone(database: Path) -> None:
    run(database, "client", "add", "service", *CALLBACK)
    assert run(database, "client", "remove", "service").exit_code == 0
    assert run(database, "client", "show", "service").exit_code == 1


def test_a_disabled_client_stays_so_when_it_is_replaced_and_until_it_is_enabled(
    database: Path,
) -> None:
    run(database, "client", "add", "service", *CALLBACK)
    assert run(database, "client", "enable", "service").exit_code == 1
    assert run(database, "client", "disable", "service").exit_code == 0
    assert run(database, "client", "disable", "service").exit_code == 1
    run(database, "client", "add", "service", *CALLBACK, "--replace")
    shown = json.loads(run(database, "client", "show", "service").output)
    assert shown["disabled_at"] is not None
    assert run(database, "client", "enable", "service").exit_code == 0
    shown = json.loads(run(database, "client", "show", "service").output)
    assert shown["disabled_at"] is None


def test_a_service_asks_for_the_activity_by_an_option_of_its_own(database: Path) -> None:
    """CP-08, decision 15."""
    run(database, "client", "add", "asking", *CALLBACK, "--selected-activity")
    run(database, "client", "add", "service", *CALLBACK)
    asking = json.loads(run(database, "client", "show", "asking").stdout)
    service = json.loads(run(database, "client", "show", "service").stdout)
    assert asking["selected_activity"] is True
    assert "selected_activity" not in service


def test_a_service_that_must_push_or_sign_is_registered_so(database: Path) -> None:
    """RFC 9126, 6, by an option; RFC 9101, 10.5, by its name."""
    run(database, "client", "add", "pusher", *CALLBACK, "--require-pushed-requests")
    shown = json.loads(run(database, "client", "show", "pusher").stdout)
    assert shown["require_pushed_authorization_requests"] is True
    must_sign = ("--metadata", "require_signed_request_object=true")
    refused = run(database, "client", "add", "signer", *CALLBACK, *must_sign)
    assert refused.exit_code == 1
    assert "needs jwks" in refused.output


CIBA_GRANT = "urn:openid:params:grant-type:ciba"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.mark.parametrize(
    ("options", "grant_types"),
    [
        (("--ciba",), [CIBA_GRANT, "refresh_token"]),
        (("--device",), [DEVICE_GRANT, "refresh_token"]),
        ((*CALLBACK, "--ciba"), ["authorization_code", CIBA_GRANT, "refresh_token"]),
    ],
)
def test_what_begins_sign_ins_is_an_option(
    database: Path, options: tuple[str, ...], grant_types: list[str]
) -> None:
    """A client that needs no browser needs no address to come back to."""
    assert run(database, "client", "add", "service", *options).exit_code == 0
    shown = json.loads(run(database, "client", "show", "service").stdout)
    assert shown["grant_types"] == grant_types


def test_metadata_that_nothing_reads_is_told(database: Path) -> None:
    added = run(database, "client", "add", "service", *CALLBACK, "--metadata", "grant_type=[]")
    assert added.exit_code == 0
    assert "did you mean grant_types?" in added.output


def test_a_refusal_is_told_in_the_words_of_the_rule_alone(database: Path) -> None:
    refused = run(database, "client", "add", "service", *CALLBACK, "--profile", "fapi")
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: fapi authenticates by private_key_jwt")


@pytest.fixture
def certificate(database: Path, tmp_path: Path) -> Path:
    """Of a client that is not registered yet."""
    folder = str(tmp_path / "certificates")
    made = run(database, "client", "certificate", "service", "--out", folder)
    assert made.exit_code == 0, made.output
    return tmp_path / "certificates" / "certificate.pem"


def test_a_certificate_is_registered_by_its_file(database: Path, certificate: Path) -> None:
    """RFC 8705, 2.1.2."""
    added = run(database, "client", "add", "service", *CALLBACK, "--certificate", str(certificate))
    assert added.exit_code == 0, added.output
    shown = json.loads(run(database, "client", "show", "service").stdout)
    assert shown["token_endpoint_auth_method"] == "tls_client_auth"
    assert shown["tls_client_auth_subject_dn"].startswith("CN=service,OU=")


def test_a_self_signed_certificate_is_registered_whole(database: Path, certificate: Path) -> None:
    """RFC 8705, 2.2.2."""
    options = ("--auth-method", "self_signed_tls_client_auth", "--certificate", str(certificate))
    assert run(database, "client", "add", "service", *CALLBACK, *options).exit_code == 0
    (key,) = json.loads(run(database, "client", "show", "service").stdout)["jwks"]["keys"]
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert base64.b64decode(key["x5c"][0]) == read.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("method", "said"), [("private_key_jwt", "is not for private_key_jwt"), (None, "key.pem")]
)
def test_a_certificate_that_does_not_fit_is_told(
    database: Path, certificate: Path, method: str | None, said: str
) -> None:
    file = certificate if method else certificate.with_name("key.pem")
    options = ("--certificate", str(file), *(("--auth-method", method) if method else ()))
    refused = run(database, "client", "add", "service", *CALLBACK, *options)
    assert refused.exit_code == 2
    assert said in refused.output
