"""The addresses of one phone: its pages, its forms, its control API and its push address."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import ACTIONS
from wallet_sim.door import Door
from wallet_sim.errors import PhoneError, PushRefused
from wallet_sim.screen import activation, answering, upkeep
from wallet_sim.screen.handset import Handset, View, members_of
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.site import Handler, as_json


@dataclass(frozen=True)
class Form:
    """A form of a phone's pages; what it asks is an action of `wallet_sim/actions.py`."""

    again: View
    """The page that tells a refusal, with the form on it."""
    twice: str = ""
    """The field that holds a new PIN, typed twice."""


_PAGES: dict[str, View] = {
    "": answering.home,
    "activate": activation.welcome,
    "activate/mail": activation.begin_by_mail,
    "activate/card": activation.begin_by_card,
    "not-me": answering.not_me,
    "history": upkeep.history,
    "details": upkeep.details,
    "pin": upkeep.change_pin,
    "forgotten": upkeep.forgotten,
    "delete": upkeep.delete,
}
_FORMS = {
    "start": Form(activation.begin_by_mail),
    "pair": Form(activation.begin_by_card),
    "scan": Form(activation.step),
    "code": Form(activation.step),
    "resend": Form(activation.step),
    "pairing": Form(activation.step),
    "pin": Form(activation.step, twice="pin"),
    "approve": Form(answering.home),
    "refuse": Form(answering.home),
    "recover": Form(answering.home),
    "change-pin": Form(upkeep.change_pin, twice="new"),
    "delete": Form(upkeep.delete),
}


def rules_of_none(door: Door, pages: Pages, below: str) -> list[Rule]:
    """The addresses of a phone that there is not: who knows no secret learns no name from them."""

    def page(request: Request) -> Response:
        if not door.is_inside(request):
            return pages.entrance(request, f"{below}/")
        raise NotFound

    def state(request: Request) -> Response:
        if not door.is_inside(request):
            return _stay_out()
        raise NotFound

    def act(request: Request, action: str) -> Response:
        del action
        door.check_form(request)
        raise NotFound

    return [
        *(Rule(f"/{path}", endpoint=page, methods=["GET"]) for path in _PAGES),
        Rule("/state", endpoint=state, methods=["GET"]),
        Rule("/do/<action>", endpoint=act, methods=["POST"]),
    ]


class PhonePages:
    """What a person does with one phone, and what calls it.

    Args:
        handset: the phone.
    """

    def __init__(self, handset: Handset) -> None:
        self._handset = handset

    def rules(self) -> list[Rule]:
        """Addresses below the path of this phone."""
        push = self._handset.receiver.subscription.path.removeprefix(self._handset.below)
        return [
            *(
                Rule(f"/{path}", endpoint=self._page(view), methods=["GET"])
                for path, view in _PAGES.items()
            ),
            Rule("/state", endpoint=self._state, methods=["GET"]),
            Rule("/do/<action>", endpoint=self._act, methods=["POST"]),
            Rule(push, endpoint=self._push, methods=["POST"]),
        ]

    def _page(self, view: View) -> Handler:
        def shown(request: Request) -> Response:
            if not self._handset.door.is_inside(request):
                return self._handset.pages.entrance(request, f"{self._handset.below}/")
            return view(self._handset, request, None)

        return shown

    def _state(self, request: Request) -> Response:
        if not self._handset.door.is_inside(request):
            return _stay_out()
        return answering.state(self._handset, request)

    def _act(self, request: Request, action: str) -> Response:
        handset = self._handset
        handset.door.check_form(request)
        form = _FORMS.get(action)
        if form is None:
            raise NotFound
        way = activation.way_of(handset)
        try:
            if form.twice:
                activation.require_twice(request.form, form.twice)
            told = ACTIONS[action](handset.phone, handset.receiver, members_of(request))
        except PhoneError as error:
            return form.again(handset, request, error)
        return _OUTCOMES.get(action, _onwards)(handset, request, action, told, way)

    def _push(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            self._handset.receiver.receive(request.get_data(), headers)
        except PushRefused as error:
            return as_json({"code": error.code, "detail": str(error)}, HTTPStatus.FORBIDDEN)
        return Response(status=HTTPStatus.CREATED)


Told = dict[str, Any]
Outcome = Callable[[Handset, Request, str, Told, activation.Way], Response]


def _onwards(
    handset: Handset, request: Request, action: str, told: Told, way: activation.Way
) -> Response:
    del request, told, way
    return handset.go(done=action)


def _activated(
    handset: Handset, request: Request, action: str, told: Told, way: activation.Way
) -> Response:
    del action
    return activation.activated(handset, request, way, told["revocation_code"])


def _approved(
    handset: Handset, request: Request, action: str, told: Told, way: activation.Way
) -> Response:
    del action, way
    memory = handset.phone.memory()
    service = memory.history[-1].service if memory and memory.history else ""
    given = answering.Given(service, told["failures_since_success"], told["completion"])
    return answering.approved(handset, request, given)


def _refused(
    handset: Handset, request: Request, action: str, told: Told, way: activation.Way
) -> Response:
    del told, way
    is_not_me = request.form.get("reason") == "unknown_trigger"
    return handset.go(done="not-me" if is_not_me else action)


def _recovered(
    handset: Handset, request: Request, action: str, told: Told, way: activation.Way
) -> Response:
    del request, way
    is_approved = told["outcome"] == "approved"
    return handset.go(done=f"{action}-approved" if is_approved else action)


_OUTCOMES: dict[str, Outcome] = {
    "pin": _activated,
    "approve": _approved,
    "refuse": _refused,
    "recover": _recovered,
}


def _stay_out() -> Response:
    return as_json({"code": "forbidden"}, HTTPStatus.FORBIDDEN)
