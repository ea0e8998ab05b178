"""How what a client is issued is signed and encrypted.

OpenID Connect Dynamic Client Registration 1.0, 2; JWT Secured Authorization Response Mode, 3;
OpenID Connect Core 10.
"""

from typing import Literal, Self

from pydantic import model_validator

from idp.oauth.clients.encryption_keys import encryption_key
from idp.oauth.clients.metadata.identity import Identity
from idp.oauth.clients.metadata.values import ContentAlgorithm
from idp.oauth.rules.client_profiles import CLIENT_PROFILES

SigningAlgorithm = Literal["RS256", "PS256", "ES256"]
EncryptionAlgorithm = Literal[
    "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"
]

_SIGNED = (
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
)
_ENCRYPTED = (
    "id_token_encrypted_response",
    "userinfo_encrypted_response",
    "authorization_encrypted_response",
)


class Tokens(Identity):
    """Signed and encrypted answers."""

    id_token_signed_response_alg: SigningAlgorithm | None = None
    """Of its ID tokens and logout tokens; its profile's first algorithm where it names none."""
    id_token_encrypted_response_alg: EncryptionAlgorithm | None = None
    """Its ID tokens are encrypted to a key of its `jwks` that fits; not, where it names none."""
    id_token_encrypted_response_enc: ContentAlgorithm | None = None
    """A128CBC-HS256 where it names none."""
    userinfo_signed_response_alg: SigningAlgorithm | None = None
    """Userinfo is a signed JWT; plain JSON where it names none."""
    userinfo_encrypted_response_alg: EncryptionAlgorithm | None = None
    """Userinfo is encrypted, what is signed as it stands."""
    userinfo_encrypted_response_enc: ContentAlgorithm | None = None
    """A128CBC-HS256 where it names none."""
    authorization_signed_response_alg: SigningAlgorithm | None = None
    """Of the authorization responses that it asks for as JWT; its profile's first
    algorithm where it names none."""
    authorization_encrypted_response_alg: EncryptionAlgorithm | None = None
    """These responses are encrypted."""
    authorization_encrypted_response_enc: ContentAlgorithm | None = None
    """A128CBC-HS256 where it names none."""

    @model_validator(mode="after")
    def _profile_signs_so(self) -> Self:
        permitted = CLIENT_PROFILES[self.profile].signing_algorithms
        for name in _SIGNED:
            alg = getattr(self, name)
            if alg is not None and alg not in permitted:
                raise ValueError(f"{name}: the profile {self.profile} has {', '.join(permitted)}")
        return self

    @model_validator(mode="after")
    def _a_key_fits(self) -> Self:
        for name in _ENCRYPTED:
            alg, enc = getattr(self, f"{name}_alg"), getattr(self, f"{name}_enc")
            if enc is not None and alg is None:
                raise ValueError(f"{name}_enc needs {name}_alg")
            if alg is None or self.jwks_uri is not None:  # its keys are fetched later
                continue
            if encryption_key(self.jwks, alg) is None:
                raise ValueError(f"{name}_alg: jwks holds no key for {alg}")
        return self
