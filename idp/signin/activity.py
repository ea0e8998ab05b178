"""The activity ‘au titre de laquelle vous vous connectez’ (CP-08, decision 15).

Only clients that registered for it are asked about. A single activity is chosen automatically, at
each grant; what the person chose among several holds for that service in that session.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.audit.journal import record
from idp.directory.activities import PersonalActivity, activities_of
from idp.directory.exercices import Activity
from idp.directory.labels import PROFESSIONS, ROLES
from idp.directory.people import find_person
from idp.oauth.authorization.authorize import AuthorizationRequest
from idp.provider import Provider
from idp.psc.claims import address_of
from idp.psc.selected_activity import is_told_activity
from idp.store.models import BrowserSession, Client
from idp.store.sessions import find_selected_activity

_MODES = {
    "L": lazy_gettext("Exercice libéral"),
    "S": lazy_gettext("Exercice salarié"),
    "B": lazy_gettext("Exercice bénévole"),
}
"""TRE_R23-ModeExercice, in words."""


@dataclass(frozen=True)
class Choice:
    """What a person may choose for a service, and what was chosen in the session."""

    activities: Sequence[PersonalActivity] = ()
    """One of each name, in the directory's order; none where the service does not ask."""
    chosen: PersonalActivity | None = None
    """By the person, and still exercised."""

    @property
    def only(self) -> PersonalActivity | None:
        """The one that is chosen automatically."""
        return self.activities[0] if len(self.activities) == 1 else None

    def find(self, activity_id: str) -> PersonalActivity | None:
        """The activity of that name, if it is one of theirs."""
        return next((one for one in self.activities if one.activity_id == activity_id), None)


NO_CHOICE = Choice()


def choice_of(
    db: Session, request: AuthorizationRequest, client: Client, session: BrowserSession
) -> Choice:
    """The choice as it stands; nothing is read for a service that does not ask."""
    if not is_told_activity(client, request.scope):
        return NO_CHOICE
    person = find_person(db, session.national_id)
    if person is None:
        return NO_CHOICE
    by_name: dict[str, PersonalActivity] = {}
    for activity in activities_of(person.national_id, person.exercices):
        by_name.setdefault(activity.activity_id, activity)
    choice = Choice(list(by_name.values()))
    if len(choice.activities) <= 1:
        return choice
    kept = find_selected_activity(db, session.sid, client.client_id)
    return Choice(choice.activities, choice.find(kept) if kept else None)


def note_choice(
    provider: Provider,
    db: Session,
    session: BrowserSession,
    client_id: str,
    activity: PersonalActivity,
    *,
    automatic: bool,
) -> None:
    """Record which activity was chosen, and whether a person did (CP-08)."""
    record(
        db,
        Event.ACTIVITY_CHOSEN,
        now=provider.clock.now(),
        person=session.national_id,
        client_id=client_id,
        sid=session.sid,
        activity=activity.activity_id,
        structure=activity.activity.get("identifiantTechniqueDeLaStructure", ""),
        automatic=automatic,
    )


@dataclass(frozen=True)
class Shown:
    """An activity in words, as its line on the page."""

    activity_id: str
    structure: str
    """`raisonSocialeSite`, or the sign of the place; empty where the directory knows neither."""
    profession: str
    mode: Any
    role: str
    address: Sequence[str]


def shown(activity: PersonalActivity) -> Shown:
    """What tells this activity from the person's others."""
    of = activity.activity
    return Shown(
        activity_id=activity.activity_id,
        structure=of.get("raisonSocialeSite") or of.get("enseigneCommercialeSite", ""),
        profession=PROFESSIONS.get(activity.exercice.get("codeProfession", ""), ""),
        mode=_MODES.get(of.get("codeModeExercice", ""), ""),
        role=ROLES.get(of.get("codeRole", ""), ""),
        address=address_of(of).get("formatted", "").splitlines() or _department(of),
    )


def _department(of: Activity) -> list[str]:
    code = of.get("codeDepartement")
    return [_("Département %(code)s", code=code)] if code else []
