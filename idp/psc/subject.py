"""`sub`: who the token is about, in the form the operator chose (decision 11)."""

from urllib.parse import urlsplit

from idp.keys.sealing import sha256
from idp.oauth.rules.redirect_uris import LOOPBACK_HOSTS
from idp.provider import Provider
from idp.store.models import Client

RELEASE_NATIONAL_ID = "release_national_id"
"""Client option: told the national identifier even where `sub` is pairwise."""
SECTOR = "sector_identifier"
"""Client option: host name that clients of one sector share (OpenID Connect Core 8.1)."""
SECTOR_URI = "sector_identifier_uri"
"""Client option: what names the sector by its own host, once it lists the client's addresses."""
SUBJECT_TYPE = "subject_type"
"""Client option: `pairwise`, where it asked for it."""


def subject_of(provider: Provider, client: Client, *, account_id: str, national_id: str) -> str:
    """The `sub` of a person for a client, the same in every place it appears."""
    settings = provider.settings
    if is_pairwise(provider, client):
        # An account's uuid is random and never leaves in this form: it is the salt, too.
        return sha256(f"pairwise|{sector_of(client)}|{account_id}").hex()
    if settings.sub_format == "uuid":
        return account_id
    return f"f:{settings.federation_uuid}:{national_id}"


def is_pairwise(provider: Provider, client: Client) -> bool:
    """Whether `sub` is known in the client's sector alone: for all, or because it asked so."""
    return (
        provider.settings.sub_format == "pairwise" or client.options.get(SUBJECT_TYPE) == "pairwise"
    )


def releases_national_id(provider: Provider, client: Client) -> bool:
    """Whether the client may see SubjectNameID, preferred_username and otherIds."""
    return not is_pairwise(provider, client) or bool(client.options.get(RELEASE_NATIONAL_ID))


def sector_of(client: Client) -> str:
    """Where a pairwise `sub` is known (OpenID Connect Core 8.1)."""
    sector = client.options.get(SECTOR)
    if sector:
        return str(sector)
    # A client of devices alone has no address that a browser is sent back to; that of an
    # application on the person's own machine is everybody's.
    returned_to = urlsplit(next(iter(client.redirect_uris), "")).hostname
    named = urlsplit(client.options.get(SECTOR_URI, "")).hostname
    own = None if returned_to in LOOPBACK_HOSTS else returned_to
    return named or own or client.client_id
