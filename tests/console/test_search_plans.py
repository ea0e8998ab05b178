"""The search looks into an index alone, whatever the size of the directory."""

from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from idp.provider import Provider
from idp.store.directory_import import StagedPerson, write_people
from idp.store.directory_search import people_by_identifier, people_by_name
from idp.store.models import World

_PEOPLE = 20_000


@pytest.fixture
def crowded(both: Provider) -> Provider:
    """A directory that is too large to be read from one end to the other."""
    with both.store.begin() as db:
        generation = db.get_one(World, 1).directory_generation
        assert generation is not None
        people = [
            StagedPerson(f"8101{place:08}", "8", f"NOM{place:05}", "Ada", "MME", [], [])
            for place in range(_PEOPLE)
        ]
        write_people(db, generation, people)
    with both.store.begin() as db:
        db.execute(text("ANALYZE"))
    return both


def plan_of(db: Session, search: Any) -> str:
    """How the database goes about the statement of a search."""
    seen: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        seen.append((statement, given))

    connection = db.connection()
    event.listen(connection, "before_cursor_execute", listen)
    search()
    event.remove(connection, "before_cursor_execute", listen)
    (asked,) = [one for one in seen if "directory_people" in one[0]]
    explain = "EXPLAIN" if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    rows = connection.exec_driver_sql(f"{explain} {asked[0]}", asked[1]).all()
    return "\n".join(str(value) for row in rows for value in row)


def test_the_beginning_of_a_name_goes_along_its_index(crowded: Provider) -> None:
    with crowded.store.read() as db:
        plan = plan_of(
            db,
            lambda: people_by_name(db, ["NOM123"], given_name="", after=None, limit=26),
        )
    assert "ix_directory_people_name" in plan
    assert "Seq Scan on directory_people" not in plan
    assert "SCAN directory_people" not in plan


def test_the_next_page_goes_along_it_as_well(crowded: Provider) -> None:
    with crowded.store.read() as db:
        after = ("NOM00100", "810100000100")
        found = people_by_name(db, ["NOM"], given_name="", after=after, limit=3)
        plan = plan_of(
            db, lambda: people_by_name(db, ["NOM"], given_name="", after=after, limit=26)
        )
    assert [one.row.family_name for one in found] == ["NOM00101", "NOM00102", "NOM00103"]
    assert "ix_directory_people_name" in plan
    assert "Seq Scan on directory_people" not in plan


def test_the_beginning_of_an_identifier_goes_along_the_key(crowded: Provider) -> None:
    beginnings = ["8101000012", "88101000012", "08101000012"]
    with crowded.store.read() as db:
        found = people_by_identifier(db, beginnings, after="", limit=200)
        plan = plan_of(db, lambda: people_by_identifier(db, beginnings, after="", limit=26))
    assert [one.row.national_id for one in found] == [
        f"8101{place:08}" for place in range(1200, 1300)
    ]
    assert "Seq Scan on directory_people" not in plan
    assert "SCAN directory_people" not in plan


@pytest.mark.parametrize("beginning", ["9", "8999", "4", "ANS"])
def test_a_beginning_that_nobody_has_finds_nobody(both: Provider, beginning: str) -> None:
    with both.store.read() as db:
        assert people_by_identifier(db, [beginning], after="", limit=5) == []
