"""The QR of a pairing: who scans it, when and how often (EC-05, EC-21; decision 33; attack 37)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from idp import create_app
from idp.provider import Provider
from tests.enrolment.helpers import (
    KNOWN_MAIL,
    KNOWN_MOBILE,
    outbox,
)
from tests.enrolment.pairing_helpers import (
    PAIRINGS,
    Portal,
    Scanner,
    advance,
    code_of,
    devices,
    refusals,
    scanner,
)


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
