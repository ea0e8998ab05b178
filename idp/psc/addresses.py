"""The addresses of the protocol, as Pro Santé Connect's (pro-sante-connect, section 1)."""

from idp.settings import Settings

PROTOCOL = "/protocol/openid-connect"
TOKEN = f"{PROTOCOL}/token"
INTROSPECTION = f"{TOKEN}/introspect"
USERINFO = f"{PROTOCOL}/userinfo"
LOGOUT = f"{PROTOCOL}/logout"
CERTS = f"{PROTOCOL}/certs"
REVOCATION = f"{PROTOCOL}/revoke"


def authorization_endpoint(settings: Settings) -> str:
    """Under the second host name, at its root."""
    return f"{settings.wallet_base_url}/auth"


def token_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions."""
    return settings.issuer + TOKEN
