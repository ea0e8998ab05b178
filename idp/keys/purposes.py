"""What each key is for: one key, one purpose, one algorithm."""

TOKENS = "tokens"
"""What is signed unless a client registered another algorithm."""
SIGNING = {"RS256": TOKENS, "PS256": "tokens-ps256", "ES256": "tokens-es256"}
"""The key that signs for clients by each JWS algorithm; all are published."""
ENCRYPTION = {"RSA-OAEP-256": "encryption", "ECDH-ES": "encryption-ecdh"}
"""The key to which clients encrypt by each JWE algorithm; published with `use` `enc`."""

PURPOSES = {
    "tokens": "RS256",
    "phone": "ES256",
    "vapid": "ES256",
    "journal": "ES256",
    "tokens-ps256": "PS256",
    "tokens-es256": "ES256",
    "encryption": "RSA-OAEP-256",
    "encryption-ecdh": "ECDH-ES",
}
"""Every purpose, and the algorithm of its keys."""
