"""My access: the security keys that an operator enters by, one more, one less."""

from http import HTTPStatus

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from idp.console.entry.keys import console_party
from idp.console.entry.roles import READER
from idp.console.entry.visitors import Visitor, require, require_proof
from idp.provider import current_provider
from idp.security_keys.errors import KeyRefused
from idp.security_keys.lifecycle import find_own_key, list_keys, remove
from idp.security_keys.options import registration_options
from idp.security_keys.parties import OPERATOR, Holder, bound_to
from idp.security_keys.registration import register_key
from idp.store.operators import end_other_sessions, find_operator
from idp.web.cookies import browser_secret

bp = Blueprint("access", __name__, url_prefix="/acces")
_LONGEST_NAME = 60


@bp.get("")
def index() -> ResponseReturnValue:
    """What one enters by."""
    visitor = _operator(require(READER))
    with current_provider().store.read() as db:
        keys = list_keys(db, _holder(visitor))
        operator = find_operator(db, visitor.name)
    has_password = operator is not None and operator.password_hash is not None
    return render_template("console/entry/access.html", keys=keys, has_password=has_password)


@bp.get("/cles/ajout")
def new_key() -> ResponseReturnValue:
    """Ask for a name, and for the key."""
    _operator(require_proof(READER))
    return _adding()


@bp.get("/cles/ajout/options")
def options() -> ResponseReturnValue:
    """What the browser asks the key to make."""
    visitor, provider = _operator(require_proof(READER)), current_provider()
    with provider.store.begin() as db:
        asked = registration_options(
            provider,
            db,
            console_party(provider.settings),
            _holder(visitor),
            called=visitor.name,
            binding=_binding(),
        )
    return Response(asked, mimetype="application/json")


@bp.post("/cles/ajout")
def add_key() -> ResponseReturnValue:
    """Keep one key more."""
    visitor, provider = _operator(require_proof(READER)), current_provider()
    name = request.form.get("name", "").strip()[:_LONGEST_NAME]
    if not name:
        error = _("Donnez un nom à la clé, pour la reconnaître.")
        return _adding(error=error, field="name"), HTTPStatus.BAD_REQUEST
    refused: KeyRefused | None = None
    with provider.store.begin() as db:
        try:
            register_key(
                provider,
                db,
                console_party(provider.settings),
                _holder(visitor),
                answer=request.form.get("answer", ""),
                binding=_binding(),
                name=name,
                vouched_by={"means": visitor.means},
            )
        except KeyRefused as error:  # caught inside: the journal keeps it
            refused = error
    if refused is not None:
        return _adding(error=refused.text, field="key"), HTTPStatus.FORBIDDEN
    return _to_index()


@bp.get("/cles/<credential_id>/suppression")
def removal(credential_id: str) -> ResponseReturnValue:
    """Ask for a confirmation."""
    visitor = _operator(require_proof(READER))
    with current_provider().store.read() as db:
        key = find_own_key(db, _holder(visitor), credential_id)
    if key is None:
        raise NotFound
    return render_template("console/entry/key_removal.html", key=key)


@bp.post("/cles/<credential_id>/suppression")
def remove_key(credential_id: str) -> ResponseReturnValue:
    """Take one's own key out of use."""
    visitor, provider = _operator(require_proof(READER)), current_provider()
    with provider.store.begin() as db:
        key = find_own_key(db, _holder(visitor), credential_id)
        if key is None:
            raise NotFound
        remove(provider, db, key, reason="holder")
        # It may have been in other hands.
        end_other_sessions(db, visitor.name, visitor.session, now=provider.clock.now())
    return _to_index()


def _operator(visitor: Visitor) -> Visitor:
    """Whoever entered with the start-up secret has no access of their own."""
    if visitor.is_development:
        raise NotFound
    return visitor


def _holder(visitor: Visitor) -> Holder:
    return Holder(OPERATOR, visitor.name)


def _binding() -> bytes:
    return bound_to(browser_secret(), "access")


def _adding(*, error: object = "", field: str = "") -> str:
    return render_template(
        "console/entry/key_adding.html",
        error=error,
        field=field,
        name=request.form.get("name", ""),
        longest=_LONGEST_NAME,
    )


def _to_index() -> Response:
    return redirect(url_for("access.index"), HTTPStatus.SEE_OTHER)
