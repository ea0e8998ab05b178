"""What was drawn up and never had any effect is not kept for ever: it may name patients."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from relying_services.espacepro.__main__ import main
from relying_services.espacepro.retention import forget_drafts
from relying_services.espacepro.store.act_models import ActRow
from relying_services.espacepro.store.acts import add_act
from relying_services.espacepro.store.models import DelegationRow
from relying_services.service.store.database import Store
from relying_services.service.store.models import MessageRow
from tests.relying_services.espacepro.stage import (
    CPAM,
    MARGELLE,
    NOW,
    SECRETARY,
    drawn_up,
    sent,
    wish,
)
from tests.relying_services.plans import scanned, watched

TODAY = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def act(name: str, days: int, state: str, **more: Any) -> ActRow:
    drawn_at = TODAY - days * DAY
    settled_at = None if state in {"draft", "dropped"} else drawn_at
    told: dict[str, Any] = {
        "service": "aat",
        "owner": MARGELLE.id,
        "owner_name": MARGELLE.name,
        "author": MARGELLE.id,
        "author_name": MARGELLE.name,
        "author_means": "CARD",
        "author_activity": "",
        "contents": {},
        "settled_at": settled_at,
    }
    return ActRow(id=name, state=state, drawn_at=drawn_at, **(told | more))


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ([], {"recent", "prepared", "set aside", "sent"}),
        (["--draft-days", "2"], {"prepared", "set aside", "sent"}),
    ],
)
def test_an_act_that_was_never_sent_is_forgotten(
    either: Store, arguments: list[str], kept: set[str]
) -> None:
    """30 days unless it is said otherwise. What waits for its holder, or was decided, stays."""
    with either.begin() as db:
        add_act(db, act("old", 31, "draft"))
        add_act(db, act("old, dropped", 31, "dropped"))
        add_act(db, act("recent", 29, "draft"))
        add_act(db, act("prepared", 400, "prepared"))
        decided = {"settled_at": TODAY, "decided_by": MARGELLE.name, "decided_at": TODAY}
        add_act(db, act("set aside", 400, "dropped", **decided))
        add_act(db, act("sent", 400, "sent"))
    url = either.engine.url.render_as_string(hide_password=False)
    asked = ["purge", "--trace-days", "1000", "--database-url", url, *arguments]
    assert CliRunner().invoke(main, asked).exit_code == 0
    with either.read() as db:
        assert set(db.scalars(select(ActRow.id))) == kept


def test_a_delegation_that_was_never_sent_is_forgotten(store: Store) -> None:
    """It names people; one that was sent stays, whatever became of it."""
    with store.begin() as db:
        drawn_up(db, wish(**SECRETARY), created_by=CPAM)
        waiting, _ = sent(db)
        recent = drawn_up(db, now=NOW + 2 * HOUR)
        kept = {waiting.id, recent.id}
        forget_drafts(db, NOW, NOW + HOUR)
        assert set(db.scalars(select(DelegationRow.id))) == kept


def test_the_link_of_an_invitation_is_kept_no_longer_than_it_can_be_used(store: Store) -> None:
    """EP-09: the mail holds the secret of which the delegation keeps a digest alone."""
    with store.begin() as db:
        waiting, secret = sent(db)
        mails = db.scalars(select(MessageRow)).all()
        assert waiting.expires_at is not None
        assert {each.ends_at for each in mails if secret in each.text} == {waiting.expires_at}


def test_what_is_forgotten_is_found_along_indexes(store: Store) -> None:
    with watched(store.engine) as statements, store.begin() as db:
        forget_drafts(db, NOW, NOW)
    assert len(statements) == 2
    assert scanned(store.engine, statements) == {}
