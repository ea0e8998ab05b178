"""Changing the PIN: begin, commit, roll back, under the old PIN (protocol, section 8)."""

import hashlib

from wallet_sim.approval import assert_with_pin, send_answer
from wallet_sim.encoding import b64url
from wallet_sim.enrolment import NewPin, choose
from wallet_sim.exchange import Exchange
from wallet_sim.keys import bytes_to_sign
from wallet_sim.pin_policy import require_allowed
from wallet_sim.recovery import commit


def change(exchange: Exchange, old: bytearray, new: bytearray) -> None:
    """Give the e-CPS a new PIN; a new key under a new salt, so that an old copy of the file dies.

    Raises:
        PinRefused: the policy forbids the new PIN; nothing was sent.
        WrongPin: the old PIN is wrong; it counts as anywhere else.
        NoAnswer: a cut; `recovery.recover` leaves exactly one PIN valid.
    """
    configuration = exchange.refresh_configuration()
    require_allowed(new, configuration.policy)
    answer = exchange.request("/pin-change/start", {})
    challenge = exchange.open(answer["document"], "pin-change")
    chosen = choose(exchange, new, challenge, configuration)
    digest = b64url(hashlib.sha256(chosen.attestation).digest())
    signed = bytes_to_sign("pin-change", challenge.payload, f"change:{digest}", None)
    members = {
        "challenge_id": challenge.challenge_id,
        "assertion": assert_with_pin(exchange, old, signed),
        "registration": chosen.registration,
        "policy_version": chosen.credential.policy_version,
    }
    send_answer(
        exchange,
        "/pin-change/begin",
        members,
        challenge,
        # The salt is kept in the write that ends the answer's flight: never before the provider
        # said begun, and never after the phone forgot that it asked.
        keep=lambda: _keep(exchange, chosen),
    )
    commit(exchange)


def _keep(exchange: Exchange, chosen: NewPin) -> None:
    exchange.state.next_credential = chosen.credential
