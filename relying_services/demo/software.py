"""Signing a person in as business software does, without a browser (OpenID Connect CIBA Core 1.0).

The page stands for the software's screen: it asks for a person by their identifier, shows a number
to find again on the phone or at the card reader, and asks for the outcome until there is one.
"""

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from flask import (
    Blueprint,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from relying_services.demo.views import enter

GRANT = "urn:openid:params:grant-type:ciba"
CHANNELS = ("MOBILE", "CARD")
_GOES_ON = {"authorization_pending", "slow_down"}
_MOST = 1000
_SLOWEST_LOOK = 2
"""Seconds between two looks of the page, where the provider would allow less."""

bp = Blueprint("software", __name__)


@dataclass(frozen=True)
class Asked:
    """A sign-in that waits for its person."""

    auth_req_id: str
    number: str
    """What the screen shows, and the person finds again."""
    channel: str
    interval: int
    """Seconds to leave between two questions."""


@dataclass
class Waiting:
    """Sign-ins that wait, by a random handle; the oldest go first when there are too many."""

    _kept: OrderedDict[str, Asked] = field(default_factory=OrderedDict)

    def keep(self, asked: Asked) -> str:
        """Keep one; gives its handle."""
        handle = secrets.token_urlsafe(24)
        self._kept[handle] = asked
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return handle

    def find(self, handle: str | None) -> Asked | None:
        """The one of a handle, if it still waits."""
        return self._kept.get(handle or "")

    def end(self, handle: str | None) -> None:
        """Forget one."""
        self._kept.pop(handle or "", None)


@bp.get("/software")
def ask() -> ResponseReturnValue:
    """Whom to ask for, and by which means."""
    csrf = session.setdefault("software_csrf", secrets.token_urlsafe(24))
    return render_template("demo/software.html", csrf=csrf)


@bp.post("/software")
def start() -> ResponseReturnValue:
    """Ask the provider for the person (CIBA Core 7.1), with a number to match."""
    expected, given = session.get("software_csrf", ""), request.form.get("csrf", "")
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        abort(403, _("Ce formulaire ne vient pas de cette page."))
    channel = request.form.get("channel", "")
    if channel not in CHANNELS:
        abort(400)
    number = f"{secrets.randbelow(100):02}"
    with _client() as client:
        answer = client.post(
            _address("backchannel_authentication_endpoint"),
            data={
                "scope": "openid scope_all",
                "acr_values": "eidas1",
                "login_hint": request.form.get("national_id", "").strip(),
                "binding_message": number,
                "channel": channel,
            },
            auth=client.client_auth("client_secret_basic"),
            withhold_token=True,
            timeout=_timeout(),
        )
    told: dict[str, Any] = answer.json()
    if not answer.ok:
        raise OAuthError(told.get("error"), told.get("error_description"))
    interval = max(_SLOWEST_LOOK, int(told.get("interval", 5)))
    session["waiting"] = _waiting().keep(Asked(told["auth_req_id"], number, channel, interval))
    return redirect(url_for("software.wait"))


@bp.get("/software/waiting")
def wait() -> ResponseReturnValue:
    """Ask for the outcome once (CIBA Core 10.1); the page comes back until there is one."""
    handle = session.get("waiting")
    asked = _waiting().find(handle)
    if asked is None:
        return redirect(url_for("software.ask"))
    try:
        token = _tokens(asked)
    except OAuthError as error:
        if error.error in _GOES_ON:
            is_paused = "pause" in request.args
            return render_template("demo/software_waiting.html", asked=asked, is_paused=is_paused)
        _waiting().end(handle)
        raise
    _waiting().end(handle)
    return enter(token)


def _tokens(asked: Asked) -> dict[str, Any]:
    """The tokens of a sign-in that was approved, the ID token verified.

    Raises:
        OAuthError: it still waits, or gives none.
    """
    psc = _psc()
    with _client() as client:
        token = dict(
            client.fetch_token(
                psc.load_server_metadata()["token_endpoint"],
                grant_type=GRANT,
                auth_req_id=asked.auth_req_id,
                timeout=_timeout(),
            )
        )
    return token | {"userinfo": psc.parse_id_token(token, nonce=None)}


def _client() -> OAuth2Session:
    settings = current_app.extensions["demo"]
    return OAuth2Session(settings.client_id, settings.client_secret)


def _address(name: str) -> str:
    address: str | None = _psc().load_server_metadata().get(name)
    if address is None:
        raise OAuthError("unsupported", f"the provider publishes no {name}")
    return address


def _timeout() -> float:
    timeout: float = current_app.extensions["demo"].timeout
    return timeout


def _psc() -> Any:
    return current_app.extensions["authlib.integrations.flask_client"].create_client("psc")


def _waiting() -> Waiting:
    waiting: Waiting = current_app.extensions["demo.waiting"]
    return waiting
