"""How a state is told: by its words, in a badge whose colour says no more than they do."""

from typing import Any, NamedTuple


class Words(NamedTuple):
    """How a state is shown."""

    kind: str
    """Of a badge: `info`, `success`, `warning`, `error`, or nothing."""
    text: Any
