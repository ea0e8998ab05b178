"""Issuers below `/r/<name>`, made and dropped by a test (docs/testing/isolation.md)."""

from http import HTTPStatus

from flask import Blueprint, current_app
from werkzeug.exceptions import Conflict, NotFound

from idp.dev.operations import Answered, Message, operation
from idp.serving.realms import REALMS, RealmNameMalformed, RealmRefused, Realms

bp = Blueprint("dev_realms", __name__, url_prefix="/realms")

_NONE_HERE = "issuers are made below the first issuer of a server alone: ask its /dev/v1/realms"


class RealmsFound(Message):
    """The issuers that were made on demand."""

    realms: list[str]
    """Their names, in order; each stands at `/r/<name>`."""


class RealmMade(Message):
    """An issuer of its own."""

    name: str
    base_url: str
    issuer: str
    card_base_url: str
    """Where its cards are asked for; empty where none are."""


@bp.get("")
@operation(RealmsFound, refusals={404: "This is not the first issuer of a server."})
def list_realms() -> RealmsFound:
    """The issuers made on demand that are there."""
    return RealmsFound(realms=_realms().names())


@bp.put("/<name>")
@operation(
    RealmMade,
    other_status=HTTPStatus.CREATED,
    refusals={
        404: "This is not the first issuer of a server, or the name cannot be one.",
        409: "The name is taken by a configured issuer, or there are as many as there may be.",
    },
)
def make_realm(name: str) -> RealmMade | Answered:
    """Make an issuer, where there is none of that name yet (201).

    One that is there is left as it is (200). It has people, clients, keys, clock and
    sessions of its own; its development addresses stand below it and demand the same secret.
    """
    realms = _realms()
    try:
        is_new = realms.make(name)
    except RealmNameMalformed as error:
        raise NotFound(str(error)) from error
    except RealmRefused as error:
        raise Conflict(str(error)) from error
    settings = realms.settings_of(name)
    told = RealmMade(
        name=name,
        base_url=settings.base_url,
        issuer=settings.issuer,
        card_base_url=settings.card_base_url,
    )
    return Answered(told) if is_new else told


@bp.delete("/<name>")
@operation(refusals={404: "There is no issuer of that name, or this is not the first one."})
def drop_realm(name: str) -> None:
    """Drop an issuer with all that is in it; its files or its schema are gone."""
    realms = _realms()
    try:
        realms.check_name(name)
    except RealmRefused as error:
        raise NotFound(str(error)) from error
    if not realms.drop(name):
        raise NotFound(f"there is no issuer {name!r} below /r/")


def _realms() -> Realms:
    found: Realms | None = current_app.extensions.get(REALMS)
    if found is None:
        raise NotFound(_NONE_HERE)
    return found
