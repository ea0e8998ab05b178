"""A billing situation, and when that of a substitute equals one memorised (SV-06)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from relying_services.billing.errors import SituationDiffers

STUDENT = "E"


@dataclass(frozen=True)
class Situation:
    """One situation of a card: what is billed under it, and how (SV-04)."""

    activity_id: str
    profession: str
    """TRE_G15: `10` is a doctor."""
    category: str
    """TRE_R09: `C` civil, `E` student, `F` civil servant, `M` military."""
    specialty: str
    """TRE_R38; nothing where the card says none."""
    mode: str
    """TRE_R23: `L` libéral, `S` salarié, `B` bénévole."""
    convention: str
    """`1`, `2` or `3`; nothing where the card bills nothing of its own."""
    tariff_zone: str
    """Two digits; nothing as above."""
    billing_number: str
    structure: str

    def told(self) -> dict[str, str]:
        """Its members, as they are written down."""
        return asdict(self)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        """The situation that was written down."""
        return cls(**told)


def _equal(memorised: str, presented: str, _card: Situation) -> bool:
    return memorised == presented


def _may_replace(memorised: str, presented: str, _card: Situation) -> bool:
    return memorised in REPLACES.get(presented, frozenset())


def _equal_but_of_student(memorised: str, presented: str, card: Situation) -> bool:
    return memorised == presented or (card.category == STUDENT and not presented)


def _equal_where_said(memorised: str, presented: str, _card: Situation) -> bool:
    return not presented or memorised == presented


REPLACES = {
    "C": frozenset({"C"}),
    STUDENT: frozenset({"C"}),
    "F": frozenset({"F"}),
    "M": frozenset({"M"}),
}
"""Category of a substitute to those that may be replaced: a student replaces a civil doctor."""


@dataclass(frozen=True)
class Rule:
    """How one member of a situation is compared."""

    member: str
    label: Any
    holds: Callable[[str, str, Situation], bool]
    """Of the memorised value, the presented one, and the presented situation."""


COMPARED = (
    Rule("profession", _l("Profession"), _equal),
    Rule("category", _l("Catégorie professionnelle"), _may_replace),
    # A student's card carries no specialty: that of the licence is not on it.
    Rule("specialty", _l("Spécialité"), _equal_but_of_student),
    Rule("mode", _l("Mode d’exercice"), _equal),
    # The card of a substitute who only substitutes carries no convention of its own.
    Rule("convention", _l("Convention"), _equal_where_said),
)
"""What must agree, in the order in which a mismatch is named."""

LABELS = {
    "profession": {"10": _l("médecin"), "40": _l("chirurgien-dentiste"), "50": _l("sage-femme")},
    "category": {
        "C": _l("civil"),
        "E": _l("étudiant"),
        "F": _l("fonctionnaire"),
        "M": _l("militaire"),
    },
    "specialty": {"": _l("aucune"), "SM54": _l("médecine générale")},
    "mode": {"L": _l("libéral"), "S": _l("salarié"), "B": _l("bénévole")},
    "convention": {
        "": _l("aucune"),
        "1": _l("secteur 1"),
        "2": _l("secteur 1 avec droit permanent à dépassement"),
        "3": _l("secteur 2"),
    },
}
"""Words for codes, by member; a code without one is shown as it stands."""


def worded(member: str, value: str) -> str:
    """A value of a situation as it is shown."""
    known = LABELS.get(member, {}).get(value)
    if known is None:
        return value
    return f"{known} ({value})" if value else str(known)


def check(memorised: Situation, presented: Situation) -> None:
    """Hold the situation on a substitute's card to the one memorised.

    Raises:
        SituationDiffers: with a sentence for each member that differs (SV-06).
    """
    differing = [
        rule
        for rule in COMPARED
        if not rule.holds(
            getattr(memorised, rule.member), getattr(presented, rule.member), presented
        )
    ]
    if differing:
        raise SituationDiffers([_sentence(rule, memorised, presented) for rule in differing])


def _sentence(rule: Rule, memorised: Situation, presented: Situation) -> str:
    sentence: str = _(
        "%(member)s : « %(presented)s » sur votre carte, « %(memorised)s » mémorisée pour le "
        "médecin remplacé.",
        member=rule.label,
        presented=worded(rule.member, getattr(presented, rule.member)),
        memorised=worded(rule.member, getattr(memorised, rule.member)),
    )
    return sentence
