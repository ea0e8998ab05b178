"""What a certificate says that its key is for (RFC 5280, 4.2.1.3)."""

from cryptography import x509

_USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(*uses: str) -> x509.KeyUsage:
    """The extension for those uses, by their names in `cryptography`, and for no other."""
    return x509.KeyUsage(**{use: use in uses for use in _USES})
