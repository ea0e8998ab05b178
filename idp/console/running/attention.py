"""What wants an operator's eye, and how the provider is: told at one glance."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.provider import Provider
from idp.store.keys import all_keys
from idp.store.migrate import is_current
from idp.store.running import (
    COUNTED,
    WAITING,
    clients_with_failed_documents,
    count_live_sessions,
    count_messages,
    count_phones,
    count_suspended_keys,
    oldest_unsealed,
    waits_since,
)
from idp.store.world import clock_offset

_CLIENTS_NAMED = 5


@dataclass(frozen=True)
class Concern:
    """One thing to look after."""

    kind: str
    """Of its badge."""
    text: str
    address: str
    """Where it is seen; empty where no page of the console has it."""


def concerns(provider: Provider, db: Session) -> list[Concern]:
    """What went wrong or is about to end, the worst first."""
    now = provider.clock.now()
    found = [
        _late_messages(provider, db, now),
        _late_sealing(provider, db, now),
        _failed_messages(db),
        _suspended_phones(db),
        _suspended_keys(db),
        *_documents(db),
        _retiring_keys(provider, db, now),
    ]
    return [one for one in found if one is not None]


def health(provider: Provider, db: Session) -> list[tuple[str, Any]]:
    """How the provider is, in a few facts."""
    now, settings = provider.clock.now(), provider.settings
    kind = _("simulation") if provider.is_simulation else _("réelle")
    engine = "SQLite" if provider.store.is_sqlite else "PostgreSQL"
    schema = _("schéma à jour") if is_current(provider.store) else _("schéma à mettre à jour")
    sessions = count_live_sessions(db, now=now, idle=settings.session_idle)
    facts = [
        (_("Base de données"), f"{kind}, {engine}, {schema}"),
        (_("Profil"), settings.profile),
        (_("Sessions ouvertes"), counted(sessions)),
        (_("Messages en attente"), counted(count_messages(db, WAITING))),
        (_("Plus ancien événement non scellé"), _age(oldest_unsealed(db), now)),
    ]
    if settings.dev:
        moved = clock_offset(db)
        facts.append((_("Horloge"), told_offset(moved)))
    return facts


def told_offset(moved: timedelta) -> str:
    """How far a clock was moved, in words."""
    if not moved:
        return str(_("à l’heure"))
    by = _span(abs(moved))
    is_ahead = moved > timedelta(0)
    return str(_("en avance de %(by)s", by=by) if is_ahead else _("en retard de %(by)s", by=by))


def counted(count: int) -> str:
    """A count as it is told: of many, that they are many."""
    return str(_("%(most)s ou plus", most=COUNTED) if count >= COUNTED else count)


def _late_messages(provider: Provider, db: Session, now: datetime) -> Concern | None:
    since = waits_since(db)
    if since is None or now - since <= provider.settings.console_worker_lag:
        return None
    text = _(
        "Aucun envoi depuis %(age)s : le service d’envoi travaille-t-il ?", age=_age(since, now)
    )
    return Concern("error", text, url_for("outbox.index", etat="pending"))


def _late_sealing(provider: Provider, db: Session, now: datetime) -> Concern | None:
    settings = provider.settings
    since = oldest_unsealed(db)
    due = settings.journal_seal_delay + settings.sealing_interval + settings.console_worker_lag
    if since is None or now - since <= due:
        return None
    text = _("Le journal n’est plus scellé depuis %(age)s.", age=_span(now - since))
    return Concern("error", text, url_for("journal.index"))


def _failed_messages(db: Session) -> Concern | None:
    count = count_messages(db, ("failed",))
    text = ngettext(
        "%(shown)s message en échec", "%(shown)s messages en échec", count, shown=counted(count)
    )
    return Concern("warning", text, url_for("outbox.index", etat="failed")) if count else None


def _suspended_phones(db: Session) -> Concern | None:
    count = count_phones(db, "suspended")
    text = ngettext(
        "%(shown)s e-CPS suspendue", "%(shown)s e-CPS suspendues", count, shown=counted(count)
    )
    return Concern("warning", text, url_for("holdings.phones", etat="suspended")) if count else None


def _suspended_keys(db: Session) -> Concern | None:
    count = count_suspended_keys(db)
    text = ngettext(
        "%(shown)s clé de sécurité suspendue",
        "%(shown)s clés de sécurité suspendues",
        count,
        shown=counted(count),
    )
    address = url_for("events.index", evenement="securitykeys:key:suspended")
    return Concern("warning", text, address) if count else None


def _documents(db: Session) -> list[Concern]:
    return [
        Concern(
            "warning",
            _("Un document que publie « %(client)s » n’a pas pu être lu", client=client_id),
            url_for("services.service", client_id=client_id),
        )
        for client_id in clients_with_failed_documents(db, limit=_CLIENTS_NAMED)
    ]


def _retiring_keys(provider: Provider, db: Session, now: datetime) -> Concern | None:
    until = now + provider.settings.key_overlap
    count = sum(
        row.retires_at is not None and now < row.retires_at <= until for row in all_keys(db)
    )
    text = ngettext(
        "%(num)s clé de signature se retire bientôt",
        "%(num)s clés de signature se retirent bientôt",
        count,
    )
    return Concern("info", text, url_for("keys.index")) if count else None


def _age(since: datetime | None, now: datetime) -> str:
    return str(_("aucun")) if since is None else _span(now - since)


def _span(length: timedelta) -> str:
    return str(format_timedelta(length, threshold=1.2))
