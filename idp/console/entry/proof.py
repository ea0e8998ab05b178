"""Who proves who they are by a password and a code of their authenticator.

A try is counted before it is looked at, so that simultaneous guesses cost as much as others. Too
many bring a pause that grows, for the password alone: a stranger who provokes it keeps nobody out
who has a security key.
"""

from datetime import timedelta
from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.passwords import is_password, matching_step
from idp.networks import factor_of, site_of
from idp.provider import Provider
from idp.store.models import Operator
from idp.store.operators import TOTP_SEAL, accept_code, find_operator, pause, take_try
from idp.store.throttle import count_event
from idp.web.errors import Told

_MINUTE = timedelta(minutes=1)
LONGEST_PASSWORD = 256
_LONGEST_DOUBLING = 16


class ProofRefused(Exception):
    """Nobody is let in; which part was wrong is not told."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Ces informations ne permettent pas d’entrer. Vérifiez le nom, le mot de passe et "
                "le code, qui ne sert qu’une fois. Après plusieurs erreurs, attendez quelques "
                "minutes, ou entrez avec une clé de sécurité."
            )
        )


class TooManyEntries(Told):
    """This address tried to enter too often."""

    def __init__(self, window: timedelta) -> None:
        text = _(
            "Trop d’essais depuis votre réseau : attendez %(minutes)s min, puis recommencez.",
            minutes=-(-window // _MINUTE),
        )
        seconds = int(window.total_seconds())
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, text, retry_after=seconds)


def prove_by_password(provider: Provider, name: str, password: str, code: str) -> str:
    """Prove who an operator is; gives their name.

    Opens transactions of its own: the slow part stands in none.

    Raises:
        ProofRefused: name, password or code do not hold, or a pause runs.
        TooManyEntries: this address tried too often.
    """
    count_attempt(provider, "password")
    with provider.store.begin() as db:
        operator = _take_try(provider, db, name)
    known = operator.password_hash if operator else None
    cost = provider.settings.operator_password_cost
    holds = is_password(password[:LONGEST_PASSWORD], known, cost)
    with provider.store.begin() as db:
        proved = holds and operator is not None and _accept(provider, db, operator, code)
        if not proved:
            now, who = provider.clock.now(), f"operator:{name}" if operator else None
            record(db, Event.OPERATOR_REFUSED, now=now, success=False, actor=who, by="password")
    if not proved:
        raise ProofRefused
    return name


def count_attempt(provider: Provider, means: str) -> None:
    """Count an attempt to enter for its address.

    Raises:
        TooManyEntries: there were too many.
    """
    settings, address = provider.settings, request.remote_addr
    limit = settings.operator_entries_per_address * factor_of(settings.address_limits, address)
    window, now = settings.operator_entries_window, provider.clock.now()
    with provider.store.begin() as db:
        counted = count_event(db, f"console:{means}:{site_of(address)}", window=window, now=now)
        if counted == limit + 1:
            record(db, Event.OPERATOR_THROTTLED, now=now, success=False, by=means)
    if counted > limit:
        raise TooManyEntries(window)


def _take_try(provider: Provider, db: Session, name: str) -> Operator | None:
    """Count a try; nobody where nobody of this name may try now."""
    settings, now = provider.settings, provider.clock.now()
    tries = take_try(db, name, now=now)
    if tries is None:
        return None
    over = tries - settings.operator_tries
    if over >= 0:
        length = settings.operator_pause * 2 ** min(over, _LONGEST_DOUBLING)
        pause(db, name, until=now + min(length, settings.operator_longest_pause))
        record(
            db, Event.OPERATOR_PAUSED, now=now, success=False, actor=f"operator:{name}", tries=tries
        )
    return find_operator(db, name)


def _accept(provider: Provider, db: Session, operator: Operator, code: str) -> bool:
    """Whether the code holds, which is spent thereby; the tries are forgotten."""
    if operator.totp_sealed is None or operator.password_hash is None:
        return False
    secret = provider.sealer.open(operator.totp_sealed, purpose=TOTP_SEAL).decode()
    step = matching_step(secret, code, provider.clock.now())
    return step is not None and accept_code(
        db, operator.name, step=step, password_hash=operator.password_hash
    )
