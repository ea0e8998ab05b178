"""What the console changes of cards and phones (CP-03 to CP-13, EC-27; decision 32)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.cards.opposition import OppositionReason, ReplacementRefused, oppose, order_replacement
from idp.cards.register import TransitionRefused, move
from idp.cards.states import CardAct
from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.attempt import nothing_more
from idp.console.entry.roles import REGISTRAR, SUPPORT
from idp.console.people.acts import refusals
from idp.devices.upkeep import revoke_by_operator
from idp.provider import Provider
from idp.registration.employer import request_card
from idp.registration.test_identity import order_card_of
from idp.store.holdings import find_phone

OPPOSITIONS: dict[str, Any] = {
    OppositionReason.PERTE: lazy_gettext("Perte"),
    OppositionReason.VOL: lazy_gettext("Vol"),
    OppositionReason.DYSFONCTIONNEMENT: lazy_gettext("Dysfonctionnement"),
    OppositionReason.RADIATION: lazy_gettext("Radiation"),
    OppositionReason.DECES: lazy_gettext("Décès"),
    OppositionReason.CESSATION: lazy_gettext("Cessation d’activité"),
}
REVOCATIONS: dict[str, Any] = {
    "lost": lazy_gettext("Téléphone perdu ou volé"),
    "administrator": lazy_gettext("Décision de l’opérateur"),
}
_NO_REPLACEMENT: dict[str, Any] = {
    "not_opposed": lazy_gettext(
        "Seule une carte perdue, volée ou en panne, déjà en opposition, se remplace."
    ),
    "ordered_already": lazy_gettext("Une carte de remplacement est déjà commandée."),
    "holder_closed": lazy_gettext("Son titulaire ne peut plus avoir de carte."),
}


@contextmanager
def _card_refusals() -> Iterator[None]:
    try:
        yield
    except TransitionRefused as error:
        text = _("La carte n’est pas, ou plus, dans un état qui le permet.")
        raise ActImpossible(text) from error
    except ReplacementRefused as error:
        raise ActImpossible(_NO_REPLACEMENT[error.reason]) from error


def _oppose(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    since = arguments["lost_since"]
    with _card_refusals():
        oppose(
            provider,
            db,
            subject,
            reason=arguments["reason"],
            lost_since=datetime.fromisoformat(since) if since else None,
        )
    return None


def _receive(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _card_refusals():
        move(provider, db, subject, CardAct.RECEIVE)
    return None


def _replace(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with _card_refusals():
        order_replacement(provider, db, subject)
    return None


def _order(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    family = arguments["family"]
    with refusals():
        if family:
            request_card(provider, db, family=family, national_id=subject, is_nominative=True)
        elif not order_card_of(provider, db, subject):
            raise ActImpossible(_("Toutes les activités publiées sont déjà sur une carte."))
    return None


def _revoke(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    phone = find_phone(db, subject)
    if phone is None or not revoke_by_operator(provider, db, phone, arguments["reason"]):
        raise ActImpossible(_("Ce téléphone n’est plus en service."))
    return None


OPPOSE = Act(
    "holdings.oppose",
    lazy_gettext("Mettre une carte en opposition"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_oppose,
)
RECEIVE = Act(
    "holdings.receive",
    lazy_gettext("Faire arriver une carte"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_receive,
)
REPLACE = Act(
    "holdings.replace",
    lazy_gettext("Commander une carte de remplacement"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_replace,
)
ORDER = Act(
    "holdings.order",
    lazy_gettext("Commander une carte"),
    REGISTRAR,
    second=False,
    show=nothing_more,
    carry_out=_order,
)
REVOKE = Act(
    "holdings.revoke",
    lazy_gettext("Révoquer une e-CPS"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_revoke,
)
ACTS = (OPPOSE, RECEIVE, REPLACE, ORDER, REVOKE)
BY_NAME = {act.name: act for act in ACTS}
