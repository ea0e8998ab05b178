"""What a client learns of a person (decisions 10 and 11, pro-sante-connect section 4)."""

import json
from pathlib import Path
from typing import Any

import pytest

from idp.directory.exercices import ACTIVITY_MEMBERS
from idp.directory.people import Person, find_person
from idp.directory.sample import SAMPLE, sample_professionals
from idp.provider import Provider
from idp.psc.claims import standard_claims, userinfo, without_identifiers
from idp.psc.vintages import VINTAGES

RECORDED = json.loads(SAMPLE.with_name("psc-userinfo-examples.json").read_text("utf-8"))
WRITTEN = json.loads((Path(__file__).parent / "data" / "userinfo-examples.json").read_text("utf-8"))
VINTAGE_OF = {"gp-2-activities-card-2023": "2023", "gp-3-activities-edit-2021": "2021"}
SUB = "f:550dc1c8-d97b-4b1e-ac8c-8eb4471cf9dd:"


def as_written(value: Any) -> str:
    """With the order of members, which equality of dicts does not see."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def person_of(recorded: dict[str, Any]) -> Person:
    ref_pro = recorded.get("SubjectRefPro", {})
    return Person(
        national_id=recorded["SubjectNameID"],
        identifier_type="8",
        family_name=recorded["family_name"],
        given_name=recorded["given_name"],
        civilite=recorded.get("codeCivilite") or ref_pro.get("codeCivilite", ""),
        other_ids=recorded.get("otherIds", []),
        exercices=ref_pro.get("exercices", []),
        closed=False,
    )


def sample_person(provider: Provider, national_id: str) -> Person:
    with provider.store.read() as db:
        person = find_person(db, national_id)
    assert person is not None
    return person


@pytest.mark.parametrize("example", RECORDED["examples"], ids=lambda e: str(e["id"]))
def test_recorded_examples_come_out_member_by_member(example: dict[str, Any]) -> None:
    """Decision 11: `authMode` is given also where an older recording of an identity lacks it."""
    recorded = example["userinfo"]
    claims = userinfo(
        person_of(recorded),
        sub=recorded["sub"],
        auth_mode=recorded.get("authMode", "MOBILE"),
        vintage=VINTAGE_OF.get(example["id"], "2023-12"),
    )
    if "authMode" not in recorded:
        claims.pop("authMode", None)
    assert as_written(claims) == as_written(recorded)


@pytest.mark.parametrize("example", WRITTEN["examples"], ids=lambda e: str(e["id"]))
def test_the_kinds_without_a_recording_follow_the_same_shape(
    provider: Provider, example: dict[str, Any]
) -> None:
    """Domain 3.1: student, ADELI, employee, nine activities, two professions."""
    person = sample_person(provider, example["userinfo"]["SubjectNameID"])
    claims = userinfo(
        person, sub=SUB + person.national_id, auth_mode="MOBILE", vintage=example["vintage"]
    )
    assert as_written(claims) == as_written(example["userinfo"])


@pytest.mark.parametrize("vintage", VINTAGES)
def test_no_value_is_null_and_nothing_of_ours_is_released(provider: Provider, vintage: str) -> None:
    """Domain 9; pro-sante-connect section 4: empty strings, never null."""
    for professional in sample_professionals():
        person = sample_person(provider, professional["identificationNationalePP"])
        claims = userinfo(person, sub="s", auth_mode="CARD", vintage=vintage)
        text = as_written(claims)
        assert "null" not in text
        assert '"x_' not in text
        for private in ("telephoneCorrespondance", "emailCorrespondance", "dateDeNaissance"):
            assert not professional[private] or professional[private] not in text
        for exercice in claims.get("SubjectRefPro", {}).get("exercices", []):
            for activity in exercice["activities"]:
                assert tuple(activity) == ACTIVITY_MEMBERS


@pytest.mark.parametrize(
    ("vintage", "present", "absent"),
    [
        ("2021", {"email_verified"}, {"authMode", "codeGenreActivite", "codeCivilite"}),
        ("2022", {"email_verified", "authMode"}, {"codeGenreActivite", "codeCivilite"}),
        ("2023", {"codeGenreActivite", "authMode"}, {"email_verified", "codeCivilite"}),
        ("2023-12", {"codeGenreActivite", "authMode", "codeCivilite"}, {"email_verified"}),
    ],
)
def test_each_vintage_has_its_members(
    provider: Provider, vintage: str, present: set[str], absent: set[str]
) -> None:
    person = sample_person(provider, "899700990015")
    claims = userinfo(person, sub="s", auth_mode="CARD", vintage=vintage)
    assert present <= claims.keys()
    assert not absent & claims.keys()
    assert ("codeCivilite" in claims["SubjectRefPro"]) is ("codeCivilite" in absent)


def test_a_pairwise_client_gets_no_identifier_at_top_level(provider: Provider) -> None:
    """Decision 11."""
    person = sample_person(provider, "899700990015")
    claims = without_identifiers(
        userinfo(person, sub="pairwise", auth_mode="MOBILE", vintage="2023-12"), person
    )
    assert not {"SubjectNameID", "preferred_username", "otherIds"} & claims.keys()


def test_no_identifier_of_a_person_stands_anywhere_in_a_pairwise_clients_claims(
    provider: Provider,
) -> None:
    """Decision 11: a practice of one's own is numbered `4`, the RPPS number and a rank."""
    blanked = 0
    for professional in sample_professionals():
        person = sample_person(provider, professional["identificationNationalePP"])
        every = userinfo(person, sub="pairwise", auth_mode="MOBILE", vintage="2023-12")
        every |= standard_claims(person, {"profile", "email", "phone", "address"})
        claims = without_identifiers(every, person)
        numbers = [person.national_id[1:], *(o["identifiant"][1:] for o in person.other_ids)]
        text = as_written(claims)
        assert [number for number in numbers if number in text] == []
        activities = [a for e in person.exercices for a in e["activities"]]
        blanked += sum(person.national_id[1:] in str(a) for a in activities)
    assert blanked


def test_what_names_nobody_stays_for_a_pairwise_client(provider: Provider) -> None:
    person = sample_person(provider, "899700990015")
    every = userinfo(person, sub="f" * 64, auth_mode="MOBILE", vintage="2023-12")
    claims = without_identifiers(every, person)
    assert claims["sub"] == "f" * 64
    assert claims["SubjectOrganization"] == every["SubjectOrganization"]
    exercice = claims["SubjectRefPro"]["exercices"][0]
    assert exercice["nomDexercice"] == "MARGELLE"
    assert tuple(exercice["activities"][0]) == ACTIVITY_MEMBERS


def test_standard_scopes_give_professional_contacts_never_private_ones(provider: Provider) -> None:
    """Decision 10."""
    person = sample_person(provider, "899700990015")
    claims = standard_claims(person, {"openid", "profile", "email", "phone", "address"})
    assert claims == {
        "name": "Solène MARGELLE",
        "family_name": "MARGELLE",
        "given_name": "Solène",
        "preferred_username": "899700990015",
        "phone_number": "+33199000101",
        "phone_number_verified": False,
        "address": {
            "formatted": "1 R DES FEUILLANTINES\n99001 VILLEFICTIVE",
            "street_address": "1 R DES FEUILLANTINES",
            "postal_code": "99001",
            "locality": "VILLEFICTIVE",
            "country": "FR",
        },
    }


def test_standard_claims_stay_within_the_scopes_and_omit_what_is_unknown(
    provider: Provider,
) -> None:
    employee = sample_person(provider, "699700990015001/0000000001")
    assert standard_claims(employee, {"openid", "email", "phone", "address"}) == {}
    assert set(standard_claims(employee, {"openid", "profile"})) == {
        "name",
        "family_name",
        "given_name",
        "preferred_username",
    }
