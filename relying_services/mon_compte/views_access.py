"""Getting in with a login and a password, as in 2007: only where the service takes any (EC-09)."""

import secrets
from datetime import timedelta
from http import HTTPStatus

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.mon_compte.entries import enter_by_password, know, mark
from relying_services.mon_compte.guarded import (
    MEANS,
    SecretWrong,
    by_letter,
    by_password,
    passwords,
)
from relying_services.mon_compte.letters import tell_changed
from relying_services.mon_compte.passwords import used_before, wrong_email
from relying_services.mon_compte.shown import settings
from relying_services.mon_compte.store.credential_models import CredentialRow, LetterRow
from relying_services.mon_compte.store.credentials import (
    add_credential,
    change_password,
    credential_of,
    earlier_passwords,
    rename,
    still_has,
    use_letter,
)
from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.refusals import refuse
from relying_services.service.service import this_service
from relying_services.service.sign_in import go_in

ENTRANCE = "access.entrance"

bp = Blueprint("access", __name__, url_prefix="/acces")


class AccessBlocked(ServiceError):
    """The access was not used for too long (domain, 6)."""

    code = "access_blocked"
    title = _l("Accès bloqué")
    meaning = _l(
        "Votre accès n’a pas servi depuis trop longtemps : il est bloqué. Connectez-vous avec "
        "votre carte ou votre e-CPS pour le débloquer, ou demandez un nouveau code à votre caisse."
    )


class ChangedMeanwhile(ServiceError):
    """Two requests with the same code or password: only one of them counts (MA-01)."""

    code = "changed_meanwhile"
    status = HTTPStatus.CONFLICT
    title = _l("Déjà fait")
    meaning = _l("Ce code ou ce mot de passe vient de servir : connectez-vous avec le nouveau.")


@bp.get("")
def entrance() -> ResponseReturnValue:
    """Every way in: card and phone by the provider, or login and password."""
    return render_template("mon_compte/access/entrance.html", errors={})


@bp.post("")
def enter() -> ResponseReturnValue:
    """Sign in by login and password."""
    login = _login()
    try:
        credential = by_password(login, request.form.get("password", ""))
    except SecretWrong:
        errors = {"password": _wrong()}
        page = render_template("mon_compte/access/entrance.html", errors=errors, login=login)
        return page, HTTPStatus.BAD_REQUEST
    _hold_unblocked(credential, "session:opened")
    if _is_over(credential):
        return redirect(url_for("access.change", perime=1), HTTPStatus.SEE_OTHER)
    browser, service = secrets.token_urlsafe(24), this_service()
    with service.store.begin() as db:
        if not still_has(db, credential, service.clock.now()):
            raise ChangedMeanwhile
        handle = enter_by_password(db, credential)
        know(db, credential.actor, browser)
    return mark(make_response(go_in(handle)), browser)


@bp.get("/creation")
def creation() -> ResponseReturnValue:
    """Open an access with the code of a letter, or set a new password with it."""
    return _creation_page({})


@bp.post("/creation")
def create() -> ResponseReturnValue:
    """Use the code up, and keep the password that was chosen (MA-01)."""
    login, password = _login(), request.form.get("password", "")
    is_mailed = "@" in login
    email = login if is_mailed else request.form.get("email", "").strip().lower()
    errors = passwords().wrong(password, request.form.get("again", ""), login) | (
        {} if is_mailed else wrong_email(email)
    )
    if errors:
        return _creation_page(errors), HTTPStatus.BAD_REQUEST
    try:
        letter = by_letter(login, request.form.get("code", ""))
    except SecretWrong:
        told = _("Identifiant ou code inconnu, déjà utilisé ou trop ancien. Relisez la lettre.")
        return _creation_page({"code": told}), HTTPStatus.BAD_REQUEST
    with this_service().store.read() as db:
        before = credential_of(db, letter.actor)
        earlier = earlier_passwords(db, letter.actor)
    if passwords().was_used(password, earlier):
        return _creation_page(used_before()), HTTPStatus.BAD_REQUEST
    _put_password(letter, before, password, email)
    return render_template("mon_compte/access/done.html")


@bp.get("/mot-de-passe")
def change() -> ResponseReturnValue:
    """Change the password: from time to time, and when it is over (domain, 6)."""
    return _change_page({})


@bp.post("/mot-de-passe")
def changed() -> ResponseReturnValue:
    """Take a new password, that was never had before, in the place of the present one."""
    login, password = _login(), request.form.get("password", "")
    errors = passwords().wrong(password, request.form.get("again", ""), login)
    if errors:
        return _change_page(errors), HTTPStatus.BAD_REQUEST
    try:
        credential = by_password(login, request.form.get("current", ""))
    except SecretWrong:
        return _change_page({"current": _wrong()}), HTTPStatus.BAD_REQUEST
    _hold_unblocked(credential, "password:changed")
    service = this_service()
    with service.store.read() as db:
        earlier = earlier_passwords(db, credential.actor)
    if passwords().was_used(password, earlier):
        return _change_page(used_before()), HTTPStatus.BAD_REQUEST
    hashed = passwords().hashed(password)
    with service.store.begin() as db:
        is_done = change_password(
            db,
            credential.actor,
            before=credential.password,
            password=hashed,
            now=service.clock.now(),
        )
        if is_done:
            tell_changed(db, service.clock.now(), credential.email)
            service.note(db, trace.Actor(credential.actor, MEANS), "password:changed")
    if not is_done:
        raise ChangedMeanwhile
    return render_template("mon_compte/access/done.html")


def _put_password(
    letter: LetterRow, before: CredentialRow | None, password: str, email: str
) -> None:
    service = this_service()
    now, hashed = service.clock.now(), passwords().hashed(password)
    with service.store.begin() as db:
        is_done = use_letter(db, letter, now)
        if is_done and before is not None:
            is_done = change_password(
                db, letter.actor, before=before.password, password=hashed, now=now
            )
            rename(db, letter.actor, login=letter.login, email=email)
            tell_changed(db, now, before.email)
        elif is_done:
            credential = CredentialRow(
                actor=letter.actor,
                login=letter.login,
                name=letter.name,
                email=email,
                password=hashed,
                changed_at=now,
                used_at=now,
            )
            is_done = add_credential(db, credential)
        if not is_done:
            raise ChangedMeanwhile
        service.note(db, trace.Actor(letter.actor, MEANS), "access:created")


def _hold_unblocked(credential: CredentialRow, action: str) -> None:
    unused = this_service().clock.now() - credential.used_at
    if unused > timedelta(days=settings().unused_days):
        refuse(action, "", AccessBlocked, by=trace.Actor(credential.actor, MEANS))


def _is_over(credential: CredentialRow) -> bool:
    age = this_service().clock.now() - credential.changed_at
    return age > timedelta(days=settings().password_days)


def _login() -> str:
    typed: str = request.form.get("login", "").strip().lower()
    return typed if "@" in typed else typed.replace(" ", "")


def _wrong() -> str:
    told: str = _("Identifiant ou mot de passe inconnu. Vérifiez les deux, exemple 750123456.")
    return told


def _creation_page(errors: dict[str, str]) -> str:
    return render_template(
        "mon_compte/access/creation.html",
        errors=errors,
        typed=request.form,
        shortest=settings().password_shortest,
    )


def _change_page(errors: dict[str, str]) -> str:
    return render_template(
        "mon_compte/access/change.html",
        errors=errors,
        typed=request.form,
        shortest=settings().password_shortest,
        is_over="perime" in request.args,
    )
