"""Nonces for DPoP proofs (RFC 9449, 8 and 9): made from the time, so that none is stored.

All processes of one provider give and accept the same.
"""

import base64
import hmac

from flask import Response, after_this_request

from idp.provider import Provider

HEADER = "DPoP-Nonce"


def offer_nonce(provider: Provider) -> None:
    """Put the present nonce into the answer of the running request."""

    @after_this_request
    def add(response: Response) -> Response:
        response.headers[HEADER] = _nonce(provider, _step(provider))
        return response


def is_ours(provider: Provider, nonce: str) -> bool:
    """Whether the nonce is the present one, or the one before it."""
    step = _step(provider)
    acceptable = [_nonce(provider, known) for known in (step, step - 1)]
    return nonce.isascii() and any(hmac.compare_digest(nonce, known) for known in acceptable)


def _step(provider: Provider) -> int:
    life = provider.settings.dpop_nonce_lifetime.total_seconds()
    return int(provider.clock.now().timestamp() // life)


def _nonce(provider: Provider, step: int) -> str:
    value = f"{provider.settings.issuer} {step}".encode()
    digest = provider.sealer.keyed_hash(value, purpose="dpop-nonce")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
