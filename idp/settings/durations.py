"""Durations as settings: numbers of seconds."""

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer


def _seconds(value: Any) -> Any:
    if isinstance(value, str) and value.replace(".", "", 1).isdigit():
        return float(value)
    return value


Seconds = Annotated[
    timedelta,
    BeforeValidator(_seconds),
    PlainSerializer(lambda value: value.total_seconds(), return_type=float),
]
"""A duration, written as a number of seconds."""


def seconds(default: float, description: str) -> Any:
    """A setting that is a duration."""
    return Field(default=timedelta(seconds=default), description=description)
