"""Files of the directory, written for a test."""

from pathlib import Path

from idp.directory.columns import (
    ACTIVITY,
    CIVILITE,
    EMAIL,
    EXERCICE,
    FAMILY_NAME,
    GIVEN_NAMES,
    IDENTIFIER,
    IDENTIFIER_TYPE,
    MOBILE,
    NATIONAL_ID,
    OTHER_IDS,
)
from idp.directory.identifiers import luhn_holds
from idp.directory.sample import SAMPLE

OPEN_SAMPLE = SAMPLE.with_name("ps-libreacces-sample.txt")
PRIVATE_COLUMNS = [
    IDENTIFIER_TYPE,
    IDENTIFIER,
    NATIONAL_ID,
    FAMILY_NAME,
    GIVEN_NAMES,
    "date de naissance",
    MOBILE,
    EMAIL,
    CIVILITE,
    *EXERCICE.values(),
    *ACTIVITY.values(),
    OTHER_IDS,
]


def rpps(number: int) -> str:
    """A whole RPPS number of the test range."""
    stem = f"997{number:07}"
    return next(stem + str(key) for key in range(10) if luhn_holds(stem + str(key)))


def private_line(national_id: str, **cells: str) -> str:
    by_name = {
        IDENTIFIER_TYPE: national_id[0],
        IDENTIFIER: national_id[1:],
        NATIONAL_ID: national_id,
        FAMILY_NAME: "CÉZEMBRE",
        GIVEN_NAMES: "Maëlle'Anne'",
        EXERCICE["codeProfession"]: "10",
        EXERCICE["codeCategorieProfessionnelle"]: "C",
        ACTIVITY["codeModeExercice"]: "L",
    } | cells
    return "|".join(by_name.get(name, "") for name in PRIVATE_COLUMNS) + "|"


def private_file(
    path: Path, lines: list[str], *, encoding: str = "utf-8", header: str | None = None
) -> Path:
    header = header or "|".join(PRIVATE_COLUMNS) + "|"
    path.write_bytes(("\n".join([header, *lines]) + "\n").encode(encoding))
    return path


def sample_lines() -> list[str]:
    return OPEN_SAMPLE.read_text("utf-8").splitlines()
