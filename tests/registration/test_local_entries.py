"""What was registered here survives an import that does not hold it yet (decision 36)."""

from pathlib import Path

import pytest

from idp.directory.importer import import_directory
from idp.directory.people import find_person
from idp.directory.sample import load_sample
from idp.provider import Provider, initialise, open_provider
from tests.conftest import make_settings
from tests.directory.helpers import OPEN_SAMPLE, private_file, private_line, sample_lines
from tests.registration.helpers import (
    MARGELLE,
    cards_of,
    declared,
    ended,
    person_of,
    places_of,
    practise,
    registered,
)

HELD = "CABINET DU DR MARGELLE"


@pytest.fixture(params=[1, 50_000], ids=["a row a batch", "one batch"])
def provider_of_batches(both: Provider, request: pytest.FixtureRequest) -> Provider:
    both.settings = both.settings.model_copy(update={"import_batch": request.param})
    return both


def test_registrations_and_carried_activities_survive_an_import(
    provider_of_batches: Provider,
) -> None:
    """Decision 36: with the real extract of the sample, which knows nothing of them."""
    provider = provider_of_batches
    new, other = registered(provider), registered(provider, given_name="Élie")
    practise(provider, new)
    practise(provider, new, raisonSocialeSite="CABINET 2")
    practise(provider, MARGELLE, raisonSocialeSite="SECONDAIRE")
    for _ in range(2):
        import_directory(provider, OPEN_SAMPLE)
        assert sorted(places_of(provider, new)) == ["CABINET 2", "CABINET D'ESSAI"]
        assert places_of(provider, other) == []
        assert places_of(provider, MARGELLE) == [HELD, "SECONDAIRE"]
    assert person_of(provider, new).exercices[0]["nomDexercice"] == "ÉPROUVETTE"
    assert len(cards_of(provider, new)[0].activities) == 2


def test_what_is_only_on_its_way_enters_no_directory(both: Provider) -> None:
    """Decision 36, CP-04."""
    who = registered(both)
    declared(both, who)
    ended(both, practise(both, who, raisonSocialeSite="FERMÉ").activity.activity_id)
    import_directory(both, OPEN_SAMPLE)
    assert places_of(both, who) == []


def test_the_word_of_the_directory_wins_where_it_holds_them(both: Provider, tmp_path: Path) -> None:
    """Decision 36: also when a later extract holds them no more."""
    who = registered(both)
    activity = practise(both, who, identifiantTechniqueDeLaStructure="R1").activity
    held = private_line(
        who,
        **{
            "nom de famille": "AUTREMENT",
            "code mode exercice": "L",
            "code secteur d'activité": "SA07",
            "code rôle": "FON-01",
            "code genre activité": "GENR01",
            "identifiant technique de la structure": "R1",
            "raison sociale site": "SELON L'ANNUAIRE",
        },
    )
    other = private_line(MARGELLE)
    import_directory(both, private_file(tmp_path / "held.txt", [held, other]))
    assert person_of(both, who).exercices[0]["activities"][0]["raisonSocialeSite"] == (
        "SELON L'ANNUAIRE"
    )
    assert len(places_of(both, who)) == 1
    import_directory(both, private_file(tmp_path / "gone.txt", [other]), force=True)
    with both.store.read() as db:
        assert find_person(db, who) is None
    assert activity.activity_id in cards_of(both, who)[0].activities


def test_an_activity_of_the_sample_that_an_extract_lacks_is_gone(
    both: Provider, tmp_path: Path
) -> None:
    """Decision 36: the sample was a directory, and is held no longer than one."""
    header, *lines = sample_lines()
    left = [line for line in lines if HELD not in line]
    file = tmp_path / "extract.txt"
    file.write_text("\n".join([header, *left]) + "\n", "utf-8")
    import_directory(both, file)
    with both.store.read() as db:
        assert find_person(db, MARGELLE) is None


def test_the_sample_is_loaded_again_without_undoing_anything(both: Provider) -> None:
    """Decision 36: cards go on living."""
    who = registered(both)
    practise(both, who)
    practise(both, MARGELLE, raisonSocialeSite="SECONDAIRE")
    load_sample(both)
    assert places_of(both, who) == ["CABINET D'ESSAI"]
    assert places_of(both, MARGELLE) == [HELD, "SECONDAIRE"]
    [card] = cards_of(both, MARGELLE)
    assert len(card.activities) == 2


def test_registration_begins_an_empty_directory(tmp_path: Path, master_key: str) -> None:
    """Decision 36: before any import, and an import does not lose it."""
    settings = make_settings(f"sqlite:///{tmp_path / 'empty.db'}", master_key)
    initialise(settings, kind="simulation")
    provider = open_provider(settings)
    who = registered(provider)
    practise(provider, who)
    assert places_of(provider, who) == ["CABINET D'ESSAI"]
    import_directory(provider, OPEN_SAMPLE)
    assert places_of(provider, who) == ["CABINET D'ESSAI"]
    provider.store.close()
