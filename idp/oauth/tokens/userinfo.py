"""UserInfo (OpenID Connect Core 5.3) by GET and POST, protected as RFC 6750 and RFC 9449 say.

`openid` is not demanded: PSC's clients that ask for `scope_all` alone read it (decision 10).
"""

from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6750 import InvalidTokenError
from authlib.oidc.core.userinfo import UserInfoEndpoint
from flask import request as http_request

from idp.directory.people import Person, person_of
from idp.oauth.possession.certificate import check_certificate
from idp.oauth.possession.token_possession import (
    BoundTokenAsBearer,
    DPoPRefused,
    bound_key,
    check_possession,
)
from idp.oauth.tokens.access_token import ActiveAccessToken, find_active
from idp.oauth.tokens.audience import is_for_us
from idp.oauth.tokens.requested_claims import STANDARD_SCOPES, requested_claims
from idp.oauth.tokens.userinfo_response import Response, userinfo_response
from idp.provider import Provider
from idp.psc.addresses import userinfo_endpoint
from idp.psc.claims import standard_claims, userinfo, without_identifiers
from idp.psc.selected_activity import selected_activity
from idp.psc.subject import releases_national_id, subject_of

REALM = "userinfo"
SCHEMES = ("bearer", "dpop")


class MissingToken(InvalidTokenError):
    """No token was sent: the challenge names no error (RFC 6750, 3.1)."""

    def get_headers(self) -> list[tuple[str, str]]:
        """The bare challenge."""
        return [*default_json_headers, ("WWW-Authenticate", f'Bearer realm="{REALM}"')]


class BearerInvalidRequest(InvalidRequestError):
    """The token was sent in more than one way (RFC 6750, 2 and 3.1)."""

    def get_headers(self) -> list[tuple[str, str]]:
        """The challenge that names the error."""
        challenge = f'Bearer realm="{REALM}", error="invalid_request"'
        return [*default_json_headers, ("WWW-Authenticate", challenge)]


class UserInfo(UserInfoEndpoint):
    """PSC's userinfo for `scope_all`, standard claims for standard scopes."""

    def __call__(self, request: Any) -> Response:
        """The claims of the token's person.

        Raises:
            MissingToken: none was sent.
            BearerInvalidRequest: two were.
            InvalidTokenError: it does not hold, is for another resource (RFC 8707), or is bound and
                came as `Bearer`, or without its certificate (RFC 8705, 3).
            DPoPRefused: it came as `DPoP`, and it or its proof does not hold.
            NoEncryptionKey: its client registered encryption, and no key of it fits.
        """
        provider, db = self.server.provider, self.server.db
        scheme, given = _sent_token()
        token = find_active(provider, db, given)
        del request
        person = person_of(token.granted.person) if token else None
        if token is None or not is_for_us(provider, token.claims):
            raise _invalid_token(scheme)
        if person is None or person.closed:
            raise _invalid_token(scheme)
        if scheme == "dpop":
            address = userinfo_endpoint(provider.settings)
            check_possession(provider, db, token, given, address=address, realm=REALM)
        elif bound_key(token):
            raise BoundTokenAsBearer(realm=REALM)
        check_certificate(token, realm=REALM)
        claims = _claims(provider, token, person)
        return userinfo_response(provider, token.granted.client, claims)


def _sent_token() -> tuple[str, str]:
    """The scheme, `bearer` or `dpop`, and the token."""
    sent = [("bearer", token) for token in http_request.form.getlist("access_token")]
    scheme, _, credentials = http_request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in SCHEMES:
        sent = [*sent, (scheme.lower(), credentials.strip())]
    if not sent:
        raise MissingToken
    if len(sent) > 1:
        raise BearerInvalidRequest("The access token was sent more than once.")
    return sent[0]


def _invalid_token(scheme: str) -> OAuth2Error:
    if scheme == "dpop":
        return DPoPRefused("invalid_token", InvalidTokenError.description, realm=REALM)
    return InvalidTokenError(realm=REALM)


def _claims(provider: Provider, token: ActiveAccessToken, person: Person) -> dict[str, Any]:
    grant, client = token.granted.grant, token.granted.client
    sub = subject_of(provider, client, account_id=grant.account_id, national_id=grant.national_id)
    scopes = token.get_scope().split()
    claims: dict[str, Any] = {"sub": sub}
    if "scope_all" in scopes:
        vintage = provider.settings.claims_vintage
        claims = userinfo(person, sub=sub, auth_mode=grant.means, vintage=vintage)
        claims |= selected_activity(provider, token.granted, person, token.get_scope())
    standard = standard_claims(person, [s for s in STANDARD_SCOPES if s in scopes])
    claims |= {name: value for name, value in standard.items() if name not in claims}
    if not releases_national_id(provider, client):
        claims = without_identifiers(claims, person)
    asked = grant.claims.get("userinfo", {})
    return claims | requested_claims(provider, client, person, asked, present=claims)
