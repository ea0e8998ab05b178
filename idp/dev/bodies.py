"""Reading the JSON bodies of development addresses strictly: members, their types, nothing else."""

from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest


def read_object() -> dict[str, Any]:
    """The body, which must be a JSON object.

    Raises:
        BadRequest: it is none.
    """
    try:
        body = request.get_json()
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def read_texts(
    body: dict[str, Any], *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()
) -> dict[str, str]:
    """The members of a body, each a text.

    Raises:
        BadRequest: one is missing, unknown, or no text.
    """
    missing = [name for name in required if name not in body]
    unknown = sorted(body.keys() - {*required, *optional})
    if missing or unknown:
        raise BadRequest(f"missing members: {missing}, unknown members: {unknown}")
    return {name: read_text(body[name], name) for name in body}


def read_text(value: Any, name: str) -> str:
    """A text that can be stored; raises BadRequest for anything else."""
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text")
    if "\0" in value or not _is_unicode(value):
        raise BadRequest(f"{name} is no valid text")
    return value


def read_nothing() -> None:
    """Where the address says it all: no body, or an empty object; raises BadRequest for more."""
    if request.get_data():
        read_texts(read_object())


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
