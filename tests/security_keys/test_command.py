"""`ecps-idp person keys`."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from idp.store.models import JournalEvent
from tests.cli.helpers import run
from tests.security_keys.helpers import NAME, Practitioner
from tests.signin.helpers import all_of
from tests.wallet.helpers import PERSON

NOBODY = "899700991005"


@pytest.fixture
def database(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def keys(database: Path, master_key: str, *arguments: str) -> Result:
    return run(database, "person", "keys", *arguments, ECPS_MASTER_KEY=master_key)


def test_what_names_nobody_or_no_key_is_refused(
    holder: Practitioner, database: Path, master_key: str
) -> None:
    known = holder.only_key().credential_id
    assert keys(database, master_key, "nonsense").exit_code == 1
    unknown = keys(database, master_key, PERSON, "--remove", "x")
    assert "has no security key x" in unknown.output
    others = keys(database, master_key, NOBODY, "--remove", known)
    assert f"{NOBODY} has no security key" in others.output
    assert holder.only_key().state == "active"


def test_an_operator_lists_a_persons_keys(
    holder: Practitioner, database: Path, master_key: str
) -> None:
    known = holder.only_key().credential_id
    listed = keys(database, master_key, PERSON).output
    assert listed == f"{known}  active  never used  {NAME}\n"
    (told,) = json.loads(keys(database, master_key, PERSON, "--json").output)
    assert told["credential_id"] == known
    assert told["vouched_by"]["means"] == "MOBILE"
    assert set(told) == {
        "credential_id",
        "name",
        "state",
        "state_reason",
        "backed_up",
        "vouched_by",
        "created_at",
        "last_used_at",
    }


def test_an_operator_removes_a_key_under_their_own_name(
    holder: Practitioner, database: Path, master_key: str
) -> None:
    known = holder.only_key().credential_id
    removed = keys(database, master_key, PERSON, "--remove", known)
    assert removed.exit_code == 0, removed.output
    assert holder.only_key().state_reason == "administrator"
    assert keys(database, master_key, PERSON).output == ""
    (event,) = [
        row for row in all_of(holder.provider, JournalEvent) if row.event.endswith("key:removed")
    ]
    assert (event.person, event.actor) == (PERSON, "operator")
