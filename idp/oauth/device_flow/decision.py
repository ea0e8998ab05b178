"""What a person decided about a device, told to the device instead of by a redirect.

The request of a device goes through the pages of an ordinary sign-in; `prompt=consent` stands in
it, so that nothing is granted before its person confirmed it there (RFC 8628, 3.3 and 5.4).
"""

from http import HTTPStatus

from flask import Response, make_response
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.oauth.authorization.authorize import new_grant
from idp.oauth.grants.issuing import note
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.oauth.rules.user_code import shown
from idp.provider import Provider
from idp.psc.addresses import verification_uri
from idp.store import device_authorizations as store
from idp.store.grants import keep_grant
from idp.store.models import BrowserSession, Client, DeviceAuthorization
from idp.web.errors import Told

_PURPOSE = "shown-user-code"


class DeviceCodeGone(Told):
    """The code lapsed while its person signed in, or another page decided about it."""

    def __init__(self) -> None:
        text = _(
            "Le code de l’appareil a expiré ou a déjà servi : demandez un nouveau code sur "
            "l’appareil, puis recommencez."
        )
        super().__init__(HTTPStatus.GONE, text)


def request_of_device(
    provider: Provider, row: DeviceAuthorization, client: Client, user_code: str
) -> AuthorizationRequest:
    """What a device asks, for the pages of the sign-in; the code is sealed: it is a secret."""
    sealed = provider.sealer.seal(user_code.encode(), purpose=_PURPOSE)
    return AuthorizationRequest(
        client_id=row.client_id,
        redirect_uri="",
        response_mode="",
        scope=row.scope,
        state="",
        nonce="",
        prompt=["consent"],
        max_age=None,
        login_hint="",
        hinted_sub=None,
        claims={},
        means=list(client.means),
        ui_locales="",
        display="page",
        code_challenge=None,
        resources=list(row.resources),
        device=row.device_code_hash.hex(),
        user_code_sealed=sealed.hex(),
    )


def user_code_of(provider: Provider, request: AuthorizationRequest) -> str:
    """The code to compare with the device's; empty for a request that no device made."""
    if not request.device:
        return ""
    sealed = bytes.fromhex(request.user_code_sealed)
    return shown(provider.sealer.open(sealed, purpose=_PURPOSE).decode())


def approve(
    provider: Provider,
    db: Session,
    request: AuthorizationRequest,
    session: BrowserSession,
    means: str,
    *,
    activity_id: str | None = None,
) -> Response:
    """Grant to the device what was asked, under the session of this browser.

    Raises:
        DeviceCodeGone: it waits no more.
    """
    now = provider.clock.now()
    grant = new_grant(provider, request, session, means, activity_id=activity_id)
    if not store.approve_device(db, bytes.fromhex(request.device), grant.grant_id, now=now):
        raise DeviceCodeGone
    keep_grant(db, grant)
    note(db, Event.DEVICE_APPROVED, grant, now=now, means=means, scope=grant.scope)
    return _to_end(provider, "done")


def deny(provider: Provider, db: Session, request: AuthorizationRequest) -> Response:
    """Refuse the device; where it waits no more there is nothing to refuse."""
    now = provider.clock.now()
    if store.deny_device(db, bytes.fromhex(request.device), now=now):
        record(db, Event.DEVICE_DENIED, now=now, success=False, client_id=request.client_id)
    return _to_end(provider, "refused")


def _to_end(provider: Provider, outcome: str) -> Response:
    response = make_response("", HTTPStatus.SEE_OTHER)
    response.headers["Location"] = f"{verification_uri(provider.settings)}/{outcome}"
    return response
