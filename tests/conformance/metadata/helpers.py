"""The document of discovery, from which the tests of this folder draw what they ask for."""

from typing import Any

from flask import Flask
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from idp.exchange.discovery import discovery_document as exchange_document
from idp.psc.discovery import discovery_document
from idp.settings import REALM_PATH
from tests.conftest import make_settings
from tests.mtls.helpers import ALIAS
from tests.oauth.helpers import SECRET

LONG_SECRET = SECRET + "!" * 64
"""Long enough to sign by every HMAC."""
_SETTINGS = make_settings("sqlite:///unused.db", "A" * 43, mtls_base_url=ALIAS)
DOCUMENT = discovery_document(_SETTINGS)
"""What the provider serves, which `test_routes` holds it to."""
EXCHANGE_DOCUMENT = exchange_document(_SETTINGS)
SIGNERS: dict[str, Any] = {
    "EC": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
    "P-384": ECKey.generate_key("P-384", {"kid": "p384", "use": "sig"}),
    "RSA": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "OKP": OKPKey.generate_key("Ed25519", {"kid": "okp", "use": "sig"}),
}
RECIPIENTS: dict[str, Any] = {
    "RSA": RSAKey.generate_key(2048, {"kid": "rsa-enc", "use": "enc"}),
    "EC": ECKey.generate_key("P-256", {"kid": "ec-enc", "use": "enc"}),
}
JWKS = dict(KeySet([*SIGNERS.values(), *RECIPIENTS.values()]).as_dict(private=False))
ED25519 = ("Ed25519", "EdDSA")


def every_client(**changes: Any) -> dict[str, Any]:
    """Metadata of a client that registered every grant the document names."""
    return {
        "grant_types": DOCUMENT["grant_types_supported"],
        "client_secret": LONG_SECRET,
        "jwks": JWKS,
    } | changes


def signer_of(alg: str) -> Key:
    """A key that signs by the algorithm."""
    if alg.startswith("HS"):
        return OctKey.import_key(LONG_SECRET)
    if alg in ED25519:
        return SIGNERS["OKP"]  # type: ignore[no-any-return]  # keys of three kinds
    kind = "P-384" if alg == "ES384" else "EC" if alg.startswith("ES") else "RSA"
    return SIGNERS[kind]  # type: ignore[no-any-return]  # keys of three kinds


def recipient_of(alg: str) -> Any:
    return RECIPIENTS["RSA" if alg.startswith("RSA") else "EC"]


def below_realm(app: Flask) -> set[str]:
    """Every address of the protocol that the application serves."""
    return {r.rule for r in app.url_map.iter_rules() if r.rule.startswith(REALM_PATH)}
