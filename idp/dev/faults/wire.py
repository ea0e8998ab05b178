"""What only the transport can do: answers that are late, and answers that break off.

It stands outside the application, whose transaction is closed and whose answer is made. Waiting
holds one of the threads that a development server has for this (setting `dev_threads`), so that
the others go on being answered; elsewhere nothing waits (decision 40).
"""

import errno
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LATE_BY = "ecps.late_by"
"""Seconds until the first byte, among what a request carries."""
CUT_AT = "ecps.cut_at"
"""Bytes of the body after which the connection ends."""
_ON_ITS_WAY = 0.1
"""Seconds for the server to send what it was given: hanging up at once drops the head too."""


class MisbehavingWire:
    """Keeps an answer back, head and body, or breaks it off, where its request says so."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer as the application does, and then as it was asked to misbehave."""
        body = self._app(environ, start_response)
        late_by: float = environ.pop(LATE_BY, 0.0)
        if late_by:
            threading.Event().wait(late_by)
        cut_at: int | None = environ.pop(CUT_AT, None)
        return body if cut_at is None else _broken_off(body, cut_at)


def _broken_off(body: Iterable[bytes], cut_at: int) -> Iterator[bytes]:
    """The first bytes of a body, then what a server gets where its peer is gone: it hangs up."""
    try:
        whole = b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    yield whole[:cut_at]
    threading.Event().wait(_ON_ITS_WAY)
    raise ConnectionResetError(errno.ECONNRESET, "broken off, as a test asked for")
