"""Lists of revoked certificates: each authority's own, in time, or nobody is let in."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from idp.keys.key_usage import key_usage
from idp.settings import Settings
from tests.conftest import make_settings
from tests.mtls.helpers import (
    DAY,
    Made,
    Pki,
    ask,
    make_authority,
    make_list,
    settings_of,
    why_not,
)
from tests.oauth.helpers import Service, advance


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    return tmp_path / "revoked.pem"


@pytest.fixture
def settings(sqlite_url: str, master_key: str, pki: Pki, lists: Path) -> Settings:
    write(lists, make_list(pki.root), make_list(pki.authority))
    given = settings_of(pki) | {"client_certificate_crls": [str(lists)]}
    return make_settings(sqlite_url, master_key, **given)


def write(file: Path, *lists: x509.CertificateRevocationList) -> None:
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in lists))
    assert file.stat().st_mtime_ns != before


def test_a_certificate_on_no_list_is_taken(service: Service, shown: Made) -> None:
    assert ask(service, shown).status_code == 200


def test_a_revoked_certificate_is_refused_from_the_next_list_on(
    service: Service, pki: Pki, shown: Made, lists: Path
) -> None:
    """The file is read again when it changed."""
    assert ask(service, shown).status_code == 200
    write(lists, make_list(pki.root), make_list(pki.authority, shown))
    assert why_not(service, shown) == "it is revoked"
    assert ask(service, pki.issue()).status_code == 200


def test_an_older_list_that_still_counts_does_not_take_it_back(
    service: Service, pki: Pki, shown: Made, lists: Path
) -> None:
    write(lists, make_list(pki.root), make_list(pki.authority), make_list(pki.authority, shown))
    assert why_not(service, shown) == "it is revoked"


def test_a_revoked_authority_takes_its_certificates_with_it(
    service: Service, pki: Pki, shown: Made, lists: Path
) -> None:
    write(lists, make_list(pki.root, pki.authority), make_list(pki.authority))
    assert why_not(service, shown) == "it is revoked"


def test_a_list_that_ended_counts_for_nothing(service: Service, shown: Made) -> None:
    """By our clock (decision 5): a stale list closes."""
    assert ask(service, shown).status_code == 200
    advance(service.provider, 2 * 86400)
    assert "no revocation list" in why_not(service, shown)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": DAY, "ends": 2 * DAY},
        {"critical": (x509.DeltaCRLIndicator(1),)},
    ],
    ids=["not yet", "changes alone"],
)
def test_a_list_that_does_not_count_closes(
    service: Service, pki: Pki, shown: Made, lists: Path, changes: dict[str, object]
) -> None:
    write(lists, make_list(pki.root), make_list(pki.authority, **changes))  # type: ignore[arg-type]  # of several kinds
    assert "no revocation list" in why_not(service, shown)


def test_each_authority_of_a_chain_needs_its_list(
    service: Service, pki: Pki, shown: Made, lists: Path
) -> None:
    write(lists, make_list(pki.authority))
    assert "no revocation list" in why_not(service, shown)
    write(lists, make_list(pki.root))
    assert "no revocation list" in why_not(service, shown)


def test_nobody_else_signs_an_authoritys_list(
    service: Service, pki: Pki, shown: Made, lists: Path
) -> None:
    write(lists, make_list(pki.root), make_list(make_authority("Organisations")))
    assert "no revocation list" in why_not(service, shown)


def test_an_authority_that_may_sign_no_lists_has_none(
    service: Service, pki: Pki, lists: Path
) -> None:
    constraints = x509.BasicConstraints(ca=True, path_length=0)
    extensions = (constraints, key_usage("key_cert_sign"))
    mute = make_authority("Muette", pki.root, extensions=extensions)
    pki.trust(mute, pki.root)
    pki.authority = mute
    write(lists, make_list(pki.root), make_list(mute))
    assert "no revocation list" in why_not(service, pki.issue())


def test_a_list_that_is_gone_or_broken_closes(service: Service, shown: Made, lists: Path) -> None:
    lists.write_bytes(b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    assert "cannot be read" in why_not(service, shown)
    lists.unlink()
    assert "cannot be read" in why_not(service, shown)


def test_a_list_may_be_der(service: Service, pki: Pki, shown: Made, lists: Path) -> None:
    """As authorities publish them; one list to a file."""
    pki.authority = make_authority("Directe")
    pki.trust(pki.authority)
    direct = pki.issue()
    lists.write_bytes(make_list(pki.authority).public_bytes(Encoding.DER))
    assert ask(service, direct).status_code == 200
    lists.write_bytes(make_list(pki.authority, direct).public_bytes(Encoding.DER))
    assert why_not(service, direct) == "it is revoked"
