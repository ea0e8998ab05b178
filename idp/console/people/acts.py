"""What the console changes of people (decision 26; EC-01, EC-31; CP-01 to CP-03, CP-12)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.console.acts.act import Act, ActImpossible, Arguments
from idp.console.acts.attempt import nothing_more
from idp.console.entry.roles import REGISTRAR, SUPPORT
from idp.directory.contacts import ContactInvalid, PersonUnknown, declare_contact
from idp.holders import Closing, close_person, reopen_person
from idp.provider import Provider
from idp.registration.details import Registrant
from idp.registration.order import end_activity, move_activity
from idp.registration.steps import DetailsInvalid, StepRefused
from idp.registration.test_identity import (
    SimulationOnly,
    TestIdentity,
    add_carried_activity,
    make_test_identity,
)
from idp.registration.wording import REFUSALS
from idp.sessions import end_session, end_sessions_of_person
from idp.store.holders import identifiers_of
from idp.store.sessions import sessions_of_person

CLOSINGS: dict[str, Any] = {
    Closing.RADIATION: lazy_gettext("Radiation"),
    Closing.CESSATION: lazy_gettext("Cessation d’activité"),
    Closing.DECES: lazy_gettext("Décès"),
}


@contextmanager
def refusals() -> Iterator[None]:
    """Say in the operator's words what the register refuses.

    Raises:
        ActImpossible: something of the register was.
    """
    try:
        yield
    except StepRefused as error:
        raise ActImpossible(REFUSALS[error.reason]) from error
    except DetailsInvalid as error:
        raise ActImpossible(_("L’annuaire refuse cette valeur : %(why)s.", why=error)) from error
    except ContactInvalid as error:
        text = _("Le numéro ou l’adresse n’est pas correct.")
        raise ActImpossible(text) from error
    except PersonUnknown as error:
        text = _("Cette personne n’est plus dans l’annuaire.")
        raise ActImpossible(text) from error
    except SimulationOnly as error:
        text = _("Cela n’existe que dans une simulation.")
        raise ActImpossible(text) from error


def _close(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals():
        close_person(provider, db, subject, arguments["reason"])
    return None


def _show_close(arguments: Arguments) -> list[str]:
    return [
        _("Motif : %(reason)s.", reason=CLOSINGS[arguments["reason"]]),
        _("Téléphones révoqués, cartes mises en opposition, sessions fermées, sans retour."),
    ]


def _reopen(
    provider: Provider, db: Session, subject: str, _arguments: Arguments
) -> dict[str, str] | None:
    with refusals():
        if not reopen_person(provider, db, subject):
            raise ActImpossible(_("Cette personne n’est pas radiée ici."))
    return None


def _show_reopen(_arguments: Arguments) -> list[str]:
    return [
        _("La personne pourra de nouveau activer une e-CPS et demander une carte."),
        _("Rien de ce qui a été fermé ne se rouvre."),
    ]


def _contacts(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals():
        declare_contact(provider, db, subject, arguments["mobile"], arguments["email"])
    return None


def _show_contacts(arguments: Arguments) -> list[str]:
    # In full: whoever agrees must be able to judge them, and holds the role that may see them.
    return [
        _("Téléphone mobile : %(mobile)s", mobile=arguments["mobile"] or _("aucun")),
        _("Courriel : %(email)s", email=arguments["email"] or _("aucun")),
        _("Les coordonnées d’avant sont prévenues."),
    ]


def _end_sessions(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    sid, identifiers = arguments.get("sid"), identifiers_of(db, subject)
    if sid is None:
        end_sessions_of_person(provider, db, identifiers, reason="administrator")
    elif not _is_of(provider, db, identifiers, sid) or not end_session(provider, db, sid):
        raise ActImpossible(_("Cette session était déjà fermée."))
    return None


def _is_of(provider: Provider, db: Session, identifiers: list[str], sid: str) -> bool:
    """Whether a session is of the person whom the journal will name."""
    now, idle = provider.clock.now(), provider.settings.session_idle
    return sid in {one.sid for one in sessions_of_person(db, identifiers, now=now, idle=idle)}


def _add_activity(
    provider: Provider, db: Session, subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals(), db.begin_nested():
        add_carried_activity(
            provider,
            db,
            subject,
            profession=arguments["profession"],
            details=arguments["details"],
        )
    return None


def _change_activity(
    provider: Provider, db: Session, _subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals():
        move_activity(provider, db, arguments["activity_id"], arguments["details"])
    return None


def _end_activity(
    provider: Provider, db: Session, _subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals():
        end_activity(provider, db, arguments["activity_id"])
    return None


def _make_identity(
    provider: Provider, db: Session, _subject: str, arguments: Arguments
) -> dict[str, str] | None:
    with refusals(), db.begin_nested():
        national_id = make_test_identity(provider, db, _identity(arguments))
    return {"national_id": national_id}


def _identity(arguments: Mapping[str, Any]) -> TestIdentity:
    given = dict(arguments)
    return TestIdentity(registrant=Registrant(**given.pop("registrant")), **given)


CLOSE = Act(
    "people.close",
    lazy_gettext("Radier une personne"),
    REGISTRAR,
    second=True,
    show=_show_close,
    carry_out=_close,
)
REOPEN = Act(
    "people.reopen",
    lazy_gettext("Lever une radiation"),
    REGISTRAR,
    second=True,
    show=_show_reopen,
    carry_out=_reopen,
)
CONTACTS = Act(
    "people.contacts",
    lazy_gettext("Changer les coordonnées de correspondance"),
    REGISTRAR,
    second=True,
    show=_show_contacts,
    carry_out=_contacts,
)
SESSIONS = Act(
    "people.sessions",
    lazy_gettext("Fermer des sessions"),
    SUPPORT,
    second=False,
    show=nothing_more,
    carry_out=_end_sessions,
)
ADD_ACTIVITY = Act(
    "people.activity-add",
    lazy_gettext("Ajouter une activité"),
    REGISTRAR,
    second=False,
    show=nothing_more,
    carry_out=_add_activity,
)
CHANGE_ACTIVITY = Act(
    "people.activity-change",
    lazy_gettext("Modifier une activité"),
    REGISTRAR,
    second=False,
    show=nothing_more,
    carry_out=_change_activity,
)
END_ACTIVITY = Act(
    "people.activity-end",
    lazy_gettext("Mettre fin à une activité"),
    REGISTRAR,
    second=False,
    show=nothing_more,
    carry_out=_end_activity,
)
MAKE_IDENTITY = Act(
    "people.test-identity",
    lazy_gettext("Créer une identité de test"),
    REGISTRAR,
    second=False,
    show=nothing_more,
    carry_out=_make_identity,
)
ACTS = (
    CLOSE,
    REOPEN,
    CONTACTS,
    SESSIONS,
    ADD_ACTIVITY,
    CHANGE_ACTIVITY,
    END_ACTIVITY,
    MAKE_IDENTITY,
)
BY_NAME = {act.name: act for act in ACTS}
