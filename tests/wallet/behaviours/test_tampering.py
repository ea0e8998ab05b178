"""An answer altered on its way, field by field: nothing altered is ever taken as it was meant."""

import json

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from tests.wallet.behaviours.helpers import Scene
from wallet_sim.behaviours.tampering import FIELDS, alter_after_signing, alter_before_signing
from wallet_sim.encoding import b64url

MEMBERS = {
    "number": "42",
    "decision": "approve",
    "roll": b64url(b"r" * 32),
    "counter": 1,
    "path": "/wallet/v1/challenges/x/answer",
    "aud": "https://issuer.test",
    "iat": 1,
    "request_id": b64url(b"q" * 16),
    "posture": {"rooted": False, "sim": "s"},
    "assertion": {
        "id": b64url(b"i" * 32),
        "response": {
            "signature": b64url(b"s" * 70),
            "authenticatorData": b64url(b"a" * 37),
            "clientDataJSON": b64url(b"{}"),
        },
    },
}


def signed(key: ECKey) -> bytes:
    header = {"alg": "ES256", "typ": "ecps-request+jws", "kid": "device"}
    return jws.serialize_compact(header, json.dumps(MEMBERS), key, ["ES256"]).encode()


def differences(one: dict[str, object], other: dict[str, object], at: str = "") -> list[str]:
    found = []
    for name, value in one.items():
        if isinstance(value, dict):
            inner = other[name]
            assert isinstance(inner, dict)
            found += differences(value, inner, f"{at}{name}.")
        elif other[name] != value:
            found.append(f"{at}{name}")
    return found


@pytest.mark.parametrize("field", FIELDS)
def test_one_field_is_altered_and_no_other(field: str) -> None:
    key = ECKey.generate_key("P-256")
    network = alter_after_signing(signed(key), field)
    thief = alter_before_signing(signed(key), field, key.as_dict(private=True))
    assert differences(MEMBERS, json.loads(jws.extract_compact(network).payload)) == [field]
    assert differences(MEMBERS, json.loads(jws.extract_compact(thief).payload)) == [field]
    assert network.split(b".")[2] == signed_part(network, key, holds=False)
    assert thief.split(b".")[2] == signed_part(thief, key, holds=True)


def signed_part(request: bytes, key: ECKey, *, holds: bool) -> bytes:
    """The signature of a request, which must hold or not."""
    if holds:
        assert jws.deserialize_compact(request, key, ["ES256"])
    else:
        with pytest.raises(Exception, match="bad_signature"):
            jws.deserialize_compact(request, key, ["ES256"])
    return request.split(b".")[2]


def test_what_is_altered_after_signing_is_not_recognised_and_counts_nothing(scene: Scene) -> None:
    """Decision 19: the outer signature stops it before the roll and the PIN."""
    for field in FIELDS:
        acted, asked = scene.meet({"do": "tamper", "field": field, "when": "after_signing"})
        assert (field, acted.outcome) == (field, "not_recognised")
        assert scene.challenge.state == "pending"
        assert scene.answer_to(asked) == "authorization_pending"
    assert scene.device.state == "active"
    assert scene.device.lifetime_failures == 0
    assert scene.device.sign_count == 0


def test_what_a_thief_of_the_device_key_alters_and_signs_anew_comes_to_what_the_table_says(
    scene: Scene,
) -> None:
    """Decisions 18 and 19: the inner signature and the roll hold without the outer one."""
    wrong_pins = 0
    # A roll of one's own making ends the phone: it comes last.
    for field in sorted(FIELDS, key=lambda field: field == "roll"):
        acted, asked = scene.meet({"do": "tamper", "field": field, "when": "before_signing"})
        assert (field, acted.outcome) == (field, FIELDS[field])
        told = scene.answer_to(asked)
        assert told == ("tokens" if field == "request_id" else "authorization_pending")
        wrong_pins += acted.outcome == "wrong_pin"
        assert scene.device.lifetime_failures == wrong_pins
    assert wrong_pins == 1
    assert scene.device.state == "suspended"
