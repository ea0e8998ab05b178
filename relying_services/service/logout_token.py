"""Verifying a logout token (OpenID Connect Back-Channel Logout 1.0, 2.6), strictly.

Whoever reaches this service may post one: nothing of it counts before all of it was verified.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ALGORITHMS = ["RS256"]
"""That of this service's ID tokens; `none` least of all."""
_LEEWAY = 60
"""Seconds by which the clocks of provider and service may differ."""
_LONGEST_LIFE = 120
_LONGEST = 8192
_MOST_REMEMBERED = 10_000
_ASK_AGAIN = 60
"""Seconds between two looks for new keys: whoever makes up names of keys causes no more."""

Keys = Callable[[bool], dict[str, Any]]
"""The provider's published keys; asked anew where the argument is true."""


class LogoutTokenRefused(Exception):
    """The token ends nothing; the message says which check it failed."""


@dataclass
class LogoutTokens:
    """The checks of one service for the tokens of one issuer, and the `jti`s it has seen."""

    client_id: str
    clock: Callable[[], float]
    """Tells the present instant, in seconds since 1970."""
    _seen: dict[str, float] = field(default_factory=dict)
    _looked_at: float = float("-inf")

    def accept(self, token: str, *, issuer: str, keys: Keys) -> dict[str, Any]:
        """The claims of a token that was verified, once: a second sight of it is a replay.

        Raises:
            LogoutTokenRefused: it fails a check.
        """
        if len(token) > _LONGEST:
            raise LogoutTokenRefused("the token is too long")
        claims = self._verified(token, keys)
        self._check_times_and_parties(claims, issuer)
        _check_event(claims)
        self._remember(claims)
        return claims

    def _verified(self, token: str, keys: Keys) -> dict[str, Any]:
        try:
            header = jws.extract_compact(token.encode()).headers()
            claims = jwt.decode(token, self._key_set(keys, header.get("kid")), ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise LogoutTokenRefused(f"signature: {error}") from error
        # Explicitly typed (2.4): no token made for another purpose can be taken for one.
        if str(header.get("typ", "")).lower().removeprefix("application/") != "logout+jwt":
            raise LogoutTokenRefused("typ: it is no logout token")
        return claims

    def _key_set(self, keys: Keys, kid: object) -> KeySet:
        known = _imported(keys(False))
        now = self.clock()
        if kid in {key.kid for key in known.keys} or 0 <= now - self._looked_at < _ASK_AGAIN:
            return known
        # The provider may have rotated its keys since they were fetched.
        self._looked_at = now
        return _imported(keys(True))

    def _check_times_and_parties(self, claims: dict[str, Any], issuer: str) -> None:
        registry = jwt.JWTClaimsRegistry(
            now=int(self.clock()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except JoseError as error:
            raise LogoutTokenRefused(f"claims: {error}") from error
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise LogoutTokenRefused("aud: the token is for others, too")
        if not 0 < claims["exp"] - claims["iat"] <= _LONGEST_LIFE:
            raise LogoutTokenRefused("exp: such a token lives two minutes at most")

    def _remember(self, claims: dict[str, Any]) -> None:
        now = self.clock()
        self._seen = {jti: end for jti, end in self._seen.items() if end > now}
        if claims["jti"] in self._seen:
            raise LogoutTokenRefused("jti: the token was used before")
        if len(self._seen) >= _MOST_REMEMBERED:
            raise LogoutTokenRefused("jti: too many tokens at once")
        self._seen[claims["jti"]] = claims["exp"] + _LEEWAY


def _imported(published: dict[str, Any]) -> KeySet:
    return KeySet.import_key_set(published)  # type: ignore[arg-type]  # checked by joserfc


def _check_event(claims: dict[str, Any]) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise LogoutTokenRefused("events: it does not say that a session ended")
    if "nonce" in claims:
        raise LogoutTokenRefused("nonce: it is an ID token")
    named = [claims[name] for name in ("sid", "sub") if name in claims]
    if not named or not all(isinstance(value, str) and value for value in named):
        raise LogoutTokenRefused("sid, sub: it does not say whose session ended")
