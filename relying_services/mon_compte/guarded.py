"""Logins whose secrets are checked: with budgets of tries that no stranger uses up for others.

Identifiers are public (decision 24). Wrong tries from anywhere count against the login and the
network address; a browser in which the login was signed in before has a budget of its own, and the
card, the phone and a new letter need none of them.
"""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import cast

from flask import request
from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.letters import letter_for
from relying_services.mon_compte.passwords import EXTENSION, Passwords
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.credential_models import CredentialRow, LetterRow
from relying_services.mon_compte.store.credentials import credential_of_login, is_known
from relying_services.mon_compte.store.tries import give_back, take
from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.service import this_service

MEANS = "PASSWORD"
NOBODY = "unknown"
"""The actor of a try with a login that nobody has."""
_NETWORK = 64
"""Bits of an IPv6 address that a provider of networks gives to one customer."""


class TooManyTries(ServiceError):
    """The budget of this login, address or browser is used up."""

    code = "too_many_tries"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = _l("Trop d’essais")
    meaning = _l(
        "Trop d’essais avec cet identifiant ou depuis ce réseau. Attendez quelques minutes, ou "
        "connectez-vous avec votre carte ou votre e-CPS : elles ne sont pas concernées."
    )


class SecretWrong(Exception):
    """The login or its secret is wrong; nobody is told which."""


@dataclass(frozen=True)
class _Budget:
    kind: str
    of: str
    most: int

    @property
    def name(self) -> str:
        """A digest with a key: what was typed is not to be read from it."""
        key = this_service().settings.client_secret.encode()
        return hmac.new(key, f"{self.kind} {self.of}".encode(), hashlib.sha256).hexdigest()


def passwords() -> Passwords:
    """The passwords of the service that answers this request."""
    return cast("Passwords", this_service().more[EXTENSION])


def known_cookie() -> str:
    """The cookie of a browser in which somebody signed in by password."""
    return settings().cookie("mon_compte_known")


def by_password(login: str, password: str) -> CredentialRow:
    """Whose login and password these are.

    Raises:
        TooManyTries: no password is looked at any more for now.
        SecretWrong: nobody's.
    """
    service = this_service()
    with service.store.read() as db:
        found = credential_of_login(db, login)
        whose = found.actor if found is not None else ""
        is_own_browser = is_known(db, whose, request.cookies.get(known_cookie(), ""))
    taken = _take(_of_browser(whose) if is_own_browser else _of_strangers("password", login))
    is_right = passwords().matches(password, found.password if found is not None else None)
    if found is None or not is_right:
        _note_wrong(whose, "password:checked")
        raise SecretWrong
    _give_back(taken)
    return found


def by_letter(login: str, code: str) -> LetterRow:
    """The letter whose login and code these are; it is not used up by this.

    Raises:
        TooManyTries: no code is looked at any more for now.
        SecretWrong: no letter's, or of one that is over.
    """
    service = this_service()
    taken = _take(_of_strangers("letter", login))
    with service.store.read() as db:
        found = letter_for(db, login, code, service.clock.now())
    if found is None:
        _note_wrong("", "letter:checked")
        raise SecretWrong
    _give_back(taken)
    return found


def _of_browser(actor: str) -> list[_Budget]:
    handle = request.cookies.get(known_cookie(), "")
    return [_Budget("browser", f"{actor} {handle}", settings().tries_browser)]


def _of_strangers(secret: str, login: str) -> list[_Budget]:
    return [
        _Budget("address", _network(request.remote_addr or ""), settings().tries_address),
        _Budget(f"{secret} of login", login, settings().tries_login),
    ]


def _take(budgets: list[_Budget]) -> list[_Budget]:
    service = this_service()
    now, window = service.clock.now(), timedelta(minutes=settings().tries_minutes)
    for budget in budgets:
        with service.store.begin() as db:
            count = take(db, budget.name, now, window)
        # Who is over the budget of the network takes nothing from that of the login.
        if count > budget.most:
            raise TooManyTries
    return budgets


def _give_back(budgets: list[_Budget]) -> None:
    with this_service().store.begin() as db:
        give_back(db, [each.name for each in budgets])


def _note_wrong(actor: str, action: str) -> None:
    service = this_service()
    with service.store.begin() as db:
        who = trace.Actor(actor or NOBODY, MEANS)
        service.note(db, who, action, refused="secret_wrong")


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:  # noqa: PLR2004 - the version of the protocol
        return address
    if parsed.ipv4_mapped is not None:
        # As a socket for both versions tells it: all of IPv4 stands within one /64 there.
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _NETWORK), strict=False))
