"""The QR of the portal, photographed, late or scanned by a thief (attack 37)."""

import pytest
from flask import Flask

from idp.provider import Provider
from tests.attacks.cards.helpers import devices
from tests.attacks.helpers import send_raw
from tests.conftest import BASE_URL, provider_of
from tests.enrolment.helpers import wrong
from tests.portal.helpers import PAIRING, Visit, qr_in, token_on
from tests.wallet.helpers import PERSON, PIN, advance, outbox
from wallet_sim.errors import (
    NotEnrolled,
    PairingRefused,
    QrRefused,
    TokenRefused,
)
from wallet_sim.phone import Phone


@pytest.mark.parametrize("first", ["own", "thief"])
def test_a_qr_that_two_phones_scan_pairs_neither(
    app: Flask, portal: Visit, own: Phone, thief: Phone, first: str
) -> None:
    """Attack 37 (scanned twice): whoever was first, the code typed then confirms nobody."""
    scanner, late = (own, thief) if first == "own" else (thief, own)
    picture = qr_in(portal.show_qr())
    shown = scanner.pair(BASE_URL, picture)
    with pytest.raises(TokenRefused):
        late.pair(BASE_URL, picture)
    portal.type_code(shown.code)
    with pytest.raises(PairingRefused):
        scanner.pairing_state()
    assert "Deux téléphones ont lu ce QR code" in portal.browser.get(PAIRING).text
    assert any("deux téléphones" in m["payload"]["text"].lower() for m in outbox(app, PERSON))
    assert devices(provider_of(app)) == []


def test_a_qr_older_than_90_seconds_pairs_nobody(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (after 90 s), EC-22: refused by the phone, and by the provider besides."""
    page = portal.show_qr()
    advance(provider, 91)
    with pytest.raises(QrRefused):
        thief.pair(BASE_URL, qr_in(page))
    with pytest.raises(TokenRefused):
        thief.pair(BASE_URL, token_on(page))


@pytest.mark.parametrize("when", ["while the code is awaited", "confirmed", "active"])
def test_a_photo_of_the_qr_never_makes_a_second_phone(
    provider: Provider, portal: Visit, own: Phone, thief: Phone, when: str
) -> None:
    """Attack 37 (replayed from a photo): at no point; a phone that is active stays."""
    page = portal.show_qr()
    shown = own.pair(BASE_URL, qr_in(page))
    if when != "while the code is awaited":
        portal.type_code(shown.code)
        assert own.pairing_state().state == "confirmed"
    if when == "active":
        own.choose_pin(PIN)
    with pytest.raises(TokenRefused):
        thief.pair(BASE_URL, qr_in(page))
    assert [device.state for device in devices(provider)] == ["active"] * (when == "active")


def test_a_phone_whose_code_was_not_typed_is_never_active(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (code not confirmed): not by patience, nor past its own application."""
    thief.pair(BASE_URL, qr_in(portal.show_qr()))
    with pytest.raises(NotEnrolled):
        thief.choose_pin(PIN)
    with thief._exchange() as exchange:
        begun = exchange.state.enrolment
    assert begun is not None
    forged = {"registration": {}, "policy_version": 1, "push": None}
    for seconds in (0, 60, 3600):
        advance(provider, seconds)
        with pytest.raises(PairingRefused):
            send_raw(thief, f"{begun.address}/activate", forged)
    assert devices(provider) == []


def test_the_thiefs_phone_is_not_confirmed_by_the_code_of_another(
    provider: Provider, portal: Visit, thief: Phone
) -> None:
    """Attack 37 (code not confirmed), decision 33: one try, of what that very phone shows."""
    shown = thief.pair(BASE_URL, qr_in(portal.show_qr()))
    portal.type_code(wrong(shown.code))
    portal.type_code(shown.code)
    with pytest.raises(PairingRefused):
        thief.pairing_state()
    assert devices(provider) == []
