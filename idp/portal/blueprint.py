"""The blueprint that the modules of this package put their addresses on."""

from typing import Any

from flask import Blueprint
from werkzeug.exceptions import NotFound

from idp.web.csrf import refuse_foreign_forms

bp = Blueprint("portal", __name__, url_prefix="/portail")
bp.before_request(refuse_foreign_forms)


@bp.url_value_preprocessor
def refuse_what_no_id_can_be(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Ids in addresses are of our making, in ASCII: another one names nothing, whoever asks."""
    if any(not str(value).isascii() for value in (values or {}).values()):
        raise NotFound
