"""`ecps-idp session`: all sessions of a person, listed and ended."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from idp.provider import Provider
from idp.store.models import BrowserSession, Grant
from tests.cards.rows import PERSON, a_grant, add, all_of, events
from tests.cli.helpers import run
from tests.sessions.helpers import listening, session_with


@pytest.fixture
def database(provider: Provider) -> Path:
    return Path(provider.settings.database_url.removeprefix("sqlite:///"))


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


@pytest.mark.parametrize("command", ["list", "end"])
def test_a_malformed_identifier_is_told_in_words(database: Path, command: str) -> None:
    result = run(database, "session", command, "12", ECPS_MASTER_KEY="A" * 43)
    assert result.exit_code == 1
    assert "Traceback" not in result.output


def test_only_live_sessions_of_the_person_are_listed(provider: Provider, database: Path) -> None:
    now = provider.clock.now()
    session_with(provider, "one", ended_at=now)
    session_with(provider, "one", expires_at=now - timedelta(seconds=1))
    session_with(provider, "one", last_activity_at=now - timedelta(hours=1))
    session_with(provider, "one", national_id="899700990023")
    with listening(provider):
        sid = session_with(provider, "one", "silent")
        (session,) = told(
            run(database, "session", "list", PERSON, "--json", ECPS_MASTER_KEY="A" * 43)
        )
    assert (session["sid"], session["clients"]) == (sid, ["one", "silent"])
    shown = run(database, "session", "list", PERSON, ECPS_MASTER_KEY="A" * 43).output
    assert shown.startswith(sid)
    assert "one, silent" in shown


def test_every_session_of_the_person_ends_with_its_tokens_and_is_told(
    provider: Provider, database: Path
) -> None:
    with listening(provider) as heard:
        sids = [session_with(provider, "one") for _ in range(2)]
        other = session_with(provider, "one", national_id="899700990023")
        add(provider, *(a_grant(provider, row) for row in all_of(provider, BrowserSession)))
        ended = told(run(database, "session", "end", PERSON, "--json", ECPS_MASTER_KEY="A" * 43))
        assert ended == {"national_id": PERSON, "sessions": 2}
        assert heard.told() == [("one", sid) for sid in sorted(sids)]
    live = [row.sid for row in all_of(provider, BrowserSession) if row.ended_at is None]
    assert live == [other]
    assert {row.sid for row in all_of(provider, Grant) if row.revoked_at is None} == {other}
    assert {row.actor for row in events(provider, "signin:session:ended")} == {"operator"}
    again = run(database, "session", "end", PERSON, ECPS_MASTER_KEY="A" * 43)
    assert again.output == f"{PERSON}: 0 sessions ended\n"
