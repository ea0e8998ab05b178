"""What a browser's sign-in costs: statements and commits, all requests together."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from idp.provider import Provider
from idp.settings import Settings
from tests.conftest import make_settings
from tests.signin.helpers import PERSON, answer, authorize, returned, sign_in, token_in


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    """As it is served for good: a development server looks for faults and records besides."""
    return make_settings(sqlite_url, master_key, dev=False)


class Count:
    """Statements and commits that changed something, seen so far."""

    statements = 0
    commits = 0
    _wrote = False

    def saw(self, statement: str) -> None:
        self.statements += 1
        self._wrote |= statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))

    def committed(self) -> None:
        self.commits += self._wrote
        self._wrote = False


@contextmanager
def counted(provider: Provider) -> Iterator[Count]:
    """Time stands still for the keys, which a process looks at each few seconds, on its own."""
    count = Count()

    def on_statement(*given: object) -> None:
        text = str(given[2])
        if not text.startswith("BEGIN"):
            count.saw(text)

    def on_commit(_connection: object) -> None:
        count.committed()

    engine = provider.store.engine
    event.listen(engine, "before_cursor_execute", on_statement)
    event.listen(engine, "commit", on_commit)
    with mock.patch("idp.keys.keyring.monotonic", return_value=0.0):
        yield count
    event.remove(engine, "before_cursor_execute", on_statement)
    event.remove(engine, "commit", on_commit)


def test_a_sign_in_of_the_browser_costs_three_commits(
    browser: FlaskClient, provider: Provider
) -> None:
    with counted(provider) as count:
        page = authorize(browser).headers["Location"]
        token = token_in(browser.get(page))
        browser.post(page, data={"csrf_token": token, "national_id": PERSON})
        browser.get(page)
    assert count.commits == 2
    answer(provider)
    with counted(provider) as finish:
        returned(browser.get(page + "/finish"))
    assert finish.commits == 1
    assert count.statements + finish.statements <= 28


def test_a_status_poll_is_one_statement_and_writes_nothing(
    browser: FlaskClient, provider: Provider
) -> None:
    page = authorize(browser).headers["Location"]
    token = token_in(browser.get(page))
    browser.post(page, data={"csrf_token": token, "national_id": PERSON})
    with counted(provider) as count:
        browser.get(page + "/status")
    assert (count.statements, count.commits) == (1, 0)


def test_a_sign_in_on_a_live_session_is_one_commit(
    browser: FlaskClient, provider: Provider
) -> None:
    sign_in(browser, provider)
    with counted(provider) as count:
        returned(authorize(browser))
    assert count.commits == 1
    # One of them asks whether the person may still sign in (EC-01).
    assert count.statements <= 7
