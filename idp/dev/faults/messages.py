"""What the addresses of the faults take and give."""

from datetime import datetime
from typing import Any

from pydantic import Field

from idp.dev.operations import Message, Text
from idp.keys.purposes import TOKENS


class FaultEntry(Message):
    """A fault of the catalogue."""

    name: str
    endpoints: list[str]
    """Where it can be asked for."""
    usual_endpoint: str | None
    """Where it is committed if nothing is said."""
    for_one_client: bool
    """Whether it can be asked for towards one client."""
    parameters: dict[str, Any]
    """JSON Schema of its parameters."""
    does: str
    """What is seen on the wire."""
    client_must: str
    source: str


class FaultCatalogue(Message):
    """Every fault there is."""

    endpoints: dict[str, str]
    """Where faults can be asked for, and what each is."""
    faults: list[FaultEntry]


class FaultWanted(Message):
    """A fault to commit."""

    fault: Text
    """Its name in the catalogue."""
    endpoint: Text | None = None
    """Where; may be left out where the catalogue tells a usual one."""
    client_id: Text | None = None
    """Towards this client alone; towards every one where none is named."""
    times: int | None = Field(None, ge=1, le=1_000_000)
    """How often; until it is removed where none is said."""
    parameters: dict[str, Any] = Field(default_factory=dict)


class FaultAsked(Message):
    """A fault that was asked for."""

    id: int
    fault: str
    endpoint: str
    client_id: str | None
    parameters: dict[str, Any]
    times_left: int | None
    """How often it is still committed; null until it is removed."""
    committed: int
    """How often it was."""
    created_at: datetime


class FaultList(Message):
    """All that was asked for and not removed, oldest first."""

    faults: list[FaultAsked]


class RotationWanted(Message):
    """Which key is rotated."""

    purpose: Text = TOKENS
    """As `ecps-idp key list` names it."""


class Rotation(Message):
    """A successor that was published."""

    purpose: str
    kid: str
    previous: str
    """The `kid` that signs until then."""
    activates_at: datetime
    """When the successor begins to sign; move the clock there to see it."""
