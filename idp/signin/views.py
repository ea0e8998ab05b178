"""Addresses of the browser's sign-in: each module puts its own on the blueprint."""

from flask.blueprints import BlueprintSetupState

from idp.provider import EXTENSION
from idp.signin import (
    about,
    card,
    device,
    endpoints,
    finish,
    forms,
    help_page,
    key,
    logout,
    memory,
    pages,
    phone,
)
from idp.signin.blueprint import bp

__all__ = [
    "about",
    "bp",
    "card",
    "device",
    "endpoints",
    "finish",
    "forms",
    "help_page",
    "key",
    "logout",
    "memory",
    "pages",
    "phone",
]


@bp.record
def _realm_addresses(state: BlueprintSetupState) -> None:
    """The addresses that stand under the issuer, whose path is a setting (decision 4)."""
    protocol = state.app.extensions[EXTENSION].settings.realm_path + "/protocol/openid-connect"
    state.add_url_rule(f"{protocol}/auth", view_func=endpoints.alias, methods=["GET", "POST"])
    state.add_url_rule(f"{protocol}/logout", view_func=logout.end_session, methods=["GET", "POST"])
