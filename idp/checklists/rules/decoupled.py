"""Rules of CIBA and of devices: asked without a browser, and polled."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

from idp.checklists.exchange import CIBA, DEVICE, Exchange
from idp.checklists.rules.rule import (
    PSC_CIBA,
    REFERENTIAL,
    Check,
    Rule,
    Sighting,
    redeemed,
    rfc,
    where,
)
from idp.checklists.rules.rule import ciba as ciba_core
from idp.checklists.seen import CIBA_GRANT, DEVICE_GRANT, POLLED, Seen, lifetime_of

_TOLERANCE = timedelta(milliseconds=500)
"""A poll that is early by this much is early by the network's doing."""
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_FINAL = ("expired_token", "access_denied")
_HANDLE = {CIBA_GRANT: "auth_req_id", DEVICE_GRANT: "device_code"}


def _each(says: Callable[[dict[str, str]], str]) -> Check:
    def check(seen: Seen) -> Iterator[Sighting]:
        for exchange in seen.of(CIBA):
            text = says(exchange.parameters | (exchange.request_object or {}))
            if text:
                yield Sighting(text, [exchange])

    return check


def _binding_message(asked: dict[str, str]) -> str:
    message = asked.get("binding_message", "")
    if not message:
        return "binding_message was not sent"
    return "" if _TWO_DIGITS.fullmatch(message) else f"binding_message was {message!r}"


def _channel(asked: dict[str, str]) -> str:
    channel = asked.get("channel", "")
    return "" if channel in {"MOBILE", "CARD"} else f"channel was {channel or 'not sent'}"


def _acr(asked: dict[str, str]) -> str:
    acr = asked.get("acr_values", "")
    return "" if acr == "eidas1" else f"acr_values was {acr or 'not sent'}"


def _polls(seen: Seen) -> Iterator[tuple[Exchange, list[Exchange]]]:
    """Each request without a browser that was begun, and the polls for it."""
    for grant, handle in _HANDLE.items():
        polls: dict[str, list[Exchange]] = {}
        for exchange in seen.tokens(grant):
            polls.setdefault(exchange.parameters.get(handle, ""), []).append(exchange)
        for begun in seen.of(CIBA, DEVICE):
            if handle in begun.answer:
                yield begun, polls.get(begun.answer[handle], [])


def _too_fast(seen: Seen) -> Iterator[Sighting]:
    for begun, polls in _polls(seen):
        interval = lifetime_of(begun, "interval") or timedelta(seconds=5)
        early = [
            poll for before, poll in pairwise(polls) if poll.at - before.at < interval - _TOLERANCE
        ]
        early += [poll for poll in polls if poll.answer.get("error") == "slow_down"]
        if early:
            told = f"polled faster than every {interval.total_seconds():g} s"
            yield Sighting(told, list({poll.id: poll for poll in early}.values()))


def _after_end(seen: Seen) -> Iterator[Sighting]:
    for _begun, polls in _polls(seen):
        ended = [i for i, poll in enumerate(polls) if poll.answer.get("error") in _FINAL]
        if ended and len(polls) > ended[0] + 1:
            told = f"{len(polls) - ended[0] - 1} polls after {polls[ended[0]].answer['error']}"
            yield Sighting(told, polls[ended[0] :])


RULES = (
    Rule(
        "ciba_acr_values",
        "CIBA without acr_values=eidas1",
        "refused",
        "Pro Santé Connect demands that each request names the level of assurance.",
        "Send acr_values=eidas1.",
        REFERENTIAL,
        where(CIBA),
        _each(_acr),
    ),
    Rule(
        "binding_message_missing",
        "CIBA without two digits as binding_message",
        "advice",
        "The person compares the number that the service shows with the one on the phone.",
        "Send two random digits, 00 to 99, as binding_message, and show them large.",
        PSC_CIBA,
        where(CIBA),
        _each(_binding_message),
    ),
    Rule(
        "channel_missing",
        "CIBA without channel",
        "advice",
        "Pro Santé Connect's own parameter: by the phone or by the card.",
        "Send channel=MOBILE or channel=CARD.",
        PSC_CIBA,
        where(CIBA),
        _each(_channel),
    ),
    Rule(
        "polled_too_fast",
        "Polled faster than the interval",
        "violation",
        "The answer slow_down means: wait longer. Elsewhere each one makes the interval longer.",
        "Wait interval seconds between two questions, counted from the last answer.",
        ciba_core("7.3"),
        redeemed(*POLLED),
        _too_fast,
    ),
    Rule(
        "polled_after_end",
        "Polled after the request had ended",
        "violation",
        "expired_token and access_denied are final: no tokens will come.",
        "Stop, tell the person, and let them begin again.",
        rfc(8628, "3.5"),
        redeemed(*POLLED),
        _after_end,
    ),
)
