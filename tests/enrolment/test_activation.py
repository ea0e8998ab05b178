"""The whole path, and its last step (EC-20 to EC-23; decisions 16 and 17)."""

import pytest
from sqlalchemy import select

from idp import create_app
from idp.provider import Provider
from idp.store.models import Device, Ticket
from tests.enrolment.helpers import KNOWN, Handset, handset, registration


def devices(provider: Provider) -> list[Device]:
    with provider.store.read() as db:
        return list(db.scalars(select(Device).order_by(Device.created_at)))


def test_identifier_mail_sms_and_pin_make_an_active_e_cps(both: Provider) -> None:
    phone = handset(create_app(both.settings, provider=both))
    answer = phone.activate(phone.verified())
    assert answer.status_code == 201, answer.get_json()
    body = answer.get_json()
    told = {"device_id", "national_id", "display_name", "roll", "expires_at", "revocation_code"}
    assert set(body) == told
    assert (body["national_id"], body["display_name"]) == (KNOWN, "Solène MARGELLE")
    (device,) = devices(both)
    assert (device.device_id, device.state, device.name) == (
        body["device_id"],
        "active",
        "Téléphone",
    )


def test_a_ticket_activates_once(phone: Handset) -> None:
    document = phone.verified()
    assert phone.activate(document).status_code == 201
    assert phone.activate(document).get_json()["code"] == "ticket_refused"
    assert len(devices(phone.provider)) == 1


def test_a_lost_answer_gives_the_same_device_and_roll(phone: Handset) -> None:
    """Protocol, section 2."""
    document = phone.verified()
    path = f"/wallet/v1/enrolments/{phone.ticket}/activate"
    body = phone.sign(path, registration=registration(document), policy_version=1, push=None)
    first, again = phone.send(path, body), phone.send(path, body)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()


@pytest.mark.parametrize("state", ["started", "redeemed"])
def test_no_step_can_be_left_out(phone: Handset, state: str) -> None:
    """EC-21: both codes, in order."""
    if state == "started":
        phone.start()
    else:
        phone.redeemed()
    answer = phone.step("activate", registration={}, policy_version=1, push=None)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "ticket_refused")


def test_a_registration_that_does_not_hold_leaves_the_ticket_good(phone: Handset) -> None:
    document = phone.verified()
    foreign = registration(document | {"nonce": "AAAA"})
    refused = phone.step("activate", registration=foreign, policy_version=1, push=None)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "registration_refused")
    with phone.provider.store.read() as db:
        ticket = db.get(Ticket, phone.ticket)
    assert ticket is not None
    assert ticket.state == "verified"
    assert phone.activate(document).status_code == 201


def test_the_old_phone_ends_only_when_the_new_one_is_active(
    phone: Handset, other_phone: Handset
) -> None:
    """Decision 16."""
    phone.activate(phone.verified())
    document = other_phone.verified()
    assert [device.state for device in devices(phone.provider)] == ["active"]
    other_phone.activate(document)
    assert [device.state for device in devices(phone.provider)] == ["revoked", "active"]


def test_the_document_is_signed_for_this_device_key(phone: Handset) -> None:
    """Protocol, section 5."""
    document = phone.verified()
    assert document["purpose"] == "enrol"
    assert document["device"] == phone.key.thumbprint()
    assert set(document) == {
        "v",
        "purpose",
        "challenge_id",
        "nonce",
        "device",
        "policy_version",
        "iat",
        "exp",
    }
