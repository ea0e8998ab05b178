"""`sub`: who the token is about, in the form the operator chose (decision 11)."""

from urllib.parse import urlsplit

from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.models import Client

RELEASE_NATIONAL_ID = "release_national_id"
"""Client option: told the national identifier even where `sub` is pairwise."""
SECTOR = "sector_identifier"
"""Client option: host name that clients of one sector share (OpenID Connect Core 8.1)."""


def subject_of(provider: Provider, client: Client, *, account_id: str, national_id: str) -> str:
    """The `sub` of a person for a client, the same in every place it appears."""
    settings = provider.settings
    if settings.sub_format == "uuid":
        return account_id
    if settings.sub_format == "pairwise":
        # An account's uuid is random and never leaves in this form: it is the salt, too.
        return sha256(f"pairwise|{_sector_of(client)}|{account_id}").hex()
    return f"f:{settings.federation_uuid}:{national_id}"


def releases_national_id(provider: Provider, client: Client) -> bool:
    """Whether the client may see SubjectNameID, preferred_username and otherIds."""
    return provider.settings.sub_format != "pairwise" or bool(
        client.options.get(RELEASE_NATIONAL_ID)
    )


def _sector_of(client: Client) -> str:
    sector = client.options.get(SECTOR)
    if sector:
        return str(sector)
    return urlsplit(client.redirect_uris[0]).hostname or client.client_id
