"""Requests of software that wait for the card: fetched, shown, answered (decision 34).

docs/cards.md 8. Everything goes over TLS in which the card signs the handshake. What was shown is
what is signed, whole: the document of the provider, the decision, and the number (decision 18).
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from wallet_sim.approval import require_offered
from wallet_sim.card.card import OpenedCard
from wallet_sim.card.errors import RequestRefused
from wallet_sim.card.tls import Answer, ClientCertificate, get, post
from wallet_sim.card.trust import ServerTrust
from wallet_sim.card.wire import CIBA
from wallet_sim.display import Language
from wallet_sim.documents import Challenge
from wallet_sim.encoding import b64url, parse_object
from wallet_sim.errors import DocumentUntimely, NoAnswer
from wallet_sim.keys import bytes_to_sign

Decision = Literal["approve", "refuse"]

_BASE = "/card/challenges"
_OK = 200
_FIRST_FAILURE = 500


@dataclass(frozen=True)
class Agent:
    """What speaks for an open card to the provider's listener."""

    card: OpenedCard
    trust: ServerTrust
    """Whom it believes to be the listener."""
    language: Language
    """Of the provider's messages."""

    def waiting(self) -> list[Challenge]:
        """The requests that wait for the card, newest first, each verified.

        One whose time is over by the card's clock is left out: it must not hide the others.

        Raises:
            RequestRefused: the provider does not take this card: `reason` and `detail`.
            DocumentRefused: one of them is not the provider's, or not for this card.
            ServerUntrusted, NoAnswer: the listener cannot be believed, or reached.
        """
        texts = _members(
            get(self._address("/pending"), self._shown(), self.trust, self._headers())
        ).get("challenges")
        if not isinstance(texts, list):
            raise NoAnswer("the provider's answer lacks challenges")
        found = []
        for text in texts:
            with suppress(DocumentUntimely):
                found.append(self.card.open_request(str(text)))
        return found

    def answer(self, challenge: Challenge, decision: Decision, number: str | None) -> str:
        """Sign a decision on a request that was shown, and send it.

        Gives `approved` or `refused`.

        Raises:
            NumberNotOffered: nothing was signed.
            RequestRefused: the provider does not take it: `reason` and `detail`.
            ServerUntrusted, NoAnswer: the listener cannot be believed, or reached.
        """
        if decision == "approve":
            require_offered(challenge, number)
        given = number if decision == "approve" else None
        signed = bytes_to_sign(CIBA, challenge.payload, decision, given)
        members = {
            "decision": decision,
            "number": given,
            "signature": b64url(self.card.sign_digest(signed)),
        }
        told = post(
            self._address(f"/{challenge.challenge_id}/answer"),
            self._shown(),
            self.trust,
            {**self._headers(), "Content-Type": "application/json"},
            json.dumps(members).encode(),
        )
        return str(_members(told).get("outcome"))

    def _address(self, path: str) -> str:
        return f"{self.card.state.card_base_url}{_BASE}{path}"

    def _shown(self) -> ClientCertificate:
        chain = self.card.state.certificates.authentication
        return ClientCertificate(chain, self.card.sign_digest)

    def _headers(self) -> dict[str, str]:
        return {"Accept": "application/json", "Accept-Language": self.language}


def _members(told: Answer) -> dict[str, Any]:
    if told.status >= _FIRST_FAILURE or not told.kind.endswith("json"):
        raise NoAnswer(f"the provider answered {told.status} without saying why")
    try:
        members = parse_object(told.body)
    except ValueError as error:
        raise NoAnswer("the provider's answer is not readable") from error
    if told.status != _OK:
        detail = str(members.get("detail") or members.get("title") or told.status)
        raise RequestRefused(str(members.get("code")), detail)
    return members
