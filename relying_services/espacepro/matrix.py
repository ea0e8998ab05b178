"""Which service may be delegated to whom, how far, and by which means: the rules as data.

Which service may go to which delegate is published nowhere: this matrix is the project's own
(domain, 6). The means are published: in case of delegation a card alone identifies, except for the
accountant.
"""

from collections.abc import Mapping
from typing import Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

Level = Literal["full", "prepare", "masked"]
"""How far: the whole act; prepared, to be validated by the delegator; without the patients."""

STATUSES = ("remplacant", "assistant_medical", "comptable")
"""Status of a delegate (EP-03)."""
REMPLACANT, ASSISTANT, COMPTABLE = STATUSES

STATUS_LABELS: Mapping[str, LazyString] = {
    REMPLACANT: _l("Remplaçant"),
    ASSISTANT: _l("Assistant médical"),
    COMPTABLE: _l("Comptable"),
}

SERVICES: Mapping[str, LazyString] = {
    "aat": _l("Avis d’arrêt de travail"),
    "atmp": _l("Certificat AT/MP"),
    "dmt": _l("Déclaration médecin traitant"),
    "protocole": _l("Protocole de soins ALD"),
    "transport": _l("Prescription de transport"),
    "historique": _l("Historique des remboursements du patient"),
    "imprimes": _l("Commandes d’imprimés"),
    "contact": _l("Contact"),
    "paiements": _l("Paiements"),
}
"""Every service that can be delegated (EP-04)."""

IN_MON_COMPTE = frozenset({"imprimes", "contact", "paiements"})
"""Those that stand in Mon compte; the others stand here."""

MATRIX: Mapping[str, Mapping[str, Level]] = {
    REMPLACANT: {
        "aat": "full",
        "atmp": "full",
        "dmt": "full",
        "protocole": "full",
        "transport": "full",
        "historique": "full",
    },
    ASSISTANT: {
        "aat": "prepare",
        "dmt": "full",
        "transport": "prepare",
        "imprimes": "full",
        "contact": "full",
    },
    COMPTABLE: {"paiements": "masked"},
}
"""What a delegate of a status may be given, and how far."""

MEANS: Mapping[str, frozenset[str]] = {
    REMPLACANT: frozenset({"CARD"}),
    ASSISTANT: frozenset({"CARD"}),
    COMPTABLE: frozenset({"PASSWORD", "CARD", "MOBILE", "WEBAUTHN"}),
}
"""By which means a delegate of a status acts, unless the settings widen it (domain, 6)."""
