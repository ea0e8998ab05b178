"""What is served where certificates are asked for, and which bodies are read there."""

import re

from idp.psc.addresses import MTLS_ENDPOINTS

_CARDS = re.compile(r"(/r/[a-z0-9-]+)?/(card|static|design)/.")
_CLIENTS = re.compile(rf"(/.*)?({'|'.join(re.escape(path) for path in MTLS_ENDPOINTS.values())})")
_ANSWERS = re.compile(r"(/r/[a-z0-9-]+)?/card/challenges/[^/]+/answer")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?=\r\n)")


def is_for_cards(path: str) -> bool:
    """The card's addresses and what its pages look like, also of a mounted issuer (decision 5)."""
    return _CARDS.match(path) is not None


def takes_body(path: str) -> bool:
    """Those of relying services, below whatever issuer, and where a card answers a challenge.

    The application knows which of them there are.
    """
    return bool(_CLIENTS.fullmatch(path) or _ANSWERS.fullmatch(path))


def length_of_body(head: bytes, most: int) -> int:
    """What is read of a body before a thread is taken: nothing where none is served or allowed."""
    target = head.partition(b"\r\n")[0].split(b" ")[1:2]
    path = target[0].partition(b"?")[0].decode("latin-1") if target else ""
    told = _LENGTH.findall(head)
    if not takes_body(path) or len(told) != 1:
        return 0
    length = int(told[0])
    return length if length <= most else 0
