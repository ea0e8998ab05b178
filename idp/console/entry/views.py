"""The entrance: entering, proving again who one is, leaving."""

from http import HTTPStatus

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from idp.console.entry.keys import begin_entry, prove_by_key
from idp.console.entry.proof import ProofRefused, prove_by_password
from idp.console.entry.sessions import confirm, enter, forget_in_browser, keep_in_browser, leave
from idp.console.entry.visitors import EntryNeeded, Visitor
from idp.provider import current_provider
from idp.security_keys.errors import KeyRefused

bp = Blueprint("entrance", __name__)


@bp.get("/entree")
def entrance() -> ResponseReturnValue:
    """Ask who comes in."""
    return entrance_page()


@bp.post("/entree/mot-de-passe")
def enter_by_password() -> ResponseReturnValue:
    """Enter by name, password and code."""
    try:
        name = _proved_by_password(request.form.get("name", "").strip())
    except ProofRefused as refused:
        return entrance_page(error=str(refused), field="password"), HTTPStatus.FORBIDDEN
    return let_in(name, "password")


@bp.get("/entree/cle/options")
def key_options() -> ResponseReturnValue:
    """What a browser asks of a security key."""
    return Response(begin_entry(current_provider()), mimetype="application/json")


@bp.post("/entree/cle")
def enter_by_key() -> ResponseReturnValue:
    """Enter by security key."""
    try:
        name = prove_by_key(current_provider(), request.form.get("answer", ""))
    except KeyRefused as refused:
        return entrance_page(error=str(refused.text), field="key"), HTTPStatus.FORBIDDEN
    return let_in(name, "key")


@bp.get("/confirmation")
def confirmation() -> ResponseReturnValue:
    """Ask again who is at work: what follows changes something."""
    _visitor()
    return _confirmation()


@bp.post("/confirmation/mot-de-passe")
def confirm_by_password() -> ResponseReturnValue:
    """Prove it by password and code."""
    visitor = _visitor()
    try:
        name = _proved_by_password(visitor.name)
    except ProofRefused as refused:
        return _confirmation(error=str(refused), field="password"), HTTPStatus.FORBIDDEN
    return confirmed(visitor, name, "password")


@bp.post("/confirmation/cle")
def confirm_by_key() -> ResponseReturnValue:
    """Prove it by security key: one's own."""
    visitor = _visitor()
    try:
        name = prove_by_key(current_provider(), request.form.get("answer", ""), of=visitor.name)
    except KeyRefused as refused:
        return _confirmation(error=str(refused.text), field="key"), HTTPStatus.FORBIDDEN
    return confirmed(visitor, name, "key")


@bp.post("/sortie")
def sign_out() -> ResponseReturnValue:
    """Leave the console."""
    provider, visitor = current_provider(), g.get("visitor")
    if visitor is not None:
        with provider.store.begin() as db:
            leave(provider, db, visitor)
    return forget_in_browser(redirect(url_for("entrance.entrance"), HTTPStatus.SEE_OTHER))


@bp.get("/accessibilite")
def accessibility() -> ResponseReturnValue:
    """The accessibility statement that every page links to."""
    return render_template("accessibility.html")


def entrance_page(*, error: str = "", field: str = "") -> str:
    """The entrance, with what was wrong in a field."""
    return render_template(
        "console/entry/entrance.html",
        error=error,
        field=field,
        name=request.form.get("name", ""),
        onward=_onward(),
        development=current_provider().settings.dev,
    )


def let_in(name: str, means: str) -> Response:
    """Open a session for who proved who they are, and go where they wanted."""
    provider = current_provider()
    with provider.store.begin() as db:
        secret = enter(provider, db, name, means)
    return keep_in_browser(redirect(_onward(), HTTPStatus.SEE_OTHER), secret)


def confirmed(visitor: Visitor, name: str, means: str) -> Response:
    """Go on with what asked for a proof, where it is who is at work that gave it.

    Raises:
        EntryNeeded: it is somebody else.
    """
    if name != visitor.name:
        raise EntryNeeded
    provider = current_provider()
    with provider.store.begin() as db:
        confirm(provider, db, visitor, means)
    return redirect(_onward(), HTTPStatus.SEE_OTHER)


def _proved_by_password(name: str) -> str:
    form = request.form
    provider = current_provider()
    return prove_by_password(provider, name, form.get("password", ""), form.get("code", ""))


def _visitor() -> Visitor:
    visitor: Visitor | None = g.get("visitor")
    if visitor is None:
        raise EntryNeeded
    return visitor


def _confirmation(*, error: str = "", field: str = "") -> str:
    return render_template(
        "console/entry/confirmation.html",
        error=error,
        field=field,
        onward=_onward(),
        at_work=_visitor(),
    )


def _onward() -> str:
    """The page of this console to go to; its first one where none was asked for."""
    wanted = request.values.get("suite", "/")
    path = wanted.partition("?")[0]
    adapter = current_app.url_map.bind("localhost")
    is_own = (
        wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    )
    try:
        endpoint, _arguments = adapter.match(path, "GET") if is_own else ("", {})
    except HTTPException:
        return "/"
    return wanted if endpoint and not endpoint.startswith("entrance.") else "/"
