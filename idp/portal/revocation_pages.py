"""Revoking an e-CPS without its phone and without a card: by its revocation code (attack 42)."""

from http import HTTPStatus

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.devices.revocation import WINDOW, Revocation, revoke_by_code
from idp.enrolment.tokens import is_revocation_code, token_hash
from idp.portal.blueprint import bp
from idp.provider import current_provider
from idp.web.errors import Told


class TooManyTries(Told):
    """This address tried too many codes."""

    def __init__(self) -> None:
        text = _(
            "Trop de codes de révocation ont été saisis depuis votre réseau. Attendez une heure, "
            "recommencez depuis un autre réseau, ou prévenez l’assistance."
        )
        seconds = int(WINDOW.total_seconds())
        super().__init__(HTTPStatus.TOO_MANY_REQUESTS, text, retry_after=seconds)


@bp.get("/revocation")
def revocation_page() -> ResponseReturnValue:
    """Ask for the code: no sign-in, since phone and card may both be gone."""
    return _form()


@bp.post("/revocation")
def revoke_e_cps() -> ResponseReturnValue:
    """Revoke the e-CPS of a code, confirmed before it is looked at (RGAA 11.12)."""
    typed = request.form.get("code", "")
    if not is_revocation_code(typed):
        text = _("Saisissez les 15 caractères du code de révocation, exemple 7G3KM 0XW9R 2HT5D.")
        return _form(field="code", text=text), HTTPStatus.BAD_REQUEST
    if "confirmed" not in request.form:
        text = _("Cochez la case pour confirmer : la révocation est définitive.")
        return _form(field="confirmed", text=text), HTTPStatus.BAD_REQUEST
    provider = current_provider()
    with provider.store.begin() as db:
        became = revoke_by_code(provider, db, token_hash(typed))
    if became is Revocation.THROTTLED:
        raise TooManyTries
    if became is Revocation.UNKNOWN:
        text = _(
            "Aucune e-CPS en service n’a ce code de révocation : vérifiez-le. Une e-CPS déjà "
            "révoquée ou remplacée ne sert plus, il n’y a rien d’autre à faire."
        )
        return _form(field="code", text=text), HTTPStatus.FORBIDDEN
    return render_template("portal/revoked.html")


def _form(*, field: str = "", text: str = "") -> str:
    return render_template(
        "portal/revocation.html",
        error_field=field,
        error_text=text,
        typed=request.form.get("code", ""),
    )
