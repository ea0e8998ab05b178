"""What EspacePro tells of delegations: who may act for whom is decided there, at every request.

Nothing of an answer is kept: a delegation that was revoked counts no more at the next request
(EP-17). An answer that does not come, or that is not understood, grants nothing.
"""

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any, Literal, cast, get_args
from urllib.parse import quote

from requests import RequestException, Response, Session

from relying_services.mon_compte.delegation_errors import (
    REFUSALS,
    DelegationRefused,
    EspaceProUnreachable,
    InvitationNotOpen,
)
from relying_services.service.trace import Actor

EXTENSION = "espacepro"

Level = Literal["full", "prepare", "masked"]
"""How much of a service somebody has: all of it, preparing for another, without patients."""


@dataclass(frozen=True)
class Received:
    """A delegation that somebody has received and that is in force."""

    id: str
    delegator_name: str
    status: str
    """`remplacant`, `assistant_medical` or `comptable`."""
    services: frozenset[str]
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Granted:
    """One act that EspacePro authorised."""

    delegator: str
    level: Level


@dataclass(frozen=True)
class Invitation:
    """What an invitation asks of whom."""

    email: str
    status: str
    delegator_name: str
    starts_on: date
    ends_on: date


class EspacePro:
    """EspacePro's API for this service.

    Args:
        url: its address, without a slash at its end.
        secret: what this service is known by there.
        timeout: seconds that an answer may take.
    """

    def __init__(self, url: str, secret: str, timeout: float) -> None:
        self.session = Session()
        self.session.headers["Authorization"] = f"Bearer {secret}"
        # Proxies and credentials of the environment are not for a call between two services.
        self.session.trust_env = False
        self._url = f"{url}/api/v1"
        self._timeout = timeout

    def delegations(self, delegate: str) -> list[Received]:
        """The delegations in force of a delegate.

        Raises:
            EspaceProUnreachable: no answer that is understood.
        """
        answer = self._ask("GET", "delegations", params={"delegate": delegate})
        try:
            return [_received(each) for each in _told(answer)["delegations"]]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise EspaceProUnreachable from error

    def act(self, actor: Actor, service: str, action: str, obj: str) -> Granted:
        """Ask for one act, which is traced there for the delegator to read (EP-06).

        Args:
            actor: who acts, with the delegation.
            service: the code of the service.
            action: what is done.
            obj: `kind:identifier` of what it is done to; never a patient.

        Raises:
            DelegationRefused: EspacePro says no.
            EspaceProUnreachable: no answer that is understood.
        """
        asked = {
            "delegation_id": actor.delegation_id,
            "delegate": actor.id,
            "means": actor.means,
            "sid": actor.sid,
            "service": service,
            "action": action,
            "object": obj,
            "activity": actor.activity,
        }
        answer = self._ask("POST", "acts", json=asked)
        told = _members(answer)
        if answer.status_code == HTTPStatus.FORBIDDEN and isinstance(told.get("reason"), str):
            raise REFUSALS.get(told["reason"], DelegationRefused)
        told = _told(answer)
        delegator, level = told.get("delegator"), told.get("level")
        is_understood = isinstance(delegator, str) and delegator and level in get_args(Level)
        if not is_understood or delegator == actor.id:
            raise EspaceProUnreachable
        return Granted(cast("str", delegator), cast("Level", level))

    def invitation(self, secret: str) -> Invitation:
        """What an invitation asks.

        Raises:
            InvitationNotOpen: there is none for that secret that can be answered.
            EspaceProUnreachable: no answer that is understood.
        """
        answer = self._ask("GET", f"invitations/{quote(secret, safe='')}")
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE}:
            raise InvitationNotOpen
        told = _told(answer)
        names = ("email", "status", "delegator_name")
        if not all(isinstance(told.get(name), str) for name in names):
            raise EspaceProUnreachable
        try:
            return Invitation(
                email=told["email"],
                status=told["status"],
                delegator_name=told["delegator_name"],
                starts_on=date.fromisoformat(told["starts_on"]),
                ends_on=date.fromisoformat(told["ends_on"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise EspaceProUnreachable from error

    def answer(
        self, secret: str, answer: Literal["acceptance", "refusal"], delegate: str, name: str
    ) -> None:
        """Accept or refuse an invitation.

        Raises:
            InvitationNotOpen: it cannot be answered so (any more).
            EspaceProUnreachable: no answer that is understood.
        """
        given = self._ask(
            "POST",
            f"invitations/{quote(secret, safe='')}/{answer}",
            json={"delegate": delegate, "name": name},
        )
        if given.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE}:
            raise InvitationNotOpen
        _told(given)

    def _ask(self, method: str, path: str, **more: Any) -> Response:
        try:
            return self.session.request(
                method, f"{self._url}/{path}", timeout=self._timeout, allow_redirects=False, **more
            )
        except RequestException as error:
            raise EspaceProUnreachable from error


def _told(answer: Response) -> dict[str, Any]:
    if answer.status_code != HTTPStatus.OK:
        raise EspaceProUnreachable
    return _members(answer)


def _members(answer: Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError as error:
        raise EspaceProUnreachable from error
    if not isinstance(told, dict):
        raise EspaceProUnreachable
    return told


def _received(told: dict[str, Any]) -> Received:
    return Received(
        id=str(told["id"]),
        delegator_name=str(told["delegator_name"]),
        status=str(told["status"]),
        services=frozenset(told["services"]),
        starts_on=date.fromisoformat(told["starts_on"]),
        ends_on=date.fromisoformat(told["ends_on"]),
    )
