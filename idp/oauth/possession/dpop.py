"""DPoP (RFC 9449, 5, 8 and 10): an extension of the grants, and a step of pushed requests.

A proof makes the access token bound to its key. The grant of a public client is bound besides, so
that its refresh tokens are (RFC 9449, 5); a confidential client proves who it is by other means
and may change its key. A grant runs the hook `before_issue` with what it is about to issue under.
"""

from dataclasses import replace
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError
from flask import request as http_request
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.oauth.clients.registered import RegisteredClient
from idp.oauth.grants.issuing import note
from idp.oauth.possession.dpop_nonce import is_ours, offer_nonce
from idp.oauth.rules.authorization_request import AuthorizationRequest
from idp.oauth.rules.dpop_proof import Expected, InvalidDPoPProof, Proof, check_proof
from idp.provider import Provider
from idp.psc.addresses import every_address, pushed_authorization_endpoint, token_endpoint
from idp.psc.tokens import Issue
from idp.store.grants import GrantInUse, bind_grant
from idp.store.models import Grant
from idp.store.replay import first_use

HEADER = "DPoP"


class UseDPoPNonce(OAuth2Error):
    """The proof needs a nonce of ours; the answer gives one (RFC 9449, 8)."""

    error = "use_dpop_nonce"
    description = "The proof must hold the nonce of the DPoP-Nonce header."


class DPoP:
    """The extension: reads the proof before a grant issues, binds the grant after."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, grant: Any) -> None:
        """What Authlib calls with each grant it makes."""
        grant.register_hook("before_issue", self.confirm_key)
        grant.register_hook("after_create_token_response", self.bind_refresh_tokens)

    def confirm_key(self, grant: Any, granted: GrantInUse) -> None:
        """Let the tokens of this request be bound to the key that it proved.

        Raises:
            InvalidDPoPProof: there is none where the client must send one, or it does not hold.
            UseDPoPNonce: it lacks a nonce of ours.
            InvalidGrantError: the grant is bound to another key.
        """
        server, client = grant.server, grant.request.client
        address = token_endpoint(self._provider.settings)
        proof = proof_of_request(self._provider, server.db, client, address=address)
        if proof is None and client.requires_dpop:
            raise InvalidDPoPProof("This client must send a DPoP proof.")
        jkt = proof.jkt if proof else None
        if jkt != (_demanded_key(grant, granted.grant) or jkt):
            self._note_other_key(server.db, granted.grant)
            raise InvalidGrantError("The grant is bound to another DPoP key.")
        if jkt is not None:
            grant.request.confirmation["jkt"] = jkt

    def bind_refresh_tokens(self, grant: Any, response: Any) -> None:
        """Bind the grant of a public client to the key that it proved first.

        Raises:
            InvalidGrantError: a simultaneous request has bound it to another key.
        """
        del response
        issue: Issue = grant.request.user
        jkt = issue.confirmation.get("jkt")
        if jkt is None or not grant.request.client.is_public or issue.grant.dpop_jkt == jkt:
            return
        if not bind_grant(grant.server.db, issue.grant.grant_id, jkt):
            self._note_other_key(grant.server.db, issue.grant)
            raise InvalidGrantError("The grant is bound to another DPoP key.")

    def _note_other_key(self, db: Session, grant: Grant) -> None:
        """Somebody else may hold what was granted: the journal knows."""
        note(db, Event.PROOF_REFUSED, grant, now=self._provider.clock.now(), success=False)


def proof_of_request(
    provider: Provider,
    db: Session,
    client: RegisteredClient,
    *,
    address: str,
    access_token: str | None = None,
) -> Proof | None:
    """The proof in the running request's header, used now for the first time; None without one.

    Its `jti` is remembered, so the transaction writes. ``address`` is the endpoint's public one.

    Raises:
        InvalidDPoPProof: it does not hold, or was used before.
        UseDPoPNonce: it lacks a nonce of ours.
    """
    given = http_request.headers.getlist(HEADER)
    if not given:
        return None
    if len(given) > 1:
        raise InvalidDPoPProof("There must be one DPoP header, and it one compact JWS.")
    settings, now = provider.settings, provider.clock.now()
    expected = Expected(
        method=http_request.method,
        addresses=every_address(settings, address),
        now=now.timestamp(),
        lifetime=settings.dpop_proof_lifetime,
        skew=settings.dpop_proof_skew,
        max_length=settings.dpop_proof_max_length,
        access_token=access_token,
    )
    proof = check_proof(given[0], expected)
    _check_nonce(provider, client, proof)
    acceptable_until = now + settings.dpop_proof_lifetime + settings.dpop_proof_skew
    if not first_use(db, f"dpop:{proof.jkt}", proof.jti, expires_at=acceptable_until):
        raise InvalidDPoPProof("The proof was used before.")
    return proof


def bound_to_proof(
    provider: Provider, db: Session, client: RegisteredClient, asked: AuthorizationRequest
) -> AuthorizationRequest:
    """A pushed request, its code bound to the key proved beside it (RFC 9449, 10.1).

    Raises:
        InvalidDPoPProof: the proof does not hold, or was used before.
        UseDPoPNonce: it lacks a nonce of ours.
        InvalidRequestError: `dpop_jkt` names another key.
    """
    address = pushed_authorization_endpoint(provider.settings)
    proof = proof_of_request(provider, db, client, address=address)
    if proof is None:
        return asked
    if asked.dpop_jkt not in {None, proof.jkt}:
        raise InvalidRequestError("dpop_jkt is not the thumbprint of the key of the DPoP proof.")
    return replace(asked, dpop_jkt=proof.jkt)


def _check_nonce(provider: Provider, client: RegisteredClient, proof: Proof) -> None:
    """Judge a nonce wherever one is sent, and give who must send one the next with each answer."""
    demanded = provider.settings.dpop_nonce_required or client.requires_dpop_nonce
    if not demanded and proof.nonce is None:
        return
    offer_nonce(provider)
    if proof.nonce is None or not is_ours(provider, proof.nonce):
        raise UseDPoPNonce


def _demanded_key(grant: Any, stored: Grant) -> str | None:
    """The key of `dpop_jkt` holds the code; after it, the key binds public clients alone."""
    redeems_code = grant.GRANT_TYPE == "authorization_code"
    return stored.dpop_jkt if redeems_code or grant.request.client.is_public else None
