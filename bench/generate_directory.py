"""A synthetic open extract of any size: invented people in the real layout (domain 4.1).

python bench/generate_directory.py 2400000 /tmp/extract.txt
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

from idp.directory.identifiers import luhn_holds
from idp.directory.sample import SAMPLE

NAMES = ["VALMORIN", "ÉTANGLIN", "BRUMEVAL", "LE CLOAREC-D'ORBE", "SAINT-FICTIF", "PLUMIER"]
GIVEN = ["Aliénor", "Côme", "Firmin", "Maëlys", "Zoé", "Jean-Baptiste", "Gwenn"]
PROFESSIONS = [("10", "Médecin"), ("21", "Pharmacien"), ("60", "Infirmier"), ("70", "Masseur")]
ACTIVITIES = (1, 1, 1, 1, 1, 2, 2, 3)


def header() -> list[str]:
    text = SAMPLE.with_name("ps-libreacces-sample.txt").read_text("utf-8")
    return text.splitlines()[0].rstrip("|").split("|")


def rpps(number: int) -> str:
    stem = f"1{number:09}"
    return next(stem + str(key) for key in range(10) if luhn_holds(stem + str(key)))


def lines(rows: int, seed: int = 1) -> Iterator[str]:
    """The header, then that many rows; the rows of a person are neighbours."""
    names = header()
    yield "|".join(names) + "|\n"
    draw = random.Random(seed)
    written = 0
    person = 0
    while written < rows:
        person += 1
        cells = _person(draw, person)
        for rank in range(min(draw.choice(ACTIVITIES), rows - written)):
            cells |= _activity(draw, person, rank)
            yield "|".join(cells.get(name, "") for name in names) + "|\n"
            written += 1


def _person(draw: random.Random, number: int) -> dict[str, str]:
    identifier = rpps(number)
    profession, label = draw.choice(PROFESSIONS)
    return {
        "Type d'identifiant PP": "8",
        "Identifiant PP": identifier,
        "Identification nationale PP": "8" + identifier,
        "Code civilité": "MME",
        "Libellé civilité": "Madame",
        "Nom d'exercice": f"{draw.choice(NAMES)} {number}",
        "Prénom d'exercice": draw.choice(GIVEN),
        "Code profession": profession,
        "Libellé profession": label,
        "Code catégorie professionnelle": "C",
        "Libellé catégorie professionnelle": "Civil",
    }


def _activity(draw: random.Random, number: int, rank: int) -> dict[str, str]:
    return {
        "Code mode exercice": "L",
        "Libellé mode exercice": "Libéral, indépendant, artisan, commerçant",
        "Identifiant technique de la structure": f"R{number:08}{rank}",
        "Raison sociale site": f"CABINET FICTIF {number}",
        "Complément destinataire (coord. structure)": f"CABINET FICTIF {number}",
        "Numéro Voie (coord. structure)": str(draw.randint(1, 200)),
        "Code type de voie (coord. structure)": "R",
        "Libellé Voie (coord. structure)": "DES ESSAIS SYNTHÉTIQUES",
        "Bureau cedex (coord. structure)": "99001 VILLEFICTIVE",
        "Code postal (coord. structure)": "99001",
        "Code pays (coord. structure)": "99000",
        "Téléphone (coord. structure)": f"01990{number % 100000:05}",
        "Ancien identifiant de la structure": f"4{number:014}",
        "Autorité d'enregistrement": "CNOM/CNOM/CNOM",
        "Code secteur d'activité": "SA07",
        "Libellé secteur d'activité": "Cabinet individuel",
        "Code rôle": "FON-01",
        "Libellé rôle": "Titulaire de cabinet",
        "Code genre activité": "GENR01",
        "Libellé genre activité": "Activité de soin et de pharmacie",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with arguments.file.open("w", encoding="utf-8") as file:
        file.writelines(lines(arguments.rows, arguments.seed))
    print(f"{arguments.rows} rows, {arguments.file.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
