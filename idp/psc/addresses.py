"""The addresses of the protocol, as Pro Santé Connect's (pro-sante-connect, section 1)."""

from urllib.parse import quote

from idp.settings import Settings

PROTOCOL = "/protocol/openid-connect"
TOKEN = f"{PROTOCOL}/token"
INTROSPECTION = f"{TOKEN}/introspect"
USERINFO = f"{PROTOCOL}/userinfo"
LOGOUT = f"{PROTOCOL}/logout"
CERTS = f"{PROTOCOL}/certs"
REVOCATION = f"{PROTOCOL}/revoke"
PUSHED_AUTHORIZATION = f"{PROTOCOL}/ext/par/request"
REGISTRATION = "/clients-registrations/openid-connect"
BACKCHANNEL_AUTHENTICATION = f"{PROTOCOL}/ext/ciba/auth"
DEVICE_AUTHORIZATION = f"{PROTOCOL}/auth/device"
MTLS_ENDPOINTS = {
    "token_endpoint": TOKEN,
    "introspection_endpoint": INTROSPECTION,
    "revocation_endpoint": REVOCATION,
    "userinfo_endpoint": USERINFO,
    "pushed_authorization_request_endpoint": PUSHED_AUTHORIZATION,
    "backchannel_authentication_endpoint": BACKCHANNEL_AUTHENTICATION,
    "device_authorization_endpoint": DEVICE_AUTHORIZATION,
}
"""What is served to clients with certificates, by the member of discovery (RFC 8705, 5)."""


def authorization_endpoint(settings: Settings) -> str:
    """Under the second host name, at its root."""
    return f"{settings.wallet_base_url}/auth"


def token_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions."""
    return settings.issuer + TOKEN


def pushed_authorization_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions (RFC 9126, 2)."""
    return settings.issuer + PUSHED_AUTHORIZATION


def backchannel_authentication_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions (CIBA Core 7.1)."""
    return settings.issuer + BACKCHANNEL_AUTHENTICATION


def device_authorization_endpoint(settings: Settings) -> str:
    """Also an accepted audience of client assertions (RFC 8628, 3.1)."""
    return settings.issuer + DEVICE_AUTHORIZATION


def verification_uri(settings: Settings) -> str:
    """Where people type the code that a device shows: short, and beside the sign-in's pages."""
    return f"{settings.wallet_base_url}/device"


def registration_endpoint(settings: Settings) -> str:
    """Where clients register themselves (RFC 7591, 3)."""
    return settings.issuer + REGISTRATION


def client_configuration_endpoint(settings: Settings, client_id: str) -> str:
    """Where one client manages its registration (RFC 7592, 2)."""
    return f"{registration_endpoint(settings)}/{quote(client_id, safe='')}"


def userinfo_endpoint(settings: Settings) -> str:
    """Also what a DPoP proof must name there."""
    return settings.issuer + USERINFO


def every_address(settings: Settings, address: str) -> tuple[str, ...]:
    """An endpoint's address, and where there is one its alias for certificates (RFC 8705, 5)."""
    return (address, mtls_alias(settings, address)) if settings.mtls_base_url else (address,)


def mtls_alias(settings: Settings, address: str) -> str:
    """Where the same endpoint is served to services that show a certificate."""
    below_issuer = address.removeprefix(settings.issuer)
    return settings.mtls_base_url + settings.realm_path + below_issuer
