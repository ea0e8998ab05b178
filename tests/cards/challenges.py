"""Requests that a card is asked to answer, and a reader agent that speaks for one."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey
from werkzeug.test import TestResponse

from idp.devices.proofs import encode_base64url, strict_json
from idp.provider import Provider
from idp.store.challenges import add_challenge, find_challenge
from idp.store.models import Challenge
from tests.cards.helpers import HOLDER, IssuedCard

LISTENER = "https://localhost:8005"
KEY = "ecps.client_certificate"
NUMBER = "42"
LIFETIME = timedelta(seconds=120)


def ask(
    provider: Provider,
    national_id: str = HOLDER,
    *,
    number: str | None = NUMBER,
    client_id: str = "service",
    **columns: Any,
) -> Challenge:
    """A request as CIBA leaves it for a card."""
    now = provider.clock.now()
    challenge_id = secrets.token_urlsafe(16)
    shown = {"mode": "choice", "options": ["07", NUMBER, "81"]} if number else {"mode": "none"}
    given: dict[str, Any] = {
        "challenge_id": challenge_id,
        "purpose": "ciba-card",
        "state": "pending",
        "national_id": national_id,
        "client_id": client_id,
        "document": {
            "v": 1,
            "purpose": "ciba-card",
            "challenge_id": challenge_id,
            "client_id": client_id,
            "client_name": f"Logiciel {client_id}",
            "action": "ciba",
            "number": shown,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        },
        "nonce": encode_base64url(secrets.token_bytes(32)),
        "number": number,
        "created_at": now,
        "expires_at": now + LIFETIME,
    }
    challenge = Challenge(**(given | columns))
    with provider.store.begin() as db:
        add_challenge(db, challenge)
    return challenge


def state_of(provider: Provider, challenge: Challenge) -> Challenge:
    with provider.store.read() as db:
        found = find_challenge(db, challenge.challenge_id)
    assert found is not None
    return found


@dataclass
class Agent:
    """What shows a card at the listener's address: it has no cookie."""

    app: Flask
    provider: Provider
    card: IssuedCard

    def pending(self, der: bytes | None = None) -> TestResponse:
        return self._open("/card/challenges/pending", der)

    def documents(self) -> list[dict[str, Any]]:
        """What waits, once the provider's signature was checked."""
        told = self.pending()
        assert told.status_code == 200, told.text
        key = ECKey.import_key(self.provider.keyring.active("phone").key.as_dict(private=False))
        texts = told.get_json()["challenges"]
        return [
            strict_json(jws.deserialize_compact(text, key, algorithms=["ES256"]).payload)
            for text in texts
        ]

    def answer(
        self,
        challenge: Challenge,
        decision: str = "approve",
        number: str | None = NUMBER,
        *,
        der: bytes | None = None,
        key: ec.EllipticCurvePrivateKey | None = None,
        **changes: Any,
    ) -> TestResponse:
        """Answer; ``changes`` are to the document that is signed."""
        number = number if decision == "approve" else None
        document = self.document(challenge) | changes
        signature = self.sign(document, decision, number, key=key)
        return self.send(challenge.challenge_id, decision, number, signature, der=der)

    def send(
        self,
        challenge_id: str,
        decision: Any,
        number: Any,
        signature: Any,
        *,
        der: bytes | None = None,
    ) -> TestResponse:
        members = {"decision": decision, "number": number, "signature": signature}
        path = f"/card/challenges/{challenge_id}/answer"
        return self._open(path, der, method="POST", json=members)

    def document(self, challenge: Challenge) -> dict[str, Any]:
        """As this card is given it."""
        return challenge.document | {
            "nonce": challenge.nonce,
            "card_number": self.card.card_number,
        }

    def sign(
        self,
        document: dict[str, Any],
        decision: str,
        number: str | None,
        *,
        key: ec.EllipticCurvePrivateKey | None = None,
    ) -> str:
        """Decision 18, written out."""
        signed = rfc8785.dumps(
            {
                "v": 1,
                "purpose": "ciba-card",
                "document": document,
                "decision": decision,
                "number": number,
            }
        )
        digest = hashlib.sha256(signed).digest()
        signer = key or self.card.authentication_key
        return encode_base64url(signer.sign(digest, ec.ECDSA(Prehashed(SHA256()))))

    def _open(self, path: str, der: bytes | None, **given: Any) -> TestResponse:
        shown = self.card.der if der is None else der
        http = self.app.test_client(use_cookies=False)
        return http.open(path, base_url=LISTENER, environ_overrides={KEY: shown}, **given)
