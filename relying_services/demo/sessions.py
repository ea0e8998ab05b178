"""Who is signed in to this service, kept here and not in the browser."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

_MOST = 1000


@dataclass
class SignedIn:
    """One person's sign-in: the tokens, and what userinfo said."""

    token: dict[str, Any]
    userinfo: dict[str, Any]
    csrf: str
    refreshed: int = 0


class Sessions:
    """Sign-ins by a random handle; the oldest go first when there are too many."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, SignedIn] = OrderedDict()

    def open(self, token: dict[str, Any], userinfo: dict[str, Any]) -> str:
        """Keep a new sign-in; gives its handle."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = SignedIn(token, userinfo, csrf=secrets.token_urlsafe(24))
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return handle

    def find(self, handle: str | None) -> SignedIn | None:
        """The sign-in of a handle, if it is still kept."""
        return self._kept.get(handle or "")

    def end(self, handle: str | None) -> None:
        """Forget a sign-in."""
        self._kept.pop(handle or "", None)
