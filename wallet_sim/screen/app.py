"""Several phones on one page, each in a frame of its own, and the card reader beside them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.card.reader import Reader
from wallet_sim.control import Control, phone_control, reader_control
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.explaining import explain
from wallet_sim.screen.handset import Handset
from wallet_sim.screen.one_phone import PhonePages, rules_of_none
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.rack import MOST_PHONES, PHONES_PATH, Placed, Rack, path_of
from wallet_sim.screen.reader_rules import reader_rules
from wallet_sim.screen.site import Site, follow
from wallet_sim.screen.watching import Watch

SwitchOn = Callable[[Path], Phone]


class ScreenApp(Site):
    """The WSGI application of several phones and one card reader.

    Args:
        rack: the phones.
        door: who may come in.
        pages: the templates.
        reader: the card reader.
    """

    def __init__(self, rack: Rack, door: Door, pages: Pages, reader: Reader) -> None:
        self.rack = rack
        self._overview_door = door
        self._overview_pages = pages
        super().__init__(
            door,
            pages,
            [
                Rule("/", endpoint=self._overview, methods=["GET"]),
                Rule(PHONES_PATH, endpoint=self._add, methods=["POST"]),
                Rule(f"{PHONES_PATH}/<name>", endpoint=self._enter, methods=["GET"]),
                Rule(f"{PHONES_PATH}/<name>/", endpoint=self._to_phone, defaults={"rest": ""}),
                Rule(f"{PHONES_PATH}/<name>/<path:rest>", endpoint=self._to_phone),
                *reader_rules(reader, door, pages),
                *reader_control(reader, door).rules(),
            ],
        )

    def _overview(self, request: Request) -> Response:
        if not self._overview_door.is_inside(request):
            return self._overview_pages.entrance(request)
        return self._show(request)

    def _add(self, request: Request) -> Response:
        self._overview_door.check_form(request)
        try:
            added = self.rack.add(request.form.get("name", ""))
        except PhoneError as error:
            return self._show(request, error)
        return redirect(f"/#{added.name}", HTTPStatus.SEE_OTHER)

    def _show(self, request: Request, error: PhoneError | None = None) -> Response:
        pages, placed = self._overview_pages, list(self.rack)
        response = pages.page(
            request,
            "overview.html",
            HTTPStatus.CONFLICT if error else HTTPStatus.OK,
            placed=placed,
            reader=READER_ADDRESS,
            has_room=len(placed) < MOST_PHONES,
            refusal=explain(error, pages.language(request)) if error else "",
            typed=request.form.get("name", ""),
        )
        policy = response.content_security_policy
        policy.update({"frame-src": "'self'", "frame-ancestors": "'none'"})
        response.headers["X-Frame-Options"] = "DENY"
        return response

    def _enter(self, request: Request, name: str) -> Response:
        if self._overview_door.is_inside(request) and self.rack.find(name) is None:
            raise NotFound
        return redirect(f"{path_of(name)}/", HTTPStatus.SEE_OTHER)

    def _to_phone(self, request: Request, name: str, rest: str) -> Response:
        placed = self.rack.find(name)
        addresses = placed.addresses if placed else self._none(path_of(name))
        return follow(addresses, request, f"/{rest}")

    def _none(self, below: str) -> Map:
        door = self._overview_door
        pages = rules_of_none(door, self._overview_pages, below)
        return Map([*pages, *Control(door, {}, {}).rules()])


class Screen:
    """What phones of one screen have in common, and how one is switched on.

    Args:
        origin: scheme, host and port where pushes arrive.
        door: who may come in.
        pages: the templates.
        provider: the identity provider that an activation proposes.
        switch_on: gives the phone under a home.
    """

    def __init__(
        self,
        origin: str,
        door: Door,
        pages: Pages,
        *,
        provider: str,
        switch_on: SwitchOn,
    ) -> None:
        self._origin = origin
        self._door = door
        self._pages = pages
        self._provider = provider
        self._switch_on = switch_on

    def rack(self, homes: Mapping[str, Path], more: Path) -> Rack:
        """The phones under these homes, and those that were added before."""
        return Rack(homes, more, self._place)

    def _place(self, name: str, home: Path) -> Placed:
        phone, below = self._switch_on(home), path_of(name)
        receiver = Receiver(phone, self._origin, below)
        handset = Handset(
            phone=phone,
            receiver=receiver,
            watch=Watch(phone, receiver),
            door=self._door,
            pages=self._pages,
            below=below,
            name=name,
            provider=self._provider,
        )
        control = phone_control(phone, receiver, self._door)
        rules = [*PhonePages(handset).rules(), *control.rules()]
        return Placed(name, phone, receiver, Map(rules))
