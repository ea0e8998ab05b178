"""Signing in with the card: shown at the listener's address, finished in the browser that began.

docs/cards.md 4. The listener asks for the card's certificate and has no part in the sign-in pages:
it needs no cookie, and hands back a secret that is worth nothing elsewhere (decision 25).
"""

from http import HTTPStatus
from urllib.parse import urlencode

from flask import jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

from idp.cards.approvals import ApprovalGone, approve, take_approval
from idp.cards.judge import judge, read_certificate, record_refusal
from idp.cards.refusals import CardRefused, CardUnreadable
from idp.challenges.wording import neutralise
from idp.provider import Provider, current_provider
from idp.psc.means import CARD, MOBILE, available_means, families_of
from idp.signin.blueprint import bp
from idp.signin.finish import Proof, drop_challenge, enter
from idp.signin.identifier import card_address, reader_address
from idp.signin.interactions import (
    InteractionGone,
    OpenInteraction,
    interaction_of_card,
    own_interaction,
)
from idp.signin.memory import forget_person
from idp.signin.pages import to_page
from idp.signin.tabs import offered_means
from idp.signin.workstation import is_public, note_workstation
from idp.web.client_certificate import client_certificate
from idp.web.csrf import require_own_form
from idp.web.problems import problem_body, problem_response


@bp.route("/card/<handle>", methods=["GET", "POST"])
def present_card(handle: str) -> ResponseReturnValue:
    """Judge the card whose key the TLS connection proved, and send its browser back."""
    _refuse_look_ahead()
    provider = current_provider()
    if CARD not in available_means(provider):
        raise NotFound
    with provider.store.begin() as db:
        try:
            opened = interaction_of_card(provider, db, handle)
        except InteractionGone as gone:
            if not _wants_json():
                raise
            detail = gone.description or ""
            return problem_response(problem_body(HTTPStatus.GONE, "gone", detail))
        try:
            completion = _approve(provider, db, opened)
        except CardRefused as refused:  # caught inside: what the journal holds of it is committed
            return _refused(provider, opened, refused)
    address = f"{_page_address(provider, opened)}/card?{urlencode({'completion': completion})}"
    if _wants_json():
        return jsonify(redirect=address, service=neutralise(opened.client.name))
    return redirect(address, HTTPStatus.SEE_OTHER)


@bp.post("/signin/<handle>/card")
def begin_by_card(handle: str) -> ResponseReturnValue:
    """Keep what the page says of the workstation, then go where the card is asked for."""
    require_own_form()
    provider = current_provider()
    settings = provider.settings
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        if CARD not in offered_means(provider, opened):
            return to_page(handle)
        note_workstation(db, opened)
    by_reader = reader_address(settings, handle) if "reader" in request.form else ""
    response = redirect(by_reader or card_address(settings, handle), HTTPStatus.SEE_OTHER)
    if is_public(opened):
        forget_person(response)
    return response


@bp.get("/signin/<handle>/card")
def finish_by_card(handle: str) -> ResponseReturnValue:
    """Open the session of an accepted card, in the browser that began and no other."""
    _refuse_look_ahead()
    provider = current_provider()
    completion = request.args.get("completion", "").strip()
    with provider.store.begin() as db:
        opened = own_interaction(provider, db, handle)
        try:
            card = take_approval(provider, db, completion, opened.digest)
        except ApprovalGone:
            text = _("La présentation de la carte a expiré ou a déjà servi : recommencez.")
            return _refusal_page(provider, opened, text)
        except CardRefused as refused:
            record_refusal(provider, db, refused, client_id=opened.request.client_id)
            return _refused(provider, opened, refused)
        drop_challenge(db, opened)
        return enter(provider, db, opened, Proof(card.national_id, CARD, card=card))


def _approve(provider: Provider, db: Session, opened: OpenInteraction) -> str:
    client_id = opened.request.client_id
    accepts = CARD in opened.request.means
    families = families_of(provider, opened.client) if accepts else []
    try:
        certificate = read_certificate(client_certificate())
    except CardUnreadable as refused:
        record_refusal(provider, db, refused, client_id=client_id)
        raise
    accepted = judge(provider, db, certificate, families=families, client_id=client_id)
    return approve(provider, db, accepted, opened.digest)


def _refused(
    provider: Provider, opened: OpenInteraction, refused: CardRefused
) -> ResponseReturnValue:
    if _wants_json():
        body = problem_body(HTTPStatus.FORBIDDEN, refused.code, str(refused.text))
        return problem_response(body)
    return _refusal_page(provider, opened, refused.text)


def _refusal_page(provider: Provider, opened: OpenInteraction, text: str) -> Response:
    body = render_template(
        "signin/card_refused.html",
        text=text,
        service=neutralise(opened.client.name),
        back_to=_page_address(provider, opened),
        by_phone=MOBILE in opened.request.means,
    )
    return make_response(body, HTTPStatus.FORBIDDEN)


def _page_address(provider: Provider, opened: OpenInteraction) -> str:
    """The sign-in page, as seen from the card's address, which is another."""
    return f"{provider.settings.wallet_base_url}/signin/{opened.handle}"


def _wants_json() -> bool:
    offered = ("text/html", "application/json")
    return request.accept_mimetypes.best_match(offered, offered[0]) == offered[1]


def _refuse_look_ahead() -> None:
    if request.method == "HEAD":  # what looks ahead must neither show a card nor spend one
        raise MethodNotAllowed(["GET", "POST"])
