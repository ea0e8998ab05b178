"""How a secret is kept that is drawn at random: a quick digest is enough, as nobody guesses it."""

import hashlib


def digest(secret: str) -> str:
    """SHA-256 of a random text, hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
