"""The portal as a client of its own provider: people sign in to it as to any service."""

from sqlalchemy.orm import Session

from idp.oauth.clients.metadata import ClientMetadata, ClientMetadataRefused, read_metadata
from idp.oauth.clients.registration import register
from idp.provider import Provider
from idp.settings import Settings

CLIENT_ID = "portail"
CLIENT_NAME = "Portail e-CPS"
_EVERY_FAMILY = ["CPS", "CPF", "CPE", "CPA"]


def return_address(settings: Settings) -> str:
    """Where a sign-in to the portal comes back: with the pages, whose cookies it needs."""
    return f"{settings.wallet_base_url}/portail/retour"


def register_portal(provider: Provider, db: Session) -> None:
    """Register the portal, or follow a changed address of the pages: at each entrance."""
    metadata = _metadata(provider.settings, provider.kind)
    register(db, metadata, kind=provider.kind, sealer=provider.sealer, now=provider.clock.now())


def refuse_portal(client_id: str) -> None:
    """Nobody else may be registered under the portal's name: people entered the portal.

    Raises:
        ClientMetadataRefused: that is what was asked.
    """
    if client_id == CLIENT_ID:
        raise ClientMetadataRefused(f"{CLIENT_ID} is the provider's own portal: take another id")


def _metadata(settings: Settings, kind: str) -> ClientMetadata:
    return read_metadata(
        {
            "client_id": CLIENT_ID,
            "client_name": CLIENT_NAME,
            "redirect_uris": [return_address(settings)],
            "token_endpoint_auth_method": "none",
            # Its codes are spent in the portal itself: the token endpoint takes none of them.
            "grant_types": [],
            "scope": "openid",
            "means": ["MOBILE", "CARD", "WEBAUTHN"],
            # Whatever named card a person has, it may pair a phone (EC-26).
            "card_families": _EVERY_FAMILY,
            "development": kind == "simulation",
        }
    )
