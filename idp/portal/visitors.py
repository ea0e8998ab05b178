"""Who is on the portal, by the single sign-on session of this browser."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from flask import g
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from idp.directory.people import Person, find_person
from idp.portal.client import CLIENT_ID
from idp.provider import Provider
from idp.psc.means import CARD
from idp.signin.sessions import find_session
from idp.store.holders import identifiers_of
from idp.store.models import BrowserSession
from idp.web.errors import Told


class HolderClosed(Told):
    """The session's person was struck off, or left the directory (EC-01)."""

    def __init__(self) -> None:
        text = _("Votre inscription n’est plus active : contactez votre Ordre.")
        super().__init__(HTTPStatus.FORBIDDEN, text)


@dataclass(frozen=True)
class Visitor:
    """A person who entered the portal in this browser."""

    session: BrowserSession
    person: Person

    def identifiers(self, db: Session) -> list[str]:
        """Every identifier under which something of theirs may stand, the present one first."""
        return identifiers_of(db, self.person.national_id)

    def ends_at(self, provider: Provider) -> datetime:
        """When the session is over, unless a sign-in to a service prolongs it (decision 8)."""
        idle = provider.settings.session_idle
        return min(self.session.expires_at, self.session.last_activity_at + idle)

    def card_within(self, provider: Provider) -> str | None:
        """The card they signed in with, unless that is longer ago than pairing allows."""
        used_at = self.session.means.get(CARD)
        if used_at is None:
            return None
        age = provider.clock.now() - datetime.fromtimestamp(used_at, UTC)
        return self.session.card_number if age <= provider.settings.pairing_card_age else None


def find_visitor(provider: Provider, db: Session) -> Visitor | None:
    """Who entered the portal in this browser's session; nothing where a sign-in is needed.

    Raises:
        HolderClosed: the session's person may no longer do anything here.
    """
    session, confirmed = find_session(provider, db, CLIENT_ID)
    if session is None or not confirmed:
        return None
    person = find_person(db, session.national_id)
    if person is None or person.closed:
        raise HolderClosed
    visitor = Visitor(session, person)
    g.session_ends_at = visitor.ends_at(provider)
    return visitor
