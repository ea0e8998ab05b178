"""What Mon compte asks: who may act for whom there, and what became of an invitation.

It is for programs that know the setting `api_secret`; it looks at no cookie. Each act that is asked
for is written to the trace here, authorised or not: a delegator reads all of them in one place
(EP-06).
"""

import hmac
import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from relying_services.espacepro import delegations
from relying_services.espacepro.acting import settings
from relying_services.espacepro.authorisation import Authorised, authorise
from relying_services.espacepro.delegations import Delegate, Delegation
from relying_services.espacepro.errors import DelegateDiffers, DelegationRefused
from relying_services.espacepro.matrix import COMPTABLE, IN_MON_COMPTE, MATRIX
from relying_services.espacepro.store.delegations import delegation as find
from relying_services.service import trace
from relying_services.service.errors import ServiceError
from relying_services.service.service import this_service

bp = Blueprint("api", __name__, url_prefix="/api/v1")
ENDPOINTS = frozenset({"api.acts", "api.acceptance", "api.refusal"})
"""Those that change something: they carry no form of ours."""

CLIENT = "mon_compte"
"""The service that asks, as the trace names it."""

_BEARER = "Bearer "
_ACTION = re.compile(r"[a-z_]{1,40}:[a-z_]{1,40}")
_NOT_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What a database does not keep, or what would make several lines of one in a mail."""
_LONGEST = {"delegation_id": 64, "delegate": 64, "means": 16, "service": 32, "action": 81}
_LONGEST_OPTIONAL = {"object": 128, "activity": 200, "sid": 128}

Answer = Callable[[Session, datetime, Delegation, Delegate], None]


class NotAsked(Exception):
    """A body that is not what this address takes; the message says which member."""


@bp.before_request
def hold_to_secret() -> ResponseReturnValue | None:
    """Let on who knows the secret; nobody does where none is set."""
    secret = settings().api_secret
    header = request.headers.get("Authorization", "")
    given = header.removeprefix(_BEARER) if header.startswith(_BEARER) else ""
    if secret and hmac.compare_digest(given.encode(), secret.encode()):
        return None
    return {"error": "unauthorized"}, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"}


@bp.errorhandler(NotAsked)
def not_asked(error: NotAsked) -> ResponseReturnValue:
    """Say what is wrong with the question."""
    return {"error": "invalid_request", "error_description": str(error)}, HTTPStatus.BAD_REQUEST


@bp.get("/delegations")
def current() -> ResponseReturnValue:
    """The current delegations of one delegate, with the services that stand in Mon compte."""
    delegate = request.args.get("delegate", "")
    with this_service().store.read() as db:
        found = delegations.current_of_delegate(db, this_service().clock.now(), delegate)
    return {"delegations": [_told(each) for each in found if _levels(each)]}


@bp.post("/acts")
def acts() -> ResponseReturnValue:
    """Authorise one act in Mon compte, and write it down (EP-04, EP-06, EP-17)."""
    asked, service = _asked(), this_service()
    actor, told = _actor(asked), {"object": asked["object"], "service": asked["service"]}
    try:
        with service.store.begin() as db:
            authorised = _authorised(db, asked)
            _note(db, _under(db, actor), asked["action"], **told)
    except DelegationRefused as refused:
        with service.store.begin() as db:
            _note(db, _under(db, actor), asked["action"], refused=refused.reason, **told)
        return {"reason": refused.reason}, HTTPStatus.FORBIDDEN
    row = authorised.delegation
    return {
        "level": authorised.level,
        "delegator": row.delegator,
        "delegator_name": row.delegator_name,
        "status": row.status,
    }


@bp.get("/invitations/<secret>")
def invitation(secret: str) -> ResponseReturnValue:
    """What an accountant is invited to."""
    try:
        with this_service().store.read() as db:
            found = _of_accountant(db, secret)
    except ServiceError as error:
        return {"reason": error.code}, _status(error)
    return {"email": found.email, **_told(found)}


@bp.post("/invitations/<secret>/acceptance")
def acceptance(secret: str) -> ResponseReturnValue:
    """An accountant accepts, by their account at Mon compte."""
    return _answer(secret, delegations.accept, "delegation:accepted")


@bp.post("/invitations/<secret>/refusal")
def refusal(secret: str) -> ResponseReturnValue:
    """An accountant refuses."""
    return _answer(secret, delegations.refuse, "delegation:refused")


def _answer(secret: str, answer: Answer, action: str) -> ResponseReturnValue:
    service = this_service()
    delegate = Delegate(_text("delegate", 64), _text("name", 200))
    actor = trace.Actor(delegate.id, "PASSWORD")
    try:
        with service.store.begin() as db:
            found = _of_accountant(db, secret)
            if not delegate.id.startswith(trace.OWN_ACCOUNT):
                raise DelegateDiffers
            answer(db, service.clock.now(), found, delegate)
            done = trace.Actor(
                delegate.id, "PASSWORD", on_behalf_of=found.delegator, delegation_id=found.id
            )
            _note(db, done, action, object=f"delegation:{found.id}")
    except ServiceError as error:
        with service.store.begin() as db:
            _note(db, actor, action, refused=error.code)
        return {"reason": error.code}, _status(error)
    return {"delegation_id": found.id, "state": found.state}


def _authorised(db: Session, asked: dict[str, str]) -> Authorised:
    """Only what stands in Mon compte is asked from there."""
    here = asked["service"] if asked["service"] in IN_MON_COMPTE else ""
    return authorise(
        db,
        this_service().clock.now(),
        settings(),
        delegation_id=asked["delegation_id"],
        delegate_id=asked["delegate"],
        service=here,
        means=asked["means"],
    )


def _of_accountant(db: Session, secret: str) -> Delegation:
    found = delegations.by_invitation(db, this_service().clock.now(), secret)
    if found.status != COMPTABLE:
        raise DelegateDiffers
    return found


def _status(error: ServiceError) -> HTTPStatus:
    is_unknown = error.status == HTTPStatus.NOT_FOUND
    return HTTPStatus.NOT_FOUND if is_unknown else HTTPStatus.CONFLICT


def _asked() -> dict[str, str]:
    asked = {name: _text(name, longest) for name, longest in _LONGEST.items()}
    asked |= {name: _optional(name, longest) for name, longest in _LONGEST_OPTIONAL.items()}
    if not _ACTION.fullmatch(asked["action"]):
        raise NotAsked("action must be of the form subject:verb")
    return asked


def _text(name: str, longest: int) -> str:
    text = _optional(name, longest)
    if not text:
        raise NotAsked(f"{name} is missing")
    return text


def _optional(name: str, longest: int) -> str:
    body = request.get_json(silent=True)
    text = body.get(name) if isinstance(body, dict) else None
    if text is None:
        return ""
    if not isinstance(text, str) or len(text) > longest:
        raise NotAsked(f"{name} must be a text of {longest} characters at the most")
    if _NOT_A_LINE.search(text):
        raise NotAsked(f"{name} must be one line, without control characters")
    return text


def _actor(asked: dict[str, str]) -> trace.Actor:
    return trace.Actor(
        asked["delegate"],
        asked["means"],
        asked["activity"],
        asked["sid"] or None,
        delegation_id=asked["delegation_id"],
    )


def _under(db: Session, actor: trace.Actor) -> trace.Actor:
    """With the delegator; a delegation that is not this delegate's tells nothing of its own."""
    found = find(db, actor.delegation_id or "")
    if found is None or found.delegate_id != actor.id:
        return trace.Actor(actor.id, actor.means, actor.activity, actor.sid)
    return trace.Actor(actor.id, actor.means, actor.activity, actor.sid, found.delegator, found.id)


def _note(db: Session, actor: trace.Actor, action: str, **members: Any) -> None:
    trace.note(db, this_service().clock.now(), CLIENT, actor, action, **members)


def _levels(row: Delegation) -> dict[str, str]:
    levels = MATRIX[row.status]
    return {code: levels[code] for code in row.services if code in IN_MON_COMPTE & set(levels)}


def _told(row: Delegation) -> dict[str, Any]:
    return {
        "id": row.id,
        "delegator": row.delegator,
        "delegator_name": row.delegator_name,
        "status": row.status,
        "services": _levels(row),
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
    }
