"""The control API of a phone and of a card reader, and the application of one of each.

Approving still takes the real keys and the PIN: the control API is a hand that holds the phone,
not a way around it (decision 3).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import ACTIONS, LOOKS, Members
from wallet_sim.automatic import AUTOMATIC_PATH, AutomaticApprovals
from wallet_sim.card import actions as card_actions
from wallet_sim.card.reader import Reader
from wallet_sim.door import Door
from wallet_sim.encoding import parse_object
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.handset import DEFAULT_PROVIDER, Handset
from wallet_sim.screen.one_phone import PhonePages
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.reader_rules import reader_rules
from wallet_sim.screen.site import Site, as_json
from wallet_sim.screen.watching import Watch

CONTROL_PATH = "/control/v1"

Look = Callable[[], dict[str, Any]]
Act = Callable[[Members], dict[str, Any]]


class Control:
    """What programs that have the start-up secret may look at and do.

    Args:
        door: who may come in.
        looks: by name, what GET tells.
        acts: by name, what POST does.
    """

    def __init__(self, door: Door, looks: Mapping[str, Look], acts: Mapping[str, Act]) -> None:
        self._door = door
        self.looks = looks
        self.acts = acts

    def rules(self) -> list[Rule]:
        """Its addresses."""
        return [
            Rule(f"{CONTROL_PATH}/<look>", endpoint=self._look, methods=["GET"]),
            Rule(f"{CONTROL_PATH}/<action>", endpoint=self._act, methods=["POST"]),
        ]

    def beside(self, other: "Control") -> "Control":
        """Both in one."""
        return Control(self._door, {**self.looks, **other.looks}, {**self.acts, **other.acts})

    def _look(self, request: Request, look: str) -> Response:
        self._door.check_secret(request)
        if look not in self.looks:
            raise NotFound
        return as_json(self.looks[look]())

    def _act(self, request: Request, action: str) -> Response:
        self._door.check_secret(request)
        if action not in self.acts:
            raise NotFound
        try:
            members = parse_object(request.get_data() or b"{}")
        except ValueError as error:
            raise BadRequest("the body must be a JSON object") from error
        return as_json(self.acts[action](members))


def phone_control(phone: Phone, receiver: Receiver, door: Door) -> Control:
    """The control API of one phone."""
    return Control(
        door,
        {name: partial(look, phone, receiver) for name, look in LOOKS.items()},
        {name: partial(act, phone, receiver) for name, act in ACTIONS.items()},
    )


def reader_control(reader: Reader, door: Door) -> Control:
    """The control API of the card reader."""
    return Control(
        door,
        {name: partial(look, reader) for name, look in card_actions.LOOKS.items()},
        {name: partial(act, reader) for name, act in card_actions.ACTIONS.items()},
    )


class ControlApp(Site):
    """The WSGI application of one phone and one card reader.

    Args:
        phone: the phone.
        receiver: its ear; its subscription's path is served here.
        door: who may come in.
        reader: the card reader.
        automatic: answers without a person, where that was asked for at start.
        provider: the identity provider that an activation proposes.
    """

    def __init__(
        self,
        phone: Phone,
        receiver: Receiver,
        door: Door,
        reader: Reader,
        automatic: AutomaticApprovals | None = None,
        *,
        provider: str = DEFAULT_PROVIDER,
    ) -> None:
        pages = Pages(door, phone.language)
        watch = Watch(phone, receiver)
        handset = Handset(phone, receiver, watch, door, pages, provider=provider)
        control = phone_control(phone, receiver, door).beside(reader_control(reader, door))
        rules = [
            *PhonePages(handset).rules(),
            *reader_rules(reader, door, pages),
            *control.rules(),
        ]
        if automatic is not None:
            address = f"{AUTOMATIC_PATH}/<given>"
            rules.append(Rule(address, endpoint=automatic.answer, methods=["POST"]))
        super().__init__(door, pages, rules)
