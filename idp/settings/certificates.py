"""Client certificates: where they are asked for, and whose word counts (RFC 8705)."""

from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from idp.settings.durations import Seconds, seconds


class CertificateSettings(BaseModel):
    """Client certificates, of cards and of relying services."""

    mtls_base_url: str = Field(
        "",
        description="Public https address where relying services show certificates, told as "
        "`mtls_endpoint_aliases` (RFC 8705, 5); empty: no service authenticates with one.",
    )
    client_certificate_authorities: list[str] = Field(
        default_factory=list,
        description="PEM files of the authorities, roots and those below them, whose certificates "
        "authenticate services (`tls_client_auth`).",
    )
    client_certificate_crls: list[str] = Field(
        default_factory=list,
        description="Files of revocation lists (PEM or DER). Once one is named, a certificate is "
        "refused unless a list of its authority is there and in time.",
    )
    cnf_encoding: Literal["base64url", "base64_hex"] = Field(
        "base64url",
        description="How `cnf` names a certificate in tokens: as RFC 8705 says, or as samples of "
        "Pro Santé Connect's partners do, base64 of the hexadecimal digest. Both are read.",
    )
    simulated_certificate_lifetime: Seconds = seconds(
        3 * 365 * 86400, "Validity of a certificate that a simulation makes for a service to try."
    )
    certificate_proxies: list[str] = Field(
        default_factory=list,
        description="Networks (CIDR) of the reverse proxies that may hand over a client's "
        "certificate in the header X-SSL-Client-Cert.",
    )
    certificate_proxy_secret: SecretStr = Field(
        SecretStr(""),
        description="What such a proxy must write before the certificate in that header, parted "
        "by a space; empty: no header is believed.",
    )
    certificate_listener_threads: int = Field(
        16, ge=1, description="Requests that the embedded certificate listener answers at once."
    )
    certificate_listener_connections: int = Field(
        256, ge=1, description="Connections it holds; one more pushes out the oldest."
    )
    certificate_listener_timeout: Seconds = seconds(
        15, "From connecting to the end of the answer; then it hangs up, however busy the client."
    )
