"""Subjects of cards: composed in one place, read by OID whatever their order (decision 30)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from idp.cards.names import (
    PERSONS,
    ROOT,
    CardSubject,
    SubjectUnreadable,
    compose_subject,
    parse_subject,
    profession_title,
)

RPPS = "899700990023"
EMPLOYEE = "699700990015001/0000000001"
KEY = ec.generate_private_key(ec.SECP256R1())
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)


def attribute(oid: x509.ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    return x509.NameAttribute(oid, value)


CN = attribute(NameOID.COMMON_NAME, RPPS)
SN = attribute(NameOID.SURNAME, "BRISELAME")
GN = attribute(NameOID.GIVEN_NAME, "Anatole")
TITLE = attribute(NameOID.TITLE, "Médecin")
FR = attribute(NameOID.COUNTRY_NAME, "FR")


def name(*parts: x509.NameAttribute[str] | list[x509.NameAttribute[str]]) -> x509.Name:
    return x509.Name(
        [
            x509.RelativeDistinguishedName(part if isinstance(part, list) else [part])
            for part in parts
        ]
    )


def carried(subject: x509.Name) -> x509.Name:
    """The name as it comes out of DER."""
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(KEY, SHA256())
    return x509.load_der_x509_csr(request.public_bytes(Encoding.DER)).subject


@pytest.mark.parametrize(
    "subject",
    [
        name(),
        name([SN, GN], FR),
        name([CN, SN, GN]),
        name([CN, SN, GN], attribute(NameOID.COUNTRY_NAME, "DE")),
        name([CN, SN, GN], FR, FR),
        name([CN, attribute(NameOID.COMMON_NAME, "899700990015")], FR),
        name([CN, SN, attribute(NameOID.SURNAME, "MARGELLE")], FR),
        name(CN, attribute(NameOID.COMMON_NAME, RPPS), FR),
        name([CN, SN, GN], TITLE, attribute(NameOID.TITLE, "Pharmacien"), FR),
        name([attribute(NameOID.COMMON_NAME, "899700990024"), SN, GN], FR),
        name([attribute(NameOID.COMMON_NAME, f" {RPPS}"), SN, GN], FR),
        name([attribute(NameOID.COMMON_NAME, "BRISELAME Anatole"), SN, GN], FR),
        name(
            attribute(NameOID.ORGANIZATION_NAME, "SIMULATION"),
            attribute(NameOID.COMMON_NAME, "TEST AC"),
        ),
    ],
    ids=[
        "empty",
        "no-identifier",
        "no-country",
        "another-country",
        "two-countries",
        "two-identifiers",
        "two-names",
        "identifier-twice",
        "two-titles",
        "wrong-key",
        "another-form",
        "no-number",
        "an-authority",
    ],
)
def test_what_is_no_card_subject_is_refused(subject: x509.Name) -> None:
    """Decision 30; attack 39."""
    with pytest.raises(SubjectUnreadable):
        parse_subject(subject)


@pytest.mark.parametrize(
    "subject",
    [
        name([CN, SN, GN], TITLE, FR),
        name([SN, CN, GN], TITLE, FR),
        name([GN, SN, CN], FR, TITLE),
        name(FR, TITLE, [GN, CN, SN]),
        name(FR, TITLE, CN, SN, GN),
    ],
)
def test_a_subject_is_read_by_oid_in_any_order(subject: x509.Name) -> None:
    """Decision 30."""
    expected = CardSubject(RPPS, "BRISELAME", "Anatole", "Médecin")
    assert parse_subject(carried(subject)) == expected


def test_text_that_looks_like_another_part_stays_text() -> None:
    """Decision 30: nothing is split at `+`, `=` or a comma."""
    sly = "X+CN=899700990015,C=FR/CN=899700990015"
    subject = CardSubject(RPPS, sly, "Anatole", "Médecin")
    assert parse_subject(carried(compose_subject("CPS", subject))) == subject


@pytest.mark.parametrize("family", ["CPS", "CPF"])
def test_a_practitioner_is_named_in_one_part_of_three_values(family: str) -> None:
    """Decision 30."""
    subject = compose_subject(family, CardSubject(RPPS, "BRISELAME", "Anatole", "Médecin"))
    assert carried(subject) == name([CN, SN, GN], TITLE, FR)


@pytest.mark.parametrize("family", ["CPE", "CPA"])
def test_an_employee_is_named_with_the_employer(family: str) -> None:
    """Decision 30."""
    subject = CardSubject(
        EMPLOYEE, "DRAPEYRON", "Mauricette", structure="699700990015001", structure_name="Cabinet"
    )
    composed = carried(compose_subject(family, subject))
    assert composed.get_attributes_for_oid(NameOID.TITLE) == []
    assert parse_subject(composed) == subject


def test_a_service_card_names_nobody() -> None:
    """Decision 30."""
    subject = CardSubject(EMPLOYEE, structure="699700990015001", structure_name="Cabinet")
    composed = carried(compose_subject("CPE", subject))
    assert composed.get_attributes_for_oid(NameOID.SURNAME) == []
    assert not parse_subject(composed).is_nominative


@given(family_name=TEXT, given_name=st.just("") | TEXT, title=st.just("") | TEXT)
def test_whatever_names_a_practitioner_has_are_read_back(
    family_name: str, given_name: str, title: str
) -> None:
    """Decision 30."""
    subject = CardSubject(RPPS, family_name, given_name, title)
    assert parse_subject(carried(compose_subject("CPS", subject))) == subject


@given(national_id=st.sampled_from([RPPS, EMPLOYEE, "0992800276"]), structure_name=TEXT)
def test_whatever_the_employer_is_called_is_read_back(
    national_id: str, structure_name: str
) -> None:
    """Decision 30."""
    subject = CardSubject(national_id, structure="699700990015001", structure_name=structure_name)
    assert parse_subject(carried(compose_subject("CPE", subject))) == subject


def test_an_employer_of_a_very_long_name_fits() -> None:
    """RFC 5280, appendix A.1."""
    subject = CardSubject(EMPLOYEE, structure_name="É" * 200)
    assert parse_subject(carried(compose_subject("CPA", subject))).structure_name == "É" * 64


def test_the_authorities_bear_test_names() -> None:
    """Decision 30."""
    assert ROOT.rfc4514_string() == "CN=TEST AC RACINE SIMULEE FORT,O=SIMULATION"
    assert PERSONS.rfc4514_string() == "CN=TEST AC SIMULEE FORT PERSONNES,O=SIMULATION"


def test_a_profession_is_told_by_its_label() -> None:
    assert profession_title("10C") == profession_title("10E") == "Médecin"
    assert profession_title("70C") == "Masseur-Kinésithérapeute"
    assert profession_title("") == ""
