"""The device code grant (RFC 8628, 3.4 and 3.5), with codes that are redeemed exactly once.

Authlib's stock grant issues whenever an approved code is asked about: here one conditional update
decides, and whoever comes second ends the grant, as with authorization codes.
"""

from datetime import timedelta

from authlib.oauth2.rfc6749 import (
    AccessDeniedError,
    InvalidGrantError,
    InvalidRequestError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc8628.errors import (
    AuthorizationPendingError,
    ExpiredTokenError,
    SlowDownError,
)

from idp.audit.events import Event
from idp.oauth.clients.methods import AUTH_METHODS
from idp.oauth.clients.registered import DEVICE_CODE
from idp.oauth.grants.issuing import TokenResponse, answer, live_person, note
from idp.oauth.tokens.refresh_tokens import issue_refresh_token
from idp.psc.tokens import Issue
from idp.store.device_authorizations import APPROVED, DENIED, note_poll, redeem_device
from idp.store.grants import GrantInUse, find_grant, revoke_grant
from idp.store.models import DeviceAuthorization

SLOWER_BY = 5
"""Seconds that `slow_down` adds to the interval, for good (RFC 8628, 3.5)."""


class DeviceCodeGrant(BaseGrant, TokenEndpointMixin):
    """A device asks what its person decided, and gets its tokens once."""

    GRANT_TYPE = DEVICE_CODE
    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def validate_token_request(self) -> None:
        """Authenticate the client, find its device, and tell how things stand.

        Raises:
            InvalidRequestError: no device code was sent.
            UnauthorizedClientError: the client did not register this grant.
            InvalidGrantError: not a device code of this client.
            ExpiredTokenError: it lapsed.
            AccessDeniedError: the person refused.
            AuthorizationPendingError: the person has not decided.
            SlowDownError: the same, and the device asks too often.
        """
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("This client did not register the device grant.")
        if not self.request.form.get("device_code"):
            raise InvalidRequestError("The device_code parameter is missing.")
        device: DeviceAuthorization | None = self.request.presented
        if device is None or device.client_id != client.client_id:
            raise InvalidGrantError("The device_code is not one of this client.")
        self.request.client = client
        self._check_decided(device)

    def create_token_response(self) -> TokenResponse:
        """Spend the device code, then issue.

        Raises:
            InvalidGrantError: it was spent, or its session is over.
        """
        provider, db = self.server.provider, self.server.db
        device: DeviceAuthorization = self.request.presented
        now, granted = provider.clock.now(), self._granted(device)
        grant = granted.grant
        self.execute_hook("before_issue", granted)
        if not redeem_device(db, device.device_code_hash, now=now):
            self._refuse_second_use(granted)
        person = live_person(provider, granted)
        refresh = issue_refresh_token(
            provider, db, grant_id=grant.grant_id, now=now, session_ends=grant.expires_at
        )
        note(db, Event.TOKEN_ISSUED, grant, now=now)
        issue = Issue(
            granted,
            person,
            refresh,
            grant.scope,
            now,
            confirmation=self.request.confirmation,
            audience=self.request.audience,
        )
        return answer(self, issue)

    def _check_decided(self, device: DeviceAuthorization) -> None:
        provider, db = self.server.provider, self.server.db
        now = provider.clock.now()
        if device.expires_at <= now:
            raise ExpiredTokenError("The device_code has expired: begin anew.")
        if device.state == DENIED:
            raise AccessDeniedError("The person refused the device.")
        if device.state == APPROVED:
            return
        due = (device.polled_at or device.created_at) + timedelta(seconds=device.interval)
        too_early = now < due - provider.settings.device_poll_tolerance
        # The first question may come at once: the codes themselves took their time.
        slow_down = too_early and device.polled_at is not None
        slower_by = SLOWER_BY if slow_down else 0
        note_poll(db, device.device_code_hash, slower_by=slower_by, now=now)
        if slow_down:
            raise SlowDownError(f"Ask every {device.interval + SLOWER_BY} seconds at most.")
        raise AuthorizationPendingError("The person has not decided yet.")

    def _granted(self, device: DeviceAuthorization) -> GrantInUse:
        granted = find_grant(self.server.db, device.grant_id) if device.grant_id else None
        if granted is None:
            raise InvalidGrantError("What was granted to the device is over.")
        return granted

    def _refuse_second_use(self, granted: GrantInUse) -> None:
        db, now = self.server.db, self.server.provider.clock.now()
        revoke_grant(db, granted.grant.grant_id, now)
        note(db, Event.CODE_REUSED, granted.grant, now=now, success=False)
        raise InvalidGrantError("The device_code was used before: what it gave ends.")
