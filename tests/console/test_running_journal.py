"""The sealed journal on the console (decision 39): proof of a run, heads to keep elsewhere."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from idp.audit.seal import seal_all
from idp.audit.verify import verify_run
from idp.provider import Provider
from idp.store.journal import last_segment
from tests.console.helpers import error_in
from tests.console.running_helpers import seal_what_is_there, texts, write_event
from tests.oauth.helpers import advance

VERIFY = "/journal/verification"


def seal(provider: Provider, segments: int) -> None:
    """Make so many segments; what is written to them is old enough."""
    for number in range(1, segments + 1):
        write_event(provider, person="8", n=number)
        provider.clock.synchronise(timedelta(hours=number))
        seal_all(provider)


def tamper(provider: Provider, segment: int) -> None:
    with provider.store.begin() as db:
        change = "UPDATE journal_events SET outcome = 'failure' WHERE segment = :n"
        db.execute(text(change), {"n": segment})


def test_before_anything_is_sealed_there_is_nothing_to_verify(console: FlaskClient) -> None:
    assert "Rien n’est encore scellé" in texts(console, "/journal")
    assert "Rien n’est encore scellé" in texts(console, VERIFY)
    assert console.get("/journal/tetes").data == b""


@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_there_is_no_page_of_a_segment_that_is_not(console: FlaskClient, number: str) -> None:
    assert console.get(f"/journal/segment/{number}").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("du=0", "Donnez le numéro d’un segment"),
        ("du=x", "Donnez le numéro d’un segment"),
        ("du=99", "Donnez le numéro d’un segment"),
        ("du=1&au=99", "du premier à"),
        ("du=3&au=2", "du premier à"),
        ("au=0", "du premier à"),
        ("du=1&au=7", "Au plus 5 segments"),
    ],
)
def test_a_run_that_is_none_or_too_long_is_not_verified(
    console: FlaskClient, provider: Provider, query: str, told: str
) -> None:
    """Verifying is never a long request: `console_segments_verified`."""
    seal(provider, 7)
    page = console.get(f"{VERIFY}?{query}")
    assert told in error_in(page).replace("&#39;", "’")
    assert "<title>Erreur" in page.text
    assert 'role="status"' not in page.text


def test_the_newest_segments_are_verified_where_none_is_named(
    console: FlaskClient, provider: Provider
) -> None:
    seal(provider, 7)
    assert "Segments 3 à 7" in texts(console, VERIFY)
    tamper(provider, 2)
    assert "Rien n’a été changé" in texts(console, VERIFY)
    broken = texts(console, f"{VERIFY}?du=1&au=3")
    assert "segment 2: events were changed or reordered" in broken
    assert 'role="alert"' in broken


def test_a_run_of_segments_holds_or_says_which_does_not(both: Provider) -> None:
    seal(both, 4)
    assert verify_run(both, first=2, last=3).segments == 2
    assert verify_run(both, first=2, last=3).holds
    tamper(both, 4)
    assert verify_run(both, first=1, last=3).holds
    assert not verify_run(both, first=3, last=4).holds


def test_a_cut_tail_is_told_by_a_head_kept_elsewhere(
    console: FlaskClient, provider: Provider
) -> None:
    seal(provider, 3)
    heads = console.get("/journal/tetes")
    assert heads.headers["Content-Disposition"].startswith("attachment")
    kept = heads.text.splitlines()
    with provider.store.read() as db:
        newest = last_segment(db)
    assert newest is not None
    assert len(kept) == 3
    assert kept[-1] == newest.head
    assert "Rien n’a été changé" in texts(console, f"{VERIFY}?tete={kept[-1]}")
    with provider.store.begin() as db:
        db.execute(text("DELETE FROM journal_events WHERE segment = 3"))
        db.execute(text("DELETE FROM journal_segments WHERE number = 3"))
    assert "Rien n’a été changé" in texts(console, VERIFY)
    assert "the tail was cut" in texts(console, f"{VERIFY}?tete={kept[-1]}")


def test_a_head_that_is_none_proves_nothing(console: FlaskClient, provider: Provider) -> None:
    seal(provider, 1)
    assert "the kept head" in texts(console, f"{VERIFY}?tete=x.y.z")


def test_a_segment_shows_its_head(console: FlaskClient, provider: Provider) -> None:
    seal(provider, 2)
    with provider.store.read() as db:
        newest = last_segment(db)
    assert newest is not None
    page = texts(console, "/journal/segment/2")
    assert newest.head in page
    assert newest.digest in page


def test_a_journal_that_is_sealed_no_more_is_told(console: FlaskClient, provider: Provider) -> None:
    seal_what_is_there(provider)
    write_event(provider)
    assert "n’est plus scellé" not in texts(console, "/")
    advance(provider, 600)
    assert "Le journal n’est plus scellé depuis 10 minutes" in texts(console, "/")
