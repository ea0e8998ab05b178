"""Each service with something that somebody owns in it, and its addresses, taken from its map.

A rule that is held to every address holds for those to come: an argument that is not named here
fails the tests, and so does an address that opens to everybody and is not said to.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from relying_services import catalogue, espacepro, messaging, mon_compte, oncology, regulation
from relying_services.clock import Clock
from relying_services.espacepro.sample import import_sample
from relying_services.regulation.invented import invented_calls
from relying_services.regulation.store.calls import add_calls
from relying_services.service.app import service_of
from relying_services.service.store.trace import entries
from tests.relying_services.compiled import COMPILED
from tests.relying_services.espacepro import pages, stage
from tests.relying_services.mon_compte.identifiers import a_payment, a_question, an_order
from tests.relying_services.signed_in import post, sign_in

OWNER, STRANGER = stage.MARGELLE.id, stage.EPINOY.id
DOCTOR = {"codeProfession": "10", "codeSavoirFaire": "SM54"}
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
UNKNOWN = "987654"
"""Of nothing."""

OF_THE_KIT = frozenset(
    {
        "design",
        "sign_in.login",
        "sign_in.callback",
        "sign_in.cut",
        "sign_in.signed_out",
        "sign_in.logout",
        "sign_in.backchannel_logout",
    }
)
"""Endpoints that every service opens to everybody."""


@dataclass(frozen=True)
class Address:
    """An address and a method that it takes."""

    endpoint: str
    method: str
    path: str
    arguments: frozenset[str]

    def ask(self, client: FlaskClient, **fields: Any) -> TestResponse:
        """Ask as a page of the service would: a form with its text, and fields that it may have."""
        if self.method == "GET":
            return client.get(self.path, buffered=True)
        return post(client, self.path, **fields)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Served:
    """A service, who owns something in it, and what its addresses may name."""

    app: Flask
    open: frozenset[str] = frozenset()
    """Endpoints of its own that open to everybody."""
    entrance: str = "/login"
    names: Mapping[str, str] = field(default_factory=dict)
    """Something of the owner's, by the argument that names it, or by endpoint and argument."""

    def browser(self, actor: str = OWNER, **more: Any) -> FlaskClient:
        """A browser in which a doctor is signed in."""
        given = {"name": f"Dr {actor}", "family_name": "MARGELLE", "activity": DOCTOR}
        return sign_in(self.app, actor, **(given | more))

    def named(self, endpoint: str, argument: str) -> str:
        """What stands for an argument in the address of an endpoint."""
        return self.names.get(f"{endpoint}:{argument}") or self.names[argument]

    def addresses(self, **instead: str) -> Iterator[Address]:
        """Every address with each of its methods, filled with what the owner owns, or instead."""
        adapter = self.app.url_map.bind("localhost")
        for rule in self.app.url_map.iter_rules():
            values: dict[str, Any] = {
                name: instead.get(name) or self.named(rule.endpoint, name)
                for name in rule.arguments
            }
            for method in sorted(_METHODS & (rule.methods or set())):
                path = adapter.build(rule.endpoint, values, method=method)
                yield Address(rule.endpoint, method, path, frozenset(rule.arguments))

    def closed(self, **instead: str) -> Iterator[Address]:
        """Those that open to nobody who is not signed in."""
        for each in self.addresses(**instead):
            if each.endpoint not in self.open | OF_THE_KIT:
                yield each

    def rows(self) -> list[Any]:
        """All that its own tables hold."""
        service = service_of(self.app)
        tables = service.kind.tables
        with service.store.read() as db:
            return [
                row
                for table in (tables.metadata.sorted_tables if tables else ())
                for row in db.execute(text(f"SELECT * FROM {table.name}")).all()
            ]

    def refused(self, actor: str) -> list[tuple[str, str]]:
        """Objects and reasons of what somebody was refused, newest first."""
        with service_of(self.app).store.read() as db:
            return [
                (each.object, each.reason)
                for each in entries(db, actor=actor, limit=500)
                if each.outcome == "refused"
            ]


def without_chance(page: TestResponse) -> str:
    """A page without what differs at each request."""
    return re.sub(r'name="(csrf|once)" value="[^"]*"', "", page.text)


Maker = Callable[..., Served]


def _told(name: str, url: str, **more: Any) -> dict[str, Any]:
    return {
        "issuer": "http://localhost:1",
        "client_id": name,
        "client_secret": "secret",
        "base_url": "http://localhost:8000",
        "database_url": url,
    } | more


def _messaging(url: str, clock: Clock, **more: Any) -> Served:
    settings = messaging.MessagingSettings(**_told("messaging", url, **more))
    served = Served(messaging.create_app(settings, clock), names={"name": "1"})
    served.browser(name="Solène MARGELLE").get("/")
    to = f"solene.margelle@{settings.domain}"
    post(served.browser(), "/ecrire", adresse=to, objet="Avis demandé", message="Secret médical")
    served.browser(STRANGER).get("/")
    return served


def _regulation(url: str, clock: Clock, **more: Any) -> Served:
    settings = regulation.RegulationSettings(**_told("regulation", url, **more))
    served = Served(regulation.create_app(settings, clock), names={"name": "1"})
    with service_of(served.app).store.begin() as db:
        add_calls(db, invented_calls(3, 1, clock.now()))
    post(served.browser(), "/appels/1/prise")
    return served


def _oncology(url: str, clock: Clock, **more: Any) -> Served:
    settings = oncology.OncologySettings(**_told("oncology", url, **more))
    served = Served(
        oncology.create_app(settings, clock),
        open=frozenset({"software.ask", "software.start", "software.wait", "software.cancel"}),
        entrance="/connexion",
        names={"name": "1"},
    )
    case = {"titre": "Femme de 62 ans", "question": "?", "participants": "899700990023"}
    post(served.browser(), "/dossiers/nouveau", **case)
    return served


def _catalogue(url: str, clock: Clock, **more: Any) -> Served:
    settings = catalogue.CatalogueSettings(**_told("catalogue", url, **more))
    return Served(catalogue.create_app(settings, clock), open=frozenset({"catalogue.home"}))


def _mon_compte(url: str, clock: Clock, **more: Any) -> Served:
    given = {"password_access": True, "password_cost": "scrypt:1024:8:1"} | more
    settings = mon_compte.MonCompteSettings(**_told("mon_compte", url, **given))
    app = mon_compte.create_app(settings, clock)
    return Served(
        app,
        open=_OPEN_AT_MON_COMPTE,
        entrance="/acces",
        names={
            "payments.payment:number": str(a_payment(app, OWNER)),
            "contact.question:number": str(a_question(app, OWNER)),
            "number": str(an_order(app, OWNER)),
            "secret": "of-an-invitation",
        },
    )


def _espacepro(url: str, clock: Clock, **more: Any) -> Served:
    clock.move(stage.NOW - clock.now())
    given = {"cpam_agents": frozenset({stage.AGENT}), "api_secret": pages.API_SECRET} | more
    settings = espacepro.EspaceProSettings(**_told("espacepro", url, **given))
    app = espacepro.create_app(settings, clock)
    import_sample(service_of(app).store, clock)
    delegation = pages.given(app)
    act = pages.drawn(pages.browser(app, stage.MARGELLE), "aat", **pages.SICK_LEAVE)
    with service_of(app).store.begin() as db:
        _, secret = stage.sent(db, stage.wish(**stage.SECRETARY))
    return Served(
        app,
        open=_OPEN_AT_ESPACEPRO,
        names={
            "delegation_id": delegation.id,
            "code": "aat",
            "act_id": act.rsplit("/", 1)[1],
            "secret": secret,
        },
    )


_OPEN_AT_MON_COMPTE = frozenset(
    {
        *(f"access.{each}" for each in ("entrance", "enter", "creation", "create", "change")),
        "access.changed",
        *(f"invitation.{each}" for each in ("show", "accept", "refuse")),
    }
)
"""Ways in, each with a secret of its own."""
API = frozenset(
    f"api.{each}" for each in ("current", "acts", "invitation", "acceptance", "refusal")
)
"""For a program, which proves itself in a header and has no cookie."""
_OPEN_AT_ESPACEPRO = API | {"espacepro.home"}

MAKERS: dict[str, Maker] = {
    "messaging": _messaging,
    "regulation": _regulation,
    "oncology": _oncology,
    "catalogue": _catalogue,
    "mon_compte": _mon_compte,
    "espacepro": _espacepro,
}


def serve(name: str, url: str, clock: Clock, **settings: Any) -> Served:
    """A service on a database; the caller closes its store."""
    made = MAKERS[name](url, clock, **settings)
    made.app.jinja_env.bytecode_cache = COMPILED
    return Served(made.app, made.open, made.entrance, {"filename": "session.js"} | dict(made.names))
