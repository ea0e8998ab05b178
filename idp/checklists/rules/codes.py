"""Rules of the code: redeemed once, soon, and by who asked."""

from collections.abc import Iterator
from datetime import timedelta

from idp.checklists.exchange import CALLBACK, Exchange
from idp.checklists.rules.rule import Rule, Sighting, redeemed, rfc, where
from idp.checklists.seen import CODE, Seen, lifetime_of

_SOON = 0.5
"""Share of a code's life after which its redemption is near the edge."""


def _codes(seen: Seen) -> Iterator[tuple[Exchange, timedelta, list[Exchange]]]:
    """Each answer with a code, how long that lives, and the token requests that named it."""
    redeeming: dict[str, list[Exchange]] = {}
    for exchange in seen.tokens(CODE):
        redeeming.setdefault(exchange.parameters.get("code", ""), []).append(exchange)
    for callback in seen.of(CALLBACK):
        lifetime = lifetime_of(callback, "code_expires_in")
        if "code" in callback.answer and lifetime is not None:
            yield callback, lifetime, redeeming.get(callback.answer["code"], [])


def _too_late(seen: Seen) -> Iterator[Sighting]:
    for callback, lifetime, uses in _codes(seen):
        if uses and (waited := uses[0].at - callback.at) > lifetime:
            yield Sighting(_told(waited, lifetime), [callback, uses[0]])


def _late(seen: Seen) -> Iterator[Sighting]:
    for callback, lifetime, uses in _codes(seen):
        if uses and lifetime >= (waited := uses[0].at - callback.at) > lifetime * _SOON:
            yield Sighting(_told(waited, lifetime), [callback, uses[0]])


def _told(waited: timedelta, lifetime: timedelta) -> str:
    return (
        f"redeemed {waited.total_seconds():.0f} s after it was given; "
        f"a code lives {lifetime.total_seconds():.0f} s"
    )


def _used_twice(seen: Seen) -> Iterator[Sighting]:
    by_code: dict[str, list[Exchange]] = {}
    for exchange in seen.tokens(CODE):
        if exchange.parameters.get("code"):
            by_code.setdefault(exchange.parameters["code"], []).append(exchange)
    for uses in by_code.values():
        redeemed = [i for i, use in enumerate(uses) if not use.is_refused]
        if redeemed and len(uses) > redeemed[0] + 1:
            yield Sighting("the code was sent again after its tokens were given", uses)


def _never_redeemed(seen: Seen) -> Iterator[Sighting]:
    for callback, lifetime, uses in _codes(seen):
        if not uses and seen.now > callback.at + lifetime:
            yield Sighting("no token request ever named the code", [callback])


def _other_address(seen: Seen) -> Iterator[Sighting]:
    for callback, _lifetime, uses in _codes(seen):
        before = callback.parameters.get("redirect_uri", "")
        for use in uses:
            sent = use.parameters.get("redirect_uri", "")
            if sent != before:
                told = f"redirect_uri was {sent!r} at the token endpoint, {before!r} before"
                yield Sighting(told, [callback, use])


RULES = (
    Rule(
        "code_too_late",
        "The code was redeemed after its life",
        "violation",
        "A code is refused once its time is over: the person signed in for nothing.",
        "Redeem the code in the callback itself, before anything slow.",
        rfc(6749, "4.1.2"),
        where(CALLBACK),
        _too_late,
    ),
    Rule(
        "code_late",
        "The code was redeemed late",
        "advice",
        "It used more than half of the code's life: a slower day breaks the login.",
        "Redeem the code in the callback itself, before anything slow.",
        rfc(6749, "4.1.2"),
        where(CALLBACK),
        _late,
    ),
    Rule(
        "code_reused",
        "A code was used twice",
        "violation",
        "The second use ends the tokens of the first: it is how a stolen code is met.",
        "Take each callback once: forget state with its first use, so that a page that is "
        "loaded again redeems nothing.",
        rfc(6749, "4.1.2"),
        redeemed(CODE),
        _used_twice,
    ),
    Rule(
        "code_unused",
        "A code was never redeemed",
        "advice",
        "The login ended at the callback: it failed there, or never reached the token endpoint.",
        "Look at the callback's errors: a refused state, an exception, an address out of reach.",
        rfc(6749, "4.1.3"),
        where(CALLBACK),
        _never_redeemed,
    ),
    Rule(
        "redirect_uri_differs",
        "redirect_uri differs between the two requests",
        "violation",
        "The token request repeats the address of the authorization request, else it is refused.",
        "Send the same redirect_uri with the code; mind proxies that change scheme, host or port.",
        rfc(6749, "4.1.3"),
        redeemed(CODE),
        _other_address,
    ),
)
