"""Whoever means harm: a page in the operator's browser, a thief of an invitation, an operator."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed

from idp.audit.events import Event
from idp.console.acts.attempt import attempt
from idp.console.app import create_console
from idp.console.entry.roles import EVERY_ROLE
from idp.console.entry.sessions import enter
from idp.console.entry.visitors import Visitor
from idp.console.operators.rules import add, invite_again
from idp.console.people.acts import SESSIONS
from idp.console.running.in_force import sections
from idp.provider import Provider, open_provider
from idp.settings import Settings
from idp.store.models import BrowserSession, PendingAct
from idp.store.operators import DEVELOPMENT
from tests.cards.helpers import HOLDER, order_card
from tests.conftest import make_settings
from tests.console.conftest import QUICK
from tests.console.helpers import (
    CONSOLE,
    browser_of,
    colleague,
    events,
    give,
    key_holder,
    leads_to_entrance,
    post,
    token_in,
)
from tests.security_keys.authenticator import Authenticator
from tests.wallet.helpers import PERSON

FOREIGN_PAGES = [
    {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
    for site in ("cross-site", "same-site")
    for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"))
]


def open_session(provider: Provider, sid: str) -> None:
    """A person of the directory is signed in."""
    now = provider.clock.now()
    with provider.store.begin() as db:
        db.add(
            BrowserSession(
                sid=sid,
                cookie_hash=sid.encode().ljust(32, b"-"),
                national_id=PERSON,
                account_id="compte",
                auth_time=now,
                means={"MOBILE": int(now.timestamp())},
                browser="Firefox",
                place="Cabinet",
                last_activity_at=now,
                created_at=now,
                expires_at=now + timedelta(hours=4),
            )
        )


def is_open(provider: Provider, sid: str) -> bool:
    with provider.store.read() as db:
        return db.get_one(BrowserSession, sid).ended_at is None


@pytest.mark.parametrize("page", ["sessions", "retour", "radiation"])
def test_a_look_ahead_carries_nothing_out(
    console: FlaskClient, provider: Provider, page: str
) -> None:
    """HEAD has no token of a form, and a browser sends it for any page of the same host."""
    open_session(provider, "une-session")
    fields = {"closing": "deces", "confirmed": "1"}
    console.head(f"/personnes/{page}/{PERSON}", data=fields)
    assert is_open(provider, "une-session")
    assert events(provider, Event.ACT_DONE) == []


@pytest.mark.parametrize("headers", FOREIGN_PAGES)
@pytest.mark.parametrize("path", ["/entree/cle/options", "/invitation/devinee", "/"])
def test_no_page_of_another_origin_has_the_browser_ask_anything(
    console: FlaskClient, provider: Provider, path: str, headers: dict[str, str]
) -> None:
    """It would use up the tries of the operator's network, or keep a session from idling; a page
    of another port of this host is sent along its cookies."""
    assert console.get(path, headers=headers).status_code == 403
    assert events(provider, Event.OPERATOR_THROTTLED) == []


def test_a_link_of_a_mail_opens_a_page(manned_app: Flask, manned: Provider) -> None:
    with manned.store.begin() as db:
        secret = add(manned, db, "claire", ["reader"])
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    link |= {"Sec-Fetch-Dest": "document"}
    assert browser_of(manned_app).get(f"/invitation/{secret}", headers=link).status_code == 200


def test_who_looked_at_an_invitation_has_not_the_second_factor(
    manned_app: Flask, manned: Provider
) -> None:
    """A link may be read on its way, before it is used: each browser is shown its own secret."""
    with manned.store.begin() as db:
        address = f"/invitation/{add(manned, db, 'claire', ['reader'])}"
    thief, owner = browser_of(manned_app), browser_of(manned_app)
    seen = [_totp(browser, address) for browser in (thief, owner, owner)]
    assert seen[0] != seen[1] == seen[2]


def _totp(browser: FlaskClient, address: str) -> str:
    found = re.search(r'<code id="totp">([^<]+)</code>', browser.get(address).text)
    assert found
    return found[1]


def test_what_was_asked_before_a_new_invitation_is_not_done(
    manned_app: Flask, manned: Provider
) -> None:
    """Whoever had the account may have been somebody else."""
    one = colleague(manned_app, manned, "claire", "administrator")
    fields = {"name": "luc", "roles": "administrator", "reason": "Il aide."}
    page = one.post("/operateurs/nouveau", **fields).location
    with manned.store.begin() as db:
        invite_again(manned, db, "claire")
    with manned.store.read() as db:
        assert db.get_one(PendingAct, page.rpartition("/")[2]).state == "withdrawn"


def test_a_result_is_not_kept_for_who_is_invited_anew(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    other = colleague(manned_app, manned, "paul", "administrator")
    fields = {"name": "luc", "roles": "reader", "reason": "Il aide."}
    page = one.post("/operateurs/nouveau", **fields).location
    assert other.post(f"{page}/accord", page="/").status_code == 303
    with manned.store.begin() as db:
        invite_again(manned, db, "claire")
    with manned.store.read() as db:
        kept = db.get_one(PendingAct, page.rpartition("/")[2])
    assert (kept.state, kept.result_sealed) == ("done", None)


def test_a_result_is_not_shown_to_who_lost_the_role(manned_app: Flask, manned: Provider) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    other = colleague(manned_app, manned, "paul", "administrator")
    fields = {"name": "luc", "roles": "reader", "reason": "Il aide."}
    page = one.post("/operateurs/nouveau", **fields).location
    other.post(f"{page}/accord", page="/")
    give(manned, "claire", "reader")
    refused = one.post(f"{page}/resultat", page="/")
    assert refused.status_code == 403
    assert "/invitation/" not in refused.text
    assert "resultat" not in one.browser.get(page).text


def test_a_session_opened_while_invited_anew_is_none(manned_app: Flask, manned: Provider) -> None:
    """Somebody who was proving who they are at that moment is not let in with their successor."""
    colleague(manned_app, manned, "claire", "reader")
    with manned.store.begin() as db:
        address = f"/invitation/{invite_again(manned, db, 'claire')}"
    with manned_app.test_request_context("/entree", base_url=CONSOLE), manned.store.begin() as db:
        stolen = enter(manned, db, "claire", "password")
    thief = browser_of(manned_app)
    thief.set_cookie("ecps_operator_console", stolen)
    assert leads_to_entrance(thief.get("/"))
    owner = key_joins(manned_app, manned, address)
    assert owner.get("/").status_code == 200
    assert leads_to_entrance(thief.get("/"))


def key_joins(app: Flask, provider: Provider, address: str) -> FlaskClient:
    """Take an invitation with a security key."""
    browser = browser_of(app)
    token = token_in(browser.get(address))
    options = browser.get(f"{address}/cle/options").get_json()
    fields = {"csrf_token": token, "answer": Authenticator().create(options, CONSOLE)}
    assert browser.post(f"{address}/cle", data=fields).status_code == 303
    return browser


def test_the_journal_tells_who_took_an_operators_key(manned_app: Flask, manned: Provider) -> None:
    key_holder(manned_app, manned, "claire", "reader")
    chief = colleague(manned_app, manned, "paul", "administrator")
    assert chief.post("/operateurs/claire/desactivation").status_code == 303
    [removed] = events(manned, Event.SECURITY_KEY_REMOVED)
    assert removed.actor == "operator:paul"
    assert removed.data["operator"] == "claire"


def test_an_operator_who_acts_on_their_own_key_is_named_as_one(
    manned_app: Flask, manned: Provider
) -> None:
    """Whatever they are called: a name alone could be that of a part of the provider."""
    one = key_holder(manned_app, manned, "worker", "reader")
    [key] = re.findall(r"/acces/cles/([^/]+)/suppression", one.browser.get("/acces").text)
    path = f"/acces/cles/{key}/suppression"
    assert post(one.browser, path).status_code == 303
    [removed] = events(manned, Event.SECURITY_KEY_REMOVED)
    assert removed.actor == "operator:worker"


def test_a_session_is_ended_on_the_page_of_its_own_person(
    console: FlaskClient, provider: Provider
) -> None:
    """The journal would name somebody else."""
    open_session(provider, "une-session")
    answer = post(console, f"/personnes/sessions/{HOLDER}", sid="une-session")
    assert answer.status_code == 409
    assert is_open(provider, "une-session")


def test_a_real_card_arrives_by_no_button(console: FlaskClient, provider: Provider) -> None:
    """Decision 1: that the post brought it is simulated."""
    card = order_card(provider)
    provider.kind = "real"
    answer = post(console, f"/cartes-et-telephones/carte/{card}/arrivee", page="/")
    assert answer.status_code == 404


def test_what_could_not_be_done_is_in_the_journal(console: FlaskClient, provider: Provider) -> None:
    assert post(console, f"/personnes/retour/{PERSON}").status_code == 409
    [failed] = events(provider, Event.ACT_FAILED)
    assert (failed.outcome, failed.actor) == ("failure", "operator:development")
    assert (failed.data["act"], failed.data["subject"]) == ("people.reopen", PERSON)


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_the_word_of_a_proxy_counts_where_one_stands_before_the_console(
    sqlite_url: str, master_key: str, *, is_behind_proxy: bool
) -> None:
    """Elsewhere whoever guesses would name an address of their own for each guess."""
    values: dict[str, Any] = {"trusted_proxies": 1, "console_behind_proxy": is_behind_proxy}
    provider = open_provider(make_settings(sqlite_url, master_key, dev=False, **QUICK, **values))
    browser = browser_of(create_console(provider))
    token = token_in(browser.get("/entree"))
    fields = {"csrf_token": token, "name": "claire", "password": "x", "code": "000000"}
    claimed = {"X-Forwarded-For": "198.51.100.7"}
    browser.post("/entree/mot-de-passe", data=fields, headers=claimed)
    [refused] = events(provider, Event.OPERATOR_REFUSED)
    provider.store.close()
    assert (refused.address == "198.51.100.7") is is_behind_proxy


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.test/",
        "/\\evil.test/",
        "/\t/evil.test/",
        "https://evil.test/",
        "/?a\r\nSet-Cookie: x=y",
        "/\r\n/evil.test",
        "/entree",
    ],
)
def test_who_enters_is_sent_to_no_other_place(
    console_app: Flask, provider: Provider, wanted: str
) -> None:
    browser = browser_of(console_app)
    secret = provider.settings.dev_secret.get_secret_value()
    entered = post(browser, "/entree/developpement", page="/entree", secret=secret, suite=wanted)
    assert entered.status_code == 303
    assert entered.location == "/" or entered.location.startswith("/?a%")
    assert entered.headers.getlist("Set-Cookie") != []
    assert "x=y" not in str(entered.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize("keys", ["[" * 5_000, '{"keys": ' + "[" * 5_000])
def test_keys_that_nest_without_end_are_refused_in_words(console: FlaskClient, keys: str) -> None:
    fields = {"client_id": "logiciel", "client_name": "Logiciel", "jwks": keys}
    assert post(console, "/services/nouveau", **fields).status_code == 400


def test_no_act_is_asked_for_but_by_a_form(console_app: Flask, provider: Provider) -> None:
    """The token of a form is looked at where one is posted."""
    now = provider.clock.now()
    visitor = Visitor("development", EVERY_ROLE, DEVELOPMENT, now, b"of-a-test", ends_at=now)
    for method in ("GET", "HEAD"):
        with (
            console_app.test_request_context("/", method=method, base_url=CONSOLE),
            pytest.raises(MethodNotAllowed),
        ):
            attempt(visitor, SESSIONS, PERSON, {})
    assert events(provider, Event.ACT_DONE) == []


@pytest.mark.parametrize(
    "password", ["plain", "with/slash", "with@sign", "with:colon", "with?mark&password=x", "a#b"]
)
def test_the_password_of_an_address_is_not_among_the_settings_shown(password: str) -> None:
    """SQLAlchemy takes one as it is, with its slashes and signs."""
    address = f"postgresql+psycopg://ecps:{password}@base.test/ecps"
    values: dict[str, Any] = {"database_url": address}
    [section] = sections(Settings(**values), containing="database_url")
    [shown] = [one.value for one in section.settings if one.name == "database_url"]
    assert shown == "postgresql+psycopg://…@base.test/ecps"
