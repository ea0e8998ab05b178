"""A phone in use: whose e-CPS it holds, the request that waits, and what an answer led to."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from wallet_sim.display import asked_number, facts, neutralise
from wallet_sim.documents import Challenge
from wallet_sim.errors import (
    Blocked,
    CloneSuspected,
    DeviceInactive,
    NothingPending,
    NotRecognised,
    PhoneError,
    PostureRefused,
)
from wallet_sim.screen.activation import step
from wallet_sim.screen.handset import Handset
from wallet_sim.screen.site import as_json
from wallet_sim.screen.watching import Seen

_OVER = (Blocked, CloneSuspected, DeviceInactive, NotRecognised, PostureRefused)
"""Refusals after which this e-CPS is of no use any more."""


@dataclass(frozen=True)
class Given:
    """An approval that the provider took."""

    service: str
    failures: int
    """Wrong PINs since the last success (decision 19)."""
    completion: str | None
    """For a sign-in opened on this phone: what its browser must be given (decision 25)."""


def home(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """What the phone has to show first: a request, its e-CPS, or the next step to one."""
    seen = handset.watch.ask()
    if seen.stage != "active":
        return step(handset, request, error)
    if isinstance(seen.trouble, _OVER):
        return _over(handset, request, seen, error or seen.trouble)
    chosen = _chosen(seen, request)
    if chosen is not None:
        return _request(handset, request, seen, chosen, error)
    return _card(handset, request, seen, error)


def state(handset: Handset, request: Request) -> Response:
    """What changed since the cursor that a page shows; asked each second (decision 38)."""
    seen = handset.watch.look()
    if request.args.get("after") == seen.cursor:
        return Response(status=HTTPStatus.NO_CONTENT)
    waiting = [each.challenge_id for each in seen.waiting]
    service = neutralise(seen.waiting[0].client_name) if seen.waiting else ""
    return as_json({"cursor": seen.cursor, "waiting": waiting, "service": service})


def not_me(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """Whether the person really did not ask: it raises an alert.

    Raises:
        NothingPending: the request waits no longer.
    """
    seen = handset.watch.ask()
    chosen = _chosen(seen, request)
    if chosen is None:
        raise NothingPending("the request waits no longer")
    return handset.show(request, "not_me", error=error, seen=seen, challenge=chosen)


def approved(handset: Handset, request: Request, given: Given) -> Response:
    """Where the person goes on; shown at once, because the completion is kept nowhere."""
    return handset.show(request, "approved", seen=handset.watch.ask(), given=given)


def _request(
    handset: Handset,
    request: Request,
    seen: Seen,
    challenge: Challenge,
    error: PhoneError | None,
) -> Response:
    language = handset.language(request)
    return handset.show(
        request,
        "request",
        error=error,
        seen=seen,
        challenge=challenge,
        told=facts(challenge, language)[1:-1],
        asked=asked_number(challenge, language),
        seconds=max(0, challenge.exp - handset.phone.clock.timestamp()),
        others=len(seen.waiting) - 1,
    )


def _card(handset: Handset, request: Request, seen: Seen, error: PhoneError | None) -> Response:
    memory = handset.phone.memory()
    refusal = error or seen.trouble
    return handset.show(
        request,
        "home",
        error=refusal,
        seen=seen,
        identity=memory.identity if memory else None,
        provider=memory.base_url if memory else "",
        is_unanswered=memory is not None and memory.in_flight is not None,
        locked_until=_locked_until(handset, seen),
        last=memory.history[-1] if memory and memory.history else None,
    )


def _over(handset: Handset, request: Request, seen: Seen, error: PhoneError) -> Response:
    memory = handset.phone.memory()
    identity = memory.identity if memory else None
    return handset.show(request, "over", error=error, seen=seen, identity=identity)


def _locked_until(handset: Handset, seen: Seen) -> int:
    """When the waiting time after wrong PINs ends, or 0 where none runs."""
    if seen.trouble is not None:
        return 0
    try:
        told: dict[str, Any] = handset.phone.status().provider
    except PhoneError:
        return 0  # what it shows beside is known already
    until: int = told.get("locked_until") or 0
    return until if until > handset.phone.clock.timestamp() else 0


def _chosen(seen: Seen, request: Request) -> Challenge | None:
    """The request that the person looks at, else the newest."""
    wanted = request.values.get("challenge_id")
    named = [each for each in seen.waiting if each.challenge_id == wanted]
    return next(iter([*named, *seen.waiting]), None)
