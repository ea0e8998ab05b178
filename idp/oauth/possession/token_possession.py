"""Access tokens presented at our own protected resource, with the key they are bound to.

RFC 9449, 7: a bound token goes with the scheme `DPoP` and a proof, any other one with `Bearer`.
"""

from typing import Any

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InvalidTokenError
from sqlalchemy.orm import Session

from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.possession.dpop import HEADER, UseDPoPNonce, proof_of_request
from idp.oauth.rules.dpop_proof import ALGORITHMS, InvalidDPoPProof, Proof
from idp.oauth.tokens.access_token import ActiveAccessToken
from idp.provider import Provider

_ALGS = f'algs="{" ".join(ALGORITHMS)}"'


class DPoPRefused(OAuth2Error):
    """401 with the challenge of the scheme DPoP (RFC 9449, 7.1)."""

    status_code = 401

    def __init__(self, error: str, description: str, *, realm: str) -> None:
        super().__init__(description, error=error)
        self._realm = realm

    def get_headers(self) -> list[tuple[str, str]]:
        """The challenge names the error and the algorithms of proofs."""
        challenge = (
            f'{HEADER} realm="{self._realm}", error="{self.error}", '
            f'error_description="{self.description}", {_ALGS}'
        )
        return [*default_json_headers, ("WWW-Authenticate", challenge)]


class BoundTokenAsBearer(InvalidTokenError):
    """A bound token without its proof: the second challenge says how to send it (7.2)."""

    description = "The access token is bound to a DPoP key."

    def get_headers(self) -> list[tuple[str, str]]:
        """The challenge of RFC 6750, then that of RFC 9449."""
        headers: list[tuple[str, str]] = super().get_headers()
        return [
            (name, f"{value}, {HEADER} {_ALGS}" if name == "WWW-Authenticate" else value)
            for name, value in headers
        ]


def check_possession(
    provider: Provider,
    db: Session,
    token: ActiveAccessToken,
    given: str,
    *,
    address: str,
    realm: str,
) -> None:
    """Demand the proof that goes with a token sent with the scheme `DPoP`.

    Raises:
        DPoPRefused: the token is not bound, or not to the key of a proof that holds here.
    """
    client = RegisteredClient(token.granted.client)
    try:
        proof = proof_of_request(provider, db, client, address=address, access_token=given)
    except (InvalidDPoPProof, UseDPoPNonce) as error:
        raise DPoPRefused(str(error.error), str(error.description), realm=realm) from error
    problem = _problem(proof, bound_key(token))
    if problem is not None:
        raise DPoPRefused(*problem, realm=realm)


def bound_key(token: ActiveAccessToken) -> str | None:
    """Thumbprint of the key that a token is bound to, if any."""
    confirmation: dict[str, Any] = token.claims.get("cnf", {})
    return confirmation.get("jkt")


def _problem(proof: Proof | None, bound_to: str | None) -> tuple[str, str] | None:
    if proof is None:
        return InvalidDPoPProof.error, "The DPoP proof is missing."
    if bound_to is None:
        return InvalidTokenError.error, "The access token is not bound: send it as Bearer."
    if proof.jkt != bound_to:
        return InvalidTokenError.error, "The access token is bound to another DPoP key."
    return None
