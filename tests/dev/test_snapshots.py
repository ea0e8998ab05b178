"""Snapshots: everything comes back, at once or not at all, and every process notices."""

import json
import zlib

import pytest
from sqlalchemy import select, text, update

from idp.keys.rotation import rotate
from idp.keys.sealing import Sealer
from idp.outbox.queue import enqueue_mail
from idp.provider import Provider, open_provider
from idp.serving.preparation import prepare_database
from idp.settings import Settings
from idp.snapshots import START, take_start
from idp.store.models import Base, Client, DevSnapshot, JournalEvent, OutboxMessage, World
from idp.store.snapshots import list_snapshots
from tests.conftest import make_settings
from tests.dev.helpers import Developer, developer_of
from tests.signin.helpers import add_client, all_of, events, sign_in

REDIRECT = ["http://localhost:5000/callback"]


def content_of(provider: Provider) -> dict[str, list[str]]:
    """Every row as the driver gives it, but of the snapshots, and how often one was restored."""
    with provider.store.read() as db:
        return {
            name: sorted(
                str({**row._mapping, "restorations": None})
                for row in db.execute(text(f"SELECT * FROM {name}"))
            )
            for name in Base.metadata.tables
            if name != "dev_snapshots"
        }


def kids(developer: Developer) -> set[str]:
    answer = developer.get("/auth/realms/esante-wallet/protocol/openid-connect/certs")
    return {key["kid"] for key in answer.get_json()["keys"]}


def rotate_signing_key(provider: Provider) -> None:
    with provider.store.begin() as db:
        current = provider.keyring.active("tokens")
        rotate(db, provider.sealer, provider.settings, provider.clock.now(), current=current)
    provider.keyring.forget()


def change_much(developer: Developer) -> None:
    developer.told("POST", "clock", {"advance": 3600})
    developer.told("POST", "people", {"card": True})
    developer.told("POST", "people/bulk", {"count": 3})
    developer.told("POST", "clients", {"client_id": "other", "redirect_uris": REDIRECT})
    developer.ask("DELETE", "people/899700990015")
    developer.told("POST", "jobs")


@pytest.mark.parametrize("name", ["a b", "é", "x" * 101, "a%2Fb"])
def test_a_name_is_of_plain_characters(developer: Developer, name: str) -> None:
    status, _ = developer.refused("PUT", f"snapshots/{name}")
    assert status in {400, 404}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_how_the_server_began_is_not_to_be_replaced(developer: Developer, method: str) -> None:
    assert developer.refused(method, "snapshots/start")[0] == 409


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "snapshots/none/restoration"), ("DELETE", "snapshots/none"), ("POST", "reset")],
)
def test_a_snapshot_that_is_not_there_is_named(
    developer: Developer, method: str, path: str
) -> None:
    status, detail = developer.refused(method, path)
    assert status == 404
    assert "GET /dev/v1/snapshots" in detail


def test_no_more_are_kept_than_the_setting_says(settings: Settings) -> None:
    provider = open_provider(settings.model_copy(update={"dev_snapshots": 1}))
    developer = developer_of(provider)
    assert developer.ask("PUT", "snapshots/a").status_code == 201
    assert developer.ask("PUT", "snapshots/a").status_code == 200
    status, detail = developer.refused("PUT", "snapshots/b")
    assert (status, "dev_snapshots" in detail) == (409, True)
    assert developer.ask("DELETE", "snapshots/a").status_code == 204
    assert developer.ask("PUT", "snapshots/b").status_code == 201
    provider.store.close()


def test_a_snapshot_of_another_schema_is_refused_by_name_and_changes_nothing(
    developer_of_both: Developer, both: Provider
) -> None:
    developer_of_both.told("PUT", "snapshots/old")
    with both.store.begin() as db:
        kept = db.scalars(select(DevSnapshot)).one()
        content = json.loads(zlib.decompress(kept.content)) | {"schema": "0001"}
        kept.content = zlib.compress(json.dumps(content).encode())
    before = content_of(both)
    status, detail = developer_of_both.refused("POST", "snapshots/old/restoration")
    assert status == 409
    assert "'old'" in detail
    assert "0001" in detail
    assert content_of(both) == before


def test_a_snapshot_sealed_under_another_master_key_is_refused_and_changes_nothing(
    developer_of_both: Developer, both: Provider
) -> None:
    """One transaction: what was brought back is undone with it."""
    developer_of_both.told("PUT", "snapshots/a")
    change_much(developer_of_both)
    before = content_of(both)
    both.sealer = Sealer(b"\1" * 32)
    status, detail = developer_of_both.refused("POST", "snapshots/a/restoration")
    assert (status, "master key" in detail) == (409, True)
    assert content_of(both) == before


def test_everything_comes_back_as_it_was(developer_of_both: Developer, both: Provider) -> None:
    """People, clients, cards, sessions, messages, keys, the journal, the clock: every table."""
    add_client(both)
    sign_in(developer_of_both.browser, both)
    developer_of_both.told("POST", "people", {"card": True})
    developer_of_both.told("PUT", "snapshots/a")
    before = content_of(both)
    change_much(developer_of_both)
    rotate_signing_key(both)
    assert content_of(both) != before
    developer_of_both.told("POST", "snapshots/a/restoration")
    after = content_of(both)
    [restored] = [row for row in after["journal_events"] if row not in before["journal_events"]]
    assert "store:snapshot:restored" in restored
    after["journal_events"].remove(restored)
    assert after == before


def test_what_follows_a_restoration_is_counted_on_from_there(
    developer_of_both: Developer, both: Provider
) -> None:
    """PostgreSQL's sequences are brought back as well."""
    change_much(developer_of_both)
    developer_of_both.told("PUT", "snapshots/a")
    last = max(event.seq for event in all_of(both, JournalEvent))
    message = max(message.id for message in all_of(both, OutboxMessage))
    for _ in range(2):
        developer_of_both.told("POST", "people", {})
        developer_of_both.told("POST", "snapshots/a/restoration")
        assert max(event.seq for event in all_of(both, JournalEvent)) == last + 1
    with both.store.begin() as db:
        enqueue_mail(both, db, to="ada@exemple.test", subject="a", text="b")
    assert max(one.id for one in all_of(both, OutboxMessage)) == message + 1


def test_what_is_null_and_what_is_nothing_stay_apart(
    developer_of_both: Developer, both: Provider
) -> None:
    for client_id in ("nothing", "null"):
        add_client(both, client_id)
    with both.store.begin() as db:
        db.execute(text("UPDATE clients SET jwks = NULL WHERE client_id = 'nothing'"))
        db.execute(text("UPDATE clients SET jwks = 'null' WHERE client_id = 'null'"))
    developer_of_both.told("PUT", "snapshots/a")
    developer_of_both.told("POST", "snapshots/a/restoration")
    with both.store.read() as db:
        absent = text("SELECT client_id FROM clients WHERE jwks IS NULL")
        assert list(db.scalars(absent)) == ["nothing"]


def test_the_clock_comes_back_too(developer: Developer) -> None:
    developer.told("PUT", "snapshots/a")
    developer.told("POST", "clock", {"advance": 86400})
    developer.told("POST", "snapshots/a/restoration")
    assert developer.told("GET", "clock")["offset"] == 0


def test_every_process_reads_its_keys_anew(
    developer_of_both: Developer, both: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ring that is held would go on with keys that are no more."""
    elsewhere = open_provider(both.settings)
    other = developer_of(elsewhere)
    developer_of_both.told("PUT", "snapshots/a")
    before = kids(developer_of_both)
    rotate_signing_key(both)
    elsewhere.keyring.forget()
    assert kids(other) == kids(developer_of_both) != before
    monkeypatch.setattr("idp.keys.keyring._RELOAD_SECONDS", 1e9)
    developer_of_both.told("POST", "snapshots/a/restoration")
    assert kids(developer_of_both) == before
    assert kids(other) == before
    elsewhere.store.close()


def test_a_message_that_was_being_sent_waits_again(
    developer: Developer, provider: Provider
) -> None:
    with provider.store.begin() as db:
        enqueue_mail(provider, db, to="ada@exemple.test", subject="a", text="b")
        db.flush()
        db.execute(update(OutboxMessage).values(state="sending"))
    developer.told("PUT", "snapshots/a")
    developer.told("POST", "snapshots/a/restoration")
    assert [message.state for message in all_of(provider, OutboxMessage)] == ["pending"]


def test_a_restoration_is_the_last_thing_in_the_journal(
    developer: Developer, provider: Provider
) -> None:
    take_start(provider)
    developer.told("POST", "people", {})
    assert developer.told("POST", "reset")["name"] == START
    assert events(provider)[-1] == "store:snapshot:restored"
    assert "registration:person:registered" not in events(provider)


def test_a_server_that_is_made_ready_keeps_how_it_began(settings: Settings) -> None:
    prepare_database(settings)
    provider = open_provider(settings)
    developer = developer_of(provider)
    developer.told("POST", "clients", {"client_id": "late", "redirect_uris": REDIRECT})
    assert [one["name"] for one in developer.told("GET", "snapshots")["snapshots"]] == [START]
    developer.told("POST", "reset")
    assert all_of(provider, Client) == []
    provider.store.close()


def test_outside_development_nothing_is_kept(sqlite_url: str, master_key: str) -> None:
    """Decision 2: nothing of `--dev` happens outside it."""
    settings = make_settings(sqlite_url, master_key, dev=False)
    prepare_database(settings)
    provider = open_provider(settings)
    with provider.store.read() as db:
        assert list_snapshots(db) == []
        assert db.scalar(select(World.restorations)) is None
    provider.store.close()
