"""What may be registered of signatures and encryption, and what is refused."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from tests.oauth.helpers import REDIRECT, SECRET
from tests.signatures.helpers import (
    CONTENT,
    EC,
    ENCRYPTION,
    KEYS,
    OKP,
    RSA,
    SIGNER,
    SIGNING,
    public,
)

USES = ["id_token", "userinfo", "authorization"]


def register(**metadata: Any) -> dict[str, Any]:
    values = {"client_id": "c", "redirect_uris": [REDIRECT], "client_secret": SECRET}
    return read_metadata(values | {"jwks": KEYS} | metadata).model_dump(exclude_none=True)


def refused(**metadata: Any) -> None:
    with pytest.raises(ClientMetadataRefused):
        register(**metadata)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("alg", ["none", "HS256", "RS1", "EdDSA", "", 5])
def test_an_algorithm_that_is_not_offered_is_refused(use: str, alg: Any) -> None:
    """`none` protects nothing, and a secret of which a digest is kept signs nothing.

    oidcc-idtoken-unsigned.
    """
    refused(**{f"{use}_signed_response_alg": alg})


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("alg", ["RSA1_5", "dir", "A256KW", "PBES2-HS256+A128KW", "none"])
def test_an_encryption_that_is_not_offered_is_refused(use: str, alg: str) -> None:
    """RFC 8725, 3.2: RSA1_5 cannot be decrypted without an oracle."""
    refused(**{f"{use}_encrypted_response_alg": alg})


@pytest.mark.parametrize("alg", ["RSA1_5", "RSA-OAEP", "dir", "ECDH-ES+A256KW"])
def test_requests_are_encrypted_to_the_keys_that_are_there(alg: str) -> None:
    refused(request_object_encryption_alg=alg)


def test_content_is_encrypted_with_a_key() -> None:
    """OpenID Connect Dynamic Client Registration 1.0, 2: `…_enc` needs `…_alg`."""
    for use in USES:
        refused(**{f"{use}_encrypted_response_enc": "A256GCM"})
    refused(request_object_encryption_enc="A256GCM")


def test_content_encryption_that_is_not_offered_is_refused() -> None:
    for use in USES:
        metadata = {f"{use}_encrypted_response_alg": "RSA-OAEP-256"}
        refused(**metadata, **{f"{use}_encrypted_response_enc": "A512GCM"})
    refused(request_object_encryption_alg="ECDH-ES", request_object_encryption_enc="none")


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    ("alg", "jwks"),
    [
        ("RSA-OAEP-256", None),
        ("RSA-OAEP-256", public(EC, SIGNER)),
        ("RSA-OAEP-256", public(RSAKey.generate_key(2048, {"use": "sig"}))),
        ("RSA-OAEP-256", public(RSAKey.generate_key(2048, {"alg": "RSA-OAEP"}))),
        ("RSA-OAEP-256", public(RSAKey.generate_key(2048, {"alg": "RS256"}))),
        ("RSA-OAEP-256", public(RSAKey.generate_key(2048, {"key_ops": ["verify"]}))),
        ("ECDH-ES", public(RSA, SIGNER)),
        ("ECDH-ES", public(ECKey.generate_key("P-256", {"alg": "ES256"}))),
        ("ECDH-ES+A256KW", public(ECKey.generate_key("P-256", {"alg": "ECDH-ES"}))),
        ("ECDH-ES", public(ECKey.generate_key("secp256k1"))),
        ("ECDH-ES", public(OKPKey.generate_key("Ed25519"))),
        ("ECDH-ES", public(ECKey.generate_key("P-256", {"key_ops": ["verify"]}))),
    ],
    ids=[
        *("no-keys", "other-kind", "for-signatures", "for-another", "for-signature-alg"),
        *("operations", "ec-other-kind", "ec-alg", "ec-for-another", "curve"),
        *("ed25519", "ec-operations"),
    ],
)
def test_an_algorithm_without_a_fitting_key_is_refused(
    use: str, alg: str, jwks: dict[str, Any] | None
) -> None:
    """OpenID Connect Core 10.2: `use`, `alg` and the kind of key decide."""
    refused(**{f"{use}_encrypted_response_alg": alg, "jwks": jwks})


@pytest.mark.filterwarnings("ignore:Key size should be")
def test_a_short_key_does_not_fit() -> None:
    """RFC 7518, 4.3: 2048 bits at least."""
    short = public(RSAKey.generate_key(1024))
    refused(id_token_encrypted_response_alg="RSA-OAEP-256", jwks=short)


def test_a_secret_is_no_key_of_a_set() -> None:
    refused(jwks={"keys": [OctKey.generate_key(256).as_dict()]})


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("alg", SIGNING)
def test_each_offered_signature_is_registered(use: str, alg: str) -> None:
    name = f"{use}_signed_response_alg"
    assert register(**{name: alg})[name] == alg


@pytest.mark.parametrize("enc", CONTENT)
@pytest.mark.parametrize("alg", ENCRYPTION)
def test_each_offered_encryption_is_registered(alg: str, enc: str) -> None:
    for use in USES:
        name = f"{use}_encrypted_response"
        given = register(**{f"{name}_alg": alg, f"{name}_enc": enc})
        assert (given[f"{name}_alg"], given[f"{name}_enc"]) == (alg, enc)


def test_a_key_that_says_nothing_of_its_use_fits() -> None:
    for alg, key in (
        ("RSA-OAEP", RSAKey.generate_key(2048)),
        ("ECDH-ES", ECKey.generate_key("P-521")),
        ("ECDH-ES+A128KW", OKP),
        ("ECDH-ES", ECKey.generate_key("P-384", {"key_ops": ["deriveKey"]})),
        ("RSA-OAEP-256", RSAKey.generate_key(2048, {"key_ops": ["encrypt"]})),
    ):
        assert register(id_token_encrypted_response_alg=alg, jwks=public(key))


def test_keys_that_are_published_elsewhere_are_known_later() -> None:
    """Decision 40: `jwks_uri` is fetched outside the request that registers it."""
    metadata = {"jwks": None, "jwks_uri": "https://service.test/jwks"}
    assert register(**metadata, id_token_encrypted_response_alg="RSA-OAEP-256")
