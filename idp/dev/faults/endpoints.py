"""Where a fault can be asked for: the names that the catalogue uses, and what request is which."""

from flask import request

DISCOVERY = "discovery"
JWKS = "jwks"
AUTHORIZE = "authorize"
AUTHORIZATION_RESPONSE = "authorization_response"
PAR = "par"
TOKEN = "token"  # noqa: S105 - the name of an endpoint
USERINFO = "userinfo"
INTROSPECTION = "introspection"
REVOCATION = "revocation"
CIBA = "ciba"
DEVICE_AUTHORIZATION = "device_authorization"
REGISTRATION = "registration"
LOGOUT = "logout"
BACKCHANNEL_LOGOUT = "backchannel_logout"
CIBA_PUSH = "ciba_push"

ENDPOINTS = {
    DISCOVERY: "The discovery document, at both of its addresses.",
    JWKS: "The published keys.",
    AUTHORIZE: "The authorization endpoint, as the browser reaches it.",
    AUTHORIZATION_RESPONSE: "What the browser brings back to the service, whichever page ends "
    "the sign-in.",
    PAR: "Pushed authorization requests.",
    TOKEN: "The token endpoint, for every grant.",
    USERINFO: "Userinfo.",
    INTROSPECTION: "Introspection.",
    REVOCATION: "Revocation.",
    CIBA: "The backchannel authentication endpoint.",
    DEVICE_AUTHORIZATION: "Device authorization.",
    REGISTRATION: "Dynamic registration, and a client's own registration.",
    LOGOUT: "The logout endpoint, and the page on which the person confirms.",
    BACKCHANNEL_LOGOUT: "The logout token that is posted to the service.",
    CIBA_PUSH: "The ping, or the tokens, posted to the service of a CIBA request.",
}
"""Every endpoint, and what it is."""

OF_NOBODY = (DISCOVERY, JWKS)
"""Who asks there does not say which client it is: a fault there is for all."""
OF_PROGRAMS = (
    DISCOVERY,
    JWKS,
    PAR,
    TOKEN,
    USERINFO,
    INTROSPECTION,
    REVOCATION,
    CIBA,
    DEVICE_AUTHORIZATION,
    REGISTRATION,
)
"""What a program asks and reads as JSON."""
ANSWERING = (*OF_PROGRAMS, AUTHORIZE, LOGOUT)
"""What answers a request of its own."""

_VIEWS = {
    "oauth.discovery": DISCOVERY,
    "oauth.certs": JWKS,
    "oauth.pushed_authorization": PAR,
    "oauth.token": TOKEN,
    "oauth.userinfo": USERINFO,
    "oauth.introspection": INTROSPECTION,
    "oauth.revocation": REVOCATION,
    "oauth.backchannel_authentication": CIBA,
    "oauth.device_authorization": DEVICE_AUTHORIZATION,
    "signin.authorize": AUTHORIZE,
    "signin.alias": AUTHORIZE,
    "signin.end_session": LOGOUT,
    "signin.sign_out": LOGOUT,
}
_BLUEPRINTS = {"client_registration": REGISTRATION, "signin": AUTHORIZATION_RESPONSE}


def endpoints_of_request() -> list[str]:
    """The endpoints that the running request is at: none, one, or `authorize` with its answer."""
    named = _VIEWS.get(request.endpoint or "")
    of_part = _BLUEPRINTS.get(request.blueprint or "")
    if named == LOGOUT:
        return [LOGOUT]
    return [endpoint for endpoint in (named, of_part) if endpoint is not None]
