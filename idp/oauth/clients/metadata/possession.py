"""The key that a client's tokens are bound to (RFC 9449)."""

from idp.oauth.clients.metadata.identity import Identity


class Possession(Identity):
    """Proofs of possession."""

    dpop_bound_access_tokens: bool = False
    """Always proves a key, and gets no other tokens (RFC 9449, 5.2)."""
    dpop_nonce_required: bool = False
    """Its proofs must hold a nonce of ours (RFC 9449, 8), as where the settings say so for all."""
