"""Addresses of the card itself: its codes, its activation, its content (docs/cards.md 3)."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from idp.cards.activation import activate
from idp.cards.authority import persons_authority
from idp.cards.content import sign_content
from idp.cards.presentations import hold, present
from idp.cards.requests import open_card_request
from idp.devices.errors import handle_problems
from idp.devices.requests import read_body
from idp.provider import current_provider

bp = Blueprint("cards", __name__, url_prefix="/cards/v1")
handle_problems(bp)


@bp.post("/presentations")
def presentations() -> ResponseReturnValue:
    """A code was typed: its evaluation, for one try."""
    return jsonify(present(current_provider(), read_body(), request.path))


@bp.post("/presentations/<presentation>/held")
def held(presentation: str) -> ResponseReturnValue:
    """The code was right."""
    return jsonify(hold(current_provider(), read_body(), request.path, presentation))


@bp.post("/activation")
def activation() -> ResponseReturnValue:
    """The holder puts the card in use (CP-07)."""
    return jsonify(activate(current_provider(), read_body(), request.path))


@bp.post("/content")
def content() -> ResponseReturnValue:
    """What the chip must hold by now (CP-12)."""
    provider = current_provider()
    with provider.store.begin() as db:
        signed = open_card_request(provider, db, read_body(), request.path)
        authority = persons_authority(provider, db)
        return jsonify(content=sign_content(provider, db, authority, signed.card))
