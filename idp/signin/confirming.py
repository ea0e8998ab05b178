"""The page that asks whether a service may know the person, and what it would be told."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from idp.challenges.wording import neutralise
from idp.directory.labels import PROFESSIONS
from idp.directory.people import Person, find_person
from idp.oauth.device_flow.decision import user_code_of
from idp.provider import Provider
from idp.psc.claims import standard_claims
from idp.psc.selected_activity import is_told_activity
from idp.psc.subject import releases_national_id
from idp.signin.about import about
from idp.signin.interactions import OpenInteraction
from idp.signin.wording import scopes_asked
from idp.store.models import BrowserSession


@dataclass(frozen=True)
class Released:
    """One thing that a service would be told."""

    name: str
    value: str
    is_data: bool = False
    """The value is the directory's, in French whatever the language of the page."""


def confirm_page(
    provider: Provider, db: Session, opened: OpenInteraction, session: BrowserSession
) -> ResponseReturnValue:
    """Ask the person of a session whether this service is let in (decision 13)."""
    person = find_person(db, session.national_id)
    asked, client = opened.request, opened.client
    scopes = set(scopes_asked(asked.scope, asked.claims, registered=client.scope))
    has_number = releases_national_id(provider, client)
    released = _released(person, scopes, national_id=session.national_id if has_number else "")
    if is_told_activity(client, asked.scope):
        told = _("celle au titre de laquelle vous vous connectez")
        released.append(Released(_("Activité"), told))
    return render_template(
        "signin/confirm.html",
        handle=opened.handle,
        service=neutralise(client.name),
        about=about(client),
        name=person.display_name if person else session.national_id,
        national_id=session.national_id,
        sid=session.sid,
        released=released,
        user_code=user_code_of(provider, asked),
    )


def _released(person: Person | None, scopes: set[str], *, national_id: str) -> list[Released]:
    """The things by name, with the values that would be sent.

    ``national_id`` is empty where the service is told a pseudonym of its own (decision 11).
    """
    identifier = national_id or _("un pseudonyme propre à ce service")
    lines = [Released(_("Identifiant national") if national_id else _("Identifiant"), identifier)]
    if person is None:
        return lines
    claims = standard_claims(person, scopes)
    if {"profile", "scope_all"} & scopes:
        lines.append(Released(_("Nom et prénom"), person.display_name, is_data=True))
    if "scope_all" in scopes:
        lines += _professional(person)
    known = {
        "email": (_("Adresse électronique professionnelle"), claims.get("email", "")),
        "phone": (_("Téléphone professionnel"), claims.get("phone_number", "")),
        "address": (
            _("Adresse professionnelle"),
            ", ".join(claims.get("address", {}).get("formatted", "").splitlines()),
        ),
    }
    lines += [
        Released(name, value, is_data=True)
        if value
        else Released(name, _("absent de l’Annuaire Santé"))
        for scope, (name, value) in known.items()
        if scope in scopes
    ]
    return lines


def _professional(person: Person) -> list[Released]:
    """What PSC's `scope_all` tells beside the names: professions and situations."""
    codes = dict.fromkeys(exercice.get("codeProfession", "") for exercice in person.exercices)
    professions = ", ".join(PROFESSIONS[code] for code in codes if code in PROFESSIONS)
    count = sum(len(exercice["activities"]) for exercice in person.exercices)
    situations = ngettext(
        "%(num)s, telle que l’Annuaire Santé la connaît",
        "%(num)s, telles que l’Annuaire Santé les connaît",
        count,
    )
    name = _("Profession, catégorie et savoir-faire")
    return [
        Released(name, professions, is_data=True)
        if professions
        else Released(name, _("absent de l’Annuaire Santé")),
        Released(_("Situations d’exercice"), situations if count else _("aucune")),
    ]
