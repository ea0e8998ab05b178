"""When the phone believes what the provider signs (attack 28, decision 23)."""

import json
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from wallet_sim.documents import (
    CONFIGURATION,
    DOCUMENT,
    SUCCESSION,
    open_configuration,
    open_document,
    pin,
    thumbprint,
)
from wallet_sim.errors import DocumentRefused
from wallet_sim.keys import make_device_key, public_jwk

NOW = 1_800_000_000
ADDRESSEE = {"device_id": "phone-1"}


class Signer:
    """One phone-facing key of a provider."""

    def __init__(self) -> None:
        self.key: ECKey = make_device_key()
        self.jwk = public_jwk(self.key)
        self.kid = thumbprint(self.jwk)

    @property
    def pinned(self) -> dict[str, dict[str, Any]]:
        return {self.kid: self.jwk}

    def sign(self, typ: str, payload: dict[str, Any]) -> str:
        header = {"alg": "ES256", "typ": typ, "kid": self.kid}
        return jws.serialize_compact(header, json.dumps(payload), self.key, ["ES256"])

    def endorse(self, successor: "Signer") -> str:
        return self.sign(SUCCESSION, successor.jwk)


def document(**changes: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "purpose": "signin",
        "challenge_id": "challenge-1",
        "nonce": "AAAA",
        "device_id": "phone-1",
        "client_name": "Service",
        "number": {"mode": "choice", "options": ["07", "42", "91"]},
        "iat": NOW,
        "exp": NOW + 60,
        **changes,
    }


def configuration(signer: Signer, successions: list[str], *others: Signer) -> str:
    return signer.sign(
        CONFIGURATION,
        {
            "v": 1,
            "issuer": "https://idp.test/realm",
            "rp_id": "ecps.test",
            "origin": "ecps:ecps.test",
            "iat": NOW,
            "exp": NOW + 3600,
            "policy": {
                "version": 1,
                "pin_min": 4,
                "pin_max": 8,
                "kdf": {"name": "scrypt", "log2_n": 10, "r": 8, "p": 1},
                "forbid": [],
            },
            "keys": [signer.jwk, *(other.jwk for other in others)],
            "successions": successions,
            "vapid": "AAAA",
        },
    )


def read(text: str, signer: Signer) -> Any:
    return open_document(text, purpose="signin", pinned=signer.pinned, addressee=ADDRESSEE, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"purpose": "enrol"},
        {"device_id": "phone-2"},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"iat": NOW + 3600, "exp": NOW + 7200},
        {"challenge_id": "../delete"},
        {"challenge_id": 7},
        {"nonce": None},
        {"number": {"mode": "guess"}},
        {"exp": "soon"},
    ],
)
def test_document_that_is_not_for_here_and_now_is_refused(changes: dict[str, Any]) -> None:
    signer = Signer()
    with pytest.raises(DocumentRefused):
        read(signer.sign(DOCUMENT, document(**changes)), signer)


def test_document_changed_on_its_way_is_refused() -> None:
    """Attack 28: another service's name under the provider's signature."""
    signer, other = Signer(), Signer()
    head, _, signature = signer.sign(DOCUMENT, document()).split(".")
    altered = other.sign(DOCUMENT, document(client_name="Autre")).split(".")[1]
    with pytest.raises(DocumentRefused):
        read(f"{head}.{altered}.{signature}", signer)


def test_document_signed_by_a_stranger_is_refused() -> None:
    signer, stranger = Signer(), Signer()
    with pytest.raises(DocumentRefused):
        read(stranger.sign(DOCUMENT, document()), signer)
    stranger.kid = signer.kid
    with pytest.raises(DocumentRefused):
        read(stranger.sign(DOCUMENT, document()), signer)


def test_signed_text_of_another_type_is_no_document() -> None:
    signer = Signer()
    with pytest.raises(DocumentRefused):
        read(signer.sign(CONFIGURATION, document()), signer)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "é.é.é", "..", "null"])
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(DocumentRefused):
        read(text, Signer())


def test_member_that_stands_twice_is_refused() -> None:
    signer = Signer()
    text = json.dumps(document())[:-1] + ', "client_name": "Autre"}'
    header = {"alg": "ES256", "typ": DOCUMENT, "kid": signer.kid}
    with pytest.raises(DocumentRefused):
        read(jws.serialize_compact(header, text, signer.key, ["ES256"]), signer)


def test_document_is_signed_whole_with_members_this_phone_does_not_know() -> None:
    signer = Signer()
    opened = read(signer.sign(DOCUMENT, document(later={"a": 1})), signer)
    assert opened.payload == document(later={"a": 1})


def test_only_nonce_and_instant_may_change_in_the_same_question() -> None:
    """Decision 20."""
    signer = Signer()
    asked = read(signer.sign(DOCUMENT, document()), signer)
    fresh = read(signer.sign(DOCUMENT, document(nonce="BBBB", iat=NOW - 1)), signer)
    other = read(signer.sign(DOCUMENT, document(nonce="BBBB", client_name="Autre")), signer)
    assert fresh.is_same_question(asked)
    assert not other.is_same_question(asked)


def test_configuration_by_an_unknown_key_is_refused() -> None:
    known, stranger = Signer(), Signer()
    with pytest.raises(DocumentRefused):
        open_configuration(configuration(stranger, []), pinned=known.pinned, now=NOW)


def test_succession_by_a_stranger_is_refused() -> None:
    """Decision 23: only a predecessor names its successor."""
    known, stranger = Signer(), Signer()
    forged = configuration(stranger, [stranger.endorse(stranger)], known)
    with pytest.raises(DocumentRefused):
        open_configuration(forged, pinned=known.pinned, now=NOW)


def test_succession_that_claims_the_pinned_key_is_refused() -> None:
    known, stranger = Signer(), Signer()
    real, stranger.kid = stranger.kid, known.kid
    forged = stranger.endorse(stranger)
    stranger.kid = real
    with pytest.raises(DocumentRefused):
        open_configuration(configuration(stranger, [forged]), pinned=known.pinned, now=NOW)


def test_successions_are_followed_over_several_rotations_in_any_order() -> None:
    first, second, third = Signer(), Signer(), Signer()
    text = configuration(third, [second.endorse(third), first.endorse(second)], second)
    trusted = open_configuration(text, pinned=first.pinned, now=NOW)
    assert set(trusted.pinned) == {second.kid, third.kid}


def test_key_no_longer_published_is_no_longer_trusted() -> None:
    first, second = Signer(), Signer()
    trusted = open_configuration(
        configuration(second, [first.endorse(second)]), pinned=first.pinned, now=NOW
    )
    assert set(trusted.pinned) == {second.kid}


@pytest.mark.parametrize("now", [NOW + 3600, NOW - 3600])
def test_configuration_out_of_its_time_is_refused(now: int) -> None:
    signer = Signer()
    with pytest.raises(DocumentRefused):
        open_configuration(configuration(signer, []), pinned=signer.pinned, now=now)


def test_the_qr_decides_which_key_is_pinned() -> None:
    first, second, stranger = Signer(), Signer(), Signer()
    text = configuration(second, [first.endorse(second)], first, stranger)
    trusted = open_configuration(text, pinned=None, now=NOW)
    assert set(pin(first.kid, trusted=trusted)) == {first.kid, second.kid}
    assert set(pin(second.kid, trusted=trusted)) == {second.kid}
    with pytest.raises(DocumentRefused):
        pin(Signer().kid, trusted=trusted)


def test_cost_that_would_exhaust_the_phone_is_refused() -> None:
    signer = Signer()
    text = configuration(signer, [])
    payload = json.loads(jws.extract_compact(text.encode()).payload)
    payload["policy"]["kdf"]["log2_n"] = 30
    with pytest.raises(DocumentRefused):
        open_configuration(signer.sign(CONFIGURATION, payload), pinned=signer.pinned, now=NOW)
