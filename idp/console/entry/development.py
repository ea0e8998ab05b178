"""Entering with the start-up secret: in `--dev` alone, and routed nowhere else (decision 2)."""

import hmac
from http import HTTPStatus

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.entry.proof import count_attempt
from idp.console.entry.views import confirmed, entrance_page, let_in
from idp.provider import current_provider
from idp.store.operators import DEVELOPMENT

bp = Blueprint("entrance_development", __name__)
NAME = "development"
"""Who enters so has this name; no operator can."""


@bp.post("/entree/developpement")
def enter_by_secret() -> ResponseReturnValue:
    """Enter with every role, and without second approver: there is nobody real here."""
    provider = current_provider()
    count_attempt(provider, DEVELOPMENT)
    if not _is_secret():
        with provider.store.begin() as db:
            now = provider.clock.now()
            record(db, Event.OPERATOR_REFUSED, now=now, success=False, by=DEVELOPMENT)
        text = _("Ce n’est pas le secret de démarrage : le serveur l’affiche quand il démarre.")
        return entrance_page(error=text, field="secret"), HTTPStatus.FORBIDDEN
    visitor = g.get("visitor")
    if visitor is not None and visitor.is_development:
        return confirmed(visitor, NAME, DEVELOPMENT)
    return let_in(NAME, DEVELOPMENT)


def _is_secret() -> bool:
    expected = current_provider().settings.dev_secret.get_secret_value()
    given = request.form.get("secret", "").strip()
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
