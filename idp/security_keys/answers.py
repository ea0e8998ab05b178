"""Reading what a browser posts: JSON of `PublicKeyCredential.toJSON` (WebAuthn 3, 5.1).

Pure.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException

from idp.security_keys.errors import AnswerUnreadable, KeyRefused

_ID = re.compile(r"[A-Za-z0-9_-]+")
"""base64url."""


@dataclass(frozen=True)
class KeyAnswer:
    """An answer, not verified yet."""

    credential: dict[str, Any]
    challenge: bytes
    """The challenge that it claims to answer: how its ceremony is found."""

    @property
    def credential_id(self) -> str:
        """The key that answers, as it calls itself."""
        return str(self.credential.get("id", ""))


def read_answer(text: str) -> KeyAnswer:
    """Read a posted answer.

    Raises:
        AnswerUnreadable: it is no JSON of a credential, comes from a page in a frame of another
            site, or calls the key what no database could be asked for.
    """
    with refusing(AnswerUnreadable):
        credential = json.loads(text)
        client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        challenge = base64url_to_bytes(client_data["challenge"])
        is_framed = client_data.get("crossOrigin") not in {None, False}
    if is_framed:  # WebAuthn 3, 7.1 step 10 and 7.2 step 13: none of our pages stands in a frame
        raise AnswerUnreadable
    if not _ID.fullmatch(str(credential.get("id", ""))):
        raise AnswerUnreadable
    return KeyAnswer(credential, challenge)


@contextmanager
def refusing(error: type[KeyRefused]) -> Iterator[None]:
    """Turn whatever a malformed answer makes the decoders raise into a refusal.

    The library lets errors of its decoders through beside its own.
    """
    try:
        yield
    except (WebAuthnException, ValueError, LookupError, TypeError, AttributeError) as broken:
        raise error from broken
    except RecursionError as broken:  # JSON and CBOR nest as deep as a form allows
        raise error from broken
