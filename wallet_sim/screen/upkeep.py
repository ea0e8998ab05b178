"""The pages beside the requests: history, details, change of PIN, a forgotten PIN, deletion."""

from werkzeug.wrappers import Request, Response

from wallet_sim.errors import NotEnrolled, PhoneError
from wallet_sim.file import State
from wallet_sim.history import LONGEST
from wallet_sim.screen.activation import policy_of
from wallet_sim.screen.handset import Handset


def history(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """The last decisions, newest first."""
    decided = list(reversed(_active(handset).history))
    return handset.show(request, "history", error=error, decided=decided, longest=LONGEST)


def details(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """What this phone is called, when the provider answered last, and whether pushes come."""
    memory = _active(handset)
    return handset.show(
        request,
        "details",
        error=error,
        identity=memory.identity,
        provider=memory.base_url,
        answered_at=handset.watch.answered_at,
        is_subscribed=handset.receiver.is_subscribed,
        pushes=handset.receiver.count,
    )


def change_pin(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """The old PIN, and the new one twice."""
    _active(handset)
    return handset.show(request, "change_pin", error=error, policy=policy_of(handset))


def forgotten(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """Nobody can tell a PIN: delete and activate again."""
    _active(handset)
    return handset.show(request, "forgotten", error=error)


def delete(handset: Handset, request: Request, error: PhoneError | None) -> Response:
    """Whether the e-CPS is really to go."""
    return handset.show(request, "delete", error=error, identity=_active(handset).identity)


def _active(handset: Handset) -> State:
    """What a phone in use holds.

    Raises:
        NotEnrolled: it holds no e-CPS.
    """
    memory = handset.phone.memory()
    if memory is None or memory.identity is None:
        raise NotEnrolled("this phone holds no e-CPS: enrol it first")
    return memory
