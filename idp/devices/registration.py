"""Making a phone active: its PIN key is proved, and only now the old phone ends (decision 16)."""

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.devices.answers import roll_for
from idp.devices.assertion import FormRefused, KeyRefused, NewCredential, verify_registration
from idp.devices.documents import bytes_to_sign
from idp.devices.errors import PolicyStale, RegistrationRefused
from idp.devices.lifecycle import revoke_device
from idp.devices.notices import tell_contacts
from idp.devices.pin_key import seal_pin_key
from idp.devices.posture import check_posture
from idp.devices.proofs import decode_base64url
from idp.devices.push_address import read_subscription
from idp.keys.sealing import sha256
from idp.provider import Provider
from idp.store.devices import KeyInUse, active_devices, add_device, credential_in_use
from idp.store.models import Device
from idp.store.throttle import count_event

_FIRST = "activation"


def first_roll(provider: Provider, device_id: str) -> str:
    """The rolling token a phone starts with; the same again for a repeated activation."""
    return roll_for(provider.sealer, device_id, _FIRST)


def prove_new_pin_key(
    provider: Provider,
    db: Session,
    *,
    document: dict[str, Any],
    registration: Any,
    policy_version: Any,
) -> NewCredential:
    """Verify the registration of a new PIN key over a document of ours.

    Raises:
        PolicyStale: the PIN was chosen under another policy than the one in force.
        RegistrationRefused: form, key or attestation does not hold, or the id is taken.
    """
    settings = provider.settings
    if policy_version != settings.pin_policy_version:
        raise PolicyStale
    try:
        credential = verify_registration(
            registration,
            challenge=bytes_to_sign(document, "register", None),
            rp_id=settings.rp_id,
            origin=settings.phone_origin,
        )
    except (FormRefused, KeyRefused) as error:
        raise RegistrationRefused from error
    if credential_in_use(db, credential.credential_id):
        raise RegistrationRefused
    return credential


def activate(
    provider: Provider,
    db: Session,
    *,
    national_id: str,
    device_jwk: dict[str, Any],
    device_thumbprint: str,
    document: dict[str, Any],
    registration: Any,
    policy_version: Any,
    push: Any,
    name: str,
    posture: Any = None,
    paired_card: str | None = None,
    revocation_hash: bytes | None = None,
) -> tuple[Device, str]:
    """Make a phone a person's e-CPS; gives it and its first rolling token.

    Args:
        provider: the provider.
        db: the transaction that also ends the ticket.
        national_id: of the person, whose identity is proved already.
        device_jwk: the public device key.
        device_thumbprint: its RFC 7638 thumbprint.
        document: the registration document that the phone was given.
        registration: RegistrationResponseJSON of the new PIN key.
        policy_version: version of the PIN policy under which the PIN was chosen.
        push: PushSubscription, or nothing.
        name: what the person calls the phone.
        posture: what the phone declares of itself, or nothing.
        paired_card: number of the card that vouched for the phone, where one did (EC-05).
        revocation_hash: SHA-256 of the code that its holder can revoke it with.

    Raises:
        PolicyStale: the PIN policy changed meanwhile.
        RegistrationRefused: the PIN key is not proved, or a key is another phone's.
        PushAddressRefused: the push endpoint is not allowed.
        PostureRefused: the phone declares what forbids it to hold an e-CPS.
    """
    now = provider.clock.now()
    sim_hash = check_posture(posture)
    # Two activations of one person at once wait for each other on this row.
    count_event(db, f"activation:{national_id}", window=timedelta(days=1), now=now)
    subscription = None if push is None else read_subscription(provider.settings, push)
    credential = prove_new_pin_key(
        provider, db, document=document, registration=registration, policy_version=policy_version
    )
    others = active_devices(db, national_id, now)
    device_id = secrets.token_urlsafe(16)
    roll = first_roll(provider, device_id)
    device = Device(
        device_id=device_id,
        national_id=national_id,
        name=name,
        state="active",
        device_jwk=device_jwk,
        device_thumbprint=device_thumbprint,
        credential_id=credential.credential_id,
        pin_key_sealed=seal_pin_key(
            provider.sealer, credential.credential_id, credential.public_key
        ),
        policy_version=policy_version,
        roll_hash=sha256(decode_base64url(roll)),
        push=subscription,
        sim_hash=sim_hash,
        paired_card=paired_card,
        revocation_hash=revocation_hash,
        created_at=now,
        expires_at=now + provider.settings.device_lifetime,
    )
    try:
        add_device(db, device)
    except KeyInUse as error:
        raise RegistrationRefused from error
    for old in others[provider.settings.max_devices - 1 :]:
        revoke_device(provider, db, old, "replaced")
    record(db, Event.DEVICE_ACTIVATED, now=now, person=national_id, device_id=device_id)
    _announce(provider, db, device)
    return device, roll


def _announce(provider: Provider, db: Session, device: Device) -> None:
    tell_contacts(provider, db, device.national_id, "activated", phone=device.name)
