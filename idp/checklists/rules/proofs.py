"""Rules of `state`, `nonce` and PKCE: what ties an answer to the browser that asked."""

from collections.abc import Iterator
from itertools import groupby

from idp.checklists.exchange import TOKEN, Exchange
from idp.checklists.rules.authorization import each_request
from idp.checklists.rules.rule import Check, Rule, Sighting, asked, core, redeemed, rfc
from idp.checklists.seen import CODE, Request, Seen

_SHORTEST = 16
"""Characters: 128 bits in hexadecimal need twice as many, in base64url 22. A generous least."""


def _without(name: str) -> Check:
    return each_request(lambda request: "" if request.asked.get(name) else f"{name} was not sent")


def _unprotected_code(request: Request) -> str:
    has = request.asked.get("nonce") or request.asked.get("code_challenge")
    return "" if has else "neither nonce nor code_challenge was sent"


def _unprotected_answer(request: Request) -> str:
    has = any(request.asked.get(name) for name in ("state", "nonce", "code_challenge"))
    return "" if has else "neither state nor nonce nor code_challenge was sent"


def _guessable(name: str) -> Check:
    def says(request: Request) -> str:
        value = request.asked.get(name, "")
        return f"{name} had {len(value)} characters" if 0 < len(value) < _SHORTEST else ""

    return each_request(says)


def _reused(name: str) -> Check:
    """A value of several logins that went on to a code; a page loaded again is one login."""

    def check(seen: Seen) -> Iterator[Sighting]:
        used = sorted(_values(seen, name), key=lambda pair: (pair[0], pair[1].id))
        for _value, group in groupby(used, key=lambda pair: pair[0]):
            exchanges = [exchange for _, exchange in group]
            if len(exchanges) > 1:
                yield Sighting(f"one {name} in {len(exchanges)} logins", exchanges)

    return check


def _values(seen: Seen, name: str) -> Iterator[tuple[str, Exchange]]:
    asked_by = {id(request.exchange): request.asked for request in seen.legible}
    for login in seen.logins:
        if login.request is None or login.callback is None or login.callback.is_refused:
            continue
        value = asked_by.get(id(login.request), {}).get(name)
        if value:
            yield value, login.request


def _plain(request: Request) -> str:
    if not request.asked.get("code_challenge"):
        return ""
    method = request.asked.get("code_challenge_method", "")
    return "" if method == "S256" else f"code_challenge_method was {method or 'missing'!r}"


def _without_verifier(seen: Seen) -> Iterator[Sighting]:
    challenged = {
        id(request.exchange) for request in seen.legible if request.asked.get("code_challenge")
    }
    for login in seen.logins:
        if id(login.request) not in challenged:
            continue
        for exchange in [login.redeemed, *login.further]:
            if exchange and _redeems_without_verifier(exchange):
                yield Sighting("the code came without its code_verifier", [exchange])


def _redeems_without_verifier(exchange: Exchange) -> bool:
    given = exchange.parameters
    is_redeeming = exchange.step == TOKEN and given.get("grant_type") == CODE
    return is_redeeming and "code_verifier" not in given


RULES = (
    Rule(
        "state_missing",
        "state is missing",
        "advice",
        "The service cannot tell an answer to its own request from one that was planted.",
        "Send a fresh random state, kept in the browser's session, and compare it at the callback.",
        core("3.1.2.1"),
        asked,
        _without("state"),
    ),
    Rule(
        "answer_unprotected",
        "Neither state nor nonce nor PKCE",
        "violation",
        "Anybody can make a victim's browser finish a login of their own (CSRF).",
        "Send at least a fresh state; better all three.",
        rfc(9700, "2.1"),
        asked,
        each_request(_unprotected_answer),
    ),
    Rule(
        "state_short",
        "state can be guessed",
        "violation",
        "A value that protects from forgery must not be guessable.",
        "Make it of at least 16 random bytes (secrets.token_urlsafe(32)).",
        rfc(6749, "10.10"),
        asked,
        _guessable("state"),
    ),
    Rule(
        "state_reused",
        "One state in several logins",
        "violation",
        "A constant state protects from nothing: whoever saw it once can forge an answer.",
        "Make a new state for each request, and take each once.",
        rfc(9700, "2.1"),
        asked,
        _reused("state"),
    ),
    Rule(
        "nonce_missing",
        "nonce is missing",
        "advice",
        "The service cannot tell that the ID token was made for this login.",
        "Send a fresh random nonce, and compare it with the claim nonce of the ID token.",
        core("3.1.2.1"),
        asked,
        _without("nonce"),
    ),
    Rule(
        "code_unprotected",
        "Neither nonce nor PKCE",
        "violation",
        "A stolen code can be put into another person's login (code injection).",
        "Send a nonce, and code_challenge with code_challenge_method=S256.",
        rfc(9700, "2.1.1"),
        asked,
        each_request(_unprotected_code),
    ),
    Rule(
        "nonce_short",
        "nonce can be guessed",
        "violation",
        "A nonce must have enough entropy that nobody guesses it.",
        "Make it of at least 16 random bytes; ANS's connector sends 64 hexadecimal characters.",
        core("15.5.2"),
        asked,
        _guessable("nonce"),
    ),
    Rule(
        "nonce_reused",
        "One nonce in several logins",
        "violation",
        "An ID token of one login passes for that of another.",
        "Make a new nonce for each request, and forget it with the login.",
        core("15.5.2"),
        asked,
        _reused("nonce"),
    ),
    Rule(
        "pkce_missing",
        "PKCE is not used",
        "advice",
        "PKCE is recommended for services with a secret too, and demanded of those without.",
        "Send code_challenge with code_challenge_method=S256, and code_verifier with the code.",
        rfc(9700, "2.1.1"),
        asked,
        _without("code_challenge"),
    ),
    Rule(
        "pkce_plain",
        "PKCE without S256",
        "violation",
        "With plain, who sees the request has the verifier: it protects nothing.",
        "Send code_challenge_method=S256 and the SHA-256 of the verifier.",
        rfc(7636, "4.2"),
        asked,
        each_request(_plain),
    ),
    Rule(
        "pkce_reused",
        "One code_challenge in several logins",
        "violation",
        "A verifier is for one request: a constant one protects from nothing.",
        "Make a new verifier for each request.",
        rfc(7636, "4.1"),
        asked,
        _reused("code_challenge"),
    ),
    Rule(
        "verifier_missing",
        "The code came without its verifier",
        "violation",
        "A code that was asked for with a code_challenge is given tokens with its verifier alone.",
        "Keep the verifier in the browser's session and send it as code_verifier with the code.",
        rfc(7636, "4.5"),
        redeemed(CODE),
        _without_verifier,
    ),
)
