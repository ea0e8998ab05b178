"""The copy of the directory: imported whole or not at all, and what it tells of a person."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from idp.directory.sample import SAMPLE
from relying_services.clock import Clock
from relying_services.espacepro import extract
from relying_services.espacepro.directory import (
    is_active,
    is_employee,
    is_professional,
    national_id_of,
    person,
)
from relying_services.espacepro.errors import ExtractRefused
from relying_services.espacepro.extract import COLUMNS, Imported, import_extract
from relying_services.espacepro.sample import EXTRACT
from relying_services.espacepro.store.directory import add_entries, rows_in_force
from relying_services.espacepro.store.models import DirectoryImportRow, DirectoryRow
from relying_services.service.store.database import Store
from tests.relying_services.espacepro.stage import MARGELLE


def entries(first: int, count: int, profession: str = "10") -> list[dict[str, str]]:
    """Rows of invented people, numbered."""
    return [
        {
            "national_id": f"8997{number:08}",
            "profession": profession,
            "category": "C",
            "specialty": "SM54",
            "family_name": f"NOM{number}",
            "given_name": "Ada",
        }
        for number in range(first, first + count)
    ]


def written(folder: Path, rows: Sequence[dict[str, str]], *lines: str) -> Path:
    """An extract with the columns that are read, in another order, among others."""
    columns = {"Identifiant PP": "", **dict(reversed(list(COLUMNS.items())))}
    table = ["|".join([*columns, ""])]
    table += ["|".join([*(row.get(name, "x") for name in columns.values()), ""]) for row in rows]
    path = folder / "extract.txt"
    path.write_text("\n".join([*table, *lines]) + "\n", "utf-8")
    return path


def test_a_file_that_is_no_extract_changes_nothing(either: Store, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("Identifiant PP|Nom d'exercice\n1|X\n", "utf-8")
    latin = tmp_path / "latin.txt"
    latin.write_bytes(EXTRACT.read_text("utf-8").encode("iso-8859-1"))
    nobody = written(tmp_path, [])
    for path in (wrong, latin, nobody):
        with pytest.raises(ExtractRefused):
            import_extract(either, Clock(), path)
    with either.read() as db:
        assert rows_in_force(db) == 29
        assert person(db, MARGELLE.id)
        assert db.query(DirectoryImportRow).count() == 1


def test_a_truncated_file_is_refused_unless_it_is_forced(store: Store, tmp_path: Path) -> None:
    small = written(tmp_path, entries(0, 14))
    with pytest.raises(ExtractRefused, match="--force"):
        import_extract(store, Clock(), small)
    with store.read() as db:
        assert rows_in_force(db) == 29
    assert import_extract(store, Clock(), small, force=True) == Imported(14, 0)
    with store.read() as db:
        assert person(db, MARGELLE.id) is None


def test_an_import_that_stops_half_way_changes_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 36: one row puts it in force, at the end."""
    monkeypatch.setattr(extract, "_AT_ONCE", 10)
    whole = written(tmp_path, entries(0, 60))
    whole.write_bytes(whole.read_bytes() + b"\xff\xfe|||||||\n")
    with pytest.raises(ExtractRefused, match="UTF-8"):
        import_extract(store, Clock(), whole)
    with store.read() as db:
        assert rows_in_force(db) == 29
        assert db.query(DirectoryRow).count() == 29


def test_the_newest_import_is_in_force_and_older_ones_go(
    either: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 36: in batches; somebody who is not in it any more is not active any more."""
    monkeypatch.setattr(extract, "_AT_ONCE", 10)
    rows = [*entries(0, 41), *entries(5, 3, "50")]
    found = import_extract(either, Clock(), written(tmp_path, [*rows, *rows]))
    assert found == Imported(44, 0)
    with either.read() as db:
        two = person(db, "899700000005")
        assert two is not None
        assert two.professions == {"10", "50"}
        assert not is_active(db, MARGELLE.id)
        assert db.query(DirectoryRow).count() == 44
        assert db.query(DirectoryImportRow).count() == 1


def test_an_import_that_another_overtook_does_not_come_into_force(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 36: the other one began later, and ended while this one was reading."""
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    slow.mkdir()
    quick.mkdir()

    def overtaken(db: Session, given: Sequence[Mapping[str, Any]]) -> None:
        monkeypatch.setattr(extract, "add_entries", add_entries)
        db.commit()
        import_extract(store, Clock(), written(quick, entries(100, 40)))

    monkeypatch.setattr(extract, "_AT_ONCE", 10)
    monkeypatch.setattr(extract, "add_entries", overtaken)
    with pytest.raises(ExtractRefused, match="another import"):
        import_extract(store, Clock(), written(slow, entries(0, 60)))
    with store.read() as db:
        assert rows_in_force(db) == db.query(DirectoryRow).count() == 40
        assert person(db, "899700000100")


@pytest.mark.parametrize(
    "line",
    ["", "too|few", "|".join("123456789"), "|x|x|SM54|C||899700990015|", "|Ada|N|SM54|C|10|666|"],
)
def test_a_line_that_names_nobody_is_refused_and_counted(
    store: Store, tmp_path: Path, line: str
) -> None:
    path = written(tmp_path, entries(0, 30), line)
    assert import_extract(store, Clock(), path) == Imported(30, 1)


def test_the_sample_is_the_one_of_the_provider() -> None:
    assert EXTRACT.read_bytes() == SAMPLE.with_name(EXTRACT.name).read_bytes()


def test_a_student_practises_nothing_yet(store: Store) -> None:
    with store.read() as db:
        student = person(db, "899700990031")
        assert student is not None
        assert student.professions == {"10"}
        assert student.practised == set()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("99700990015", "899700990015"),
        (" 8 997 0099 0015 ", "899700990015"),
        ("0b7010446z", "0B7010446Z"),
        ("699700990015001/0000000001", "699700990015001/0000000001"),
    ],
)
def test_a_bare_rpps_number_is_completed(typed: str, meant: str) -> None:
    assert national_id_of(typed) == meant


@pytest.mark.parametrize(
    ("identifier", "professional", "employee"),
    [
        ("899700990015", True, False),
        ("0992800276", True, False),
        ("3760021832/000000018", False, True),
        ("500000000029751/CPAT0001", False, True),
        ("899700990015/1", False, False),
        ("account:7", False, False),
        ("٨٩٩٧٠٠٩٩٠٠١٥", False, False),
        ("899700990015\n", False, False),
        ("", False, False),
    ],
)
def test_identifiers_are_told_apart_by_their_form(
    identifier: str, professional: bool, employee: bool
) -> None:
    """EP-14 (domain, 2)."""
    assert (is_professional(identifier), is_employee(identifier)) == (professional, employee)
