"""What a phone declares of itself: rooted, where the application came from, its SIM (EC-28).

A declaration is worth what the phone is worth: one that lies, or declares nothing, is taken as it
is. A real application would carry its platform's attestation here.
"""

from typing import Any

from idp.devices.errors import Malformed, PostureRefused
from idp.keys.sealing import sha256
from idp.store.models import Device

_LONGEST_SIM = 64


def check_posture(declared: Any) -> bytes | None:
    """Refuse a phone that may hold no e-CPS; gives the digest of the SIM it declares.

    Args:
        declared: `{rooted, official_store, sim}`, or nothing.

    Raises:
        PostureRefused: rooted, or not from the official store.
        Malformed: a member of another form.
    """
    if declared is None:
        return None
    if not isinstance(declared, dict):
        raise Malformed(member="posture")
    rooted, official, sim = (declared.get(n) for n in ("rooted", "official_store", "sim"))
    if not isinstance(rooted, bool) or not isinstance(official, bool):
        raise Malformed(member="posture")
    if not isinstance(sim, str) or not 0 < len(sim) <= _LONGEST_SIM:
        raise Malformed(member="posture")
    if rooted:
        raise PostureRefused(reason="rooted")
    if not official:
        raise PostureRefused(reason="store")
    return sha256(sim)


def check_same_sim(device: Device, declared: Any) -> None:
    """Refuse an e-CPS whose phone changed its SIM: it must be activated again.

    Raises:
        PostureRefused: rooted, another store, or another SIM than at activation.
        Malformed: a member of another form.
    """
    sim_hash = check_posture(declared)
    if sim_hash is not None and device.sim_hash is not None and sim_hash != device.sim_hash:
        raise PostureRefused(reason="sim")
