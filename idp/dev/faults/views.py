"""Asking for faults, and for a rotation of the keys."""

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from pydantic import ValidationError
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest, Conflict, NotFound

from idp.dev.faults.catalogue import CATALOGUE
from idp.dev.faults.endpoints import ENDPOINTS, OF_NOBODY
from idp.dev.faults.fault import Fault, Parameters
from idp.dev.faults.messages import (
    FaultAsked,
    FaultCatalogue,
    FaultEntry,
    FaultList,
    FaultWanted,
    Rotation,
    RotationWanted,
)
from idp.dev.faults.transport import LateParameters
from idp.dev.operations import operation, told_faults
from idp.key_rotation import PurposeUnknown, SuccessorWaits, rotate_key
from idp.provider import Provider, current_provider
from idp.store.clients import find_client
from idp.store.faults import (
    add_fault,
    all_faults,
    count_faults,
    find_fault,
    remove_fault,
    remove_faults,
)
from idp.store.models import DevFault

bp = Blueprint("dev_faults", __name__)
_DIGITS = 18
"""Longest number that every database takes for a key."""


@bp.get("/faults/catalogue")
@operation(FaultCatalogue)
def show_fault_catalogue() -> FaultCatalogue:
    """Every fault: where, what it does on the wire, what a correct client must do, and why."""
    return FaultCatalogue(
        endpoints=ENDPOINTS, faults=[_entry(fault) for fault in CATALOGUE.values()]
    )


@bp.get("/faults")
@operation(FaultList)
def list_faults() -> FaultList:
    """All that was asked for, what is used up included, and how often each was committed."""
    with current_provider().store.read() as db:
        return FaultList(faults=[_asked(row) for row in all_faults(db)])


@bp.post("/faults")
@operation(
    FaultAsked,
    body=FaultWanted,
    status=HTTPStatus.CREATED,
    refusals={
        404: "There is no such client.",
        409: "Too many stand already, or the client has what the fault changes encrypted.",
    },
)
def ask_for_fault(body: FaultWanted) -> FaultAsked:
    """Commit a fault from now on."""
    provider = current_provider()
    fault = _known(body.fault)
    chosen = _chosen(provider, fault, body.parameters)
    row = DevFault(
        fault=fault.name,
        parameters=chosen.model_dump(mode="json"),
        endpoint=_endpoint(fault, body),
        client_id=body.client_id,
        times_left=body.times,
        committed=0,
        created_at=provider.clock.now(),
    )
    with provider.store.begin() as db:
        _require_client(db, fault, body.client_id)
        if count_faults(db) >= provider.settings.dev_faults:
            raise Conflict(
                f"{provider.settings.dev_faults} faults are kept already: remove some "
                "(DELETE /faults), or raise the setting dev_faults"
            )
        add_fault(db, row)
        return _asked(row)


@bp.get("/faults/<fault_id>")
@operation(FaultAsked, refusals={404: "There is no such fault."})
def show_fault(fault_id: str) -> FaultAsked:
    """What was asked for, and how often it was committed."""
    with current_provider().store.read() as db:
        row = find_fault(db, _number(fault_id))
    if row is None:
        raise NotFound("there is no fault of that number: it may have been removed")
    return _asked(row)


@bp.delete("/faults/<fault_id>")
@operation(refusals={404: "There is no such fault."})
def withdraw_fault(fault_id: str) -> None:
    """Commit it no more, and forget it."""
    with current_provider().store.begin() as db:
        if not remove_fault(db, _number(fault_id)):
            raise NotFound("there is no fault of that number: it may have been removed")


@bp.delete("/faults")
@operation()
def withdraw_faults() -> None:
    """Commit none any more, and forget them all."""
    with current_provider().store.begin() as db:
        remove_faults(db)


@bp.post("/keys/rotation")
@operation(
    Rotation,
    body=RotationWanted,
    refusals={409: "A successor is published already and does not sign yet."},
)
def rotate_keys(body: RotationWanted) -> Rotation:
    """Publish a successor of a key, as `ecps-idp key rotate`; it signs after `key_overlap`."""
    provider = current_provider()
    try:
        with provider.store.begin() as db:
            fresh, previous = rotate_key(provider, db, body.purpose)
    except PurposeUnknown as error:
        raise BadRequest(str(error)) from error
    except SuccessorWaits as error:
        raise Conflict(str(error)) from error
    provider.keyring.forget()
    return Rotation(
        purpose=fresh.purpose, kid=fresh.kid, previous=previous, activates_at=fresh.activates_at
    )


def _known(name: str) -> Fault:
    if name not in CATALOGUE:
        raise BadRequest(f"there is no fault {name!r}: GET /faults/catalogue lists them")
    return CATALOGUE[name]


def _chosen(provider: Provider, fault: Fault, given: dict[str, Any]) -> Parameters:
    try:
        chosen = fault.parameters.model_validate(given)
    except ValidationError as error:
        raise BadRequest(f"parameters of {fault.name}: {told_faults(error)}") from error
    longest = provider.settings.dev_longest_delay.total_seconds()
    if isinstance(chosen, LateParameters) and chosen.seconds > longest:
        raise BadRequest(
            f"an answer is late by at most {longest:g} s: the setting dev_longest_delay says so"
        )
    return chosen


def _endpoint(fault: Fault, wanted: FaultWanted) -> str:
    """Where it is committed: as said, or the one place that goes without saying."""
    endpoint = wanted.endpoint or fault.usual_endpoint
    if endpoint not in fault.endpoints:
        raise BadRequest(f"say the endpoint of {fault.name}: one of {', '.join(fault.endpoints)}")
    if wanted.client_id is not None and endpoint in OF_NOBODY:
        raise BadRequest(
            f"who asks for {endpoint} does not say which client it is: leave out client_id"
        )
    return endpoint


def _require_client(db: Session, fault: Fault, client_id: str | None) -> None:
    if client_id is None:
        return
    client = find_client(db, client_id)
    if client is None:
        raise NotFound(f"there is no client {client_id!r}: GET /clients lists them")
    if fault.alters is not None and f"{fault.alters}_encrypted_response_alg" in client.options:
        raise Conflict(
            f"{client_id} has its {fault.alters} encrypted, and only it can open that: register "
            "it without encryption to test this fault"
        )


def _entry(fault: Fault) -> FaultEntry:
    return FaultEntry(
        name=fault.name,
        endpoints=list(fault.endpoints),
        usual_endpoint=fault.usual_endpoint,
        for_one_client=bool(set(fault.endpoints) - set(OF_NOBODY)),
        parameters=_schema(fault.parameters),
        does=fault.does,
        client_must=fault.client_must,
        source=fault.source,
    )


@cache
def _schema(parameters: type[Parameters]) -> dict[str, Any]:
    return parameters.model_json_schema()


def _asked(row: DevFault) -> FaultAsked:
    return FaultAsked(
        id=row.id,
        fault=row.fault,
        endpoint=row.endpoint,
        client_id=row.client_id,
        parameters=row.parameters,
        times_left=row.times_left,
        committed=row.committed,
        created_at=row.created_at,
    )


def _number(text: str) -> int:
    """The number in an address; one that no row has where it is none."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _DIGITS
    return int(text) if is_number else 0
