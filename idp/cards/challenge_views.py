"""Addresses where a card is asked, served to its reader agent over mutual TLS (docs/cards.md 8)."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from idp.cards.challenges import answer, pending, read_answer
from idp.cards.refusals import CardRefused
from idp.devices.errors import ProblemError, handle_problems
from idp.provider import current_provider
from idp.web.client_certificate import client_certificate
from idp.web.problems import problem_body, problem_response

bp = Blueprint("card_challenges", __name__, url_prefix="/card/challenges")
handle_problems(bp)


@bp.get("/pending")
def list_pending() -> ResponseReturnValue:
    """The requests that wait for the card of this connection, each a signed document."""
    return jsonify(challenges=pending(current_provider(), client_certificate()))


@bp.post("/<challenge_id>/answer")
def answer_one(challenge_id: str) -> ResponseReturnValue:
    """Approve or refuse, signed by the card of this connection."""
    given = read_answer(request.get_data(cache=False))
    provider = current_provider()
    with provider.store.begin() as db:
        try:
            outcome = answer(provider, db, client_certificate(), challenge_id, given)
        except CardRefused as refused:  # caught inside: what was recorded of it is committed
            return _refused(refused)
        except ProblemError as problem:
            return problem_response(problem.body())
    return jsonify(outcome=outcome)


@bp.errorhandler(CardRefused)
def _refused(refused: CardRefused) -> Response:
    body = problem_body(HTTPStatus.FORBIDDEN, refused.code, str(refused.text))
    return problem_response(body)
