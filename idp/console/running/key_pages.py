"""The provider's keys: what each is for, since when, until when, and their renewal."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from idp.console.acts.act import ActImpossible
from idp.console.acts.asking import ReasonNeeded, needs_second
from idp.console.acts.attempt import attempt, back_to, told_of
from idp.console.entry.roles import ADMINISTRATOR, READER
from idp.console.entry.visitors import require, require_proof
from idp.console.forms import Form
from idp.console.running.acts import BY_NAME, ROTATE
from idp.console.running.words import KEY_STATES, PURPOSES
from idp.devices.views import bp as phones
from idp.provider import current_provider
from idp.psc.addresses import CERTS
from idp.settings import Settings
from idp.store.keys import all_keys
from idp.store.models import SigningKey
from idp.web.words import Words

bp = Blueprint("keys", __name__, url_prefix="/cles")
_TO_PHONES = {"phone", "vapid"}
_NOWHERE = {"journal"}


@dataclass(frozen=True)
class Purpose:
    """What keys are for, and those there are."""

    name: str
    text: Any
    published: str
    """Where the public halves are fetched; empty where nobody needs them."""
    keys: list[tuple[SigningKey, Words]]
    """Newest first."""
    may_rotate: bool
    """No successor waits."""


@bp.get("")
def index() -> ResponseReturnValue:
    """Every key that is kept; never a private half."""
    visitor = require(READER)
    provider = current_provider()
    now = provider.clock.now()
    with provider.store.read() as db:
        rows = all_keys(db)
    return render_template(
        "console/running/keys.html",
        purposes=[_purpose(name, rows, provider.settings, now) for name in PURPOSES],
        overlap=provider.settings.key_overlap,
        may_act=visitor.holds(ADMINISTRATOR),
        message=told_of(BY_NAME),
    )


@bp.route("/<purpose>/renouvellement", methods=["GET", "POST"])
def rotation(purpose: str) -> ResponseReturnValue:
    """Say what a renewal does, and have it done."""
    visitor = require_proof(ADMINISTRATOR)
    if purpose not in PURPOSES:
        raise NotFound
    form = Form(request.form)
    page: dict[str, Any] = {
        "form": form,
        "name": purpose,
        "purpose": PURPOSES[purpose],
        "lines": ROTATE.show({}),
        "overlap": current_provider().settings.key_overlap,
        "needs_second": needs_second(visitor, ROTATE),
    }
    if request.method != "POST":
        return render_template("console/running/rotation.html", **page)
    try:
        outcome = attempt(visitor, ROTATE, purpose, {}, form["reason"])
    except ReasonNeeded as error:
        form.refuse("reason", str(error))
        return render_template("console/running/rotation.html", **page), HTTPStatus.BAD_REQUEST
    except ActImpossible as error:
        form.refuse("act", str(error.text))
        return render_template("console/running/rotation.html", **page), HTTPStatus.CONFLICT
    return back_to(outcome, ROTATE, "keys.index")


def _purpose(name: str, rows: list[SigningKey], settings: Settings, now: datetime) -> Purpose:
    ours = [row for row in reversed(rows) if row.purpose == name]
    begun = [row.activates_at for row in ours if row.activates_at <= now]
    since = max(begun, default=now)
    return Purpose(
        name=name,
        text=PURPOSES[name],
        published=_address(name, settings),
        keys=[(row, KEY_STATES[_state(row, since, now)]) for row in ours],
        may_rotate=len(begun) == len(ours),
    )


def _state(row: SigningKey, since: datetime, now: datetime) -> str:
    if row.activates_at > now:
        return "next"
    if row.activates_at == since:
        return "active"
    return "accepted" if row.retires_at is None or row.retires_at > now else "kept"


def _address(purpose: str, settings: Settings) -> str:
    if purpose in _NOWHERE:
        return ""
    if purpose in _TO_PHONES:
        return f"{settings.base_url}{phones.url_prefix}/configuration"
    return settings.issuer + CERTS
