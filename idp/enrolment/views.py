"""Activation by identifier, mail and SMS: the phone's side (docs/phone-protocol.md 5)."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from idp.devices.answers import Answered
from idp.devices.errors import ProblemError, handle_problems
from idp.devices.requests import EnrolmentRequest, open_enrolment_request, read_body
from idp.enrolment.activation import complete
from idp.enrolment.answers import answer_once
from idp.enrolment.errors import ActivationRefused, CodeRefused, TokenRefused
from idp.enrolment.mail_step import redeem
from idp.enrolment.sms_step import resend, verify
from idp.enrolment.tickets import start
from idp.provider import Provider, current_provider
from idp.store.models import Ticket
from idp.store.tickets import find_ticket
from idp.web.problems import problem_response

bp = Blueprint("enrolment", __name__, url_prefix="/wallet/v1/enrolments")
handle_problems(bp)

Step = Callable[[Provider, Session, Ticket, EnrolmentRequest], dict[str, Any]]

_PROBLEM = 400


@bp.post("")
def start_activation() -> ResponseReturnValue:
    """Open a ticket; the answer is the same whoever the identifier names."""
    provider = current_provider()
    signed = open_enrolment_request(provider, read_body(), request.path)
    with provider.store.begin() as db:
        answered = answer_once(
            provider, db, signed, lambda: start(provider, db, signed), status=202
        )
    return _respond(answered)


@bp.post("/<ticket_id>/redeem")
def redeem_token(ticket_id: str) -> ResponseReturnValue:
    """Take the mailed token and send the SMS code."""
    return _carry_out(ticket_id, redeem, TokenRefused())


@bp.post("/<ticket_id>/resend")
def resend_code(ticket_id: str) -> ResponseReturnValue:
    """Send a new SMS code, which kills the one before."""
    return _carry_out(ticket_id, resend, TokenRefused())


@bp.post("/<ticket_id>/verify")
def verify_code(ticket_id: str) -> ResponseReturnValue:
    """Check the SMS code and give the document that the new PIN key signs."""
    return _carry_out(ticket_id, verify, CodeRefused(tries_left=0))


@bp.post("/<ticket_id>/activate")
def activate_phone(ticket_id: str) -> ResponseReturnValue:
    """Register the new PIN key: the e-CPS is active."""
    return _carry_out(ticket_id, complete, ActivationRefused(), status=201)


def _carry_out(
    ticket_id: str, step: Step, refusal: ProblemError, *, status: int = 200
) -> ResponseReturnValue:
    """One step of a ticket, for the device key that opened it; anybody else gets ``refusal``."""
    provider = current_provider()
    signed = open_enrolment_request(provider, read_body(), request.path)
    with provider.store.begin() as db:
        ticket = find_ticket(db, ticket_id)
        if ticket is None or ticket.device_thumbprint != signed.thumbprint:
            raise refusal
        answered = answer_once(
            provider, db, signed, lambda: step(provider, db, ticket, signed), status=status
        )
    return _respond(answered)


def _respond(answered: Answered) -> ResponseReturnValue:
    if answered.status >= _PROBLEM:
        return problem_response(answered.body)
    return jsonify(answered.body), answered.status
