"""Activation by card and QR (EC-05, EC-21 to EC-23, EC-26; decisions 16 and 33; attack 37)."""

from concurrent.futures import ThreadPoolExecutor
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
    KNOWN_MOBILE,
    STRUCK_OFF,
    Handset,
    outbox,
    registration,
    wrong,
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


@pytest.fixture
def portal(provider: Provider) -> Portal:
    return Portal(provider)


@pytest.fixture
def mine(app: Flask) -> Scanner:
    return scanner(app)


@pytest.fixture
def stranger(app: Flask) -> Scanner:
    return scanner(app)


# -- the QR ---------------------------------------------------------------------------------------


def test_a_second_phone_burns_the_pairing_for_both(both: Provider) -> None:
    """Attack 37: a photo of the QR; both are refused from then on, and the contacts are told."""
    app = create_app(both.settings, provider=both)
    portal, mine, stranger = Portal(both), scanner(app), scanner(app)
    token = portal.show_qr()
    assert mine.scan(token).status_code == 201
    refused = stranger.scan(token)
    assert (refused.status_code, code_of(refused)) == (403, "token_refused")
    assert (portal.pairing.state, portal.pairing.end_reason) == ("dead", "scanned-twice")
    assert portal.type_code(mine.code) is None
    assert code_of(mine.ask()) == "pairing_refused"
    assert refusals(both)[0] == "scanned-twice"
    client = app.test_client()
    assert "deux téléphones" in outbox(client, KNOWN_MAIL)[-1]["payload"]["text"]
    assert "deux téléphones" in outbox(client, KNOWN_MOBILE)[-1]["payload"]["text"]


def test_a_second_phone_burns_a_confirmed_pairing_too(
    portal: Portal, mine: Scanner, stranger: Scanner
) -> None:
    """Attack 37: until the PIN is chosen."""
    token = portal.show_qr()
    mine.scan(token)
    portal.type_code(mine.code)
    document = mine.document()
    stranger.scan(token)
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert devices(portal.provider) == []


def test_of_two_phones_at_one_moment_none_is_paired(both: Provider) -> None:
    """Attack 37: the token is taken by one conditional update."""
    app = create_app(both.settings, provider=both)
    portal = Portal(both)
    token = portal.show_qr()
    phones = [scanner(app) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda phone: phone.scan(token).status_code, phones))
    assert sorted(statuses) == [201, 403, 403, 403]
    assert portal.pairing.end_reason == "scanned-twice"


def test_a_qr_is_good_for_90_seconds(portal: Portal, mine: Scanner) -> None:
    """EC-22, attack 37: a photo replayed later gives nothing."""
    token = portal.show_qr()
    advance(portal.provider, 90)
    assert code_of(mine.scan(token)) == "token_refused"
    token = portal.show_qr()
    advance(portal.provider, 89)
    assert mine.scan(token).status_code == 201


def test_a_photo_replayed_after_the_activation_gives_nothing_and_harms_nobody(
    portal: Portal, mine: Scanner, stranger: Scanner
) -> None:
    """Attack 37."""
    token = portal.show_qr()
    mine.scan(token)
    portal.type_code(mine.code)
    assert mine.activate(mine.document()).status_code == 201
    assert code_of(stranger.scan(token)) == "token_refused"
    assert [device.state for device in devices(portal.provider)] == ["active"]


@pytest.mark.parametrize("token", ["0" * 26, "x", "é" * 26])
def test_an_unknown_token_is_refused(mine: Scanner, token: str) -> None:
    refused = mine.scan(token)
    assert (refused.status_code, code_of(refused)) == (403, "token_refused")


def test_a_new_qr_ends_the_one_before_in_whatever_session(
    portal: Portal, mine: Scanner, stranger: Scanner
) -> None:
    """One pairing waits per person (decision 16)."""
    first = portal.show_qr()
    mine.scan(first)
    elsewhere = Portal(portal.provider, card_number=portal.card_number)
    second = elsewhere.show_qr()
    assert portal.pairing.end_reason == "superseded"
    assert code_of(mine.ask()) == "pairing_refused"
    assert code_of(stranger.scan(first)) == "token_refused"
    assert stranger.scan(second).status_code == 201


def test_simultaneous_starts_leave_one_pairing(both: Provider) -> None:
    """Decision 16."""
    portals = [Portal(both)]
    portals += [Portal(both, card_number=portals[0].card_number) for _ in range(3)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda portal: portal.show_qr(), portals))
    states = sorted(portal.pairing.state for portal in portals)
    assert states == ["dead", "dead", "dead", "shown"]


def test_the_same_bytes_get_the_same_code_again(portal: Portal, mine: Scanner) -> None:
    """Protocol, section 2: a lost answer burns nothing."""
    body = mine.phone.sign(PAIRINGS, token=portal.show_qr(), name="Téléphone")
    first, again = mine.phone.send(PAIRINGS, body), mine.phone.send(PAIRINGS, body)
    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()


def test_the_token_may_be_typed_in_any_shape(portal: Portal, mine: Scanner) -> None:
    """Decision 17: each QR has a typed alternative."""
    token = portal.show_qr()
    typed = "-".join(token[i : i + 5] for i in range(0, 26, 5)).lower().replace("0", "o")
    assert mine.scan(typed).status_code == 201


def test_the_database_holds_neither_token_nor_code(portal: Portal, mine: Scanner) -> None:
    """Attack 13."""
    token = portal.show_qr()
    mine.scan(token)
    kept = repr(vars(portal.pairing))
    assert token not in kept
    assert mine.code not in kept


# -- the code -------------------------------------------------------------------------------------


def test_without_the_code_no_phone_is_ever_active(portal: Portal, mine: Scanner) -> None:
    """EC-23, attack 37: whoever scanned is nobody yet."""
    mine.scan(portal.show_qr())
    assert mine.ask().get_json() == {"state": "scanned"}
    document = {"purpose": "enrol", "challenge_id": mine.pairing_id}
    assert code_of(mine.activate(document)) == "pairing_refused"
    assert devices(portal.provider) == []


def test_a_wrong_code_ends_the_pairing(both: Provider) -> None:
    """Decision 33: one try, and the contacts are told."""
    app = create_app(both.settings, provider=both)
    portal, mine = Portal(both), scanner(app)
    mine.scan(portal.show_qr())
    assert portal.type_code(wrong(mine.code)) == "dead"
    assert portal.pairing.end_reason == "wrong-code"
    assert portal.type_code(mine.code) is None
    assert code_of(mine.ask()) == "pairing_refused"
    assert refusals(both)[:1] == ["wrong-code"]
    text = outbox(app.test_client(), KNOWN_MAIL)[-1]["payload"]["text"]
    assert "n'est pas celui du téléphone" in text


def test_of_many_codes_at_one_moment_one_is_tried(both: Provider) -> None:
    """Decision 33: the try is one conditional update."""
    app = create_app(both.settings, provider=both)
    portal, mine = Portal(both), scanner(app)
    mine.scan(portal.show_qr())
    guesses = [wrong(mine.code, by) for by in range(1, 6)]
    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(portal.type_code, guesses))
    assert sorted(outcomes, key=str) == [None, None, None, None, "dead"]


def test_another_session_confirms_nothing(portal: Portal, mine: Scanner) -> None:
    """Decision 33: the code is typed in the card session that showed the QR."""
    mine.scan(portal.show_qr())
    other = Portal(portal.provider, card_number=portal.card_number)
    assert portal.type_code(mine.code, sid=other.sid) is None
    assert portal.pairing.state == "scanned"
    assert portal.type_code(mine.code) == "confirmed"


def test_a_session_that_ended_confirms_nothing(portal: Portal, mine: Scanner) -> None:
    """Decision 33."""
    mine.scan(portal.show_qr())
    portal.close()
    assert portal.type_code(mine.code) is None
    assert portal.pairing.state == "scanned"


def test_a_code_typed_too_late_confirms_nothing(portal: Portal, mine: Scanner) -> None:
    mine.scan(portal.show_qr())
    advance(portal.provider, portal.provider.settings.pairing_lifetime.total_seconds())
    assert portal.type_code(mine.code) is None
    assert code_of(mine.ask()) == "pairing_refused"


def test_codes_are_random_and_of_six_digits(portal: Portal, app: Flask) -> None:
    """Decision 33: drawn once the phone's key is known."""
    codes = set()
    for _ in range(6):
        phone = scanner(app)
        phone.scan(portal.show_qr())
        assert len(phone.code) == 6
        assert phone.code.isdigit()
        codes.add(phone.code)
    assert len(codes) > 1


def test_a_stranger_asks_about_no_pairing(portal: Portal, mine: Scanner, stranger: Scanner) -> None:
    mine.scan(portal.show_qr())
    portal.type_code(mine.code)
    for pairing_id in (mine.pairing_id, "inconnu"):
        stranger.pairing_id = pairing_id
        assert code_of(stranger.ask()) == "pairing_refused"
        assert code_of(stranger.activate({"purpose": "enrol"})) == "pairing_refused"


# -- what may change in between -------------------------------------------------------------------


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


# -- and when all is well -------------------------------------------------------------------------


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
