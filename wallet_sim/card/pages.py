"""The screen of a served card reader: one plain page, French first."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import Members, text
from wallet_sim.card.errors import CodeMissing, SignInRefused
from wallet_sim.card.reader import Reader
from wallet_sim.card.words import explain
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.errors import PhoneError
from wallet_sim.pages import Pages

_DONE = {
    "use": "La carte est insérée et son code est juste.",
    "activate": "La carte est activée.",
    "unblock": "Le code de la carte est changé.",
    "remove": "La carte est retirée.",
}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?")


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
            return self._pages.page(request, "login.html", came_for=_address(_handle(request)))
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
        response = self._pages.page(
            request,
            "reader.html",
            status,
            handle=_handle(request),
            cards=cards,
            inserted=self._reader.inserted,
            is_open=self._reader.is_open,
            service=self._reader.service,
            done=done,
            refusal=explain(refused, language) if refused else "",
            reason=refused.reason if isinstance(refused, SignInRefused) else "",
        )
        # Browsers hold the redirect of a posted form to form-action too (decision 14).
        sites = " ".join(sorted({_origin(site) for card in cards for site in card.sites}))
        response.content_security_policy.update(
            {
                "default-src": "'none'",
                "style-src": "'self'",
                "form-action": f"'self' {sites}".strip(),
                "frame-ancestors": "'none'",
                "base-uri": "'none'",
            }
        )
        return response


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
    reader.unblock(str(members.get("unblock_code", "")), str(members.get("new_code", "")))


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


_ACTS: dict[str, Callable[[Reader, Members], str | None]] = {
    "use": _use,
    "activate": _activate,
    "unblock": _unblock,
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
