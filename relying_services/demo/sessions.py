"""Who is signed in to this service, kept here and not in the browser."""

import secrets
from dataclasses import dataclass
from typing import Any

from relying_services.demo.kept import Kept


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


class Sessions(Kept[SignedIn]):
    """Sign-ins, each ended by the browser or by the provider."""

    def open(self, token: dict[str, Any], userinfo: dict[str, Any]) -> str:
        """Keep a new sign-in; gives its handle."""
        return self.keep(SignedIn(token, userinfo, csrf=secrets.token_urlsafe(24)))

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
