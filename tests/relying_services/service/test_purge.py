"""What is kept is forgotten when its retention is over, by a command for a daily job."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.util.pyfiles import load_python_file
from click.testing import CliRunner, Result
from flask_babel import lazy_gettext as _l
from sqlalchemy import Pool, event, inspect, select, text

from relying_services.service.command import group
from relying_services.service.service import Kind
from relying_services.service.settings import ServiceSettings, SessionLimits
from relying_services.service.store.database import OF_EVERY_SERVICE, Store
from relying_services.service.store.messages import messages_after, purge_messages, write
from relying_services.service.store.models import SessionRow
from relying_services.service.store.sessions import open_session
from relying_services.service.store.trace import entries, purge_trace
from relying_services.service.trace import Actor, note
from tests.relying_services.plans import scanned, watched
from tests.relying_services.service.plain import plain_service

KIND = Kind("plain", _l("Service"), "plain.home", ())
NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CODE = "QUELQUE-CHOSE-DE-SECRET"


def purge(url: str, *arguments: str) -> Result:
    commands = group(KIND, "The plain one.", ServiceSettings, plain_service)
    return CliRunner().invoke(commands, ["purge", "--database-url", url, *arguments])


def opened(url: str) -> Store:
    store = Store(url)
    store.upgrade()
    return store


def write_one(
    store: Store, name: str, age: timedelta, *, ends_at: datetime | None = None, kind: str = "mail"
) -> None:
    with store.begin() as db:
        at = NOW - age
        write(db, at, kind=kind, recipient="a@b.test", subject=name, text=CODE, ends_at=ends_at)


def left(store: Store) -> list[str]:
    with store.read() as db:
        return [each.subject for each in messages_after(db)]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "kept"),
    [
        pytest.param(["--trace-days", "30"], 0, 2, id="said"),
        pytest.param([], 2, 3, id="left-out"),
        pytest.param(["--trace-days", "0"], 2, 3, id="all-of-it"),
        pytest.param(["--trace-days", "36501"], 2, 3, id="before-all-times"),
        pytest.param(["--trace-days", "30", "--message-days", "0"], 2, 3, id="all-messages"),
        pytest.param(["--trace-days", "30", "--draft-days", "3"], 2, 3, id="has-no-drafts"),
    ],
)
def test_entries_are_forgotten_after_as_many_days_as_the_operator_says(
    service_url: str, arguments: list[str], exit_code: int, kept: int
) -> None:
    """There is no default: how long a trace is kept is the operator's duty to know."""
    store = opened(service_url)
    with store.begin() as db:
        for age in (31 * DAY, 29 * DAY, 0 * DAY):
            note(db, NOW - age, "plain", Actor("899700990015", "CARD"), "page:read")
    assert purge(service_url, *arguments).exit_code == exit_code
    with store.read() as db:
        assert len(entries(db)) == kept
    store.close()


def test_messages_are_forgotten_after_their_days_and_codes_when_they_are_over(
    either_url: str,
) -> None:
    """90 days unless it is said otherwise; a dead code is kept not a day longer."""
    store = opened(either_url)
    write_one(store, "old", 91 * DAY)
    write_one(store, "old letter", 91 * DAY, kind="letter")
    write_one(store, "old, its code still good", 91 * DAY, ends_at=NOW + 9 * DAY)
    write_one(store, "recent", 89 * DAY)
    write_one(store, "recent, its code still good", DAY, ends_at=NOW + DAY)
    write_one(store, "recent, its code over", DAY, ends_at=NOW)
    assert purge(either_url, "--trace-days", "1").exit_code == 0
    assert left(store) == ["recent", "recent, its code still good"]
    assert purge(either_url, "--trace-days", "1", "--message-days", "5").exit_code == 0
    assert left(store) == ["recent, its code still good"]
    store.close()


def test_sign_ins_are_forgotten_a_day_after_their_end(service_url: str) -> None:
    """A row holds what the provider told of a person, also where nobody signs in any more."""
    store, opened_at = opened(service_url), NOW - 2 * DAY
    with store.begin() as db:
        for name, limit in (("over", DAY - HOUR), ("over since less than a day", DAY + HOUR)):
            limits = SessionLimits(idle=None, absolute=limit)
            open_session(db, limits, opened_at, actor=name, name=name, means="CARD")
    assert purge(service_url, "--trace-days", "1").exit_code == 0
    with store.read() as db:
        kept = db.scalars(select(SessionRow.actor)).all()
    assert kept == ["over since less than a day"]
    store.close()


def test_who_reads_messages_behind_a_number_misses_none_after_a_purge(either_url: str) -> None:
    """The number of a message that is gone is not given to another."""
    store = opened(either_url)
    write_one(store, "old", 91 * DAY)
    with store.read() as db:
        last = messages_after(db)[-1].id
    purge(either_url, "--trace-days", "1")
    write_one(store, "new", 0 * DAY)
    with store.read() as db:
        assert [each.subject for each in messages_after(db, last)] == ["new"]
    store.close()


@pytest.fixture
def impatient() -> Iterator[None]:
    """Nobody waits for a lock as long as a service does."""

    def hurry(raw: Any, *_: Any) -> None:
        raw.execute("PRAGMA busy_timeout=20")

    event.listen(Pool, "checkout", hurry)
    yield
    event.remove(Pool, "checkout", hurry)


def files(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.iterdir() if "service.db" in each.name)


def test_no_file_of_the_database_knows_a_code_after_its_purge(
    service_url: str, tmp_path: Path
) -> None:
    """Deleted cells are overwritten, and the write-ahead log is emptied."""
    store = opened(service_url)
    write_one(store, "old", DAY, ends_at=NOW, kind="letter")
    assert CODE.encode() in files(tmp_path)
    assert purge(service_url, "--trace-days", "1").exit_code == 0
    assert CODE.encode() not in files(tmp_path)
    store.close()


@pytest.mark.usefixtures("impatient")
def test_a_purge_that_a_reader_of_the_file_holds_up_says_so(
    service_url: str, tmp_path: Path
) -> None:
    """The daily job fails, and the next one ends it."""
    store = opened(service_url)
    write_one(store, "old", DAY, ends_at=NOW, kind="letter")
    with store.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM service_message"))
        held_up = purge(service_url, "--trace-days", "1")
        assert held_up.exit_code == 1
        assert "somebody reads the file" in held_up.output
        assert left(store) == []
        assert CODE.encode() in files(tmp_path)
    assert purge(service_url, "--trace-days", "1").exit_code == 0
    assert CODE.encode() not in files(tmp_path)
    store.close()


def test_a_purge_goes_along_indexes(service_url: str) -> None:
    """It costs what it deletes, however much is kept."""
    store = opened(service_url)
    with watched(store.engine) as statements, store.begin() as db:
        purge_trace(db, NOW)
        purge_messages(db, NOW, NOW)
    assert len(statements) == 3
    assert scanned(store.engine, statements) == {}
    store.close()


def test_messages_of_before_are_kept_by_the_migration(either_url: str) -> None:
    """0003 makes the table anew on SQLite, with what it holds, and can be undone."""
    store = opened(either_url)
    write_one(store, "of before", DAY)
    script = load_python_file(str(OF_EVERY_SERVICE.migrations), "0003_retention.py")
    for step in ("downgrade", "upgrade"):
        with store.engine.execution_options(service_write=True).begin() as connection:
            with Operations.context(MigrationContext.configure(connection)):
                getattr(script, step)()
            columns = {each["name"] for each in inspect(connection).get_columns("service_message")}
        assert ("ends_at" in columns) == (step == "upgrade")
    assert left(store) == ["of before"]
    store.close()
