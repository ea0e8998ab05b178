"""What a fleet asks of its provider before it begins."""

import ssl
from http import HTTPStatus

import httpx

from wallet_sim.dev_provider import DevelopmentRefused, DevProvider
from wallet_sim.documents import Configuration, configuration_instant, open_configuration
from wallet_sim.fleet.ciba import GRANT
from wallet_sim.fleet.errors import ProviderUnfit
from wallet_sim.fleet.profile import Profile
from wallet_sim.fleet.service import Service
from wallet_sim.fleet.state import FleetState
from wallet_sim.fleet.wire import Wire
from wallet_sim.transport import Channel, require_safe_address

CLIENT_SECRET_VARIABLE = "ECPS_FLEET_CLIENT_SECRET"  # noqa: S105 - the name of a variable

_TIMEOUT = 10.0  # seconds


def configuration_of(profile: Profile, wire: Wire, *, insecure_http: bool) -> Configuration:
    """The provider's signed configuration, as every phone first reads it.

    Raises:
        AddressRefused, NoAnswer: no provider is at the profile's address.
        DocumentRefused: its configuration does not hold together.
    """
    address = require_safe_address(profile.provider.url, insecure_http=insecure_http)
    text = Channel(address, transport=wire, language="en").fetch_configuration()
    now = configuration_instant(text, pinned=None)
    return open_configuration(text, pinned=None, now=now).configuration


def require_simulation(configuration: Configuration) -> None:
    """Refuse to act for people who are real (decision 3).

    Raises:
        ProviderUnfit: the provider does not say that its people are invented.
    """
    if not configuration.simulation:
        raise ProviderUnfit(
            "the provider's people are real: a fleet answers for invented people alone"
        )


def require_same_provider(profile: Profile, state: FleetState) -> None:
    """Tie a state file to the provider that it was made for, at its first use.

    Raises:
        ProviderUnfit: it was made for another.
    """
    known = state.noted("provider")
    if known is None:
        state.note("provider", profile.provider.url)
    elif known != profile.provider.url:
        raise ProviderUnfit(
            f"the state file's phones belong to {known}, and the profile names "
            f"{profile.provider.url}: name another --state"
        )


def service_of(
    profile: Profile,
    configuration: Configuration,
    trust: ssl.SSLContext,
    dev: DevProvider | None,
    client_secret: str,
) -> Service:
    """The service at which the fleet signs in: the profile's own, or one made for this run.

    Raises:
        ProviderUnfit: there is no discovery document, or no client can be had.
    """
    endpoints = _discover(configuration.issuer, trust)
    target = profile.provider
    client_id = target.client_id
    if not client_id:
        client_id, client_secret = _register(profile, dev)
    elif not client_secret:
        raise ProviderUnfit(f"set {CLIENT_SECRET_VARIABLE} to the secret of {client_id}")
    return Service(
        configuration.issuer,
        endpoints,
        client_id,
        client_secret,
        target.redirect_uri,
        profile.run.userinfo,
    )


def _discover(issuer: str, trust: ssl.SSLContext) -> dict[str, object]:
    address = f"{issuer}/.well-known/openid-configuration"
    try:
        answer = httpx.get(address, verify=trust, timeout=_TIMEOUT, trust_env=False)
    except httpx.TransportError as error:
        raise ProviderUnfit(f"{address} gives no answer: {error}") from error
    if answer.status_code != HTTPStatus.OK:
        raise ProviderUnfit(f"{address} answers {answer.status_code}")
    members: dict[str, object] = answer.json()
    return members


def _register(profile: Profile, dev: DevProvider | None) -> tuple[str, str]:
    if dev is None:
        raise ProviderUnfit(
            "no client to sign in at: set ECPS_DEV_SECRET to the provider's start-up secret, or "
            f"name provider.client_id in the profile and its secret in {CLIENT_SECRET_VARIABLE}"
        )
    grants = ["authorization_code", *([GRANT] if profile.run.ciba else [])]
    metadata = {
        "client_name": f"Flotte {profile.name}"[:80],
        "redirect_uris": [profile.provider.redirect_uri],
        "grant_types": grants,
        **({"backchannel_token_delivery_mode": "poll"} if profile.run.ciba else {}),
    }
    try:
        client = dev.ask("POST", "clients", metadata)
    except DevelopmentRefused as error:
        raise ProviderUnfit(f"the provider registers no client for the fleet: {error}") from error
    return str(client["client_id"]), str(client["client_secret"])
