"""A form that is sent twice is done once, whoever presses twice and however near in time."""

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Blueprint, Flask, render_template_string, request
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from relying_services.clock import Clock
from relying_services.service.app import make_app, service_of
from relying_services.service.once import once
from relying_services.service.service import Kind, actor, this_service
from relying_services.service.settings import ServiceSettings
from relying_services.service.store.trace import entries
from tests.relying_services.service.plain import ORIGIN
from tests.relying_services.signed_in import post, sign_in

PERSON, OTHER = "899700990015", "899700990023"
FORM = {"once": "of-this-page", "text": "Bonjour"}


class _Refused(Exception):
    """The act was not possible."""


@pytest.fixture
def app(either_url: str, clock: Clock) -> Iterator[Flask]:
    """A service with one act, which is traced and numbered."""
    pages = Blueprint("acts", __name__)

    def acted(db: Session) -> str:
        this_service().note(db, actor(), "act:done")
        if request.form.get("text") == "refused":
            raise _Refused
        return f"/done/{secrets.token_hex(4)}"

    @pages.get("/")
    def home() -> str:
        return render_template_string("{{ once_field() }}")

    @pages.post("/")
    def act() -> str:
        try:
            with this_service().store.begin() as db:
                return once(db, partial(acted, db))
        except _Refused:
            return render_template_string("refused {{ once_field() }}")

    settings = ServiceSettings("http://localhost:1", "acts", "secret", ORIGIN, either_url)
    with ExitStack() as stack:
        made = make_app(Kind("acts", _l("Service"), "acts.home", (pages,)), settings, clock)
        stack.callback(service_of(made).store.close)
        yield made


def done(app: Flask) -> int:
    with service_of(app).store.read() as db:
        return sum(each.action == "act:done" for each in entries(db))


def test_two_who_press_at_once_have_one_act_and_its_page(app: Flask) -> None:
    """Two presses of one person, in as many requests: each is led to the same page."""
    clients = [sign_in(app, PERSON) for _ in range(3)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: post(client, "/", **FORM).text, clients))
    assert done(app) == 1
    assert len(set(answers)) == 1


def test_what_was_refused_is_not_used_up(app: Flask) -> None:
    """The form is shown again with its text, and may be sent again as it stands."""
    client = sign_in(app, PERSON)
    for _ in range(2):
        told = post(client, "/", once="of-this-page", text="refused").text
        assert 'refused <input type="hidden" name="once" value="of-this-page">' in told
    assert done(app) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Autre chose"},
        {"text": ["Bonjour", "et un second choix"]},
        {"once": "of-another-page"},
        {"once": ""},
    ],
)
def test_another_text_is_another_act(app: Flask, changes: dict[str, Any]) -> None:
    """Who comes back to a page and corrects it loses nothing; a program may repeat itself."""
    client = sign_in(app, PERSON)
    post(client, "/", **FORM)
    post(client, "/", **(FORM | changes))
    assert done(app) == 2


def test_attack_a_form_of_another_person_uses_none_up(app: Flask) -> None:
    pages = {post(sign_in(app, person), "/", **FORM).text for person in (OTHER, PERSON)}
    assert (len(pages), done(app)) == (2, 2)


def test_forms_are_forgotten_after_a_day(app: Flask, clock: Clock) -> None:
    post(sign_in(app, PERSON), "/", **FORM)
    clock.move(timedelta(days=1))
    post(sign_in(app, PERSON), "/", **FORM)
    assert done(app) == 2


def test_each_page_has_a_text_of_its_own(app: Flask) -> None:
    client = sign_in(app, PERSON)
    found = {re.search(r'value="([^"]{20,})"', client.get("/").text)[1] for _ in range(2)}  # type: ignore[index]
    assert len(found) == 2
