"""The trace is forgotten when its retention is over, by a command for a daily job."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from flask_babel import lazy_gettext as _l

from relying_services.service.command import group
from relying_services.service.service import Kind
from relying_services.service.settings import ServiceSettings
from relying_services.service.store.database import Store
from relying_services.service.store.trace import entries
from relying_services.service.trace import Actor, note
from tests.relying_services.service.plain import plain_service

KIND = Kind("plain", _l("Service"), "plain.home", ())
AGES = (timedelta(days=31), timedelta(days=29), timedelta())


@pytest.mark.parametrize(
    ("arguments", "exit_code", "left"),
    [
        pytest.param(["--trace-days", "30"], 0, 2, id="said"),
        pytest.param([], 2, 3, id="left-out"),
        pytest.param(["--trace-days", "0"], 2, 3, id="all-of-it"),
    ],
)
def test_entries_are_forgotten_after_as_many_days_as_the_operator_says(
    service_url: str, arguments: list[str], exit_code: int, left: int
) -> None:
    """There is no default: how long a trace is kept is the operator's duty to know."""
    store = Store(service_url)
    store.upgrade()
    with store.begin() as db:
        for age in AGES:
            note(db, datetime.now(UTC) - age, "plain", Actor("899700990015", "CARD"), "page:read")
    commands = group(KIND, "The plain one.", ServiceSettings, plain_service)
    asked = ["purge", "--database-url", service_url, *arguments]
    assert CliRunner().invoke(commands, asked).exit_code == exit_code
    with store.read() as db:
        assert len(entries(db)) == left
    store.close()
