"""The kinds of payment, and what third-party payment is sorted by (MA-04, MA-05)."""

from flask_babel import lazy_gettext as _l

THIRD_PARTY = "tiers_payant"
AID = "aide"
KINDS = {
    THIRD_PARTY: _l("Tiers payant"),
    AID: _l("Aide à la télétransmission"),
    "forfait": _l("Forfait médecin traitant"),
}
SORTS = {
    "date": _l("Date"),
    "patient": _l("Patient"),
    "facture": _l("N° de facture"),
    "lot": _l("N° de lot"),
}
ORDERS = ("asc", "desc")
