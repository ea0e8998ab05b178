"""What concerns all of an issuer: where it stands, what phones can do, and its whole state."""

from http import HTTPStatus
from typing import Any

from pydantic import Field

from wallet_sim.behaviours.card_catalogue import CARD_CATALOGUE
from wallet_sim.behaviours.identities import IDENTITIES
from wallet_sim.behaviours.tables import behaviours_json, identities_json
from wallet_sim.control_server.desk import Desk
from wallet_sim.control_server.operations import Members, Operations
from wallet_sim.harness.psc import DEFAULT_PIN

operations = Operations()


class Place(Members):
    """Where the issuer stands, for the settings of a service."""

    provider: str
    issuer: str
    discovery_url: str
    default_pin: str
    """Of phones that are activated without one."""


class Catalogue(Members):
    """What may be told to phones and cards: `{name, does, provider, service, parameters}`."""

    behaviours: list[dict[str, Any]]
    """Of a phone, with a request."""
    cards: list[dict[str, Any]]
    """Of a card's holder, when it is asked for."""


class IdentitiesTold(Members):
    """Identities whose number alone decides what becomes of a sign-in."""

    identities: list[dict[str, Any]]
    """Each `{national_id, family_name, outcome, behaviour, holds, service, note}`."""


class IdentitiesAsked(Members):
    """Which identities to provide."""

    only: list[str] = Field([], max_length=len(IDENTITIES))
    """Their numbers; all of the table where none is given."""


class Named(Members):
    """A snapshot."""

    name: str


@operations.add("GET", "/place", answer=Place)
def show_place(desk: Desk) -> Place:
    """The addresses of the issuer that these phones belong to."""
    psc = desk.psc
    return Place(
        provider=psc.base_url,
        issuer=psc.issuer,
        discovery_url=psc.discovery_url,
        default_pin=DEFAULT_PIN,
    )


@operations.add("GET", "/behaviours", answer=Catalogue)
def list_behaviours(desk: Desk) -> Catalogue:
    """What phones and cards may be told to do."""
    del desk
    return Catalogue(behaviours=behaviours_json(), cards=behaviours_json(CARD_CATALOGUE))


@operations.add("GET", "/identities", answer=IdentitiesTold)
def list_identities(desk: Desk) -> IdentitiesTold:
    """The table of identities that decide by their number."""
    del desk
    return IdentitiesTold(identities=identities_json())


@operations.add(
    "POST", "/identities", body=IdentitiesAsked, answer=IdentitiesTold,
    refusals={
        HTTPStatus.NOT_FOUND: "A number is not in the table.",
        HTTPStatus.CONFLICT: "Somebody of the table was changed by a test: reset first.",
    },
)  # fmt: skip
def provide(desk: Desk, body: IdentitiesAsked) -> IdentitiesTold:
    """Make people and phones of the table, as new; takes a fraction of a second each."""
    with desk.changing:
        desk.provide_identities(body.only)
    asked = set(body.only) or {each.national_id for each in IDENTITIES}
    wanted = [each for each in identities_json() if each["national_id"] in asked]
    return IdentitiesTold(identities=wanted)


@operations.add("POST", "/reset")
def reset(desk: Desk) -> None:
    """Bring the issuer back to how it began; every phone, card and browser is gone."""
    with desk.changing:
        desk.reset()


@operations.add(
    "DELETE", "/realms/<name>", refusals={HTTPStatus.NOT_FOUND: "There is no such realm."}
)
def remove_realm(desk: Desk, name: str) -> None:
    """Remove a realm: its people, services and keys, and its phones and cards here.

    It was made by the first request below `/r/{name}/control/v1`.
    """
    desk.remove_realm(name)


@operations.add(
    "PUT", "/snapshots/<name>", answer=Named,
    refusals={HTTPStatus.CONFLICT: "As many are kept as may be, or phones were still busy."},
)  # fmt: skip
def take_snapshot(desk: Desk, name: str) -> Named:
    """Keep the issuer's whole state, and the files of phones and cards, under a name."""
    with desk.changing:
        desk.psc.snapshot(name)
    return Named(name=name)


@operations.add(
    "POST", "/snapshots/<name>/restoration", answer=Named,
    refusals={HTTPStatus.NOT_FOUND: "No snapshot of this name was taken."},
)  # fmt: skip
def restore_snapshot(desk: Desk, name: str) -> Named:
    """Bring issuer, phones and cards back to a snapshot; those that came later are gone.

    Scripts stay as they are, and what was given up since stays away.
    """
    with desk.changing:
        desk.restore(name)
    return Named(name=name)
