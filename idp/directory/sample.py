"""The thirty invented professionals of every simulation (`data/directory-sample.json`)."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from idp.directory.exercices import compact
from idp.directory.identifiers import ADELI, RPPS, parse_national_id, type_of
from idp.directory.local_entries import hold_local_entries
from idp.directory.sample_cards import cards_of_sample, practice_of_sample
from idp.provider import Provider
from idp.store.cards import add_absent_cards
from idp.store.directory_import import (
    StagedAlias,
    StagedPerson,
    complete_generation,
    start_generation,
    write_aliases,
    write_people,
)
from idp.store.people import replace_contact, switch_generation, write_correction
from idp.store.registration import add_absent_practice, lock_directory

SAMPLE = Path(__file__).with_name("data") / "directory-sample.json"
SOURCE = "sample"


class SampleRefused(Exception):
    """A real database holds no sample people (decision 1)."""


def load_sample(provider: Provider) -> None:
    """Load them as a generation of their own, with their contacts, civil identity and cards.

    Raises:
        SampleRefused: the database is not a simulation.
    """
    if not provider.is_simulation:
        raise SampleRefused("sample people are for simulation databases only")
    professionals = sample_professionals()
    now = provider.clock.now()
    with provider.store.begin() as db:
        number = start_generation(db, source=SOURCE, now=now)
        write_people(db, number, [_staged(p) for p in professionals])
        write_aliases(db, number, [a for p in professionals for a in _aliases(p)])
        lock_directory(db)
        hold_local_entries(db, number, limit=provider.settings.import_batch)
        complete_generation(db, number, rows=len(professionals), refused=0, now=now)
        switch_generation(db, number)
        for professional in professionals:
            _hold_private_data(db, professional, now)
        cards = cards_of_sample(professionals, provider.settings, now)
        add_absent_cards(db, cards)
        add_absent_practice(db, practice_of_sample(professionals, cards, now))


def sample_professionals() -> list[dict[str, Any]]:
    """The sample as written, cards and scenario tags included."""
    people: list[dict[str, Any]] = json.loads(SAMPLE.read_text("utf-8"))["professionals"]
    return people


def _staged(professional: dict[str, Any]) -> StagedPerson:
    national_id = parse_national_id(professional["identificationNationalePP"])
    return StagedPerson(
        national_id=national_id,
        identifier_type=type_of(national_id),
        family_name=professional["nomDeFamille"],
        given_name=professional["prenoms"][0],
        civilite=professional["codeCivilite"],
        other_ids=professional["autresIdentifiants"],
        exercices=compact(professional["exercices"]),
        closed=professional["etatEnregistrement"] == "ferme",
    )


def _aliases(professional: dict[str, Any]) -> list[StagedAlias]:
    national_id = professional["identificationNationalePP"]
    return [
        StagedAlias(other["identifiant"], national_id)
        for other in professional["autresIdentifiants"]
        if national_id.startswith(RPPS) and other["identifiant"].startswith(ADELI)
    ]


def _hold_private_data(db: Session, professional: dict[str, Any], now: datetime) -> None:
    national_id = professional["identificationNationalePP"]
    write_correction(
        db,
        national_id=national_id,
        struck_off=False,
        civil_identity={
            "family_name": professional["nomDeFamille"],
            "given_name": professional["prenoms"][0],
            "civilite": professional["codeCivilite"],
            "birth_date": professional["dateDeNaissance"],
            "sex": professional["codeSexe"],
        },
        now=now,
    )
    mobile, email = professional["telephoneCorrespondance"], professional["emailCorrespondance"]
    if mobile or email:
        replace_contact(
            db, national_id=national_id, mobile=mobile, email=email, now=now, held_until=None
        )
