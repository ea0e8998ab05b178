"""What the console changes of the provider itself: a message, a key, the clock of a simulation."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.attempt import nothing_more
from idp.console.entry.roles import ADMINISTRATOR, SUPPORT
from idp.key_rotation import SuccessorWaits, rotate_key
from idp.moving_clock import ClockTooFar, advance
from idp.outbox.queue import send_again
from idp.provider import Provider


def _send_again(provider: Provider, db: Session, subject: str, _arguments: Arguments) -> None:
    if not send_again(provider, db, int(subject)):
        raise ActImpossible(
            _("Ce message n’est plus en échec, n’est plus utile, ou n’est plus gardé.")
        )


def _rotate(provider: Provider, db: Session, subject: str, _arguments: Arguments) -> None:
    try:
        rotate_key(provider, db, subject)
    except SuccessorWaits as error:
        raise ActImpossible(
            _("Une clé suivante est déjà publiée : attendez son entrée en service.")
        ) from error


def _show_rotation(_arguments: Arguments) -> list[str]:
    return [
        _("Une clé suivante est publiée aussitôt ; elle sert après le temps de recouvrement."),
        _("L’ancienne reste acceptée ensuite, puis se retire d’elle-même."),
    ]


def _advance(provider: Provider, db: Session, _subject: str, arguments: Arguments) -> None:
    if not (provider.is_simulation and provider.settings.dev):
        raise ActImpossible(_("L’horloge ne se déplace que dans une simulation."))
    try:
        advance(provider, db, timedelta(seconds=arguments["seconds"]))
    except ClockTooFar as error:
        raise ActImpossible(_("L’horloge est déjà trop loin du présent.")) from error


SEND_AGAIN = Act(
    "outbox.again",
    lazy_gettext("Renvoyer un message"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_send_again,
)
ROTATE = Act(
    "keys.rotate",
    lazy_gettext("Renouveler une clé"),
    ADMINISTRATOR,
    second=True,
    show=_show_rotation,
    carry_out=_rotate,
)
ADVANCE = Act(
    "clock.advance",
    lazy_gettext("Avancer l’horloge"),
    ADMINISTRATOR,
    second=False,
    show=nothing_more,
    carry_out=_advance,
)
ACTS = (SEND_AGAIN, ROTATE, ADVANCE)
BY_NAME = {act.name: act for act in ACTS}
