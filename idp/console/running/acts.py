"""What the console changes of the provider itself: a message, a key, the clock of a simulation."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.attempt import nothing_more
from idp.console.entry.roles import ADMINISTRATOR, SUPPORT
from idp.keys.rotation import rotate
from idp.moving_clock import ClockTooFar, advance
from idp.outbox.queue import send_again
from idp.provider import Provider
from idp.store.keys import all_keys
from idp.store.world import hold_world


def _send_again(provider: Provider, db: Session, subject: str, _arguments: Arguments) -> None:
    if not send_again(provider, db, int(subject)):
        raise ActImpossible(
            _("Ce message n’est plus en échec, n’est plus utile, ou n’est plus gardé.")
        )


def _rotate(provider: Provider, db: Session, subject: str, _arguments: Arguments) -> None:
    hold_world(db)  # of two that rotate one purpose, one finds the successor of the other
    now = provider.clock.now()
    if any(key.purpose == subject and key.activates_at > now for key in all_keys(db)):
        raise ActImpossible(
            _("Une clé suivante est déjà publiée : attendez son entrée en service.")
        )
    current = provider.keyring.active(subject)
    fresh = rotate(db, provider.sealer, provider.settings, now, current=current)
    record(db, Event.KEY_ROTATED, now=now, purpose=subject, kid=fresh.kid, previous=current.kid)


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
