"""The code typed on the portal (EC-22; decision 33; attack 37)."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from idp import create_app
from idp.provider import Provider
from tests.enrolment.helpers import (
    KNOWN_MAIL,
    outbox,
    wrong,
)
from tests.enrolment.pairing_helpers import (
    Portal,
    Scanner,
    advance,
    code_of,
    devices,
    refusals,
    scanner,
)


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
