"""Clients that register themselves, and what they publish (RFC 7591, RFC 7592, decision 40)."""

from pydantic import BaseModel, Field

from idp.settings.durations import Seconds, seconds


class RegistrationSettings(BaseModel):
    """Clients that register themselves, and what they publish (RFC 7591, decision 40)."""

    open_registration: bool = Field(
        default=False,
        description="Let anybody register clients without an initial access token; a simulation "
        "database only.",
    )
    registrations_per_address: int = Field(
        60, ge=0, description="Registrations and replacements per IP and hour; 0: no limit."
    )
    registration_scope: str = Field(
        "openid profile email address phone scope_all",
        description="Widest scope of a client that registers itself, unless its initial access "
        "token imposes one.",
    )
    initial_token_lifetime: Seconds = seconds(
        7 * 86400, "Life of an initial access token, unless the command says another."
    )
    software_statement_issuers: dict[str, str] = Field(
        default_factory=dict,
        description="Authorities whose software statements are believed: `iss` → file of their "
        "public keys (JWK set).",
    )
    document_max_size: int = Field(
        64 * 1024, ge=1024, description="Longest document of a client that is read, in bytes."
    )
    logo_max_size: int = Field(
        256 * 1024, ge=1024, description="Largest logo of a client that is kept, in bytes."
    )
    document_shortest_age: Seconds = seconds(
        300, "How long a client's document is kept at least, whatever its server says."
    )
    document_longest_age: Seconds = seconds(
        86400, "How long it is kept at most, and where its server says nothing."
    )
    document_retry: Seconds = seconds(
        60, "Wait before a document that failed is fetched again; doubled for each further failure."
    )
    document_refetch_pause: Seconds = seconds(
        30, "Least pause between two fetches of a document that a request found out of date."
    )
    document_interval: Seconds = seconds(1, "Pause between two looks for documents to fetch.")
