"""EspacePro as the account reaches it: its API by HTTP, each answer decided by a test.

That the real one answers so is shown in `test_delegated_real.py`.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from requests import ConnectionError as NoConnection
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from relying_services.mon_compte.espacepro_api import EXTENSION, EspacePro
from relying_services.service.app import service_of

SECRET = "what Mon compte is known by"


def delegation(number: str, delegator: str, level: str = "masked", **more: Any) -> dict[str, Any]:
    """A delegation to an accountant, as EspacePro tells it."""
    return {
        "id": number,
        "delegator": delegator,
        "delegator_name": "Dr Solène MARGELLE",
        "status": "comptable",
        "services": {"paiements": level},
        "starts_on": "2026-01-01",
        "ends_on": "2040-12-31",
    } | more


@dataclass
class Answering(BaseAdapter):
    """What EspacePro knows, and what it was asked."""

    delegations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By delegate."""
    invitations: dict[str, dict[str, str]] = field(default_factory=dict)
    """By secret; an answered one is gone."""
    reason: str = ""
    """Why every act is refused; authorised by the delegation where it is empty."""
    raw: tuple[int, bytes] | None = None
    """Answered to everything instead."""
    location: str = ""
    """Where each answer leads."""
    is_gone: bool = False
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    """Method, path and body of each call."""

    def __post_init__(self) -> None:
        super().__init__()

    def send(self, request: PreparedRequest, *_args: Any, **_more: Any) -> Response:
        if self.is_gone:
            raise NoConnection("nobody listens")
        path = request.path_url.removeprefix("/api/v1/")
        body = json.loads(request.body) if isinstance(request.body, bytes) else None
        self.asked.append((request.method or "", path, body))
        status, told = self.raw or self._answer(request, path, body)
        response = Response()
        response.status_code = status
        if self.location:
            response.headers["Location"] = self.location
        response._content = told if isinstance(told, bytes) else json.dumps(told).encode()
        response.url = request.url or ""
        response.request = request
        return response

    def close(self) -> None:
        """It holds nothing."""

    def _answer(self, request: PreparedRequest, path: str, body: Any) -> tuple[int, Any]:
        if request.headers.get("Authorization") != f"Bearer {SECRET}":
            return 401, {"reason": "secret"}
        if path.startswith("delegations?delegate="):
            delegate = path.split("=", 1)[1].replace("%3A", ":")
            return 200, {"delegations": self.delegations.get(delegate, [])}
        if path == "acts":
            return self._act(body)
        secret, _, answer = path.removeprefix("invitations/").partition("/")
        if secret not in self.invitations:
            return 404, {"reason": "unknown"}
        if not answer:
            return 200, self.invitations[secret]
        self.invitations.pop(secret)
        return 200, {}

    def _act(self, body: dict[str, Any]) -> tuple[int, Any]:
        if self.reason:
            return 403, {"reason": self.reason}
        own = self.delegations.get(body["delegate"], [])
        found = next((each for each in own if each["id"] == body["delegation_id"]), None)
        if found is None:
            return 403, {"reason": "revoked"}
        if body["service"] not in found["services"]:
            return 403, {"reason": "service_outside"}
        told = {name: found[name] for name in ("delegator", "delegator_name", "status")}
        return 200, told | {"level": found["services"][body["service"]]}


def answering(app: Flask) -> Answering:
    """Stands in EspacePro's place for one application."""
    made = Answering()
    espacepro: EspacePro = service_of(app).more[EXTENSION]
    espacepro.session.mount("http://", made)
    return made
