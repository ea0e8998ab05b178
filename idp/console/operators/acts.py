"""What administrators change of operators.

Whoever gives a role could give themselves a second: inviting, and changing roles, take two.
"""

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.entry.roles import ADMINISTRATOR, ROLES
from idp.console.operators.rules import (
    OperatorRefused,
    add,
    give_roles,
    invitation_address,
    invite_again,
    keep_out,
)
from idp.provider import Provider


def _add(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    try:
        secret = add(provider, db, subject, arguments["roles"])
    except OperatorRefused as error:
        raise ActImpossible(error.text) from error
    return {_("Adresse d’invitation"): invitation_address(provider, secret)}


def _invite(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    del arguments
    try:
        secret = invite_again(provider, db, subject)
    except OperatorRefused as error:
        raise ActImpossible(error.text) from error
    return {_("Adresse d’invitation"): invitation_address(provider, secret)}


def _give_roles(provider: Provider, db: Session, subject: str, arguments: Arguments) -> None:
    try:
        give_roles(provider, db, subject, arguments["roles"], spares_last=True)
    except OperatorRefused as error:
        raise ActImpossible(error.text) from error


def _keep_out(provider: Provider, db: Session, subject: str, arguments: Arguments) -> None:
    del arguments
    try:
        keep_out(provider, db, subject, spares_last=True)
    except OperatorRefused as error:
        raise ActImpossible(error.text) from error


def _show_roles(arguments: Arguments) -> list[str]:
    return [_("Rôles : %(roles)s", roles=", ".join(str(ROLES[r]) for r in arguments["roles"]))]


def _show_invitation(arguments: Arguments) -> list[str]:
    del arguments
    return [_("Ses clés, son mot de passe et ses sessions cessent ; une invitation est créée.")]


def _show_end(arguments: Arguments) -> list[str]:
    del arguments
    return [_("Ses sessions cessent aussitôt, et ses demandes en attente sont retirées.")]


ADD = Act(
    "operators.add", lazy_gettext("Inviter un opérateur"), ADMINISTRATOR, True, _show_roles, _add
)
INVITE = Act(
    "operators.invite",
    lazy_gettext("Inviter de nouveau un opérateur"),
    ADMINISTRATOR,
    True,
    _show_invitation,
    _invite,
)
ROLES_ACT = Act(
    "operators.roles",
    lazy_gettext("Changer les rôles d’un opérateur"),
    ADMINISTRATOR,
    True,
    _show_roles,
    _give_roles,
)
DISABLE = Act(
    "operators.disable",
    lazy_gettext("Désactiver un opérateur"),
    ADMINISTRATOR,
    False,
    _show_end,
    _keep_out,
)
ACTS = (ADD, INVITE, ROLES_ACT, DISABLE)
BY_NAME = {act.name: act for act in ACTS}
