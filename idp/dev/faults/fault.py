"""What a fault is: where it can be asked for, what it does, and what a correct client must do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from idp.dev.faults.endpoints import TOKEN
from idp.oauth.tokens.signing import Use
from idp.provider import Provider


class Parameters(BaseModel):
    """What may be chosen of a fault; by default nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class DoesNotFit(Exception):
    """An answer has nothing in it that the fault changes: it is left as it is, and not counted."""


@dataclass(frozen=True)
class Answer:
    """What is about to leave the provider: an answer, or the body of a call to a service."""

    provider: Provider
    status: int
    content_type: str
    body: bytes
    location: str | None = None
    """Where a browser is sent."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Headers to set besides."""
    late_by: float = 0.0
    """Seconds to wait before the first byte of it."""
    cut_at: int | None = None
    """Bytes of the body after which the connection is closed, though the header names them all."""


Change = Callable[[Answer, Any], Answer]
"""Gives the answer as the fault has it, or raises :class:`DoesNotFit`."""


@dataclass(frozen=True)
class Fault:
    """An entry of the catalogue."""

    name: str
    endpoints: tuple[str, ...]
    does: str
    """What is seen on the wire."""
    client_must: str
    """What a correct client does."""
    source: str
    """Where that is said."""
    change: Change
    parameters: type[Parameters] = Parameters
    alters: Use | None = None
    """What it opens and signs again, which it cannot where the client has it encrypted."""
    replaces_work: bool = False
    """The request is not carried out at all: nothing of it is spent, and it may be sent again."""

    @property
    def usual_endpoint(self) -> str | None:
        """Where it is committed if nothing is said: the one place, or the token endpoint."""
        is_plain = len(self.endpoints) == 1 or self.endpoints[0] == TOKEN
        return self.endpoints[0] if is_plain else None


@dataclass(frozen=True)
class Family:
    """The faults of one thing that the provider sends."""

    prefix: str
    """What their names begin with."""
    endpoints: tuple[str, ...]
    alters: Use | None = None

    def fault(
        self,
        name: str,
        does: str,
        client_must: str,
        source: str,
        change: Change,
        *,
        parameters: type[Parameters] = Parameters,
    ) -> Fault:
        """One of them, by what its name says besides."""
        return Fault(
            f"{self.prefix}_{name}",
            self.endpoints,
            does,
            client_must,
            source,
            change,
            parameters,
            alters=self.alters,
        )
