"""The PIN key at rest: readable with the master key only, and tied to its credential."""

from idp.keys.sealing import SealBroken, Sealer

PURPOSE = "pin-key"


def seal_pin_key(sealer: Sealer, credential_id: str, public_key: bytes) -> bytes:
    """Seal a COSE public key together with the credential it belongs to."""
    return sealer.seal(credential_id.encode() + b"\0" + public_key, purpose=PURPOSE)


def open_pin_key(sealer: Sealer, credential_id: str, sealed: bytes) -> bytes:
    """The COSE public key of a credential.

    Raises:
        SealBroken: the bytes were altered, or moved to another credential.
    """
    owner, _, public_key = sealer.open(sealed, purpose=PURPOSE).partition(b"\0")
    if owner != credential_id.encode():
        raise SealBroken(PURPOSE)
    return public_key
