"""Certificates that a simulation makes for its own services, so that nobody orders one to try."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID
from flask import Flask

from idp.cards.authority import AuthorityRefused
from idp.cli import main
from idp.oauth.clients.simulated_certificate import SimulatedCertificate, issue
from idp.provider import Provider, open_provider
from tests.cards.helpers import issued_card
from tests.conftest import make_settings
from tests.mtls.helpers import ask, make, why_not
from tests.oauth.helpers import Service, add_client, advance, events


@pytest.fixture
def made(provider: Provider) -> SimulatedCertificate:
    with provider.store.begin() as db:
        return issue(provider, db, "logiciel")


@pytest.fixture
def service(app: Flask, provider: Provider, made: SimulatedCertificate) -> Service:
    add_client(
        provider,
        "logiciel",
        token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=made.subject,
    )
    return Service(app, provider, "logiciel")


def test_the_simulation_believes_it(
    service: Service, provider: Provider, made: SimulatedCertificate
) -> None:
    assert ask(service, made.certificate.public_bytes(Encoding.DER)).status_code == 200
    assert "oauth:certificate:issued" in events(provider)


def test_another_simulation_does_not(
    service: Service, fresh_postgresql_url: str, master_key: str
) -> None:
    """Its authority has the same name, and another key."""
    elsewhere = open_provider(make_settings(fresh_postgresql_url, master_key))
    with elsewhere.store.begin() as db:
        other = issue(elsewhere, db, "logiciel")
    elsewhere.store.close()
    assert "signature" in why_not(service, other.certificate.public_bytes(Encoding.DER))


def test_it_names_its_client_alone(service: Service, provider: Provider) -> None:
    with provider.store.begin() as db:
        other = issue(provider, db, "autre")
    assert "its subject is" in why_not(service, other.certificate.public_bytes(Encoding.DER))


def test_a_card_is_no_service(service: Service, provider: Provider) -> None:
    """Both stand below one root, and only one of them issues to services."""
    assert "not among those trusted" in why_not(service, issued_card(provider).der)


def test_it_ends(service: Service, provider: Provider, made: SimulatedCertificate) -> None:
    advance(provider, provider.settings.simulated_certificate_lifetime.total_seconds() + 60)
    assert "expired" in why_not(service, made.certificate.public_bytes(Encoding.DER))


def test_whoever_signs_itself_is_not_believed(service: Service, made: SimulatedCertificate) -> None:
    assert "not among those trusted" in why_not(service, make(made.subject))


def test_a_real_database_makes_none(provider: Provider) -> None:
    """Decision 1."""
    real = replace(provider, kind="real")
    with provider.store.begin() as db, pytest.raises(AuthorityRefused):
        issue(real, db, "logiciel")


def test_its_layout_is_that_of_real_services(made: SimulatedCertificate) -> None:
    """pro-sante-connect 6.3, under names of the simulation (decision 30)."""
    subject = made.certificate.subject
    order = [attribute.oid for attribute in subject]
    assert order == [
        NameOID.COUNTRY_NAME,
        NameOID.STATE_OR_PROVINCE_NAME,
        NameOID.ORGANIZATION_NAME,
        NameOID.ORGANIZATIONAL_UNIT_NAME,
        NameOID.COMMON_NAME,
    ]
    (organisation,) = subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    (issuer,) = made.certificate.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert organisation.value == issuer.value == "SIMULATION"


# -- the command ---------------------------------------------------------------------------------


def test_the_command_writes_what_a_tls_client_takes(
    provider: Provider, sqlite_url: str, master_key: str, tmp_path: Path
) -> None:
    add_client(provider)
    folder = tmp_path / "certificates"
    command = ["client", "certificate", "service", "--out", str(folder)]
    given = [*command, "--database-url", sqlite_url]
    environment = {"ECPS_MASTER_KEY": master_key}
    done = CliRunner().invoke(main, [*given, "--json"], env=environment)
    assert done.exit_code == 0, done.output
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    assert json.loads(done.output)["tls_client_auth_subject_dn"].startswith("CN=service,")
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    first, root = x509.load_pem_x509_certificates((folder / "authority.pem").read_bytes())
    certificate.verify_directly_issued_by(first)
    first.verify_directly_issued_by(root)
    again = CliRunner().invoke(main, given, env=environment)
    assert (again.exit_code, "exists already" in again.output) == (1, True)


def test_a_name_too_long_for_a_certificate_is_refused(
    provider: Provider, sqlite_url: str, master_key: str, tmp_path: Path
) -> None:
    command = ["client", "certificate", "n" * 65, "--out", str(tmp_path / "x")]
    environment = {"ECPS_MASTER_KEY": master_key}
    done = CliRunner().invoke(main, [*command, "--database-url", sqlite_url], env=environment)
    assert (done.exit_code, "more than 64" in done.output) == (1, True)
    assert not (tmp_path / "x").exists()
