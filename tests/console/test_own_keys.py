"""My access: an operator's own keys, and nobody else's."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from idp.audit.events import Event
from idp.provider import Provider
from idp.store.models import SecurityKey
from tests.console.helpers import (
    CONSOLE,
    Colleague,
    KeyHolder,
    browser_of,
    colleague,
    events,
    key_holder,
    later,
    leads_to_entrance,
    token_in,
)
from tests.security_keys.authenticator import Authenticator


def add_key(one: Colleague, key: Authenticator, name: str = "Clé du coffre") -> TestResponse:
    options = one.browser.get("/acces/cles/ajout/options").get_json()
    answer = key.create(options, CONSOLE)
    return one.post("/acces/cles/ajout", name=name, answer=answer)


def key_of(provider: Provider, name: str) -> str:
    with provider.store.read() as db:
        of_name = select(SecurityKey.credential_id).where(SecurityKey.holder == name)
        return db.scalars(of_name).one()


def test_a_development_session_has_no_access_of_its_own(console: FlaskClient) -> None:
    assert console.get("/acces").status_code == 404
    assert 'href="/acces"' not in console.get("/").text


def test_adding_a_key_takes_a_recent_proof(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    later(manned, seconds=601)
    for page in ("/acces/cles/ajout", "/acces/cles/ajout/options"):
        assert one.browser.get(page).headers["Location"].startswith("/confirmation?suite=")


def test_a_key_has_a_name(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    assert add_key(one, Authenticator(), name=" ").status_code == 400


def test_an_answer_for_another_page_registers_nothing(manned_app: Flask, manned: Provider) -> None:
    """What was asked at the entrance is not answered here."""
    one = colleague(manned_app, manned, "claire", "reader")
    options = one.browser.get("/entree/cle/options").get_json()
    made = Authenticator().create(
        options | {"rp": {"id": "localhost"}, "user": {"id": "AAAA"}}, CONSOLE
    )
    refused = one.post("/acces/cles/ajout", name="Clé", answer=made)
    assert refused.status_code == 403
    assert len(events(manned, Event.SECURITY_KEY_REGISTERED)) == 0


def test_nobody_removes_the_key_of_somebody_else(manned_app: Flask, manned: Provider) -> None:
    key_holder(manned_app, manned, "paul", "administrator")
    one = colleague(manned_app, manned, "claire", "administrator")
    address = f"/acces/cles/{key_of(manned, 'paul')}/suppression"
    assert one.browser.get(address).status_code == 404
    refused = one.post(address, page="/")
    assert refused.status_code == 404


def test_a_further_key_opens_the_console(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    key = Authenticator()
    assert add_key(one, key).status_code == 303
    assert "Clé du coffre" in one.browser.get("/acces").text
    elsewhere = KeyHolder(manned, "claire", key, browser_of(manned_app))
    assert elsewhere.enter().status_code == 303


def test_a_removed_key_opens_nothing_and_what_it_opened_is_over(
    manned_app: Flask, manned: Provider
) -> None:
    one = colleague(manned_app, manned, "claire", "reader")
    key = Authenticator()
    add_key(one, key)
    elsewhere = KeyHolder(manned, "claire", key, browser_of(manned_app))
    elsewhere.enter()
    assert elsewhere.browser.get("/").status_code == 200
    address = f"/acces/cles/{key_of(manned, 'claire')}/suppression"
    assert one.post(address).status_code == 303
    assert one.browser.get("/").status_code == 200
    assert leads_to_entrance(elsewhere.browser.get("/"))
    assert elsewhere.enter().status_code == 403
    assert token_in(one.browser.get("/acces"))


def test_a_copied_key_ends_every_session_of_its_operator(
    manned_app: Flask, manned: Provider
) -> None:
    """Nobody knows which of the two opened what: as with a key that is removed."""
    one = colleague(manned_app, manned, "claire", "reader")
    other = colleague(manned_app, manned, "paul", "reader")
    key = Authenticator()
    add_key(one, key)
    copied = key.copy()
    honest = KeyHolder(manned, "claire", key, browser_of(manned_app))
    assert honest.enter().status_code == 303
    assert KeyHolder(manned, "claire", copied, browser_of(manned_app)).enter().status_code == 403
    assert leads_to_entrance(honest.browser.get("/"))
    assert leads_to_entrance(one.browser.get("/"))
    assert other.browser.get("/").status_code == 200
