"""What was seen of one service, put together: its logins, from the request to the logout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from idp.checklists.exchange import (
    AUTHORIZE,
    BACK_CHANNEL,
    CALLBACK,
    CIBA,
    DEVICE,
    INTROSPECTION,
    LOGOUT,
    PAR,
    REVOCATION,
    TOKEN,
    USERINFO,
    Exchange,
)

CODE = "authorization_code"
REFRESH = "refresh_token"
CIBA_GRANT = "urn:openid:params:grant-type:ciba"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
POLLED = (CIBA_GRANT, DEVICE_GRANT)


@dataclass(frozen=True)
class Registered:
    """What the service registered, as far as rules compare with it."""

    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    auth_method: str = ""


@dataclass(frozen=True)
class Request:
    """An authorization request with what it asked, wherever that stood (RFC 9126, RFC 9101)."""

    exchange: Exchange
    asked: dict[str, str]
    is_legible: bool
    """Whether all that it asked is known: not of an encrypted or fetched request object."""


@dataclass
class Login:
    """One sign-in, and what came of it."""

    request: Exchange | None = None
    """The authorization request, or the one of CIBA or of a device."""
    pushed: Exchange | None = None
    callback: Exchange | None = None
    redeemed: Exchange | None = None
    """The token request that was answered with tokens."""
    further: list[Exchange] = field(default_factory=list)
    """All that followed of it: refused token requests, refreshes, userinfo, logout."""

    @property
    def exchanges(self) -> list[Exchange]:
        """Every step of it, in order."""
        parts = [self.pushed, self.request, self.callback, self.redeemed, *self.further]
        return sorted((part for part in parts if part is not None), key=lambda part: part.id)


@dataclass(frozen=True)
class Seen:
    """All that rules judge."""

    client_id: str
    registered: Registered | None
    """None of a client that is not registered."""
    exchanges: Sequence[Exchange]
    """The client's, oldest first."""
    now: datetime
    public: Sequence[Exchange] = ()
    """Fetches of public documents, by whomever."""
    asks_for_certificates: bool = False
    """Whether this provider has a listener where a client shows its certificate."""

    def of(self, *steps: str) -> list[Exchange]:
        """The client's exchanges at these steps."""
        return [exchange for exchange in self.exchanges if exchange.step in steps]

    def tokens(self, *grants: str) -> list[Exchange]:
        """Its token requests of these grants."""
        return [e for e in self.of(TOKEN) if e.parameters.get("grant_type") in grants]

    @cached_property
    def requests(self) -> list[Request]:
        """Its authorization requests."""
        pushed = {e.answer["request_uri"]: e for e in self.of(PAR) if "request_uri" in e.answer}
        return [_request(exchange, pushed) for exchange in self.of(AUTHORIZE)]

    @cached_property
    def legible(self) -> list[Request]:
        """Those of which all is known that they asked."""
        return [request for request in self.requests if request.is_legible]

    @cached_property
    def own_fetches(self) -> list[Exchange]:
        """Public documents fetched from where its token requests come from, by the same agent."""
        callers = {e.caller for e in self.of(*BACK_CHANNEL) if e.caller}
        return [e for e in self.public if e.caller in callers]

    @cached_property
    def issued(self) -> dict[str, Exchange]:
        """The token answer that each access, refresh or ID token came with, by fingerprint."""
        found: dict[str, Exchange] = {}
        for exchange in self.of(TOKEN):
            for name in ("access_token", "refresh_token", "id_token"):
                if name in exchange.answer:
                    found.setdefault(exchange.answer[name], exchange)
        return found

    @cached_property
    def logins(self) -> list[Login]:
        """Its sign-ins, oldest first."""
        return list(_logins(self))

    @cached_property
    def redeemed(self) -> list[Exchange]:
        """The token answers that they came to, one each."""
        return [login.redeemed for login in self.logins if login.redeemed]


def lifetime_of(exchange: Exchange, member: str = "expires_in") -> timedelta | None:
    """How long what was answered lives; None where nothing says it."""
    seconds = exchange.answer.get(member)
    return timedelta(seconds=seconds) if isinstance(seconds, int | float) else None


def _request(exchange: Exchange, pushed: dict[str, Exchange]) -> Request:
    given = exchange.parameters
    if "request_uri" in given:
        par = pushed.get(given["request_uri"])
        if par is None:
            return Request(exchange, given, is_legible=False)
        return Request(exchange, _asked(par), is_legible=_is_legible(par))
    return Request(exchange, _asked(exchange), is_legible=_is_legible(exchange))


def _asked(exchange: Exchange) -> dict[str, str]:
    return exchange.parameters | (exchange.request_object or {})


def _is_legible(exchange: Exchange) -> bool:
    return "request" not in exchange.parameters or exchange.request_object is not None


class _Gathering:
    """Finds the login that each exchange belongs to, one after the other."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self.logins: list[Login] = []
        self._by_secret: dict[str, Login] = {}
        """By fingerprints of codes, handles of requests, and tokens."""
        self._by_sid: dict[str, Login] = {}

    def take(self, exchange: Exchange) -> None:
        step, given = exchange.step, exchange.parameters
        if step == PAR:
            self._begin(Login(pushed=exchange), exchange.answer.get("request_uri"))
        elif step == AUTHORIZE:
            self._authorize(exchange)
        elif step == CALLBACK:
            self._callback(exchange)
        elif step in {CIBA, DEVICE}:
            handle = exchange.answer.get("auth_req_id") or exchange.answer.get("device_code")
            self._begin(Login(request=exchange), handle)
        elif step == TOKEN:
            self._token(exchange, next((given[name] for name in _HANDLES if name in given), ""))
        elif step in {USERINFO, INTROSPECTION, REVOCATION, LOGOUT}:
            login = self._by_secret.get(exchange.presented.get("token", ""))
            login = login or self._by_sid.get(exchange.sid or "")
            if login is not None:
                login.further.append(exchange)

    def _begin(self, login: Login, secret: str | None) -> None:
        self.logins.append(login)
        if secret:
            self._by_secret[secret] = login

    def _authorize(self, exchange: Exchange) -> None:
        pushed = self._by_secret.get(exchange.parameters.get("request_uri", ""))
        if pushed is not None and pushed.request is None:
            pushed.request = exchange
        else:
            self.logins.append(Login(request=exchange))

    def _callback(self, exchange: Exchange) -> None:
        login = next((login for login in reversed(self.logins) if _awaits(login, exchange)), None)
        if login is None:
            login = Login()
            self.logins.append(login)
        login.callback = exchange
        if "code" in exchange.answer:
            self._by_secret[exchange.answer["code"]] = login
        if exchange.sid:
            self._by_sid[exchange.sid] = login

    def _token(self, exchange: Exchange, secret: str) -> None:
        login = self._by_secret.get(secret)
        if login is None:
            login = Login()
            self._begin(login, secret)
        if login.redeemed is None and "access_token" in exchange.answer:
            login.redeemed = exchange
        else:
            login.further.append(exchange)
        for name in ("access_token", "refresh_token", "id_token"):
            if name in exchange.answer:
                self._by_secret.setdefault(exchange.answer[name], login)
        if exchange.sid:
            self._by_sid[exchange.sid] = login


_HANDLES = ("code", "refresh_token", "auth_req_id", "device_code")


def _logins(seen: Seen) -> Iterator[Login]:
    gathering = _Gathering(seen)
    for exchange in seen.exchanges:
        gathering.take(exchange)
    yield from gathering.logins


def _awaits(login: Login, callback: Exchange) -> bool:
    """Whether an answer can be that of a login's request: same `state`, none yet."""
    asked = login.pushed or login.request
    if asked is None or login.callback is not None or asked.step not in {AUTHORIZE, PAR}:
        return False
    state = _asked(asked).get("state", "")
    return not _is_legible(asked) or state == callback.parameters.get("state", "")
