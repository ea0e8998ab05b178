"""Exchanges as a recorder would have kept them, made one after the other."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from idp.checklists.exchange import Exchange
from idp.checklists.report import Checklist, judge
from idp.checklists.seen import CIBA_GRANT, Registered, Seen

REDIRECT = "https://service.test/callback"
BYE = "https://service.test/bye"
FORM = "application/x-www-form-urlencoded"
ME = "sha256:the-service's-server"
_BEGAN = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass
class Tape:
    """What one service did. `None` as a parameter leaves it out."""

    mtls: bool = False
    registered: Registered | None = field(
        default_factory=lambda: Registered((REDIRECT,), (BYE,), "client_secret_basic")
    )
    exchanges: list[Exchange] = field(default_factory=list)
    public: list[Exchange] = field(default_factory=list)
    now: datetime = _BEGAN
    login: int = 0

    def wait(self, seconds: float) -> "Tape":
        self.now += timedelta(seconds=seconds)
        return self

    def fetch(self, step: str, caller: str = ME) -> "Tape":
        self.public.append(self._made(step, "GET", {}, client_id=None, caller=caller))
        return self

    def authorize(self, *, step: str = "authorize", **changes: Any) -> "Tape":
        self.login += 1
        given = {
            "response_type": "code",
            "client_id": "service",
            "redirect_uri": REDIRECT,
            "scope": "openid scope_all",
            "state": f"state-of-the-login-{self.login}",
            "nonce": f"nonce-of-the-login-{self.login}",
            "acr_values": "eidas1",
            "code_challenge": f"{self.login}".rjust(43, "c"),
            "code_challenge_method": "S256",
        }
        options = {n: changes.pop(n) for n in _OPTIONS & changes.keys()}
        answer = {"request_uri": "sha256:pushed"} if step == "par" else {}
        return self.add(step, "GET", _of(given, changes), **({"answer": answer} | options))

    def callback(self, **changes: Any) -> "Tape":
        answer = {"code": f"sha256:code-{self.login}", "code_expires_in": 60}
        answer = _of(answer, changes.pop("answer", {}))
        asked = {"redirect_uri": REDIRECT, "state": f"state-of-the-login-{self.login}"}
        return self.add("callback", "GET", _of(asked, changes), status=303, answer=answer)

    def token(self, **changes: Any) -> "Tape":
        given = {
            "grant_type": "authorization_code",
            "code": f"sha256:code-{self.login}",
            "redirect_uri": REDIRECT,
            "code_verifier": "sha256:verifier",
        }
        return self._tokens(given, changes)

    def refresh(self, old: int = 0, **changes: Any) -> "Tape":
        """With the refresh token of the login, or a later one of its chain."""
        given = {"grant_type": "refresh_token", "refresh_token": f"sha256:{self.login}-r{old}"}
        return self._tokens(given, changes, number=old + 1)

    def poll(self, error: str | None = None, **changes: Any) -> "Tape":
        given = {"grant_type": CIBA_GRANT, "auth_req_id": "sha256:asked"}
        failed = {"status": 400, "answer": {"error": error}} if error else {}
        return self._tokens(given, failed | changes)

    def ciba(self, **changes: Any) -> "Tape":
        given = {
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "login_hint": "899700990015",
            "binding_message": "42",
            "channel": "MOBILE",
        }
        answer = {"auth_req_id": "sha256:asked", "expires_in": 120, "interval": 1}
        return self.add("ciba", "POST", _of(given, changes), answer=answer, **_PROVED)

    def userinfo(self, number: int = 0, **options: Any) -> "Tape":
        presented = {"token": f"sha256:{self.login}-a{number}", "azp": "service"}
        return self.add("userinfo", "GET", {}, **({"presented": presented} | options))

    def introspect(self, **options: Any) -> "Tape":
        presented = {"token": f"sha256:{self.login}-a0", "azp": "service"}
        return self.add(
            "introspection", "POST", {}, **(_PROVED | {"presented": presented} | options)
        )

    def logout(self, **changes: Any) -> "Tape":
        presented = {"token": f"sha256:{self.login}-i0", "typ": "ID"}
        presented = changes.pop("presented", presented)
        given = {"id_token_hint": "sha256:hint", "post_logout_redirect_uri": BYE}
        return self.add("logout", "GET", _of(given, changes), status=303, presented=presented)

    def add(self, step: str, method: str, parameters: dict[str, str], **options: Any) -> "Tape":
        self.exchanges.append(self._made(step, method, parameters, **options))
        return self

    def judged(self) -> Checklist:
        return judge(
            Seen(
                client_id="service",
                registered=self.registered,
                exchanges=self.exchanges,
                public=self.public,
                now=self.now,
                asks_for_certificates=self.mtls,
            )
        )

    def findings(self) -> dict[str, str]:
        """What was found: rule and what is told of it."""
        return {finding.rule.id: finding.seen for finding in self.judged().findings}

    def _tokens(self, given: dict[str, str], changes: dict[str, Any], number: int = 0) -> "Tape":
        answer = {
            "access_token": f"sha256:{self.login}-a{number}",
            "refresh_token": f"sha256:{self.login}-r{number}",
            "id_token": f"sha256:{self.login}-i{number}",
            "expires_in": 120,
        }
        options = {n: changes.pop(n) for n in _OPTIONS & changes.keys()}
        defaults = _PROVED | {"answer": answer, "sid": f"session-{self.login}"}
        method = options.pop("method", "POST")
        return self.add("token", method, _of(given, changes), **(defaults | options))

    def _made(self, step: str, method: str, parameters: dict[str, str], **options: Any) -> Exchange:
        defaults: dict[str, Any] = {"client_id": "service", "status": 200}
        number = len(self.exchanges) + len(self.public) + 1
        return Exchange(
            id=number,
            at=self.now,
            step=step,
            method=method,
            parameters=parameters,
            **(defaults | options),
        )


def good_login(tape: Tape | None = None) -> Tape:
    """A login without a mistake, and its logout."""
    tape = tape or Tape()
    tape.fetch("discovery").fetch("jwks")
    return tape.authorize().wait(20).callback().token().userinfo().wait(600).logout()


_PROVED: dict[str, Any] = {
    "authentication": "client_secret_basic",
    "caller": ME,
    "headers": {"content-type": FORM},
}
_OPTIONS = frozenset(
    {
        "answer",
        "authentication",
        "certificate",
        "headers",
        "in_query",
        "method",
        "repeated",
        "request_object",
        "sid",
        "status",
    }
)


def _of(given: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (given | changes).items() if value is not None}
