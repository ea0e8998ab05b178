"""Messages and events for the console's pages of what runs."""

import threading
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

from flask.testing import FlaskClient

from idp.audit.events import Event
from idp.audit.journal import record
from idp.audit.seal import seal_all
from idp.outbox.queue import enqueue_mail
from idp.provider import Provider
from idp.store.models import OutboxMessage
from idp.store.running import messages_page

ADDRESS = "solene.margelle@exemple.test"
TEXT = "Un texte que seul son destinataire lit."


def texts(browser: FlaskClient, path: str) -> str:
    """A page as it is read."""
    page = browser.get(path)
    assert page.status_code == 200, page.text
    return unescape(page.text)


def write_mail(provider: Provider, *, to: str = ADDRESS, **more: Any) -> int:
    """Queue a mail; gives its number."""
    with provider.store.begin() as db:
        enqueue_mail(provider, db, to=to, subject="Sujet", text=TEXT, **more)
    return newest(provider).id


def newest(provider: Provider) -> OutboxMessage:
    with provider.store.read() as db:
        (found,) = messages_page(db, kind="", state="", recipient="", before=0, limit=1)
    return found


def write_event(provider: Provider, event: Event = Event.SESSION_OPENED, **more: Any) -> None:
    with provider.store.begin() as db:
        record(db, event, now=provider.clock.now(), **more)


def simultaneously(action: Callable[[], object], times: int = 4) -> list[object]:
    """What each of so many threads got, which began together."""
    together, got = threading.Barrier(times), list[object]()

    def run() -> None:
        together.wait()
        got.append(action())

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def seal_what_is_there(provider: Provider) -> None:
    """Nothing of what made the database waits for its seal any more."""
    provider.clock.synchronise(timedelta(hours=1))
    seal_all(provider)
    provider.clock.synchronise(timedelta(0))
