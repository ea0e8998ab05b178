"""The certificate that a client shows (RFC 8705, 2.1.2 and 3.4)."""

from typing import Self

from pydantic import model_validator

from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.rules.certificate_names import MEMBERS, check_registrable


class MutualTls(Identity):
    """Whom its certificate names, and whether its tokens are bound to it."""

    tls_client_auth_subject_dn: str | None = None
    """The subject, as RFC 4514 writes it; of these five, `tls_client_auth` needs exactly one."""
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    tls_client_certificate_bound_access_tokens: bool = False
    """Always shows a certificate, and gets no tokens but those bound to it (RFC 8705, 3)."""

    @model_validator(mode="after")
    def _certificate_is_named_once(self) -> Self:
        named = [member for member in MEMBERS if getattr(self, member) is not None]
        method = self.token_endpoint_auth_method
        if method == "tls_client_auth" and len(named) != 1:
            raise ValueError(f"tls_client_auth needs exactly one of {', '.join(MEMBERS)}")
        if method != "tls_client_auth" and named:
            raise ValueError(f"{named[0]} is for tls_client_auth alone")
        for member in named:
            try:
                check_registrable(member, getattr(self, member))
            except ValueError as error:
                raise ValueError(f"{member}: {error}") from error
        return self

    @model_validator(mode="after")
    def _own_certificate_is_registered(self) -> Self:
        if (
            self.token_endpoint_auth_method == "self_signed_tls_client_auth"  # noqa: S105 - the name of a method
            and not self.has_keys
        ):
            raise ValueError("self_signed_tls_client_auth needs jwks or jwks_uri")
        return self
