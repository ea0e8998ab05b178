"""What the addresses of the chain of registration share: one transaction a step, told refusals."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, Response
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.routing import BaseConverter

from idp.cards.opposition import ReplacementRefused
from idp.cards.register import TransitionRefused
from idp.devices.errors import handle_problems
from idp.directory.contacts import ContactInvalid, PersonUnknown
from idp.directory.identifiers import IdentifierMalformed, parse_national_id
from idp.provider import current_provider
from idp.registration.steps import DetailsInvalid, StepRefused, take
from idp.registration.wording import REFUSALS
from idp.web.problems import problem_body, problem_response

T = TypeVar("T")
_CONFLICT = 409
_BAD_REQUEST = 400
_NOT_FOUND = 404


class HolderConverter(BaseConverter):
    """A national identifier in an address: that of an employee holds a slash (domain 2).

    It leaves the addresses their own words, so that each is refused what it does not serve.
    """

    regex = r"(?!bulk$)[^/]+(?:/(?!devices$)[^/]+)?"


def handle_refusals(bp: Blueprint) -> None:
    """Let a blueprint, and those below it, tell why a step is refused (docs/cards.md 6)."""
    handle_problems(bp)
    bp.register_error_handler(StepRefused, _tell_step)
    bp.register_error_handler(TransitionRefused, _tell_transition)
    bp.register_error_handler(ReplacementRefused, _tell_replacement)
    bp.register_error_handler(DetailsInvalid, _tell_invalid)
    bp.register_error_handler(ContactInvalid, _tell_invalid)
    bp.register_error_handler(PersonUnknown, _tell_unknown)


def taken(step: Callable[[Session], T]) -> T:
    """Take a step in a transaction of its own; its refusal is recorded."""
    return take(current_provider(), step)


def canonical(text: str) -> str:
    """The national identifier that was given; raises BadRequest for another text."""
    try:
        return parse_national_id(text)
    except IdentifierMalformed as error:
        raise BadRequest(f"national_id: {error}") from error


def _tell_step(error: StepRefused) -> Response:
    detail = str(REFUSALS[error.reason])
    return problem_response(
        problem_body(_CONFLICT, "step_refused", detail, reason=error.reason.value)
    )


def _tell_transition(error: TransitionRefused) -> Response:
    detail = _("Cette carte ne peut pas changer ainsi d’état.")
    return problem_response(
        problem_body(_CONFLICT, "transition_refused", detail, state=error.state)
    )


def _tell_replacement(error: ReplacementRefused) -> Response:
    detail = _("Cette carte ne se remplace pas.")
    return problem_response(problem_body(_CONFLICT, "step_refused", detail, reason=error.reason))


def _tell_invalid(error: ValueError) -> Response:
    return problem_response(problem_body(_BAD_REQUEST, "bad_request", str(error)))


def _tell_unknown(error: PersonUnknown) -> Response:
    detail = f"{error} is nobody of the directory"
    return problem_response(problem_body(_NOT_FOUND, "not_found", detail))
