"""Invented accounts, payments and patients: the same ones for the same seed and day.

Nobody here exists. Identifiers have the shape of the test range (domain, 2), billing numbers begin
with départements that do not exist.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from relying_services.folded import folded
from relying_services.mon_compte.payments import AID, THIRD_PARTY
from relying_services.paris import months_after

MOST_ACCOUNTS = 700_000
"""As many billing numbers there are beside those of the sample's people."""
_FIRST_SEQUENCE = 1_000_000
_FIRST_NUMBER = 200_000
# fmt: off
_FAMILY = (
    "ARGENTEL", "BRUMEVAL", "CORMENAY", "DELAROQUE", "ÉTANGLIN", "FERRAILLON", "GRANDCLOS",
    "HAUTECOMBE", "ISNARDON", "JONQUERAY", "LANDIVEL", "MONTFLORY", "NÉRIGNAC", "OSERAIE",
    "PLUMERAY", "QUERVILLE", "ROCHEBRUNE", "SAINT-FICTIF", "TILLEROY", "VALMORIN", "LE-CLOAREC",
    "D'ORBE", "ZÉLANDAIS",
)
_GIVEN = (
    "Aliénor", "Basile", "Côme", "Delphin", "Élora", "Firmin", "Gwenn", "Hélia", "Isaure",
    "Jean-Baptiste", "Klervi", "Léonce", "Maëlys", "Nestor", "Ondine", "Philéas", "Rosine",
    "Séverin", "Théa", "Zoé",
)
# fmt: on
_PATIENTS = [
    (name, folded(name)) for name in (f"{family} {given}" for family in _FAMILY for given in _GIVEN)
]
_SPECIALTIES = ("Médecine générale", "Cardiologie", "Dermatologie", "Gynécologie", "Pédiatrie")
_STREETS = ("rue des Feuillantines", "place du Lavoir", "allée des Tilleuls", "quai des Brumes")
_TOWNS = ("99001 VILLEFICTIVE", "99002 BOURG-INVENTÉ", "99003 SAINT-SIMULÉ")
_FUND = "CPAM de Villefictive"
_FEES = (2650, 3000, 4000, 5600, 7200)
_SHARE = 70
"""Percent of a fee that the fund pays in place of the patient."""
_AID_A_SHEET = 7
"""Cents for each claim that was transmitted."""
_SECOND_PRACTICE = 5
"""One account in so many has a second practice."""
_QUARTER = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Volume:
    """How much is invented for each account."""

    months: int = 20
    """Of payments and activity, the present one included."""
    invoices: int = 4
    """Of third-party payment, a month."""


@dataclass(frozen=True)
class Holder:
    """Whose account it is."""

    owner: str
    family_name: str
    given_name: str
    numbers: tuple[str, ...]
    """Billing numbers, one for each practice."""


@dataclass
class Rows:
    """Invented rows, by table."""

    accounts: list[Row] = field(default_factory=list)
    practices: list[Row] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    activity: list[Row] = field(default_factory=list)

    def tables(self) -> Iterator[tuple[str, list[Row]]]:
        """The rows of each table, in the order in which they can be written."""
        yield "account", self.accounts
        yield "practice", self.practices
        yield "payment", self.payments
        yield "invoice", self.invoices
        yield "activity", self.activity


class Inventor:
    """Invents one account after the other.

    Args:
        seed: the same rows for the same one.
        today: the day on which the newest payment is made at the latest.
        volume: how much for each account.
        payment: number of the first transfer.
        invoice: number of the first invoice.
    """

    def __init__(
        self, seed: int, today: date, volume: Volume, *, payment: int, invoice: int
    ) -> None:
        self._seed = seed
        self._today = today
        self._volume = volume
        self._payment = payment
        self._invoice = invoice

    def add(self, rows: Rows, holder: Holder) -> None:
        """Everything of one account."""
        # Invented data is the same at each run; nothing here is a secret.
        draw = random.Random(f"{self._seed} {holder.owner}")  # noqa: S311
        rows.accounts.append(_account(draw, holder))
        rows.practices.extend(
            _practice(draw, holder, number, place) for place, number in enumerate(holder.numbers)
        )
        sheets = 0
        for back in reversed(range(self._volume.months)):
            month = months_after(self._today.replace(day=1), -back)
            worked = _activity(draw, holder.owner, month)
            sheets += worked["consultations"] + worked["visits"]
            rows.activity.append(worked)
            self._pay(draw, rows, holder.owner, month)
            if month.month % _QUARTER == 0:
                self._aid(rows, holder.owner, month, sheets)
                sheets = 0

    def _pay(self, draw: random.Random, rows: Rows, owner: str, month: date) -> None:
        paid_on = min(month + timedelta(days=draw.randint(9, 27)), self._today)
        number = self._next_payment()
        batch = f"{draw.randint(1, 999):03}"
        invoices = [
            self._invoiced(draw, owner, number, batch, paid_on)
            for _each in range(self._volume.invoices)
        ]
        rows.payments.append(
            {
                "id": number,
                "owner": owner,
                "paid_on": paid_on,
                "kind": THIRD_PARTY,
                "period": f"{month:%Y-%m}",
                "sheets": len(invoices),
                "amount": sum(each["amount"] for each in invoices),
            }
        )
        rows.invoices.extend(invoices)

    def _invoiced(
        self, draw: random.Random, owner: str, payment: int, batch: str, paid_on: date
    ) -> Row:
        patient, key = draw.choice(_PATIENTS)
        number = self._invoice
        self._invoice += 1
        return {
            "id": number,
            "owner": owner,
            "payment_id": payment,
            "paid_on": paid_on,
            "cared_on": paid_on - timedelta(days=draw.randint(5, 20)),
            "patient": patient,
            "patient_key": key,
            "number": f"{number % 10**9:09}",
            "batch": batch,
            "amount": draw.choice(_FEES) * _SHARE // 100,
        }

    def _aid(self, rows: Rows, owner: str, month: date, sheets: int) -> None:
        rows.payments.append(
            {
                "id": self._next_payment(),
                "owner": owner,
                "paid_on": min(month + timedelta(days=27), self._today),
                "kind": AID,
                "period": f"{month.year}-T{month.month // _QUARTER}",
                "sheets": sheets,
                "amount": sheets * _AID_A_SHEET,
            }
        )

    def _next_payment(self) -> int:
        self._payment += 1
        return self._payment - 1


def holder_at(place: int) -> Holder:
    """The invented holder at a place, from 0 on; the same at each run."""
    # Invented names, the same at each run; nothing here is a secret.
    draw = random.Random(place)  # noqa: S311
    stem = f"997{_FIRST_SEQUENCE + place:07}"
    digits = f"{_FIRST_NUMBER + place:06}"
    departments = ("99", "98") if place % _SECOND_PRACTICE == 0 else ("99",)
    numbers = tuple(department + digits + _key(department + digits) for department in departments)
    return Holder(f"8{stem}{_key(stem)}", draw.choice(_FAMILY), draw.choice(_GIVEN), numbers)


def _account(draw: random.Random, holder: Holder) -> Row:
    return {
        "owner": holder.owner,
        "family_name": holder.family_name,
        "given_name": holder.given_name,
        "specialty": draw.choice(_SPECIALTIES),
        "cpam": _FUND,
        "opened_on": date(draw.randint(1995, 2020), draw.randint(1, 12), 1),
    }


def _practice(draw: random.Random, holder: Holder, number: str, place: int) -> Row:
    kind = "secondaire" if place else "principal"
    return {
        "number": number,
        "owner": holder.owner,
        "name": f"Cabinet {kind} du Dr {holder.family_name}",
        "street": f"{draw.randint(1, 99)} {draw.choice(_STREETS)}",
        "town": draw.choice(_TOWNS),
        "sector": draw.choice("12"),
        "since": date(draw.randint(1995, 2020), draw.randint(1, 12), 1),
    }


def _activity(draw: random.Random, owner: str, month: date) -> Row:
    consultations, visits = draw.randint(180, 420), draw.randint(0, 40)
    procedures = draw.randint(0, 30)
    return {
        "owner": owner,
        "month": month,
        "patients": draw.randint(120, 180),
        "consultations": consultations,
        "visits": visits,
        "procedures": procedures,
        "amount": consultations * _FEES[1] + visits * _FEES[2] + procedures * _FEES[3],
    }


def _key(stem: str) -> str:
    """The Luhn key of some digits."""
    total = 0
    for place, digit in enumerate(reversed(stem)):
        doubled = int(digit) * (1 if place % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - the digits' own sum
    return str(-total % 10)
