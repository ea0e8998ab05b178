"""The tabs of the account: exactly these five (MA-02)."""

from typing import NamedTuple

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


class Tab(NamedTuple):
    """One tab."""

    service: str
    """The code by which it is granted and delegated."""
    name: LazyString
    endpoint: str
    holds: LazyString
    """What it is for, in a sentence."""


TABS = (
    Tab(
        "informations",
        _l("vos informations personnelles"),
        "mon_compte.informations",
        _l("Votre identité, vos lieux d’exercice et vos numéros d’assurance maladie."),
    ),
    Tab(
        "paiements",
        _l("vos paiements"),
        "payments.index",
        _l("Vos versements, le tiers payant et l’aide à la télétransmission."),
    ),
    Tab("activite", _l("votre activité"), "mon_compte.activity", _l("Vos actes, mois par mois.")),
    Tab(
        "imprimes",
        _l("vos commandes d’imprimés"),
        "forms.index",
        _l("Commander des imprimés et suivre vos commandes."),
    ),
    Tab(
        "contact",
        _l("formulaire de contact"),
        "contact.index",
        _l("Écrire à votre caisse et lire ses réponses."),
    ),
)


def init_app(app: Flask) -> None:
    """Tell the tabs to the pages."""
    app.jinja_env.globals.update(account_tabs=TABS)
