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

    @property
    def id_claims(self) -> dict[str, Any]:
        """The claims of the verified ID token."""
        claims: dict[str, Any] = self.token.get("userinfo") or {}
        return claims


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

    def end_of_provider(self, *, sid: str | None, sub: str | None) -> int:
        """Forget the sign-ins of a session of the provider, or of a person in all of theirs.

        Gives their number.
        """
        ended = [
            handle
            for handle, signed_in in self._kept.items()
            if sid in {None, signed_in.id_claims.get("sid")}
            and sub in {None, signed_in.id_claims.get("sub")}
        ]
        for handle in ended:
            self.end(handle)
        return len(ended)
