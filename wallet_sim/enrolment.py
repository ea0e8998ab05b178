"""Activation: identifier, QR of the mail, code of the SMS, PIN (decision 17).

An activation by card (`pairing.py`) begins and ends with the same steps.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from wallet_sim.clock import PhoneClock
from wallet_sim.documents import (
    Challenge,
    Configuration,
    configuration_instant,
    open_configuration,
    pin,
)
from wallet_sim.encoding import b64url, from_b64url
from wallet_sim.errors import AlreadyEnrolled, NotEnrolled
from wallet_sim.exchange import Exchange
from wallet_sim.file import Credential, Enrolment, HeldState, Identity, SmsPromised, State
from wallet_sim.keys import Kdf, bytes_to_sign, derive_pin_key, make_device_key, register
from wallet_sim.pin_policy import require_allowed
from wallet_sim.qr import ScannedQr
from wallet_sim.transport import Channel

_SECRET_BYTES = 32  # of a salt, and of a credential id


@dataclass(frozen=True)
class SmsSent:
    """Where the code went, and until when it holds."""

    hint: str
    expires_at: int
    resend_at: int
    tries: int


class Activated(Identity):
    """The e-CPS as it is told at its activation, with what is shown once and not kept."""

    revocation_code: str
    """Ends this e-CPS on the provider's portal, without phone or card: to be written down."""


@dataclass(frozen=True)
class NewPin:
    """A PIN just chosen: what the phone will keep of it, and what the provider must see once."""

    credential: Credential
    registration: dict[str, Any]
    attestation: bytes


def begin(held: HeldState, channel: Channel, clock: PhoneClock) -> None:
    """Make the device key and believe the provider for as long as the QR has not been seen.

    Raises:
        AlreadyEnrolled: the phone holds an e-CPS.
        DocumentRefused: the configuration does not hold together.
    """
    if not held.is_empty and held.state.identity is not None:
        raise AlreadyEnrolled("this phone holds an e-CPS: delete it first")
    text = channel.fetch_configuration()
    clock.follow(configuration_instant(text, pinned=None))
    trusted = open_configuration(text, pinned=None, now=clock.timestamp())
    held.begin(
        State(
            base_url=channel.base_url,
            device_key=make_device_key().as_dict(private=True),
            configuration=trusted.configuration,
            pinned=trusted.pinned,
        )
    )


def ask_ticket(exchange: Exchange, national_id: str, name: str) -> Enrolment:
    """Type the identifier: a mail goes to the declared address, if there is one."""
    answer = exchange.request("/enrolments", {"national_id": national_id, "name": name})
    exchange.state.enrolment = Enrolment(
        ticket_id=answer["ticket_id"], national_id=national_id, expires_at=answer["expires_at"]
    )
    exchange.held.save()
    return exchange.state.enrolment


def pin_provider(exchange: Exchange, qr: ScannedQr) -> None:
    """Trust, from now on, the key that the QR names and its successors only.

    Raises:
        DocumentRefused: the provider asked is not the one that made the QR.
    """
    text = exchange.channel.fetch_configuration()
    trusted = open_configuration(text, pinned=None, now=exchange.clock.timestamp())
    pinned = pin(qr.kid, trusted=trusted)
    exchange.adopt(open_configuration(text, pinned=pinned, now=exchange.clock.timestamp()))


def redeem(exchange: Exchange, token: str) -> SmsSent:
    """Hand in the token of the mail: an SMS goes to the declared mobile."""
    answer = exchange.request(f"{under_way(exchange).address}/redeem", {"token": token})
    return _promised(exchange, SmsSent(**answer["sms"]))


def resend(exchange: Exchange) -> SmsSent:
    """Ask for another SMS code; the one before dies."""
    answer = exchange.request(f"{under_way(exchange).address}/resend", {})
    return _promised(exchange, SmsSent(**answer["sms"]))


def verify_code(exchange: Exchange, code: str) -> Challenge:
    """Type the code of the SMS; the document to register a PIN with comes back."""
    typed = "".join(code.split())
    answer = exchange.request(f"{under_way(exchange).address}/verify", {"code": typed})
    challenge = exchange.open(answer["document"], "enrol")
    under_way(exchange).document = answer["document"]
    exchange.held.save()
    return challenge


def activate(exchange: Exchange, chosen: bytearray, push: dict[str, Any] | None) -> Activated:
    """Register the PIN key; from here on the phone holds an e-CPS.

    The revocation code is given, and never written: a thief of the phone must not find it.

    Raises:
        PinRefused: the policy forbids the PIN.
        NotEnrolled: the SMS code, or on the portal the phone's code, was not typed yet.
    """
    document = under_way(exchange).document
    if document is None:
        raise NotEnrolled("type the code of the SMS, or the phone's code on the portal, first")
    challenge = exchange.open(document, "enrol")
    configuration = current_policy(exchange, challenge)
    new = choose(exchange, chosen, challenge, configuration)
    answer = exchange.request(
        f"{under_way(exchange).address}/activate",
        {
            "registration": new.registration,
            "policy_version": new.credential.policy_version,
            "push": push,
        },
    )
    state = exchange.state
    identity = Identity(
        device_id=answer["device_id"],
        national_id=answer["national_id"],
        display_name=answer["display_name"],
        expires_at=answer["expires_at"],
    )
    state.identity = identity
    state.credential, state.roll, state.enrolment = new.credential, answer["roll"], None
    exchange.held.save()
    return Activated(**identity.model_dump(), revocation_code=answer["revocation_code"])


def under_way(exchange: Exchange) -> Enrolment:
    """The activation that this phone began.

    Raises:
        NotEnrolled: there is none.
    """
    if exchange.state.enrolment is None:
        raise NotEnrolled("type the national identifier, or scan the portal's QR, first")
    return exchange.state.enrolment


def current_policy(exchange: Exchange, challenge: Challenge) -> Configuration:
    """The configuration whose policy the document names, fetched again where it is newer."""
    configuration = exchange.state.configuration
    named = challenge.payload.get("policy_version", configuration.policy.version)
    expired = configuration.exp <= exchange.clock.timestamp()
    if expired or named != configuration.policy.version:
        return exchange.refresh_configuration()
    return configuration


def choose(
    exchange: Exchange, chosen: bytearray, challenge: Challenge, configuration: Configuration
) -> NewPin:
    """Derive a new PIN key under a fresh salt and register it for this document."""
    policy = configuration.policy
    require_allowed(chosen, policy)
    salt, credential_id = secrets.token_bytes(_SECRET_BYTES), secrets.token_bytes(_SECRET_BYTES)
    key = derive_pin_key(chosen, salt, Kdf(policy.kdf.log2_n, policy.kdf.r, policy.kdf.p))
    signed = bytes_to_sign(challenge.purpose, challenge.payload, "register", None)
    registration, attestation = register(key, credential_id, signed, exchange.party)
    credential = Credential(
        credential_id=b64url(credential_id),
        salt=b64url(salt),
        log2_n=policy.kdf.log2_n,
        r=policy.kdf.r,
        p=policy.kdf.p,
        policy_version=policy.version,
    )
    return NewPin(credential, registration, attestation)


def _promised(exchange: Exchange, sms: SmsSent) -> SmsSent:
    under_way(exchange).sms = SmsPromised(
        hint=sms.hint, expires_at=sms.expires_at, resend_at=sms.resend_at
    )
    exchange.held.save()
    return sms


def pin_key_of(credential: Credential, entered: bytearray) -> Any:
    """The PIN key that an entered PIN gives; whether it is the right one, only the provider tells.

    Returns:
        A private key of P-256, to be dropped after one signature.
    """
    kdf = Kdf(credential.log2_n, credential.r, credential.p)
    return derive_pin_key(entered, from_b64url(credential.salt), kdf)
