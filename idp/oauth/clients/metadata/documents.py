"""What a client publishes elsewhere: read by us, or opened by people.

OpenID Connect Dynamic Client Registration 1.0, 2; RFC 7591, 2. `jwks_uri` stands with the keys, in
`identity.py`. What is read is fetched outside requests and kept (`idp/outbox/documents.py`).
"""

from typing import Annotated, Literal, Self
from urllib.parse import urldefrag, urlsplit

from pydantic import Field, model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import Listed, check_called_uri, check_link

_MOST_REQUEST_URIS = 10


class Documents(Identity):
    """Documents and pages of the client's own."""

    subject_type: Literal["public", "pairwise"] | None = None
    """`pairwise`: its `sub` is known in its sector alone (OpenID Connect Core 8); as the setting
    `sub_format` says, where it names none."""
    sector_identifier_uri: str | None = None
    """Lists the addresses of all clients of one sector, whose host names the sector (5)."""
    logo_uri: str | None = None
    """Shown to people, from a copy of ours."""
    client_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    request_uris: Annotated[list[str], Listed] = Field([], max_length=_MOST_REQUEST_URIS)
    """Where its request objects may stand; a fragment is the digest of one (Core 6.2)."""

    @model_validator(mode="after")
    def _documents_can_be_fetched(self) -> Self:
        fetched = (self.jwks_uri, self.sector_identifier_uri, self.logo_uri)
        bare = (urldefrag(uri).url for uri in self.request_uris)
        for uri in (*filter(None, fetched), *bare):
            check_called_uri(uri, development=self.development)
        return self

    @model_validator(mode="after")
    def _pages_can_be_opened(self) -> Self:
        for uri in filter(None, (self.client_uri, self.policy_uri, self.tos_uri)):
            check_link(uri, development=self.development)
        return self

    @model_validator(mode="after")
    def _sector_is_one(self) -> Self:
        hosts = {urlsplit(uri).hostname for uri in self.redirect_uris}
        if self.subject_type == "pairwise" and not self.sector_identifier_uri and len(hosts) > 1:
            raise ValueError(
                "sector_identifier_uri is needed: redirect_uris have several hosts (Core 8.1)"
            )
        return self

    @property
    def documents(self) -> set[tuple[str, str]]:
        """Kind and address of each document that is fetched."""
        single = {
            "jwks": self.jwks_uri,
            "sector_identifier": self.sector_identifier_uri,
            "logo": self.logo_uri,
        }
        requests = {("request", urldefrag(uri).url) for uri in self.request_uris}
        return requests | {(kind, uri) for kind, uri in single.items() if uri}
