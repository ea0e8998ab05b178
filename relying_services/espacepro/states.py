"""The life of a delegation: one table of what may be done in which state (domain, 6).

What is stored is what somebody did. Whether an accepted delegation is to come, current or over is
told by the day alone, in Paris, its first and last day included (EP-11).
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from relying_services.paris import day_of

State = Literal["draft", "pending", "accepted", "refused", "revoked", "lapsed"]
Act = Literal["send", "accept", "refuse", "revoke", "lapse"]
Shown = Literal["draft", "pending", "coming", "current", "over", "refused", "revoked", "lapsed"]

STATES: tuple[State, ...] = ("draft", "pending", "accepted", "refused", "revoked", "lapsed")
ACTS: tuple[Act, ...] = ("send", "accept", "refuse", "revoke", "lapse")

TRANSITIONS: Mapping[tuple[Act, State], State] = {
    ("send", "draft"): "pending",
    ("accept", "pending"): "accepted",
    ("refuse", "pending"): "refused",
    ("lapse", "pending"): "lapsed",
    ("revoke", "pending"): "revoked",
    ("revoke", "accepted"): "revoked",
}
"""Every act that changes a delegation; what is not here is refused."""

LABELS: Mapping[Shown, LazyString] = {
    "draft": _l("Brouillon"),
    "pending": _l("En attente d’acceptation"),
    "coming": _l("À venir"),
    "current": _l("En cours"),
    "over": _l("Terminée"),
    "refused": _l("Refusée"),
    "revoked": _l("Révoquée"),
    "lapsed": _l("Expirée sans réponse"),
}


def before(act: Act) -> frozenset[State]:
    """The states in which an act may be done."""
    return frozenset(state for done, state in TRANSITIONS if done == act)


def after(act: Act) -> State:
    """The state to which an act leads: one, whatever the state before."""
    (state,) = {to for (done, _), to in TRANSITIONS.items() if done == act}
    return state


def shown(
    state: State, *, starts_on: date, ends_on: date, expires_at: datetime | None, now: datetime
) -> Shown:
    """The state that people read at an instant.

    Args:
        state: the one stored.
        starts_on: first day.
        ends_on: last day, included.
        expires_at: when the invitation lapses; none before it is sent.
        now: the present instant.
    """
    today = day_of(now)
    if state == "pending" and expires_at is not None and expires_at <= now:
        return "lapsed"
    if state != "accepted":
        return state
    if today < starts_on:
        return "coming"
    return "current" if today <= ends_on else "over"
