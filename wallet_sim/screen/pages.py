"""What the pages of phones and of the card reader have in common: look, language, entrance."""

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, StrictUndefined
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.design import design_address, with_design
from wallet_sim.display import Language, day, facts, hour, neutralise, render
from wallet_sim.door import READER_ADDRESS, Door, TooManyWrong
from wallet_sim.words import translate

LANGUAGE_COOKIE = "ecps_phone_lang"

_PACKAGE = Path(__file__).parents[1]
_PACKAGED = _PACKAGE / "templates"
_TEMPLATES = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parent / "templates" / "wallet_sim"
_NAME = r"[a-z0-9][a-z0-9-]*"
_OUR_PAGES = re.compile(rf"/|/phones/{_NAME}/|{READER_ADDRESS}(/requests|\?h=[A-Za-z0-9_-]+)?")
_A_YEAR = 31_536_000  # seconds
_POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
    "base-uri": "'none'",
}
_WITH_CAMERA = frozenset({"overview.html", "phone/mail_qr.html", "phone/portal_qr.html"})
"""Pages where a person may aim at the screen or paste a picture, and those that frame them."""
_PERMISSIONS = "camera=(), microphone=(), geolocation=(), display-capture={0}, clipboard-read={0}"


class Pages:
    """Templates, and the page where the start-up secret is typed once.

    Args:
        door: who may come in.
        default: the language where neither person nor browser tells one.
    """

    def __init__(self, door: Door, default: Language = "fr") -> None:
        self._door = door
        self._default = default
        self._templates = Environment(
            loader=with_design(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._templates.globals |= {"lines": render, "facts_of": facts, "design": design_address}
        self._templates.filters |= {
            "neutralise": neutralise,
            "hour": hour,
            "day": day,
            "in_language": translate,
        }

    def page(
        self, request: Request, name: str, status: HTTPStatus = HTTPStatus.OK, **values: Any
    ) -> Response:
        """A page from a template, in the language of the request, for frames of our own alone."""
        language = self.language(request)
        home = str(values.get("home", "/"))
        context = {
            "_": lambda text: translate(text, language),
            "language": language,
            "language_link": lambda code: _in_language(request, code, home),
            "form_token": self._door.form_token(request),
            "page": f"wallet_sim/{name}",
            "home": home,
            "error": "",
            **values,
        }
        html = self._templates.get_template(name).render(context)
        response = Response(html, status=status, content_type="text/html; charset=utf-8")
        response.content_security_policy.update(_POLICY)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        allowed = "(self)" if name in _WITH_CAMERA else "()"
        response.headers["Permissions-Policy"] = _PERMISSIONS.format(allowed)
        if "lang" in request.args:
            response.set_cookie(
                LANGUAGE_COOKIE,
                language,
                max_age=_A_YEAR,
                secure=request.is_secure,
                httponly=True,
                samesite="Strict",
            )
        return response

    @staticmethod
    def static(name: str, kind: str) -> Response:
        """A file beside the templates."""
        text = (_TEMPLATES / name).read_text(encoding="utf-8")
        return Response(text, content_type=f"{kind}; charset=utf-8")

    def language(self, request: Request) -> Language:
        """As chosen on a page (`?lang=`), as chosen before, or as the browser prefers."""
        for chosen in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
            if chosen in {"fr", "en"}:
                return "en" if chosen == "en" else "fr"
        best = request.accept_languages.best_match(["fr", "en"], default=self._default)
        return "en" if best == "en" else "fr"

    def entrance(self, request: Request, came_for: str = "/") -> Response:
        """The page that asks for the start-up secret, before anything else is shown."""
        return self.page(request, "login.html", came_for=_ours(came_for))

    def login(self, request: Request) -> Response:
        """The secret, typed once, opens everything here to this browser."""
        came_for = _ours(request.form.get("came_for", "/"))
        try:
            is_right = self._door.is_typed(request, request.form.get("secret", ""))
        except TooManyWrong as refused:
            response = self.page(
                request,
                "login.html",
                HTTPStatus.TOO_MANY_REQUESTS,
                error="Trop de secrets faux : attendez une minute, puis réessayez.",
                came_for=came_for,
            )
            response.headers["Retry-After"] = str(refused.seconds)
            return response
        if not is_right:
            return self.page(
                request,
                "login.html",
                HTTPStatus.FORBIDDEN,
                error="Ce secret n’est pas le bon.",
                came_for=came_for,
            )
        response = redirect(came_for, HTTPStatus.SEE_OTHER)
        self._door.let_in(request, response)
        return response

    def failure(self, request: Request, status: HTTPStatus, text: str) -> Response:
        """A page that tells what went wrong outside any form, and where to go on."""
        return self.page(request, "error.html", status, text=text)


def _ours(address: str) -> str:
    """Where the person was going: a page of ours; nowhere else."""
    return address if _OUR_PAGES.fullmatch(address) else "/"


def _in_language(request: Request, code: str, home: str) -> str:
    """This page in another language; after a form, the page that the form belongs to."""
    if request.method != "GET":
        return f"{home}{'&' if '?' in home else '?'}{urlencode({'lang': code})}"
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    # Without the path: a stranger's link chose it, and `/\` begins another host in browsers.
    return f"?{urlencode(kept | {'lang': code})}"
