"""Who may work on the console: invited, given roles, disabled; by the console and by commands."""

import re
import secrets
from collections.abc import Collection
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.roles import ADMINISTRATOR, ROLES
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.security_keys.lifecycle import remove_all
from idp.security_keys.parties import OPERATOR, Holder
from idp.store.models import Operator
from idp.store.operators import (
    DEVELOPMENT,
    add_operator,
    change_roles,
    disable,
    end_sessions_of,
    find_operator,
    invite,
)
from idp.store.pending_acts import refuse_acts_of

_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_SECRET_BYTES = 32


class OperatorRefused(Exception):
    """No operator can be made or changed so."""

    text: Any
    """For the person, in their language."""
    field = "name"
    """What is wrong in the form."""


class NameTaken(OperatorRefused):
    """Another operator has this name."""

    text = _("Un opérateur porte déjà ce nom.")

    def __init__(self) -> None:
        super().__init__("an operator of this name exists already")


class NameMalformed(OperatorRefused):
    """The name is none that stands well in a journal."""

    text = _(
        "Un nom d’opérateur a 2 à 40 lettres minuscules sans accent, chiffres, points ou tirets, "
        "exemple claire.martin."
    )

    def __init__(self) -> None:
        super().__init__(
            "a name has 2 to 40 lower-case letters, digits, dots or dashes, as claire.martin"
        )


class RoleMissing(OperatorRefused):
    """No role was chosen, or one that there is not."""

    text = _("Choisissez au moins un rôle.")
    field = "roles"

    def __init__(self) -> None:
        super().__init__(f"an operator has at least one role of: {', '.join(ROLES)}")


class OperatorUnknown(OperatorRefused):
    """There is nobody of this name whom this could be done to."""

    text = _("Aucun opérateur en service ne porte ce nom.")

    def __init__(self) -> None:
        super().__init__("there is no such operator")


class LastAdministrator(OperatorRefused):
    """Nobody would be left who could let anybody in: only a command does this."""

    text = _(
        "C’est le dernier administrateur en service : donnez d’abord ce rôle à un autre opérateur."
    )
    field = "roles"

    def __init__(self) -> None:
        super().__init__("this is the last active administrator: give another one the role first")


def add(
    provider: Provider,
    db: Session,
    name: str,
    roles: Collection[str],
    *,
    actor: str | None = None,
) -> str:
    """Make an operator; gives the secret of the invitation, which opens the console once.

    Raises:
        OperatorRefused: the name is taken or not well formed, or a role is unknown.
    """
    check_name(name)
    check_roles(roles)
    now, secret = provider.clock.now(), secrets.token_urlsafe(_SECRET_BYTES)
    operator = Operator(
        name=name,
        roles=_ordered(roles),
        state="invited",
        invitation_hash=sha256(secret),
        invitation_expires_at=now + provider.settings.operator_invitation_lifetime,
        created_at=now,
        totp_last_step=0,
        failures=0,
    )
    if not add_operator(db, operator):
        raise NameTaken
    record(db, Event.OPERATOR_INVITED, now=now, actor=actor, operator=name, roles=_ordered(roles))
    return secret


def invite_again(provider: Provider, db: Session, name: str, *, actor: str | None = None) -> str:
    """Invite an operator anew: keys, password and sessions they had are over, and what they asked.

    Raises:
        OperatorRefused: there is nobody of this name.
    """
    now, secret = provider.clock.now(), secrets.token_urlsafe(_SECRET_BYTES)
    expires_at = now + provider.settings.operator_invitation_lifetime
    if not invite(db, name, sha256(secret), expires_at=expires_at):
        raise OperatorUnknown
    end_sessions_of(db, name, now=now)
    remove_all(provider, db, Holder(OPERATOR, name), reason="administrator", actor=actor)
    refuse_acts_of(db, name, now=now)
    record(db, Event.OPERATOR_INVITED, now=now, actor=actor, operator=name)
    return secret


def give_roles(
    provider: Provider,
    db: Session,
    name: str,
    roles: Collection[str],
    *,
    actor: str | None = None,
    spares_last: bool = False,
) -> None:
    """Give an operator these roles in the place of theirs, from the next page on.

    ``spares_last``: the last active administrator stays one.

    Raises:
        OperatorRefused: there is nobody of this name, a role is unknown, or it is that last one.
    """
    check_roles(roles)
    last_of = ADMINISTRATOR if spares_last and ADMINISTRATOR not in roles else None
    if not change_roles(db, name, _ordered(roles), last_of=last_of):
        raise LastAdministrator if find_operator(db, name) else OperatorUnknown
    now = provider.clock.now()
    record(db, Event.OPERATOR_CHANGED, now=now, actor=actor, operator=name, roles=_ordered(roles))


def keep_out(
    provider: Provider,
    db: Session,
    name: str,
    *,
    actor: str | None = None,
    spares_last: bool = False,
) -> None:
    """Disable an operator: sessions end at once, keys go, what they asked for is not done.

    ``spares_last``: the last active administrator goes on.

    Raises:
        OperatorRefused: there is nobody of this name to keep out, or it is that last one.
    """
    now = provider.clock.now()
    if not disable(db, name, now=now, last_of=ADMINISTRATOR if spares_last else None):
        kept = find_operator(db, name)
        raise LastAdministrator if kept and kept.state != "disabled" else OperatorUnknown
    remove_all(provider, db, Holder(OPERATOR, name), reason="administrator", actor=actor)
    refuse_acts_of(db, name, now=now)
    record(db, Event.OPERATOR_DISABLED, now=now, actor=actor, operator=name)


def invitation_address(provider: Provider, secret: str) -> str:
    """Where its holder opens the console for the first time."""
    return f"{provider.settings.console_base_url}/invitation/{secret}"


def check_name(name: str) -> None:
    """Whether a name can be an operator's.

    Raises:
        NameMalformed: it cannot.
    """
    if not _NAME.fullmatch(name) or name == DEVELOPMENT:
        raise NameMalformed


def check_roles(roles: Collection[str]) -> None:
    """Whether these are roles, and at least one.

    Raises:
        RoleMissing: they are not.
    """
    if not roles or not set(roles) <= set(ROLES):
        raise RoleMissing


def _ordered(roles: Collection[str]) -> list[str]:
    return [role for role in ROLES if role in roles]
