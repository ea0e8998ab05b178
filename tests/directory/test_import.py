"""Importing the directory (decision 36)."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from idp.directory.columns import EMAIL, MOBILE, OTHER_IDS
from idp.directory.importer import FileTruncated, Listener, import_directory
from idp.directory.people import account_of, find_contact, find_person
from idp.directory.rows import HeaderUnknown
from idp.directory.sample import sample_professionals
from idp.provider import Provider
from idp.store.directory_import import (
    ImportSuperseded,
    ImportUnderWay,
    progress_generation,
    start_generation,
)
from idp.store.models import DirectoryGeneration, DirectoryPerson, JournalEvent, RefusedRow
from idp.store.people import write_correction
from tests.directory.helpers import OPEN_SAMPLE, private_file, private_line, rpps, sample_lines

OF_THE_FILE = 28
"""People in the open sample; the employee of the sample people stays beside them."""
EMPLOYEE = "699700990015001/0000000001"


def counted(provider: Provider) -> int:
    with provider.store.read() as db:
        return db.scalar(select(func.count()).select_from(DirectoryPerson)) or 0


def changed_sample(path: Path, change: Callable[[list[str]], list[str]]) -> Path:
    header, *lines = sample_lines()
    path.write_text("\n".join([header, *change(lines)]) + "\n", "utf-8")
    return path


def test_the_open_sample_gives_the_same_exercises_as_the_sample_people(both: Provider) -> None:
    imported = import_directory(both, OPEN_SAMPLE)
    assert (imported.rows, imported.people, imported.refused) == (65, OF_THE_FILE, 0)
    with both.store.read() as db:
        for professional in sample_professionals():
            exercices = [e for e in professional["exercices"] if e["activities"]]
            person = find_person(db, professional["identificationNationalePP"])
            if not exercices:
                # Nobody without an activity stands in the open extract, which holds no employees.
                assert (person is not None) == (
                    professional["identificationNationalePP"] == EMPLOYEE
                )
                continue
            assert person is not None
            found = [[a["raisonSocialeSite"] for a in e["activities"]] for e in person.exercices]
            assert found == [[a["raisonSocialeSite"] for a in e["activities"]] for e in exercices]


def test_rows_of_a_person_need_not_be_neighbours(
    both: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shuffled(lines: list[str]) -> list[str]:
        return random.Random(1).sample(lines, len(lines))

    monkeypatch.setattr(both, "settings", both.settings.model_copy(update={"import_batch": 3}))
    imported = import_directory(both, changed_sample(tmp_path / "e.txt", shuffled))
    assert (imported.rows, imported.people) == (65, OF_THE_FILE)
    with both.store.read() as db:
        person = find_person(db, "899700990064")
    assert person is not None
    assert len(person.exercices[0]["activities"]) == 9


def test_a_truncated_file_changes_nothing_unless_forced(both: Provider, tmp_path: Path) -> None:
    import_directory(both, OPEN_SAMPLE)
    short = changed_sample(tmp_path / "short.txt", lambda lines: lines[:30])
    with pytest.raises(FileTruncated):
        import_directory(both, short)
    assert counted(both) == OF_THE_FILE + 1
    with both.store.read() as db:
        assert find_person(db, "0992800276") is not None
        events = db.scalars(select(JournalEvent.event)).all()
    assert "directory:generation:refused" in events
    import_directory(both, short, force=True)
    with both.store.read() as db:
        assert find_person(db, "0992800276") is None


def test_a_slightly_smaller_file_is_taken(both: Provider, tmp_path: Path) -> None:
    import_directory(both, OPEN_SAMPLE)
    import_directory(both, changed_sample(tmp_path / "e.txt", lambda lines: lines[:62]))


def test_a_file_without_any_usable_row_is_refused_even_by_force(
    both: Provider, tmp_path: Path
) -> None:
    with pytest.raises(FileTruncated):
        import_directory(both, changed_sample(tmp_path / "e.txt", lambda _: []), force=True)
    with both.store.read() as db:
        assert find_person(db, "899700990015") is not None


def test_another_kind_of_file_is_refused_before_anything_is_written(
    both: Provider, tmp_path: Path
) -> None:
    file = tmp_path / "other.csv"
    file.write_text("a;b\n1;2\n")
    with pytest.raises(HeaderUnknown):
        import_directory(both, file)
    with both.store.read() as db:
        assert db.scalar(select(func.count()).select_from(DirectoryGeneration)) == 1


def test_refused_rows_are_counted_with_line_and_reason(both: Provider, tmp_path: Path) -> None:
    heard: list[tuple[int, str]] = []

    def spoil(lines: list[str]) -> list[str]:
        return [*lines[:2], "cut|here", *lines[2:]]

    imported = import_directory(
        both,
        changed_sample(tmp_path / "e.txt", spoil),
        listener=Listener(refused=lambda line, reason: heard.append((line, reason))),
    )
    assert imported.refused == 1
    assert heard == [(4, "2 columns instead of 56")]
    with both.store.read() as db:
        kept = db.execute(select(RefusedRow.line, RefusedRow.reason)).one()
    assert tuple(kept) == heard[0]


def test_simultaneous_imports_refuse_each_other(both: Provider) -> None:
    with both.store.begin() as db:
        start_generation(db, source="open-extract", now=both.clock.now())
    with pytest.raises(ImportUnderWay):
        import_directory(both, OPEN_SAMPLE)


def test_an_import_that_died_is_taken_over_and_cannot_come_back(both: Provider) -> None:
    with both.store.begin() as db:
        dead = start_generation(db, source="open-extract", now=both.clock.now())
    both.clock.synchronise(both.settings.import_silence + timedelta(seconds=1))
    import_directory(both, OPEN_SAMPLE)
    with pytest.raises(ImportSuperseded), both.store.begin() as db:
        progress_generation(db, dead, rows=1, refused=0, now=both.clock.now())


def test_a_broken_off_import_leaves_the_old_directory_and_the_door_open(
    both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_directory(both, OPEN_SAMPLE, listener=Listener(progressed=interrupt))
    with both.store.read() as db:
        assert find_person(db, EMPLOYEE) is not None
    import_directory(both, OPEN_SAMPLE)
    assert counted(both) == OF_THE_FILE + 1


def test_old_generations_are_deleted(both: Provider) -> None:
    for _ in range(3):
        import_directory(both, OPEN_SAMPLE)
    assert counted(both) == OF_THE_FILE + 1


def test_contacts_corrections_and_accounts_are_not_touched(both: Provider, tmp_path: Path) -> None:
    now = both.clock.now()
    with both.store.begin() as db:
        account_id = account_of(db, "899700990023", now).account_id
        write_correction(
            db, national_id="899700990023", struck_off=True, civil_identity=None, now=now
        )
    line = private_line("899700990023", **{MOBILE: "0639980077", EMAIL: "other@exemple.test"})
    import_directory(both, private_file(tmp_path / "p.txt", [line]))
    with both.store.begin() as db:
        contact = find_contact(db, "899700990023")
        person = find_person(db, "899700990023")
        assert contact is not None
        assert contact.mobile == "+33639980002"
        assert person is not None
        assert person.closed
        assert account_of(db, "899700990023", now).account_id == account_id


def test_a_private_extract_declares_contacts_only_where_none_are_held(
    both: Provider, tmp_path: Path
) -> None:
    """Domain 4.2; a contact held under the former identifier counts as held."""
    fresh = "8" + rpps(1234)
    became_rpps = "8" + rpps(1235)
    lines = [
        private_line(fresh, **{MOBILE: "0639980078", EMAIL: "n@exemple.test"}),
        private_line(
            became_rpps,
            **{MOBILE: "0639980079", OTHER_IDS: f"{became_rpps},RPPS,1;0992800276,ADELI,1"},
        ),
    ]
    import_directory(both, private_file(tmp_path / "p.txt", lines))
    with both.store.read() as db:
        contact = find_contact(db, fresh)
        old = find_contact(db, became_rpps)
        resolved = find_person(db, "0992800276")
    assert contact is not None
    assert (contact.mobile, contact.email, contact.held_until) == (
        "+33639980078",
        "n@exemple.test",
        None,
    )
    assert old is not None
    assert old.mobile == "+33639980027"
    assert resolved is not None
    assert resolved.national_id == became_rpps
