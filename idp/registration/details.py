"""What may be written of a practitioner and of an activity: the form of the directory.

Pure: it knows neither Flask nor SQL. It is what the Order types, so errors say what to mend.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from idp.directory.exercices import ACTIVITY_MEMBERS, Exercice
from idp.registration.steps import DetailsInvalid

_LONGEST = 200
_FORMS = {
    "civilite": re.compile(r"M|MME"),
    "profession": re.compile(r"[0-9]{2}"),
    "category": re.compile(r"[CEFM]"),
    "title": re.compile(r"|DR|PR|MC|MG|PC|PG"),
    "savoir_faire_type": re.compile(r"|S|C|CEX|CAPA|DEC|DNQ|FQ|OP|PAC|SH"),
    "savoir_faire": re.compile(r"[A-Z0-9]{0,8}"),
}
"""Codes of TRE_R81, G15, R09, R11, R04 and R38 (domain 3)."""
_BIRTH_DATE = "%d/%m/%Y"
_MODES = {"L", "S", "B"}
_DEPARTMENT = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|99|97[1-8]|98[6-8]")
"""INSEE codes; 99 is abroad, and the invented one of the sample."""
_SUBSTITUTES = {"GENR02", "GENR03"}
_PREFIXES = {"2A": "20", "2B": "20"}


@dataclass(frozen=True, kw_only=True)
class Registrant:
    """Whom the Order registers; every code is the directory's."""

    family_name: str
    given_name: str
    civilite: str
    """`M` or `MME` (TRE_R81)."""
    birth_date: str
    """dd/mm/yyyy; private."""
    profession: str
    """TRE_G15: `10` is a doctor."""
    category: str
    """TRE_R09: `C` civil, `E` student, `F` civil servant, `M` military."""
    title: str = ""
    """civilité d'exercice (TRE_R11)."""
    savoir_faire_type: str = ""
    savoir_faire: str = ""

    def check(self, today: date) -> None:
        """Raises DetailsInvalid where a member has not the form of the directory."""
        for name in ("family_name", "given_name"):
            if not getattr(self, name).strip():
                raise DetailsInvalid(f"{name} is missing")
            _check_text(name, getattr(self, name))
        for name, form in _FORMS.items():
            if not form.fullmatch(getattr(self, name)):
                raise DetailsInvalid(f"{name} is no code of its table")
        if _read_date(self.birth_date) >= today:
            raise DetailsInvalid("birth_date is no day of the past")

    def exercice(self) -> Exercice:
        """The exercise as the directory writes it, without activities."""
        members = {
            "codeProfession": self.profession,
            "codeCategorieProfessionnelle": self.category,
            "codeCiviliteDexercice": self.title,
            "nomDexercice": self.family_name,
            "prenomDexercice": self.given_name,
            "codeTypeSavoirFaire": self.savoir_faire_type,
            "codeSavoirFaire": self.savoir_faire,
        }
        return {name: value for name, value in members.items() if value}

    def entry(self) -> dict[str, Any]:
        """What the Order's table holds of them, the date of birth aside."""
        return {
            "family_name": self.family_name,
            "given_name": self.given_name,
            "civilite": self.civilite,
            "exercice": self.exercice(),
        }


def check_details(details: Mapping[str, str]) -> dict[str, str]:
    """The members of a new activity that say something.

    Raises:
        DetailsInvalid: a member is none of the directory, or has not its form; a practice that
            bills lacks its département.
    """
    kept = check_members(details)
    if kept.get("codeModeExercice") not in _MODES:
        raise DetailsInvalid("codeModeExercice must be L, S or B")
    department = kept.get("codeDepartement", "")
    if department and not _DEPARTMENT.fullmatch(department):
        raise DetailsInvalid("codeDepartement is no département")
    if bills(kept) and not department:
        raise DetailsInvalid("codeDepartement is missing: the billing number begins with it")
    return kept


def check_members(details: Mapping[str, str]) -> dict[str, str]:
    """The members that are the directory's and not empty; raises DetailsInvalid for others."""
    for name, value in details.items():
        if name not in ACTIVITY_MEMBERS:
            raise DetailsInvalid(f"{name!r} is no member of an activity")
        _check_text(name, value)
    return {name: value for name, value in details.items() if value}


def bills(details: Mapping[str, str]) -> bool:
    """Whether an activity has a billing number of its own.

    Who is paid by somebody else has none, nor has a substitute, who bills in the name of the
    doctor replaced (CP-15).
    """
    is_substitute = details.get("codeGenreActivite") in _SUBSTITUTES
    return details.get("codeModeExercice") == "L" and not is_substitute


def billing_prefix(department: str) -> str:
    """The first digits of every billing number of a département (CP-02).

    Its two digits; three overseas, 971 to 988; 20 for both départements of Corsica, whose letter
    is no digit.
    """
    return _PREFIXES.get(department, department)


def _check_text(name: str, value: str) -> None:
    if len(value) > _LONGEST:
        raise DetailsInvalid(f"{name} is longer than {_LONGEST} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in value):
        raise DetailsInvalid(f"{name} holds a control character")


def _read_date(text: str) -> date:
    try:
        read = datetime.strptime(text, _BIRTH_DATE).date()  # noqa: DTZ007 - a day has no timezone
    except ValueError as error:
        raise DetailsInvalid("birth_date is no date dd/mm/yyyy") from error
    return read
