"""My code for software: set, changed, removed by its holder (CIBA Core 1.0, 7.1)."""

import hmac
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from idp.oauth.ciba.user_codes import Fault, UserCodeRefused, remove_user_code, set_user_code
from idp.portal.blueprint import bp
from idp.portal.entrance import require_visitor
from idp.provider import Provider, current_provider
from idp.store.models import UserCode
from idp.store.user_codes import find_user_code

PAGE = "code-logiciels"
_FAULTS: dict[Fault, Any] = {
    Fault.LENGTH: lazy_gettext("Choisissez un code plus long."),
    Fault.CHARACTERS: lazy_gettext(
        "Employez des lettres sans accent, des chiffres et des signes, sans espace."
    ),
    Fault.IDENTIFIER: lazy_gettext(
        "Votre identifiant national est connu de tous : choisissez autre chose."
    ),
    Fault.PIN_LIKE: lazy_gettext(
        "Un code fait de chiffres seuls ressemble à votre code e-CPS : ajoutez des lettres."
    ),
    Fault.REPEATED: lazy_gettext("Ce code se devine : employez au moins quatre signes différents."),
}


@bp.get("/code-logiciels")
def software_code_page() -> ResponseReturnValue:
    """Whether there is a code, since when, and the form that sets or changes it."""
    provider = current_provider()
    with provider.store.read() as db:
        visitor = require_visitor(provider, db, PAGE)
        kept = find_user_code(db, visitor.person.national_id)
    return _form(provider, kept)


@bp.post("/code-logiciels")
def set_software_code() -> ResponseReturnValue:
    """Set the code, in the place of the one before; the contacts are told."""
    provider = current_provider()
    code, again = request.form.get("code", ""), request.form.get("again", "")
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        kept = find_user_code(db, visitor.person.national_id)
        if not hmac.compare_digest(code.encode(), again.encode()):
            text = _("Les deux saisies ne sont pas les mêmes : recommencez.")
            return _form(provider, kept, field="again", text=text), HTTPStatus.BAD_REQUEST
        try:
            set_user_code(provider, db, visitor.person.national_id, code)
        except UserCodeRefused as refused:
            text = str(_FAULTS[refused.fault])
            return _form(provider, kept, field="code", text=text), HTTPStatus.BAD_REQUEST
    return render_template("portal/software_code_done.html", removed=False)


@bp.route("/code-logiciels/retrait", methods=["GET", "POST"])
def remove_software_code() -> ResponseReturnValue:
    """Ask for a confirmation, then leave the person without code (RGAA 11.12)."""
    provider = current_provider()
    with provider.store.begin() as db:
        visitor = require_visitor(provider, db, PAGE)
        if find_user_code(db, visitor.person.national_id) is None:
            return redirect(url_for("portal.software_code_page"), HTTPStatus.SEE_OTHER)
        if request.method != "POST":
            return render_template("portal/software_code_removal.html")
        remove_user_code(provider, db, visitor.person.national_id)
    return render_template("portal/software_code_done.html", removed=True)


def _form(provider: Provider, kept: UserCode | None, *, field: str = "", text: str = "") -> str:
    return render_template(
        "portal/software_code.html",
        kept=kept,
        shortest=provider.settings.ciba_user_code_length,
        error_field=field,
        error_text=text,
    )
