"""My history: every event has words; pages, filters; odd ones are marked, addresses not shown."""

import re
from pathlib import Path

import pytest
from flask import Flask

from idp.audit.events import Event
from idp.audit.journal import Origin, origin, record
from idp.portal.history_words import KINDS, OF_NOBODY, SENTENCES
from idp.provider import Provider
from idp.settings import Settings
from idp.store.account import events_of_person
from tests.cards.helpers import IssuedCard
from tests.conftest import make_settings
from tests.portal.helpers import PERSON, SOMEBODY_ELSE, Visit
from tests.signin.helpers import newest_challenge
from tests.wallet.helpers import ask_signin, enrol, other_number
from wallet_sim.errors import WrongNumber, WrongPin

HISTORY = "/portail/historique"
STRANGER = "203.0.113.77"


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(
        sqlite_url,
        master_key,
        card_base_url="https://localhost:8005",
        portal_page_length=4,
        networks={"203.0.113.0/24": "Hôpital"},
    )


def rows_of(text: str) -> list[str]:
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for row in rows]


def note(provider: Provider, event: Event, person: str = PERSON, **values: object) -> None:
    with provider.store.begin() as db:
        record(db, event, now=provider.clock.now(), person=person, **values)  # type: ignore[arg-type]


def test_every_event_has_a_sentence_or_names_nobody() -> None:
    """The list is complete: an event that is added must say what a person reads of it."""
    assert set(SENTENCES) | OF_NOBODY == set(Event)
    assert set(SENTENCES) & OF_NOBODY == set()
    assert {sentence.kind for sentence in SENTENCES.values()} == set(KINDS)


def test_events_are_read_a_page_at_a_time_and_each_once(visit: Visit, provider: Provider) -> None:
    for _ in range(6):
        note(provider, Event.SESSION_OPENED)
    page, seen, pages = visit.sign_in(HISTORY).text, [], 0
    while True:
        seen += re.findall(r"<th scope=\"row\">", page)
        pages += 1
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        page = visit.browser.get(older[1].replace("&amp;", "&")).text
    with provider.store.read() as db:
        events = [event.value for event in SENTENCES]
        every = events_of_person(db, [PERSON], events=events, limit=1000)
    assert len(seen) == len(every)
    assert pages == -(-len(every) // 4)


@pytest.mark.parametrize("typed", ["", "0", "-1", "abc", "9" * 30, "1; DROP", "٣"])
def test_a_place_to_go_on_that_is_none_begins_at_the_newest(visit: Visit, typed: str) -> None:
    visit.sign_in(HISTORY)
    first = rows_of(visit.browser.get(HISTORY).text)
    assert rows_of(visit.browser.get(f"{HISTORY}?avant={typed}").text) == first


def test_the_history_is_narrowed_to_a_kind_and_to_a_service(
    visit: Visit, provider: Provider
) -> None:
    note(provider, Event.DEVICE_RENAMED)
    note(provider, Event.TOKEN_ISSUED, client_id="portail")
    visit.sign_in(HISTORY)
    (row,) = rows_of(visit.browser.get(f"{HISTORY}?type=telephones").text)
    assert "renommé" in row
    rows = rows_of(visit.browser.get(f"{HISTORY}?service=portail&type=services").text)
    assert all("Portail e-CPS" in each for each in rows)
    assert rows_of(visit.browser.get(f"{HISTORY}?service=nobodys").text) == []


def test_the_place_is_shown_and_never_the_address(visit: Visit, provider: Provider) -> None:
    """Somebody else may have typed the identifier: their address is theirs."""
    token = origin.set(Origin(address=STRANGER))
    note(provider, Event.CHALLENGE_STARTED)
    origin.reset(token)
    page = visit.sign_in(f"{HISTORY}?type=connexions").text
    while STRANGER not in page and "Hôpital" not in page:
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older, "the event is on no page"
        page = visit.browser.get(older[1].replace("&amp;", "&")).text
    assert "Hôpital" in page
    assert STRANGER not in page


def test_what_looks_odd_is_marked(
    app: Flask, visit: Visit, provider: Provider, card: IssuedCard, tmp_path: Path
) -> None:
    """A wrong PIN, a number that does not match, "not me"."""
    phone = enrol(app, tmp_path / "mine", PERSON)
    ask_signin(app)
    with pytest.raises(WrongPin):
        phone.approve("9753", str(newest_challenge(provider).number))
    with pytest.raises(WrongNumber):
        phone.approve("2580", other_number(newest_challenge(provider)))
    ask_signin(app)
    phone.refuse("unknown_trigger")
    visit.sign_in(HISTORY)
    shown = rows_of(visit.browser.get(f"{HISTORY}?type=connexions").text)
    shown += rows_of(visit.browser.get(f"{HISTORY}?type=telephones").text)
    for told in ("code e-CPS faux", "n’était pas celui affiché", "ne pas être à l’origine"):
        assert [row for row in shown if told in row and "À vérifier" in row], told
    assert [row for row in shown if "a été activée" in row and "À vérifier" not in row]


def test_events_of_nobody_and_of_others_are_on_no_page(visit: Visit, provider: Provider) -> None:
    note(provider, Event.CLOCK_MOVED)
    note(provider, Event.DEVICE_RENAMED, SOMEBODY_ELSE)
    visit.sign_in(HISTORY)
    assert rows_of(visit.browser.get(f"{HISTORY}?type=telephones").text) == []


def test_events_of_a_person_are_found_alike_on_both_databases(both: Provider) -> None:
    for person in (PERSON, SOMEBODY_ELSE, PERSON):
        note(both, Event.DEVICE_RENAMED, person, client_id="one")
    note(both, Event.PIN_CHANGED, client_id="two")
    wanted = [Event.DEVICE_RENAMED.value, Event.PIN_CHANGED.value]
    with both.store.read() as db:
        every = events_of_person(db, [PERSON], events=wanted, limit=10)
        of_one = events_of_person(db, [PERSON], events=wanted, client_id="one", limit=10)
        older = events_of_person(db, [PERSON], events=wanted, before=every[0].seq, limit=1)
    assert [row.event for row in every] == [Event.PIN_CHANGED, *[Event.DEVICE_RENAMED] * 2]
    assert len(of_one) == 2
    assert older[0].seq == every[1].seq


def test_the_holder_reads_that_the_card_was_used_beside_another_session(
    visit: Visit, app: Flask
) -> None:
    """EP-15: the card opens a second browser; the first one's history says so, to be checked."""
    visit.sign_in(HISTORY)
    Visit(app.test_client(), visit.card).sign_in(HISTORY)
    told = visit.browser.get(f"{HISTORY}?type=connexions").text
    (flagged,) = [row for row in rows_of(told) if "autre de vos sessions" in row]
    assert "À vérifier" in flagged
