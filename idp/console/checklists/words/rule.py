"""What a rule of the checklist says to people."""

from typing import Any, NamedTuple


class RuleWords(NamedTuple):
    """What a rule says on the page."""

    title: Any
    why: Any
    fix: Any
