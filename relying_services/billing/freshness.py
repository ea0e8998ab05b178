"""When the person authenticated last: what has effect asks for the card anew."""

import base64
import json
from datetime import UTC, datetime

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from relying_services.billing.settings import BillingSettings
from relying_services.service.errors import ServiceError
from relying_services.service.places import keep_place
from relying_services.service.service import signed_in, this_service
from relying_services.service.store.models import SessionRow


class CardToBeShownAnew(ServiceError):
    """The card authenticated too long ago: the browser is sent to the provider."""

    code = "authentication_too_old"


def authenticated_at(row: SessionRow) -> datetime | None:
    """`auth_time` of the ID token, which was verified when the session began.

    OpenID Connect Core 2. It is not the time of the sign-in here: single sign-on opens a session
    without a card.
    """
    if row.id_token is None:
        return None
    payload = row.id_token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    told = claims.get("auth_time")
    return datetime.fromtimestamp(told, UTC) if isinstance(told, int) else None


def require_fresh() -> SessionRow:
    """Who is signed in, whose card authenticated a moment ago.

    Raises:
        NotSignedIn: nobody is.
        CardToBeShownAnew: it is too long ago, or not known.
    """
    row, service = signed_in(), this_service()
    settings: BillingSettings = service.settings  # type: ignore[assignment]  # of this KIND
    at = authenticated_at(row)
    if at is None or service.clock.now() - at > settings.fresh:
        raise CardToBeShownAnew
    return row


def send_to_card(error: CardToBeShownAnew) -> ResponseReturnValue:
    """Authenticate with the card anew; the browser is back at its place afterwards."""
    del error
    keep_place()
    return redirect(url_for("sign_in.login", means="CARD", anew="1"))
