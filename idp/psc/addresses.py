"""The addresses of the protocol, as Pro Santé Connect's (pro-sante-connect, section 1)."""

from idp.settings import Settings

PROTOCOL = "/protocol/openid-connect"
TOKEN = f"{PROTOCOL}/token"
INTROSPECTION = f"{TOKEN}/introspect"
USERINFO = f"{PROTOCOL}/userinfo"
LOGOUT = f"{PROTOCOL}/logout"
CERTS = f"{PROTOCOL}/certs"
REVOCATION = f"{PROTOCOL}/revoke"
PUSHED_AUTHORIZATION = f"{PROTOCOL}/ext/par/request"


def authorization_endpoint(settings: Settings) -> str:
    """Under the second host name, at its root."""
    return f"{settings.wallet_base_url}/auth"


def token_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions."""
    return settings.issuer + TOKEN


def pushed_authorization_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions (RFC 9126, 2)."""
    return settings.issuer + PUSHED_AUTHORIZATION


def userinfo_endpoint(settings: Settings) -> str:
    """Also what a DPoP proof must name there."""
    return settings.issuer + USERINFO
