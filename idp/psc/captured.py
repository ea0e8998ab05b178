"""Reading a document of Pro Santé Connect that somebody captured: JSON, or a JWT as text."""

import base64
import json
from dataclasses import dataclass
from typing import Any

KINDS = ("discovery", "id-token", "access-token", "userinfo", "introspection", "token")
LARGEST = 1024 * 1024
"""Bytes: a hundred times what any of these documents has."""
_PARTS_OF_JWS = 3
_PARTS_OF_JWE = 5


class Unreadable(Exception):
    """The file holds none of the documents; the message says what to do."""


@dataclass(frozen=True)
class Captured:
    """A document that was captured."""

    kind: str
    members: dict[str, Any]
    header: dict[str, Any] | None = None
    """Of a JWT; its signature is not verified."""
    repeated: tuple[str, ...] = ()
    """Members that stand in it twice, the last of which counts."""


def read_captured(data: bytes, kind: str | None) -> Captured:
    """The document, of this kind or of the one that its members tell.

    Raises:
        Unreadable: it is none.
    """
    if len(data) > LARGEST:
        raise Unreadable(f"the file is larger than {LARGEST} bytes: give the document alone")
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise Unreadable("the file is no UTF-8 text") from error
    repeated: list[str] = []
    header = None
    if text.startswith("{"):
        members = _object(text, repeated)
    else:
        header, members = _token(text, repeated)
    return Captured(kind or _kind_of(members), members, header, tuple(repeated))


def _token(text: str, repeated: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = text.removeprefix("Bearer ").split(".")
    if len(parts) == _PARTS_OF_JWE:
        raise Unreadable("the token is encrypted: decrypt it, and give what is in it")
    if len(parts) != _PARTS_OF_JWS:
        raise Unreadable("the file is neither a JSON object nor a JWT (three parts with dots)")
    return _object(_decoded(parts[0]), []), _object(_decoded(parts[1]), repeated)


def _decoded(part: str) -> str:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), "-_", validate=True).decode()
    except ValueError as error:
        raise Unreadable("the token is cut or changed: a part of it is no base64url") from error


def _object(text: str, repeated: list[str]) -> dict[str, Any]:
    def gather(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return dict(pairs)

    try:
        read = json.loads(text, object_pairs_hook=gather)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is no JSON: {error}") from error
    if not isinstance(read, dict):
        raise Unreadable("the document must be a JSON object")
    return read


def _kind_of(members: dict[str, Any]) -> str:
    told = (
        ("discovery", "authorization_endpoint" in members),
        ("introspection", "active" in members),
        ("token", "access_token" in members),
        ("id-token", members.get("typ") == "ID"),
        ("access-token", members.get("typ") == "Bearer"),
        ("userinfo", "SubjectNameID" in members),
    )
    for kind, is_it in told:
        if is_it:
            return kind
    raise Unreadable(f"which document this is cannot be told: name it by --kind {'|'.join(KINDS)}")
