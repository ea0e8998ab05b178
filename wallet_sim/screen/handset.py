"""One phone as its pages know it."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wallet_sim.display import Language
from wallet_sim.door import Door
from wallet_sim.errors import PhoneError
from wallet_sim.phone import Phone
from wallet_sim.receiver import Receiver
from wallet_sim.screen.explaining import explain
from wallet_sim.screen.pages import Pages
from wallet_sim.screen.watching import Seen, Watch

DEFAULT_PROVIDER = "http://localhost:8000"


@dataclass(frozen=True)
class Handset:
    """A phone, its ear, and where its pages stand."""

    phone: Phone
    receiver: Receiver
    watch: Watch
    door: Door
    pages: Pages
    below: str = ""
    """Path of its pages; empty where the phone is the only one."""
    name: str = ""
    """What its person calls it, where there are several."""
    provider: str = DEFAULT_PROVIDER
    """The identity provider that an activation proposes."""

    def show(
        self,
        request: Request,
        template: str,
        *,
        error: PhoneError | None = None,
        seen: Seen | None = None,
        **values: Any,
    ) -> Response:
        """A page of this phone; with an error it has the status of one."""
        language = self.language(request)
        return self.pages.page(
            request,
            f"phone/{template}.html",
            HTTPStatus.CONFLICT if error else HTTPStatus.OK,
            home=f"{self.below}/",
            below=self.below,
            called=self.name,
            seen=seen or self.watch.look(),
            refusal=explain(error, language) if error else "",
            done=request.args.get("done", ""),
            is_paused="pause" in request.args,
            typed=request.form,
            **values,
        )

    def go(self, to: str = "", **query: str) -> Response:
        """Send the browser on to another page of this phone."""
        address = f"{self.below}/{to}"
        return redirect(f"{address}?{urlencode(query)}" if query else address, HTTPStatus.SEE_OTHER)

    def language(self, request: Request) -> Language:
        """In which this person reads."""
        return self.pages.language(request)


View = Callable[[Handset, Request, PhoneError | None], Response]
"""A page of a phone, which may have to tell a refusal."""


def members_of(request: Request) -> Mapping[str, Any]:
    """What a form brought, as an action takes it: texts, and a picture as base64."""
    picture = request.files.get("picture")
    content = picture.read() if picture else b""
    members = {name: value.strip() for name, value in request.form.items()}
    return members | ({"png": base64.b64encode(content).decode()} if content else {})
