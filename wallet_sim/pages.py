"""The screen of a served phone: plain pages, French first."""

import base64
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.actions import ACTIONS
from wallet_sim.display import Language, neutralise, render
from wallet_sim.documents import Challenge
from wallet_sim.door import READER_ADDRESS, Door
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.words import translate

_HERE = Path(__file__).parent
_PACKAGED = _HERE / "templates"
_TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _HERE.parent / "templates" / "wallet_sim"
_OUR_PAGES = re.compile(rf"/|{READER_ADDRESS}(/requests|\?h=[A-Za-z0-9_-]+)?")
_DONE = {
    "start": "L’identifiant est envoyé : ouvrez le mail reçu.",
    "scan": "Un code vous est envoyé par SMS.",
    "pair": "Saisissez ce code sur le portail.",
    "pairing": "Si le code est saisi, choisissez votre code e-CPS.",
    "resend": "Un nouveau code vous est envoyé par SMS.",
    "code": "Choisissez votre code e-CPS.",
    "approve": "Demande approuvée : retournez à la page.",
    "refuse": "Demande refusée.",
    "change-pin": "Votre code e-CPS est changé.",
    "delete": "L’e-CPS est supprimée de ce téléphone.",
    "recover": "La dernière réponse a été retrouvée.",
}


class Pages:
    """What a person sees and posts; the same actions as the control API."""

    def __init__(self, phone: Phone, receiver: Receiver, door: Door) -> None:
        self._phone = phone
        self._receiver = receiver
        self._door = door
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined
        )
        self._templates.globals["lines"] = self._lines
        self._templates.filters["neutralise"] = neutralise

    def style(self, request: Request) -> Response:
        """The one style sheet."""
        del request
        return self.static("style.css", "text/css")

    @staticmethod
    def static(name: str, kind: str) -> Response:
        """A file beside the templates."""
        text = (_TEMPLATES / name).read_text(encoding="utf-8")
        return Response(text, content_type=f"{kind}; charset=utf-8")

    def login(self, request: Request) -> Response:
        """The secret, typed once, opens the phone to this browser."""
        came_for = _came_for(request)
        if not self._door.is_secret(request.form.get("secret", "")):
            return self.page(
                request,
                "login.html",
                HTTPStatus.FORBIDDEN,
                error="Ce secret n’est pas le bon.",
                came_for=came_for,
            )
        response = redirect(came_for, HTTPStatus.SEE_OTHER)
        self._door.let_in(response)
        return response

    def home(self, request: Request) -> Response:
        """The phone's one screen: what it asks depends on how far it is."""
        if not self._door.is_inside(request):
            return self.page(request, "login.html")
        return self._screen(request, done=_DONE.get(request.args.get("done", ""), ""))

    def act(self, request: Request, action: str) -> Response:
        """Carry out what a form of the screen asks."""
        self._door.check_form(request)
        if action not in ACTIONS:
            raise NotFound
        try:
            told = ACTIONS[action](self._phone, self._receiver, _members(request))
        except PhoneError as error:
            return self._screen(request, HTTPStatus.CONFLICT, error=str(error))
        if "revocation_code" in told:
            # Shown in this answer and in no other: it is kept nowhere.
            return self._revocation_code(request, told["revocation_code"])
        return redirect(f"/?done={action}", HTTPStatus.SEE_OTHER)

    def _revocation_code(self, request: Request, code: str) -> Response:
        address = f"{self._phone.provider()}/portail/revocation"
        return self.page(request, "activated.html", code=code, address=address)

    def _screen(
        self,
        request: Request,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        error: str = "",
        done: str = "",
    ) -> Response:
        stage = self._phone.stage()
        waiting: list[Challenge] = []
        if stage == "active":
            try:
                waiting = self._phone.pending()
            except PhoneError as failure:
                error = error or str(failure)
        return self.page(
            request,
            "home.html",
            status,
            stage=stage,
            code=self._phone.pairing_code(),
            waiting=waiting,
            error=error,
            done=done,
        )

    def page(
        self, request: Request, name: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
    ) -> Response:
        """A page from a template, in the language of the request."""
        language = self.language(request)
        context = {
            "_": lambda text: translate(text, language),
            "language": language,
            "form_token": self._door.form_token(request),
            "error": "",
            "came_for": "/",
            **values,
        }
        html = self._templates.get_template(name).render(context)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    def language(self, request: Request) -> Language:
        """French, or English where the browser prefers it."""
        return _language(request, self._phone.language)

    @staticmethod
    def _lines(challenge: Challenge, language: Language) -> list[str]:
        return render(challenge, language)


def _came_for(request: Request) -> str:
    """Where the person was going: the phone, or the reader; nowhere else."""
    given = request.form.get("came_for", "/")
    return given if _OUR_PAGES.fullmatch(given) else "/"


def _language(request: Request, default: Language) -> Language:
    best = request.accept_languages.best_match(["fr", "en"], default=default)
    return "en" if best == "en" else "fr"


def _members(request: Request) -> Mapping[str, Any]:
    picture = request.files.get("picture")
    content = picture.read() if picture else b""
    members = {name: value.strip() for name, value in request.form.items()}
    return members | ({"png": base64.b64encode(content).decode()} if content else {})
