"""JSON objects that strangers send, and whose texts are kept."""

import json
from typing import Any


def read_object(body: bytes) -> dict[str, Any]:
    """The object, where every text of it can be kept by a database.

    Raises:
        ValueError: it is no JSON object, or holds a NUL, half a character or no number.
    """
    try:
        return _object(json.loads(body, parse_constant=_refuse_constant))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("The body must be a JSON object of plain texts.") from error


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    _check_texts(value)
    return value


def _check_texts(value: Any) -> None:
    if isinstance(value, str):
        value.encode()  # half a character raises
        if "\0" in value:
            raise ValueError(value)
    if isinstance(value, dict):
        for name, member in value.items():
            _check_texts(name)
            _check_texts(member)
    if isinstance(value, list):
        for member in value:
            _check_texts(member)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)
