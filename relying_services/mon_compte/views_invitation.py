"""An accountant opens an account here by the invitation of a practitioner, sent by EspacePro.

Only where passwords are taken. The link proves the address, as the mail went there; the account is
one for all practitioners (EP-08), has no national identifier, and sees nothing by itself.
"""

import secrets
from http import HTTPStatus

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.access import espacepro
from relying_services.mon_compte.delegation_errors import InvitationNotOpen
from relying_services.mon_compte.espacepro_api import Invitation
from relying_services.mon_compte.guarded import MEANS, passwords
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.credential_models import CredentialRow
from relying_services.mon_compte.store.credentials import add_credential, credential_of_login
from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.means import means_first
from relying_services.service.service import signed_in, this_service

bp = Blueprint("invitation", __name__, url_prefix="/invitations")
bp.before_request(means_first)

_STATUS = "comptable"
_LONGEST_NAME = 100


class OthersInvitation(ServiceError):
    """The invitation was sent to another address than that of who opens it (EP-09)."""

    code = "others_invitation"
    meaning = _l(
        "Cette invitation a été envoyée à une autre adresse que la vôtre. Déconnectez-vous, puis "
        "ouvrez-la de nouveau."
    )


@bp.get("/<secret>")
def show(secret: str) -> ResponseReturnValue:
    """Who invites, and what an account needs; who has one signs in first."""
    invitation = _open(secret)
    if _has_account(invitation):
        _hold_to_addressee(invitation)
    return _page(secret, invitation, {})


@bp.post("/<secret>/acceptation")
def accept(secret: str) -> ResponseReturnValue:
    """Accept with the account that one has; or with a new one, which is opened first."""
    invitation = _open(secret)
    if _has_account(invitation):
        actor = _hold_to_addressee(invitation)
        espacepro().answer(secret, "acceptance", actor, signed_in().name)
        flash(_("Vous avez accepté la délégation."))
        return redirect(url_for("delegated.index"), HTTPStatus.SEE_OTHER)
    name, password = (
        " ".join(request.form.get("name", "").split()),
        request.form.get("password", ""),
    )
    errors = passwords().wrong(password, request.form.get("again", ""), invitation.email)
    if not (1 <= len(name) <= _LONGEST_NAME and name.isprintable()):
        errors |= {"name": _("Écrivez vos prénom et nom, exemple Ilan COMPTANT.")}
    if errors:
        return _page(secret, invitation, errors), HTTPStatus.BAD_REQUEST
    account = _open_account(invitation, name, password)
    espacepro().answer(secret, "acceptance", account, name)
    return render_template("mon_compte/access/done.html")


@bp.post("/<secret>/refus")
def refuse(secret: str) -> ResponseReturnValue:
    """Refuse: nothing is opened, and nobody acts for anybody (EP-10)."""
    invitation = _open(secret)
    account = _hold_to_addressee(invitation) if _has_account(invitation) else _new_account()
    espacepro().answer(secret, "refusal", account, invitation.email)
    return render_template("mon_compte/access/declined.html", invitation=invitation)


def _open(secret: str) -> Invitation:
    invitation = espacepro().invitation(secret)
    if invitation.status != _STATUS:
        raise InvitationNotOpen
    return invitation


def _has_account(invitation: Invitation) -> bool:
    with this_service().store.read() as db:
        return credential_of_login(db, invitation.email.lower()) is not None


def _hold_to_addressee(invitation: Invitation) -> str:
    row = signed_in()
    with this_service().store.read() as db:
        credential = credential_of_login(db, invitation.email.lower())
    if credential is None or credential.actor != row.actor:
        raise OthersInvitation
    return row.actor


def _open_account(invitation: Invitation, name: str, password: str) -> str:
    service = this_service()
    now, email = service.clock.now(), invitation.email.lower()
    account = _new_account()
    credential = CredentialRow(
        actor=account,
        login=email,
        name=name,
        email=email,
        password=passwords().hashed(password),
        changed_at=now,
        used_at=now,
    )
    with service.store.begin() as db:
        if not add_credential(db, credential):
            raise OthersInvitation
        service.note(db, trace.Actor(account, MEANS), "access:created")
    return account


def _new_account() -> str:
    return f"{trace.OWN_ACCOUNT}{secrets.token_hex(8)}"


def _page(secret: str, invitation: Invitation, errors: dict[str, str]) -> str:
    return render_template(
        "mon_compte/access/invitation.html",
        secret=secret,
        invitation=invitation,
        errors=errors,
        typed=request.form,
        shortest=settings().password_shortest,
        is_new=not _has_account(invitation),
    )
