"""What is registered of a certificate's name is read, or refused with a reason; it never fails."""

import contextlib

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from idp.oauth.rules.certificate_chain import CertificateRefused
from idp.oauth.rules.certificate_names import MEMBERS, SUBJECT_DN, check_named, check_registrable
from tests.mtls.helpers import CLIENT_AUTH, Made, make

DN_LIKE = st.text('CNOU=+,\\"#;<> 0123456789abcdefé.\0', max_size=60)


@pytest.fixture(scope="module")
def made() -> Made:
    names = [x509.DNSName("a.test"), x509.OtherName(x509.ObjectIdentifier("1.2.3"), b"\x05\0")]
    return make(extensions=(CLIENT_AUTH, x509.SubjectAlternativeName(names)))


@hypothesis_settings(deadline=None)
@given(member=st.sampled_from(MEMBERS), value=st.one_of(DN_LIKE, st.text(max_size=60)))
def test_no_text_is_a_fault_of_ours(made: Made, member: str, value: str) -> None:
    refusal = refusal_of(member, value)
    assert refusal != ""
    if refusal is None:
        with contextlib.suppress(CertificateRefused):
            check_named(made.certificate, member, value)


def refusal_of(member: str, value: str) -> str | None:
    try:
        check_registrable(member, value)
    except ValueError as refused:
        return str(refused)
    return None


@hypothesis_settings(deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
        min_size=1,
        max_size=4,
    )
)
def test_a_name_is_itself_and_no_other(values: list[str]) -> None:
    """Whatever has to be escaped: the text that cryptography writes is read as the same name."""
    attributes = [x509.NameAttribute(x509.NameOID.ORGANIZATIONAL_UNIT_NAME, v) for v in values]
    name = x509.Name(attributes)
    made = make(name=name)
    check_named(made.certificate, SUBJECT_DN, name.rfc4514_string())
    with pytest.raises(CertificateRefused):
        check_named(made.certificate, SUBJECT_DN, f"{name.rfc4514_string()},O=another")
