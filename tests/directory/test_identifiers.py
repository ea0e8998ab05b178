"""The forms of a national identifier (domain section 2; EC-03, EC-30)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.directory.identifiers import (
    IdentifierLacksType,
    IdentifierMalformed,
    luhn_holds,
    origin_of,
    parse_national_id,
    type_of,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8",
        "899700990016",
        "8997009900150",
        "99700990016",
        "79970099001",
        "ANS2026112109300",
        "ANS202611210930000",
        "3760021832",
        "3760021832/",
        "5000000000297/CPAT0001",
        "699700990015001/" + "9" * 21,
        "0ABCDEFGHI",
        "8٩97٠0990015",
        "899700990015\0",
        "899700990015;DROP",
        "899700990015/1",
    ],
)
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(IdentifierMalformed) as refusal:
        parse_national_id(text)
    assert not isinstance(refusal.value, IdentifierLacksType)


def test_an_rpps_number_without_the_8_says_so() -> None:
    """EC-03: the helpful error."""
    with pytest.raises(IdentifierLacksType) as refusal:
        parse_national_id("99700 990 015")
    assert refusal.value.suggestion == "899700990015"


@pytest.mark.parametrize(
    ("text", "identifier", "kind", "origin"),
    [
        ("899700990015", "899700990015", "8", "RPPS"),
        (" 8 997.0099\u00a0001\u202f5 ", "899700990015", "8", "RPPS"),
        ("0992800276", "0992800276", "0", "ADELI"),
        ("00b7010446", "00B7010446", "0", "ADELI"),
        ("3760021832/000000018", "3760021832/000000018", "3", "FINESS"),
        ("30b0185195/cpet00001", "30B0185195/CPET00001", "3", "FINESS"),
        ("4356000000/1", "4356000000/1", "4", "SIREN"),
        ("500000000029751/CPAT0001", "500000000029751/CPAT0001", "5", "SIRET"),
        ("699700990015001/0000000001", "699700990015001/0000000001", "6", "CAB_RPPS"),
        ("ans20261121093000", "ANS20261121093000", "EDIT", "EDIT"),
    ],
)
def test_every_form_is_read_in_its_canonical_writing(
    text: str, identifier: str, kind: str, origin: str
) -> None:
    assert parse_national_id(text) == identifier
    assert type_of(identifier) == kind
    assert origin_of(identifier) == origin


@given(st.integers(min_value=0, max_value=10**10 - 1))
def test_exactly_one_key_completes_an_rpps_number(number: int) -> None:
    kept = [key for key in range(10) if luhn_holds(f"{number:010}{key}")]
    assert len(kept) == 1
    assert parse_national_id(f"8{number:010}{kept[0]}") == f"8{number:010}{kept[0]}"


@given(st.text(max_size=40))
def test_any_text_is_an_identifier_or_refused(text: str) -> None:
    try:
        identifier = parse_national_id(text)
    except IdentifierMalformed:
        return
    assert identifier.isascii()
    assert parse_national_id(identifier) == identifier
