"""The inner proof: the PIN key as a WebAuthn credential, on py_webauthn 3.

Pure: neither Flask nor SQL. What the library leaves to its caller (measured: it ties no credential
id to the key, accepts cross-origin and backed-up credentials, and tests the counter before the
signature) is checked here. Form is judged before any PIN is evaluated and costs no try.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import parse_cbor
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from idp.devices.proofs import decode_base64url, encode_base64url, strict_json

AAGUID = bytes.fromhex("656370732d73696d756c61746f720001")
CREDENTIAL_ID_BYTES = 32
_ASSERTION_FLAGS = 0x05
"""User present and verified; nothing about backup, no data, no extension."""
_REGISTRATION_FLAGS = 0x45
_HEAD = 37
"""rpIdHash, flags and counter."""
_ATTESTED = _HEAD + 16 + 2 + CREDENTIAL_ID_BYTES
_COSE_START = bytes.fromhex("a5010203262001215820")
"""CTAP2 canonical COSE_Key of an ES256 key on P-256, up to its x."""
_COSE_LENGTH = 77
_LONGEST = 1024
_LONGEST_SIGNATURE = 72
_CLIENT_DATA = {"type", "challenge", "origin", "crossOrigin"}
_CREDENTIAL = {"id", "rawId", "response", "type", "authenticatorAttachment"}
_CREDENTIAL |= {"clientExtensionResults"}


class FormRefused(Exception):
    """A WebAuthn response of another form than the protocol's; no key was looked at."""


class KeyRefused(Exception):
    """A registration whose key or self attestation does not hold."""


@dataclass(frozen=True)
class PresentedAssertion:
    """An assertion of the right form, whose signature is not yet verified."""

    credential: dict[str, Any]
    credential_id: str
    challenge: bytes
    counter: int


@dataclass(frozen=True)
class NewCredential:
    """A PIN key proved by its self attestation."""

    credential_id: str
    public_key: bytes
    """COSE_Key."""


def read_assertion(assertion: Any, *, rp_id: str, origin: str) -> PresentedAssertion:
    """Check everything of an assertion that needs no key.

    Raises:
        FormRefused: one thing is not as the protocol says.
    """
    credential_id, response = _read_credential(assertion)
    if not set(response) <= {"clientDataJSON", "authenticatorData", "signature", "userHandle"}:
        raise FormRefused("a member that has no place")
    if response.get("userHandle") is not None:
        raise FormRefused("userHandle")
    challenge = _read_client_data(response, "webauthn.get", origin)
    data = _bytes(response, "authenticatorData", longest=_HEAD)
    _check_authenticator_data(data, rp_id, flags=_ASSERTION_FLAGS, length=_HEAD)
    _bytes(response, "signature", longest=_LONGEST_SIGNATURE)
    return PresentedAssertion(
        credential=assertion,
        credential_id=credential_id,
        challenge=challenge,
        counter=int.from_bytes(data[33:_HEAD]),
    )


def is_signed_by(
    presented: PresentedAssertion, public_key: bytes, *, challenge: bytes, rp_id: str, origin: str
) -> bool:
    """Whether the PIN key signed: false means a wrong PIN.

    The library is told that the last counter was 0: it would test the counter before the
    signature, and a stranger could provoke a false alarm of a clone.
    """
    try:
        verify_authentication_response(
            credential=presented.credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except WebAuthnException:
        return False
    return True


def counter_advances(stored: int, presented: int, *, window: int) -> bool:
    """Whether the phone's counter moved forward, by no more than the accepted jump."""
    return stored < presented <= stored + window


def attestation_object(registration: Any) -> bytes:
    """The attestation object of a registration, whose hash the old PIN key signs.

    Raises:
        FormRefused: there is none of the right form.
    """
    _, response = _read_credential(registration)
    return _bytes(response, "attestationObject", longest=_LONGEST)


def verify_registration(
    registration: Any, *, challenge: bytes, rp_id: str, origin: str
) -> NewCredential:
    """A new PIN key: ES256, packed self attestation, single device, our AAGUID.

    Raises:
        FormRefused: the response has another form.
        KeyRefused: challenge, key or signature does not hold.
    """
    credential_id, response = _read_credential(registration)
    if _read_client_data(response, "webauthn.create", origin) != challenge:
        raise KeyRefused("another challenge")
    data = _read_self_attestation(_bytes(response, "attestationObject", longest=_LONGEST))
    _check_authenticator_data(
        data, rp_id, flags=_REGISTRATION_FLAGS, length=_ATTESTED + _COSE_LENGTH
    )
    attested = AAGUID + CREDENTIAL_ID_BYTES.to_bytes(2) + decode_base64url(credential_id)
    if data[33:_HEAD] != bytes(4) or data[_HEAD:_ATTESTED] != attested:
        raise FormRefused("counter, AAGUID or credential id")
    if not data[_ATTESTED:].startswith(_COSE_START):
        raise FormRefused("not a canonical ES256 key")
    try:
        verified = verify_registration_response(
            credential=registration,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        # The last three: a point off the curve, and members of another type.
        raise KeyRefused("the self attestation does not hold") from error
    return NewCredential(encode_base64url(verified.credential_id), verified.credential_public_key)


def _read_credential(credential: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(credential, dict) or not set(credential) <= _CREDENTIAL:
        raise FormRefused("not a credential")
    response = credential.get("response")
    if credential.get("type") != "public-key" or not isinstance(response, dict):
        raise FormRefused("not a public-key credential")
    if credential.get("clientExtensionResults", {}) != {}:
        raise FormRefused("extensions")
    credential_id = credential.get("id")
    if credential.get("rawId") != credential_id:
        raise FormRefused("id and rawId differ")
    try:
        decode_base64url(credential_id, length=CREDENTIAL_ID_BYTES)
    except ValueError as error:
        raise FormRefused("credential id") from error
    return str(credential_id), response


def _read_client_data(response: dict[str, Any], ceremony: str, origin: str) -> bytes:
    try:
        client_data = strict_json(_bytes(response, "clientDataJSON", longest=_LONGEST))
        challenge = decode_base64url(client_data.get("challenge"), length=32)
    except (ValueError, TypeError) as error:
        raise FormRefused("clientDataJSON") from error
    if set(client_data) != _CLIENT_DATA or client_data["type"] != ceremony:
        raise FormRefused("another ceremony, or a member that has no place")
    if client_data["origin"] != origin or client_data["crossOrigin"] is not False:
        raise FormRefused("origin")
    return challenge


def _check_authenticator_data(data: bytes, rp_id: str, *, flags: int, length: int) -> None:
    if len(data) != length or data[:32] != hashlib.sha256(rp_id.encode()).digest():
        raise FormRefused("rpIdHash or length")
    if data[32] != flags:
        raise FormRefused("flags")


def _read_self_attestation(encoded: bytes) -> bytes:
    try:
        attestation = parse_cbor(encoded)
    except WebAuthnException as error:
        raise FormRefused("not CBOR") from error
    if not isinstance(attestation, dict) or set(attestation) != {"fmt", "attStmt", "authData"}:
        raise FormRefused("not an attestation object")
    statement, data = attestation["attStmt"], attestation["authData"]
    if attestation["fmt"] != "packed" or not isinstance(statement, dict):
        raise FormRefused("not a packed attestation")
    if (
        set(statement) != {"alg", "sig"}
        or statement["alg"] != COSEAlgorithmIdentifier.ECDSA_SHA_256
    ):
        raise FormRefused("not a self attestation by ES256")
    if not isinstance(statement["sig"], bytes) or not isinstance(data, bytes):
        raise FormRefused("types")
    return data


def _bytes(response: dict[str, Any], name: str, *, longest: int) -> bytes:
    try:
        value = decode_base64url(response.get(name))
    except ValueError as error:
        raise FormRefused(name) from error
    if not 0 < len(value) <= longest:
        raise FormRefused(name)
    return value
