"""The grammar of events (decision 39): each is recorded somewhere, and of one form."""

import ast
import re

from idp.audit.events import Event
from tests.architecture.imports import modules


def test_every_event_is_recorded_somewhere() -> None:
    """A name that nothing records tells operators of a watch that nobody keeps."""
    named = {
        node.attr
        for module in modules("idp")
        if module.name != "idp.audit.events"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Event"
    }
    assert {event.name for event in Event} - named == set()


def test_every_event_is_source_subject_and_action() -> None:
    form = re.compile(r"[a-z]+:[a-z]+:[a-z-]+")
    assert [event for event in Event if not form.fullmatch(event.value)] == []
    parts = {module.name.split(".")[1] for module in modules("idp") if "." in module.name}
    sources = {part.replace("_", "") for part in parts}
    assert {event.value.partition(":")[0] for event in Event} <= sources
