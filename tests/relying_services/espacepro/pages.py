"""EspacePro's pages in tests: the application, people who are signed in, delegations they gave."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from relying_services.espacepro.delegations import Delegate, Delegation
from relying_services.espacepro.wishes import Party, Wish
from relying_services.service.app import service_of
from relying_services.service.store.models import SessionRow, TraceRow
from relying_services.service.store.sessions import find_session
from relying_services.service.store.trace import entries
from tests.relying_services.espacepro.stage import (
    AGENT,
    BRISELAME,
    DRAPEYRON,
    EPINOY,
    FLAMBERGE,
    MARGELLE,
    SECRETARY,
    accepted,
    wish,
)
from tests.relying_services.signed_in import post, sign_in

API_SECRET = "secret-between-the-services"
MON_COMPTE = "http://localhost:8010"

SICK_LEAVE = {
    "nom": "LORMELIN",
    "prenom": "Aubin",
    "naissance": "1984-02-29",
    "nature": "initial",
    "du": "2026-06-15",
    "au": "2026-06-19",
    "sorties": "libres",
}
TRANSPORT = {
    "nom": "LORMELIN",
    "prenom": "Aubin",
    "naissance": "1984-02-29",
    "mode": "assis",
    "le": "2026-06-16",
    "depart": "Villefictive",
    "arrivee": "Saint-Exemple",
}
PATIENT = {"nom": "Lormelin", "prenom": "Aubin", "naissance": "1984-02-29"}

NAMES = {
    MARGELLE.id: MARGELLE.name,
    EPINOY.id: EPINOY.name,
    BRISELAME.id: BRISELAME.name,
    FLAMBERGE.id: FLAMBERGE.name,
    DRAPEYRON.id: DRAPEYRON.name,
    AGENT: "Fulbert NOISERAIE",
}


def browser(app: Flask, person: Party | Delegate | str, **more: Any) -> FlaskClient:
    """A browser in which somebody is signed in, with their card unless said otherwise."""
    identifier = person if isinstance(person, str) else person.id
    return sign_in(app, identifier, name=NAMES[identifier], **more)


def given(
    app: Flask, wanted: Wish | None = None, by: Delegate = BRISELAME, **more: Any
) -> Delegation:
    """A delegation that was accepted and is current."""
    with service_of(app).store.begin() as db:
        return accepted(db, wanted, by, **more)


def prepared_by(app: Flask) -> Delegation:
    """A delegation of sick leave, to be prepared, to a secretary."""
    return given(app, wish(**SECRETARY), DRAPEYRON)


def acting(app: Flask, delegation: Delegation, by: Delegate = BRISELAME) -> FlaskClient:
    """A browser in which a delegate acts under a delegation."""
    client = browser(app, by)
    assert post(client, "/agir", delegation_id=delegation.id).status_code == 303
    return client


def drawn(client: FlaskClient, code: str, **fields: str) -> str:
    """Draw an act up; gives its address."""
    answer = post(client, f"/services/{code}", **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def session_of(app: Flask, client: FlaskClient) -> SessionRow:
    """What the service keeps of a sign-in."""
    with client.session_transaction() as session, service_of(app).store.read() as db:
        row = find_session(db, session["handle"])
    assert row is not None
    return row


def traced(app: Flask, **asked: Any) -> list[tuple[str, str]]:
    """Actions and their outcome (`done`, or why not), newest first."""
    with service_of(app).store.read() as db:
        return [(each.action, each.reason or "done") for each in entries(db, **asked)]


def last_entry(app: Flask, **asked: Any) -> TraceRow:
    """The newest entry."""
    with service_of(app).store.read() as db:
        return entries(db, **asked)[0]
