"""Faults of the discovery document and of the published keys."""

import base64
from typing import Any

from joserfc.jwk import ECKey
from pydantic import Field

from idp.dev.faults.carried import members_of, require, with_members, without_member
from idp.dev.faults.endpoints import DISCOVERY, JWKS
from idp.dev.faults.fault import Answer, DoesNotFit, Fault, Parameters
from idp.dev.operations import Text
from idp.keys.purposes import SIGNING


class DiscoveryMemberParameters(Parameters):
    """Which member."""

    member: Text = Field(max_length=200)
    """Its name in the document."""


def _wrong_issuer(answer: Answer, _chosen: Parameters) -> Answer:
    members = members_of(answer)
    return with_members(answer, members | {require(members, "issuer"): "https://issuer.invalid"})


def _without_member(answer: Answer, chosen: DiscoveryMemberParameters) -> Answer:
    return without_member(answer, chosen.member)


def _no_keys(answer: Answer, _chosen: Parameters) -> Answer:
    return with_members(answer, members_of(answer) | {"keys": []})


def _old_keys(answer: Answer, _chosen: Parameters) -> Answer:
    keyring = answer.provider.keyring
    in_use = {keyring.active(purpose).kid for purpose in SIGNING.values()}
    kept = [key for key in _keys_of(answer) if key["kid"] not in in_use]
    return with_members(answer, {"keys": kept})


def _other_keys(answer: Answer, _chosen: Parameters) -> Answer:
    return with_members(answer, {"keys": [_other_material(key) for key in _keys_of(answer)]})


def _keys_of(answer: Answer) -> list[dict[str, Any]]:
    keys = members_of(answer).get("keys")
    if not keys:
        raise DoesNotFit
    return list(keys)


def _other_material(key: dict[str, Any]) -> dict[str, Any]:
    """Under the same `kid` a public key that verifies nothing of ours."""
    if key["kty"] == "EC":
        point = ECKey.generate_key(key["crv"]).as_dict(private=False)
        return key | {"x": point["x"], "y": point["y"]}
    modulus = bytearray(base64.urlsafe_b64decode(key["n"] + "=="))
    modulus[len(modulus) // 2] ^= 0xFF  # making another RSA key takes a tenth of a second
    return key | {"n": base64.urlsafe_b64encode(bytes(modulus)).rstrip(b"=").decode()}


FAULTS = (
    Fault(
        "discovery_wrong_issuer",
        (DISCOVERY,),
        "`issuer` is `https://issuer.invalid`.",
        "Refuse the whole document: its issuer is not the one that it was fetched for.",
        "OpenID Connect Discovery 1.0, 4.3; RFC 8414, 3.3",
        _wrong_issuer,
    ),
    Fault(
        "discovery_missing_member",
        (DISCOVERY,),
        "The member of that name is missing.",
        "Fail at start where it needs the member, with its name in the message; never guess an "
        "address.",
        "OpenID Connect Discovery 1.0, 3",
        _without_member,
        DiscoveryMemberParameters,
    ),
    Fault(
        "jwks_empty",
        (JWKS,),
        "There are no keys.",
        "Refuse tokens while it knows no key, keep those that it knew, and ask again later.",
        "OpenID Connect Core 1.0, 10.1.1",
        _no_keys,
    ),
    Fault(
        "jwks_old_keys",
        (JWKS,),
        "The keys that sign now are missing, as in a copy from before they were published; older "
        "ones and those to encrypt to are there.",
        "Fetch once more where a `kid` is unknown, not at each token, and refuse it after that.",
        "OpenID Connect Core 1.0, 10.1.1",
        _old_keys,
    ),
    Fault(
        "jwks_other_keys",
        (JWKS,),
        "Every `kid` is there, with other key material.",
        "Refuse what does not verify: a known `kid` proves nothing.",
        "RFC 8725, 3.3; RFC 7515, 10.7",
        _other_keys,
    ),
)
"""What can be wrong with what a client configures itself by."""
