"""Reading the two extracts, line by line (domain 4.1, 4.2)."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.directory.columns import EMAIL, MOBILE, NATIONAL_ID, OTHER_IDS
from idp.directory.extract import open_extract
from idp.directory.rows import OPEN, PRIVATE, HeaderUnknown, Layout, Row, RowRefused
from tests.directory.helpers import (
    OPEN_SAMPLE,
    PRIVATE_COLUMNS,
    private_file,
    private_line,
    sample_lines,
)

HEADER = sample_lines()[0]
LINE = sample_lines()[1]


def read_all(path: Path) -> list[Row | RowRefused]:
    with open_extract(path) as extract:
        return [row for _, row in extract.rows()]


@pytest.mark.parametrize("header", ["", "a|b|c", HEADER.replace("Nom d'exercice", "Nom")])
def test_a_header_without_a_needed_column_is_refused(header: str) -> None:
    with pytest.raises(HeaderUnknown):
        Layout(header)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE[:80], "columns instead of 56"),
        (LINE + "more|", "columns instead of 56"),
        (LINE.replace("899700990015|DR", "899700990016|DR"), "key of the RPPS"),
        (LINE.replace("|899700990015|", "|899700990023|"), "contradicts"),
        (LINE.replace("|899700990015|", "||"), "national identifier"),
        (LINE.replace("|MARGELLE|", "||"), "no name"),
        (LINE.replace("FEUILLANTINES", "FEUILL\0ANTINES"), "NUL"),
    ],
)
def test_a_row_that_says_nothing_usable_is_refused_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(RowRefused, match=reason):
        Layout(HEADER).read(line)


@pytest.mark.parametrize("column", [NATIONAL_ID, MOBILE, EMAIL])
def test_a_header_that_says_a_needed_column_twice_is_refused(column: str) -> None:
    """Which of the two would be taken must not be left to chance."""
    with pytest.raises(HeaderUnknown, match=column[:10]):
        Layout("|".join([*PRIVATE_COLUMNS, column.title()]) + "|")


def test_quotes_and_apostrophes_are_characters_like_others() -> None:
    row = Layout(HEADER).read(LINE.replace("CABINET DU DR MARGELLE", "L\"ESPOIR D'ICI", 1))
    assert row.activity["raisonSocialeSite"] == "L\"ESPOIR D'ICI"


def test_a_header_in_other_case_and_with_typographic_apostrophes_is_known() -> None:
    assert Layout(HEADER.upper().replace("'", "’")).source == OPEN


def test_the_52_columns_of_older_files_are_read() -> None:
    old_header = "|".join(HEADER.split("|")[:52]) + "|"
    row = Layout(old_header).read("|".join(LINE.split("|")[:52]) + "|")
    assert row.national_id == "899700990015"
    assert "codeRole" not in row.activity


@pytest.mark.parametrize("trailing", ["|", ""])
def test_a_trailing_separator_may_be_there_or_not(trailing: str) -> None:
    row = Layout(HEADER.rstrip("|") + trailing).read(LINE.removesuffix("|") + trailing)
    assert row.activity["codeGenreActivite"] == "GENR01"


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_and_either_line_end_are_tolerated(
    tmp_path: Path, bom: bytes, end: bytes
) -> None:
    file = tmp_path / "extract.txt"
    file.write_bytes(bom + OPEN_SAMPLE.read_bytes().replace(b"\n", end))
    rows = read_all(file)
    assert len(rows) == 65
    assert all(isinstance(row, Row) for row in rows)


def test_a_broken_byte_refuses_its_line_alone(tmp_path: Path) -> None:
    file = tmp_path / "extract.txt"
    lines = OPEN_SAMPLE.read_bytes().splitlines()
    lines[2] = lines[2].replace(b"Anatole", b"Anato\xffe")
    file.write_bytes(b"\n".join(lines))
    with open_extract(file) as extract:
        refused = [(line, str(row)) for line, row in extract.rows() if isinstance(row, RowRefused)]
    assert refused == [(3, "the line is not valid UTF-8")]


def test_an_endless_line_is_refused_and_the_next_one_is_read(tmp_path: Path) -> None:
    file = tmp_path / "extract.txt"
    file.write_text("\n".join([HEADER, "x" * 200_000, LINE]), "utf-8")
    refused, row = read_all(file)
    assert isinstance(refused, RowRefused)
    assert isinstance(row, Row)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_the_private_extract_is_read_in_either_encoding(tmp_path: Path, encoding: str) -> None:
    line = private_line(
        "899700990015",
        **{
            MOBILE: "06 39 98 00 77",
            EMAIL: "m@exemple.test",
            OTHER_IDS: "899700990015,RPPS,1;0999100290,ADELI,1",
        },
    )
    with open_extract(private_file(tmp_path / "p.txt", [line], encoding=encoding)) as extract:
        assert extract.layout.source == PRIVATE
        ((_, row),) = extract.rows()
    assert isinstance(row, Row)
    assert (row.family_name, row.given_name) == ("CÉZEMBRE", "Maëlle")
    assert (row.mobile, row.email) == ("+33639980077", "m@exemple.test")
    assert row.other_ids[1] == {"identifiant": "0999100290", "origine": "ADELI", "qualite": 1}


def test_older_private_extracts_lack_the_two_last_columns() -> None:
    names = [n for n in PRIVATE_COLUMNS if n not in {OTHER_IDS, "code genre activité"}]
    assert Layout("|".join(names) + "|").source == PRIVATE


def test_the_newest_spelling_of_the_kind_of_activity_is_known() -> None:
    names = [n.replace("code genre activité", "Code genre d'activité") for n in PRIVATE_COLUMNS]
    layout = Layout("|".join(names) + "|")
    line = private_line("899700990015", **{"code genre activité": "GENR02"})
    assert layout.read(line).activity["codeGenreActivite"] == "GENR02"


def test_a_zip_gives_the_file_of_activities(tmp_path: Path) -> None:
    file = tmp_path / "extract.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("PS_LibreAcces_SavoirFaire_202611210830.txt", "other")
        archive.write(OPEN_SAMPLE, "PS_LibreAcces_Personne_activite_202611210830.txt")
    assert len(read_all(file)) == 65


def test_a_zip_without_such_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "extract.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.md", "nothing")
    with pytest.raises(HeaderUnknown):
        read_all(file)


def test_a_damaged_zip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "extract.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(OPEN_SAMPLE, "activite.txt")
    damaged = bytearray(file.read_bytes())
    damaged[200:230] = bytes(30)
    file.write_bytes(damaged)
    with pytest.raises(HeaderUnknown):
        read_all(file)


@pytest.mark.parametrize("written", ["x", "a,b", "a,RPPS,", "a,RPPS," + "9" * 5000])
def test_other_identifiers_of_another_shape_refuse_the_row(written: str) -> None:
    layout = Layout("|".join(PRIVATE_COLUMNS) + "|")
    with pytest.raises(RowRefused, match="other identifiers"):
        layout.read(private_line("899700990015", **{OTHER_IDS: written}))


@given(st.text(max_size=200))
def test_any_line_is_a_row_or_refused(line: str) -> None:
    try:
        Layout(HEADER).read(line)
    except RowRefused:
        return


@given(st.lists(st.text(max_size=12).filter(lambda t: "|" not in t), min_size=56, max_size=56))
def test_any_cells_are_a_row_or_refused(cells: list[str]) -> None:
    cells[:3] = LINE.split("|")[:3]
    try:
        row = Layout(HEADER).read("|".join(cells) + "|")
    except RowRefused:
        return
    assert row.national_id == "899700990015"
