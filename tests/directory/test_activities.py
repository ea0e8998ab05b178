"""The name of an activity, which stays from one extract to the next (CP-08, decision 15)."""

import pytest

from idp.directory.activities import activity_id_of

PERSON = "899700990056"
CABINET = {
    "codeModeExercice": "L",
    "codeRole": "FON-01",
    "codeGenreActivite": "GENR01",
    "codeSecteurDactivite": "SA07",
    "identifiantTechniqueDeLaStructure": "R95141",
    "raisonSocialeSite": "CABINET",
    "libelleVoie": "DES LILAS",
}


def test_another_person_profession_or_structure_is_another_activity() -> None:
    known = activity_id_of(PERSON, "10C", CABINET)
    assert activity_id_of("899700990064", "10C", CABINET) != known
    assert activity_id_of(PERSON, "60C", CABINET) != known
    elsewhere = CABINET | {"identifiantTechniqueDeLaStructure": "R95142"}
    assert activity_id_of(PERSON, "10C", elsewhere) != known


@pytest.mark.parametrize("name", ["numeroFinessSite", "numeroSiretSite", "raisonSocialeSite"])
def test_structures_without_an_identifier_of_their_own_are_told_apart(name: str) -> None:
    bare = {
        member: value
        for member, value in CABINET.items()
        if member not in {"identifiantTechniqueDeLaStructure", "raisonSocialeSite"}
    }
    one, other = bare | {name: "1"}, bare | {name: "2"}
    assert activity_id_of(PERSON, "10C", one) != activity_id_of(PERSON, "10C", other)


def test_a_move_within_its_structure_leaves_an_activity_the_same() -> None:
    moved = CABINET | {"libelleVoie": "DES ROSES", "raisonSocialeSite": "CABINET DES ROSES"}
    assert activity_id_of(PERSON, "10C", moved) == activity_id_of(PERSON, "10C", CABINET)


def test_a_member_left_out_is_an_empty_one() -> None:
    """The directory stores exercises without their empty members."""
    whole = CABINET | {"numeroFinessSite": "", "codeRole": ""}
    bare = {name: value for name, value in CABINET.items() if name != "codeRole"}
    assert activity_id_of(PERSON, "10C", whole) == activity_id_of(PERSON, "10C", bare)
