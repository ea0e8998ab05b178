"""The screen of a served card reader: a card goes in, its code is typed, it comes out."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import Members, text
from wallet_sim.card.errors import CodeMissing, CodesDiffer, SignInRefused
from wallet_sim.card.file import CardState
from wallet_sim.card.reader import Reader
from wallet_sim.card.words import explain, next_step
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.errors import PhoneError
from wallet_sim.screen.pages import Pages

STYLE_ADDRESS = f"{READER_ADDRESS}/reader.css"

_DONE = {
    "insert": "La carte est insérée : saisissez son code porteur.",
    "use": "Le code porteur est juste : la carte est prête.",
    "activate": "La carte est activée.",
    "unblock": "La carte est débloquée, et son code est changé.",
    "change-code": "Le code porteur est changé.",
    "remove": "La carte est retirée.",
}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")

Condition = Literal["open", "closed", "blocked", "lost"]


class ReaderPages:
    """What a person sees of the reader and posts to it.

    Args:
        reader: the reader.
        door: who may come in.
        pages: the screen that the reader shares with the phone.
    """

    def __init__(self, reader: Reader, door: Door, pages: Pages) -> None:
        self._reader = reader
        self._door = door
        self._pages = pages

    def show(self, request: Request) -> Response:
        """The reader, for the sign-in of the handle `h` where there is one."""
        if not self._door.is_inside(request):
            return self._pages.entrance(request, _address(_handle(request)))
        done = _DONE.get(request.args.get("done", ""), "")
        return self._screen(request, HTTPStatus.OK, done=done)

    def act(self, request: Request, action: str) -> Response:
        """Carry out what a form of the screen asks, and send the browser on."""
        self._door.check_form(request)
        if action not in _ACTS:
            raise NotFound
        members = {name: value.strip() for name, value in request.form.items()}
        try:
            target = _ACTS[action](self._reader, members)
        except PhoneError as error:
            return self._screen(request, HTTPStatus.CONFLICT, refused=error)
        here = _address(_handle(request), done=action)
        return redirect(target or here, HTTPStatus.SEE_OTHER)

    def style(self, request: Request) -> Response:
        """The style sheet of the reader."""
        del request
        return self._pages.static("reader.css", "text/css")

    def _screen(
        self,
        request: Request,
        status: HTTPStatus,
        *,
        done: str = "",
        refused: PhoneError | None = None,
    ) -> Response:
        language = self._pages.language(request)
        cards = self._reader.cards()
        inserted = self._reader.inserted
        response = self._pages.page(
            request,
            "reader.html",
            status,
            home=_address(_handle(request)),
            handle=_handle(request),
            cards=[(card, condition_of(card, is_open=False)) for card in cards],
            inserted=inserted,
            condition=condition_of(inserted, is_open=self._reader.is_open) if inserted else "",
            service=self._reader.service,
            done=done,
            refusal=explain(refused, language) if refused else "",
            next_step=next_step(refused, language) if refused else "",
            reason=refused.reason if isinstance(refused, SignInRefused) else "",
        )
        # Browsers hold the redirect of a posted form to form-action too (decision 14).
        sites = " ".join(sorted({_origin(site) for card in cards for site in card.sites}))
        response.content_security_policy.update({"form-action": f"'self' {sites}".strip()})
        return response


def condition_of(card: CardState, *, is_open: bool) -> Condition:
    """What can be done with a card, as far as the card itself knows."""
    if is_open:
        return "open"
    if card.unblock.tries_left == 0:
        return "lost"
    return "closed" if card.code.tries_left else "blocked"


def _insert_chosen(reader: Reader, members: Members) -> None:
    reader.insert(members.get("card", ""))


def _use(reader: Reader, members: Members) -> str | None:
    _insert(reader, members)
    if not reader.is_open or members.get("code"):
        _type_code(reader, members)
    if not members.get("h"):
        return None
    return reader.sign_in(text(members, "h")).redirect


def _activate(reader: Reader, members: Members) -> None:
    _insert(reader, members)
    if not reader.is_open or members.get("code"):
        _type_code(reader, members)
    reader.activate()


def _unblock(reader: Reader, members: Members) -> None:
    _insert(reader, members)
    reader.unblock(str(members.get("unblock_code", "")), _chosen(members))


def _change_code(reader: Reader, members: Members) -> None:
    reader.change_code(str(members.get("code", "")), _chosen(members))


def _remove(reader: Reader, members: Members) -> None:
    del members
    reader.remove()


def _insert(reader: Reader, members: Members) -> None:
    if members.get("card"):
        reader.insert(text(members, "card"))


def _type_code(reader: Reader, members: Members) -> None:
    if not members.get("code"):
        raise CodeMissing("type the code of the card first")
    reader.enter_code(text(members, "code"))


def _chosen(members: Members) -> str:
    """The new code, as it was typed twice."""
    if members.get("new_code") != members.get("repeated_code"):
        raise CodesDiffer("the new code was not typed twice alike")
    return str(members.get("new_code", ""))


_ACTS: dict[str, Callable[[Reader, Members], str | None]] = {
    "insert": _insert_chosen,
    "use": _use,
    "activate": _activate,
    "unblock": _unblock,
    "change-code": _change_code,
    "remove": _remove,
}


def _handle(request: Request) -> str:
    given: Any = request.values.get("h", "")
    return str(given).strip()


def _address(handle: str, **more: str) -> str:
    asked = ({"h": handle} if handle else {}) | more
    return f"{READER_ADDRESS}?{urlencode(asked)}" if asked else READER_ADDRESS


def _origin(site: str) -> str:
    parts = urlsplit(site)
    found = _ORIGIN.fullmatch(f"{parts.scheme}://{parts.netloc}")
    return found.group() if found else ""
