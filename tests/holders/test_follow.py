"""What people hold follows the directory, import by import (issue of cards 5, CP-12)."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from idp.cards.states import FINAL, CardState
from idp.cli import main
from idp.directory.activities import activities_of
from idp.directory.importer import import_directory
from idp.directory.people import find_person
from idp.holders import Followed, follow_directory
from idp.provider import Provider, open_provider
from idp.registration.order import end_activity
from idp.store.directory_import import StagedAlias, write_aliases
from idp.store.models import BrowserSession, Card, Device, Grant, PracticeActivity, World
from idp.store.people import write_correction
from idp.worker.jobs import recurring_jobs
from tests.cards.rows import (
    CARD,
    PERSON,
    a_card,
    a_grant,
    a_phone,
    a_session,
    add,
    all_of,
    events,
    the_card,
)
from tests.directory.helpers import OPEN_SAMPLE, private_file, private_line, sample_lines
from tests.holders.helpers import (
    activities_given,
    close_in_directory,
    exercices_of,
    give_activities,
    leave_directory,
)

NINE = "899700990064"
"""Of the sample: nine activities, on two cards."""
FORMER = "0992800276"
SECRETARY = "699700990015001/0000000001"
"""Of the sample: an employee, known by structure and register."""


def everything(provider: Provider, national_id: str = PERSON) -> None:
    """A phone, a card and a session with its grant."""
    session = a_session(provider, national_id=national_id)
    add(
        provider,
        a_card(provider, national_id=national_id),
        a_phone(provider, national_id=national_id),
        session,
        a_grant(provider, session),
    )


def of(provider: Provider, model: type, national_id: str = PERSON) -> list[Any]:
    return [row for row in all_of(provider, model) if row.national_id == national_id]


def live_cards(provider: Provider, national_id: str = PERSON) -> list[Card]:
    cards = [card for card in all_of(provider, Card) if card.national_id == national_id]
    return sorted((c for c in cards if c.state not in FINAL), key=lambda card: card.rank)


# -- who stays, keeps ----------------------------------------------------------------------------


def test_a_directory_that_changed_nothing_changes_nothing(both: Provider) -> None:
    before = {card.card_number: card.content_version for card in all_of(both, Card)}
    assert follow_directory(both) == Followed(0, 0)
    assert {card.card_number: card.content_version for card in all_of(both, Card)} == before


def test_without_a_directory_nobody_is_missing_from_it(both: Provider) -> None:
    """A new provider whose first import has not come takes nothing from anybody."""
    everything(both)
    with both.store.begin() as db:
        db.execute(update(World).values(directory_generation=None))
    assert follow_directory(both) == Followed(0, 0)
    assert the_card(both).state == CardState.ACTIVE


def test_a_person_under_a_former_identifier_is_not_missing(both: Provider) -> None:
    """Decision 36."""
    add(both, a_phone(both, national_id=FORMER, paired_card=None))
    leave_directory(both, FORMER)
    with both.store.begin() as db:
        write_aliases(db, 1, [StagedAlias(FORMER, PERSON)])
    follow_directory(both)
    assert [row.state for row in all_of(both, Device)] == ["active"]


def test_an_employee_is_not_missing_from_an_extract_that_holds_none(both: Provider) -> None:
    """Decision 36: the open extract publishes RPPS and ADELI alone, import after import."""
    everything(both, SECRETARY)
    for _ in range(2):
        import_directory(both, OPEN_SAMPLE)
        follow_directory(both)
        assert the_card(both).state == CardState.ACTIVE
        assert {row.state for row in of(both, Device, SECRETARY)} == {"active"}
    with both.store.read() as db:
        assert find_person(db, SECRETARY) is not None


def test_an_employee_whom_the_open_extract_holds_is_as_it_says(
    both: Provider, tmp_path: Path
) -> None:
    """Decision 36: the directory's word wins."""
    header, line, *others = sample_lines()
    cells = line.split("|")
    renamed = ["6", SECRETARY[1:], SECRETARY, *cells[3:7], "SELON L'ANNUAIRE", *cells[8:]]
    file = tmp_path / "extract.txt"
    file.write_text("\n".join([header, "|".join(renamed), line, *others]) + "\n", "utf-8")
    import_directory(both, file)
    with both.store.read() as db:
        person = find_person(db, SECRETARY)
    assert person is not None
    assert person.exercices[0]["nomDexercice"] == "SELON L'ANNUAIRE"


def test_an_employee_whom_the_private_extract_lacks_is_gone(both: Provider, tmp_path: Path) -> None:
    """Decision 36: it is what the real system loads, employees included."""
    everything(both, SECRETARY)
    import_directory(both, private_file(tmp_path / "private.txt", [private_line(PERSON)]))
    follow_directory(both)
    assert the_card(both).opposition_reason == "cessation"


def test_a_card_that_names_nobody_misses_nobody(both: Provider) -> None:
    """Decision 30: a service card stands under its structure, whom no directory of people holds."""
    add(both, a_card(both, family="CPE", national_id="3990000119/000000018", is_nominative=False))
    assert follow_directory(both) == Followed(0, 0)
    assert the_card(both).state == CardState.ACTIVE


# -- who leaves, loses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("go", "card_reason", "phone_reason"),
    [
        (close_in_directory, "radiation", "struck-off"),
        (leave_directory, "cessation", "gone"),
    ],
)
def test_phones_cards_and_sessions_of_who_left_end(
    both: Provider, go: object, card_reason: str, phone_reason: str
) -> None:
    """EC-01: struck off, dead or gone in a later import."""
    assert callable(go)
    everything(both)
    go(both, PERSON)
    assert follow_directory(both).people_closed == 1
    assert (the_card(both).state, the_card(both).opposition_reason) == (
        CardState.OPPOSEE,
        card_reason,
    )
    (phone,) = all_of(both, Device)
    assert (phone.state, phone.state_reason) == ("revoked", phone_reason)
    assert all_of(both, BrowserSession)[0].ended_at is not None
    assert all_of(both, Grant)[0].revoked_at is not None
    assert follow_directory(both) == Followed(0, 0)


def test_who_was_struck_off_under_a_former_identifier_is_closed(both: Provider) -> None:
    """Decision 36."""
    everything(both)
    now = both.clock.now()
    with both.store.begin() as db:
        write_aliases(db, 1, [StagedAlias(FORMER, PERSON)])
        write_correction(db, national_id=FORMER, struck_off=True, civil_identity=None, now=now)
    follow_directory(both)
    assert the_card(both).opposition_reason == "radiation"


@pytest.mark.parametrize("what", ["phone", "card", "session"])
def test_one_thing_held_is_enough_to_be_found(both: Provider, what: str) -> None:
    row = {"phone": a_phone, "card": a_card, "session": a_session}[what](
        both, national_id="899700990304"
    )
    add(both, row)
    assert follow_directory(both).people_closed == 1


def test_it_goes_on_where_a_batch_ends(both: Provider) -> None:
    both.settings = both.settings.model_copy(update={"follow_batch": 2})
    gone = [f"89970099{n:04}" for n in range(4000, 4007)]
    add(both, *(a_phone(both, national_id=one, paired_card=None) for one in gone))
    assert follow_directory(both).people_closed == len(gone)
    assert {row.state for row in all_of(both, Device)} == {"revoked"}


def test_processes_that_follow_at_once_end_each_thing_once(both: Provider) -> None:
    everything(both)
    leave_directory(both, PERSON)
    others = [open_provider(both.settings) for _ in range(2)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(follow_directory, [both, *others]))
    for other in others:
        other.store.close()
    assert the_card(both).state == CardState.OPPOSEE
    assert len([e for e in events(both, "cards:card:moved") if e.data["card_number"] == CARD]) == 1


def test_the_job_follows_too(both: Provider) -> None:
    """An import that was cut off before it had followed is made good."""
    everything(both)
    leave_directory(both, PERSON)
    (job,) = [job for job in recurring_jobs(both) if job.name == "directory"]
    job.run(both)
    assert the_card(both).state == CardState.OPPOSEE


def test_an_import_that_brings_somebody_back_revives_nothing(
    both: Provider, tmp_path: Path
) -> None:
    """EC-01: they activate another e-CPS, and ask for another card."""
    import_directory(both, OPEN_SAMPLE)
    follow_directory(both)
    everything(both)
    without = tmp_path / "without.txt"
    without.write_text("\n".join(x for x in sample_lines() if PERSON not in x) + "\n", "utf-8")
    import_directory(both, without)
    follow_directory(both)
    assert the_card(both).state == CardState.OPPOSEE
    import_directory(both, OPEN_SAMPLE)
    follow_directory(both)
    assert {row.state for row in of(both, Device)} == {"revoked"}
    assert {row.state for row in of(both, Card)} == {CardState.OPPOSEE}


def test_the_import_command_follows_at_once(
    provider: Provider, master_key: str, tmp_path: Path
) -> None:
    """EC-01: at the end of the import, not a day later."""
    everything(provider)
    without = tmp_path / "without.txt"
    without.write_text("\n".join(x for x in sample_lines() if PERSON not in x) + "\n", "utf-8")
    result = CliRunner().invoke(
        main,
        ["import", "--database-url", provider.settings.database_url, str(without), "--json"],
        env={"ECPS_MASTER_KEY": master_key},
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["people_closed"] >= 1
    assert the_card(provider).state == CardState.OPPOSEE
    assert all_of(provider, BrowserSession)[0].ended_at is not None


# -- activities ----------------------------------------------------------------------------------


def ids_of(provider: Provider, national_id: str) -> list[str]:
    exercices = exercices_of(provider, national_id)
    return [one.activity_id for one in activities_of(national_id, exercices)]


def test_an_activity_that_ended_leaves_the_card(both: Provider) -> None:
    """CP-12."""
    who = "899700990056"
    ended = ids_of(both, who)[1]
    kept = activities_given(both, who)
    give_activities(both, who, [kept[0], *kept[2:]])
    assert follow_directory(both) == Followed(0, 1)
    (card,) = live_cards(both, who)
    assert ended not in card.activities
    assert len(card.activities) == 3
    assert card.content_version == 2
    (row,) = [r for r in all_of(both, PracticeActivity) if r.activity_id == ended]
    assert row.state == "ended"
    assert len(events(both, "cards:content:updated")) == 1
    assert follow_directory(both) == Followed(0, 0)


def test_a_new_activity_goes_on_a_card_with_room(both: Provider) -> None:
    """CP-12: a secondary practice."""
    given = activities_given(both, PERSON)
    added = given[0] | {"identifiantTechniqueDeLaStructure": "R10000000999999"}
    give_activities(both, PERSON, [*given, added])
    assert follow_directory(both) == Followed(0, 1)
    (card,) = live_cards(both)
    assert set(card.activities) == set(ids_of(both, PERSON))
    assert card.content_version == 2
    assert follow_directory(both) == Followed(0, 0)


def test_a_move_is_written_on_the_card_anew(both: Provider) -> None:
    """CP-12: the same activity at another address."""
    given = activities_given(both, PERSON)
    give_activities(both, PERSON, [given[0] | {"libelleVoie": "DES AUTRES FEUILLANTINES"}])
    assert follow_directory(both) == Followed(0, 1)
    (card,) = live_cards(both)
    assert (card.content_version, card.activities) == (2, ids_of(both, PERSON))
    assert follow_directory(both) == Followed(0, 0)


def test_the_ninth_activity_of_an_import_orders_a_second_card(both: Provider) -> None:
    """CP-09, CP-12."""
    who = "899700990072"
    given = activities_given(both, who)
    assert len(given) == 8
    added = given[0] | {"identifiantTechniqueDeLaStructure": "R10000000999999"}
    give_activities(both, who, [*given, added])
    follow_directory(both)
    first, second = live_cards(both, who)
    assert (len(first.activities), len(second.activities)) == (8, 1)
    assert (first.content_version, second.state) == (1, CardState.COMMANDEE)
    assert second.rank == 2


def test_what_a_lost_card_carried_orders_no_card_by_itself(both: Provider) -> None:
    """CP-13: its replacement is for the holder to ask."""
    first, second = live_cards(both, NINE)
    with both.store.begin() as db:
        db.execute(
            update(Card)
            .where(Card.card_number == second.card_number)
            .values(state=CardState.OPPOSEE, opposition_reason="perte")
        )
    assert follow_directory(both) == Followed(0, 0)
    assert [card.card_number for card in live_cards(both, NINE)] == [first.card_number]


def test_what_the_order_ended_and_an_extract_still_holds_is_back(both: Provider) -> None:
    """Decision 36: the directory's word wins, until an extract without it comes."""
    import_directory(both, OPEN_SAMPLE)
    (name,) = ids_of(both, PERSON)
    with both.store.begin() as db:
        end_activity(both, db, name)
    assert live_cards(both)[0].activities == []
    import_directory(both, OPEN_SAMPLE)
    follow_directory(both)
    assert live_cards(both)[0].activities == [name]


@pytest.mark.parametrize("state", ["declared", "recorded"])
def test_what_the_order_or_the_cpam_has_in_hand_is_left_to_them(both: Provider, state: str) -> None:
    """CP-04: an import does not do the steps of the chain."""
    given = activities_given(both, PERSON)
    added = given[0] | {"identifiantTechniqueDeLaStructure": "R10000000999999"}
    give_activities(both, PERSON, [*given, added])
    add(
        both,
        PracticeActivity(
            activity_id=ids_of(both, PERSON)[1],
            national_id=PERSON,
            profession="10C",
            state=state,
            details=added,
            department="99",
            declared_at=both.clock.now(),
        ),
    )
    assert follow_directory(both) == Followed(0, 0)
    (card,) = live_cards(both)
    assert len(card.activities) == 1
