"""Activation by card and QR (EC-05, EC-21 to EC-23, EC-26; decisions 16 and 33; attack 37)."""

from datetime import timedelta

import pytest
from flask import Flask

from idp import create_app
from idp.enrolment.pairing import CardDoesNotVouch
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.models import Pairing
from tests.enrolment.helpers import (
    ADELI,
    KNOWN,
    KNOWN_MAIL,
    STRUCK_OFF,
    Handset,
    outbox,
    registration,
)
from tests.enrolment.pairing_helpers import (
    PAIRINGS,
    Portal,
    Scanner,
    advance,
    code_of,
    devices,
    pair,
    refusals,
    scanner,
    set_card,
    strike_off,
)


def test_a_card_opposed_before_the_code_confirms_nothing(both: Provider) -> None:
    """Decision 32: an opposed card vouches for nobody."""
    portal, mine = Portal(both), scanner(create_app(both.settings, provider=both))
    mine.scan(portal.show_qr())
    portal.oppose()
    assert portal.type_code(mine.code) is None
    assert code_of(mine.ask()) == "pairing_refused"


def test_a_card_opposed_after_the_code_makes_no_phone_active(both: Provider) -> None:
    """Decision 32: the card is looked at again with the last step."""
    portal, mine = Portal(both), scanner(create_app(both.settings, provider=both))
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    portal.oppose()
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert devices(both) == []


@pytest.mark.parametrize(
    "change", [{"state": "bloquee"}, {"state": "invalidee"}, {"is_nominative": False}]
)
def test_a_card_that_went_out_of_use_makes_no_phone_active(
    portal: Portal, mine: Scanner, change: dict[str, object]
) -> None:
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    set_card(portal.provider, portal.card_number, **change)
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert refusals(portal.provider)[-1] == "card"
    with pytest.raises(CardDoesNotVouch):
        portal.show_qr()


def test_a_card_that_lapsed_in_between_makes_no_phone_active(portal: Portal, mine: Scanner) -> None:
    """CP-10."""
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    ends_at = portal.provider.clock.now() + timedelta(seconds=30)
    set_card(portal.provider, portal.card_number, ends_at=ends_at)
    advance(portal.provider, 31)
    assert code_of(mine.activate(document)) == "pairing_refused"


@pytest.mark.parametrize("step", ["code", "PIN"])
def test_somebody_struck_off_in_between_gets_no_e_cps(
    portal: Portal, mine: Scanner, step: str
) -> None:
    """EC-01."""
    mine.scan(portal.show_qr())
    if step == "code":
        strike_off(portal.provider)
        assert portal.type_code(mine.code) is None
        return
    portal.type_code(mine.code)
    document = mine.document()
    strike_off(portal.provider)
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert devices(portal.provider) == []


@pytest.mark.parametrize(
    ("national_id", "columns"),
    [(STRUCK_OFF, {}), (KNOWN, {"is_nominative": False}), (KNOWN, {"state": "recue_non_activee"})],
)
def test_a_card_that_vouches_for_nobody_shows_no_qr(
    provider: Provider, national_id: str, columns: dict[str, object]
) -> None:
    """EC-01, EC-26, CP-07."""
    portal = Portal(provider, national_id)
    if columns:
        set_card(provider, portal.card_number, **columns)
    with pytest.raises(CardDoesNotVouch):
        portal.show_qr()


def test_card_qr_code_and_pin_make_an_active_e_cps(both: Provider) -> None:
    """EC-05, EC-21, EC-23."""
    app = create_app(both.settings, provider=both)
    portal, mine = Portal(both), scanner(app)
    answer = pair(portal, mine)
    assert answer.status_code == 201, answer.get_json()
    body = answer.get_json()
    told = {"device_id", "national_id", "display_name", "roll", "expires_at", "revocation_code"}
    assert set(body) == told
    assert body["national_id"] == KNOWN
    (device,) = devices(both)
    assert (device.state, device.paired_card) == ("active", portal.card_number)
    assert portal.pairing.state == "active"
    assert "vient d'être activée" in outbox(app.test_client(), KNOWN_MAIL)[-1]["payload"]["text"]


@pytest.mark.parametrize("family", ["CPS", "CPF", "CPE", "CPA"])
def test_every_family_of_named_card_activates(
    provider: Provider, mine: Scanner, family: str
) -> None:
    """EC-26."""
    assert pair(Portal(provider, family=family), mine).status_code == 201


def test_adeli_people_activate_with_their_card(provider: Provider, mine: Scanner) -> None:
    """EC-26, decision 17: they have no other way."""
    assert mine.phone.start(ADELI).status_code == 202
    answer = pair(Portal(provider, ADELI), mine)
    assert answer.status_code == 201, answer.get_json()


def test_the_old_phone_ends_only_when_the_new_one_is_active(
    app: Flask, provider: Provider, mine: Scanner
) -> None:
    """Decision 16, EC-28: one e-CPS per person."""
    pair(Portal(provider), scanner(app))
    portal = Portal(provider)
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    assert [device.state for device in devices(provider)] == ["active"]
    mine.activate(document)
    assert [device.state for device in devices(provider)] == ["revoked", "active"]


def test_a_pairing_activates_once(portal: Portal, mine: Scanner) -> None:
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    assert mine.activate(document).status_code == 201
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert len(devices(portal.provider)) == 1


def test_a_lost_answer_gives_the_same_device_and_roll(portal: Portal, mine: Scanner) -> None:
    """Protocol, section 2."""
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    path = f"{PAIRINGS}/{mine.pairing_id}/activate"
    body = mine.phone.sign(
        path, registration=registration(mine.document()), policy_version=1, push=None
    )
    first, again = mine.phone.send(path, body), mine.phone.send(path, body)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()


def test_a_registration_that_does_not_hold_leaves_the_pairing_good(
    portal: Portal, mine: Scanner
) -> None:
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    document = mine.document()
    assert code_of(mine.activate(document | {"nonce": "AAAA"})) == "registration_refused"
    assert portal.pairing.state == "confirmed"
    assert mine.activate(document).status_code == 201


@pytest.mark.parametrize(
    "posture",
    [
        {"rooted": True, "official_store": True, "sim": "a"},
        {"rooted": False, "official_store": False, "sim": "a"},
    ],
)
def test_a_rooted_phone_or_a_foreign_store_is_refused(
    portal: Portal, mine: Scanner, posture: dict[str, object]
) -> None:
    """EC-28: by card as by identifier."""
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    assert code_of(mine.activate(mine.document(), posture=posture)) == "posture_refused"
    assert devices(portal.provider) == []


def test_pairings_are_deleted_after_a_day(both: Provider) -> None:
    portal = Portal(both)
    portal.show_qr()
    advance(both, 90 + both.settings.ticket_retention.total_seconds())
    delete_expired(both)
    with both.store.read() as db:
        assert db.get(Pairing, portal.pairing_id) is None


def test_a_phone_without_a_name_is_told_so(portal: Portal, phone: Handset) -> None:
    token = portal.show_qr()
    answer = phone.post(PAIRINGS, token=token, name="")
    assert (answer.status_code, answer.get_json()["member"]) == (400, "name")
    assert portal.pairing.state == "shown"
