"""No secret stands in the journal (attack 45), and every event is of the grammar."""

import ast
import json
from pathlib import Path

from sqlalchemy import select

import idp
from idp.audit.events import Event
from idp.directory.contacts import declare_contact
from idp.directory.sample import sample_professionals
from idp.provider import Provider
from idp.store.models import JournalEvent

PACKAGE = Path(idp.__file__).parent
FORBIDDEN = {
    "pin",
    "code",
    "otp",
    "secret",
    "password",
    "token",
    "signature",
    "mobile",
    "email",
    "phone",
    "cookie",
    "client_secret",
    "id_token",
    "access_token",
    "refresh_token",
    "recipient",
    "salt",
}


def calls_of_record() -> list[tuple[Path, ast.Call]]:
    return [
        (file, node)
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "record"
    ]


def test_no_call_names_a_secret_or_a_contact() -> None:
    named = {
        (file.name, keyword.arg)
        for file, call in calls_of_record()
        for keyword in call.keywords
        if keyword.arg in FORBIDDEN
    }
    assert named == set()


def test_events_are_recorded_by_their_name_in_the_grammar() -> None:
    """A text in place of an `Event` would escape the grammar."""
    assert calls_of_record()
    for file, call in calls_of_record():
        event = call.args[1] if len(call.args) > 1 else None
        assert event is not None, file
        assert not isinstance(event, ast.Constant | ast.JoinedStr), file


def test_names_in_the_code_are_names_in_the_grammar() -> None:
    used = {
        node.attr
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Event"
    }
    assert used <= set(Event.__members__)


def test_the_contacts_of_a_change_do_not_reach_the_journal(both: Provider) -> None:
    """Attack 45: canaries."""
    canaries = ["+33639987654", "canary@exemple.test"]
    with both.store.begin() as db:
        declare_contact(both, db, "899700990015", *canaries)
    with both.store.read() as db:
        written = json.dumps([row.data for row in db.scalars(select(JournalEvent))])
    private = {p["emailCorrespondance"] for p in sample_professionals()} - {""}
    assert not [secret for secret in {*canaries, *private} if secret in written]
