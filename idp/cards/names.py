"""Names in the certificates of cards (docs/cards.md 2, decision 30).

A card's subject is a multi-valued RDN whose order varies from card to card: it is read by OID,
never as text. Pure: it knows neither Flask nor SQL.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from idp.directory.identifiers import parse_national_id
from idp.directory.labels import PROFESSIONS

_COUNTRY = "FR"
_LONGEST = 64
"""Of a title, an organisation or its unit (RFC 5280, appendix A.1: ub-title and its like)."""


class SubjectUnreadable(ValueError):
    """The name is not that of a card."""


@dataclass(frozen=True)
class CardSubject:
    """Whom, or what, a card names; empty texts for what it does not say."""

    national_id: str
    family_name: str = ""
    given_name: str = ""
    profession_title: str = ""
    structure: str = ""
    """Identifier of the employer, with its type digit."""
    structure_name: str = ""

    @property
    def is_nominative(self) -> bool:
        """Whether it names a person: a service card does not (decision 30)."""
        return bool(self.family_name)


def _simulated(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULATION"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


ROOT = _simulated("TEST AC RACINE SIMULEE FORT")
PERSONS = _simulated("TEST AC SIMULEE FORT PERSONNES")
ORGANISATIONS = _simulated("TEST AC SIMULEE ORGANISATIONS")


def profession_title(profession: str) -> str:
    """Label of the profession in the key of an exercise, `10C`; empty where it has none."""
    return PROFESSIONS.get(profession[:2], "")


def compose_subject(family: str, subject: CardSubject) -> x509.Name:
    """The subject of a card: `CPS` and `CPF` say the profession, `CPE` and `CPA` the employer."""
    holder = [
        (NameOID.COMMON_NAME, subject.national_id),
        (NameOID.SURNAME, subject.family_name),
        (NameOID.GIVEN_NAME, subject.given_name),
    ]
    further = (
        [(NameOID.TITLE, subject.profession_title)]
        if family in {"CPS", "CPF"}
        else [
            (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.structure),
            (NameOID.ORGANIZATION_NAME, subject.structure_name),
        ]
    )
    single = [*further, (NameOID.COUNTRY_NAME, _COUNTRY)]
    return x509.Name(
        [
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(oid, value) for oid, value in holder if value]
            ),
            *(
                x509.RelativeDistinguishedName([x509.NameAttribute(oid, value[:_LONGEST])])
                for oid, value in single
                if value
            ),
        ]
    )


def parse_subject(name: x509.Name) -> CardSubject:
    """Read a card's subject by OID, in whatever order its parts stand.

    Raises:
        SubjectUnreadable: a part is missing, stands twice, or is none of a card.
    """
    national_id = _only(name, NameOID.COMMON_NAME)
    if _only(name, NameOID.COUNTRY_NAME) != _COUNTRY:
        raise SubjectUnreadable("another country")
    try:
        canonical = parse_national_id(national_id)
    except ValueError as error:
        raise SubjectUnreadable("no national identifier") from error
    if canonical != national_id:
        raise SubjectUnreadable("an identifier in another form")
    return CardSubject(
        national_id,
        family_name=_only(name, NameOID.SURNAME),
        given_name=_only(name, NameOID.GIVEN_NAME),
        profession_title=_only(name, NameOID.TITLE),
        structure=_only(name, NameOID.ORGANIZATIONAL_UNIT_NAME),
        structure_name=_only(name, NameOID.ORGANIZATION_NAME),
    )


def _only(name: x509.Name, oid: ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    if not found:
        return ""
    value = found[0].value
    if len(found) > 1 or not isinstance(value, str):
        raise SubjectUnreadable("a part stands twice, or is no text")
    return value
