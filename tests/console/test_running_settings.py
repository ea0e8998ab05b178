"""The settings in force on the console: all of them, and no secret."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from idp.console.app import create_console
from idp.console.running.in_force import InForce, sections
from idp.provider import Provider, open_provider
from idp.settings import Settings
from tests.conftest import DEV_SECRET, make_settings
from tests.console.conftest import QUICK
from tests.console.helpers import Door, browser_of
from tests.console.running_helpers import texts

HIDDEN = "ne-se-montre-pas"
SECRETS = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}
ISSUER = {
    "issuer": "https://auth.exemple.test/auth",
    "client_id": "api",
    "client_secret": HIDDEN,
    "clients": {"logiciel": ["api"]},
}


def shown(settings: Settings) -> dict[str, InForce]:
    found = sections(settings, containing="")
    return {one.name: one for section in found for one in section.settings}


@pytest.fixture
def secretive(sqlite_url: str, master_key: str) -> Iterator[Provider]:
    """A provider with a secret wherever a setting takes one."""
    secrets = dict.fromkeys(SECRETS - {"master_key", "dev_secret"}, HIDDEN)
    given = QUICK | {"sms_url": f"https://nom:{HIDDEN}@sms.exemple.test/?api_key={HIDDEN}&a=b"}
    opened = open_provider(make_settings(sqlite_url, master_key, **given, **secrets))
    yield opened
    opened.store.close()


def test_no_secret_stands_on_the_page(secretive: Provider, master_key: str) -> None:
    browser = browser_of(create_console(secretive))
    Door(browser).by_secret(DEV_SECRET)
    page = texts(browser, "/parametres")
    for secret in (HIDDEN, master_key, DEV_SECRET):
        assert secret not in page
    assert "https://…@sms.exemple.test/?api_key=…&a=b" in page
    told = shown(secretive.settings)
    assert len(SECRETS) > 4
    with create_console(secretive).test_request_context():
        assert {str(shown(secretive.settings)[name].value) for name in SECRETS} == {"défini"}
    assert told["sms_url"].source == "changed"


@pytest.mark.parametrize(
    "changes",
    [
        {"database_url": f"postgresql://nom:{HIDDEN}@base.exemple.test/ecps"},
        {"database_url": f"postgresql://base.exemple.test/ecps?user=nom&password={HIDDEN}"},
        {"trusted_issuers": {"psc": ISSUER}},
    ],
)
def test_what_opens_a_door_inside_a_value_is_left_out(
    console: FlaskClient, changes: dict[str, object]
) -> None:
    given: dict[str, Any] = {"database_url": "sqlite:///x.db"} | changes
    settings = Settings(**given)
    with console.application.test_request_context():
        values = [one.value for one in shown(settings).values()]
    assert all(HIDDEN not in value for value in values)
    assert any("exemple.test" in value for value in values)


def test_every_setting_is_shown_with_an_anchor_and_its_description(console: FlaskClient) -> None:
    page = texts(console, "/parametres")
    for name, field in Settings.model_fields.items():
        assert f'<tr id="{name}">' in page
        assert field.description
        assert field.description in page


def test_it_is_told_where_a_value_comes_from(console: FlaskClient, master_key: str) -> None:
    given: dict[str, Any] = {"profile": "strict", "outbox_attempts": 3, "master_key": master_key}
    settings = Settings(**given)
    with console.application.test_request_context():
        told = shown(settings)
    assert (told["outbox_attempts"].source, told["outbox_attempts"].value) == ("changed", "3")
    assert (told["number_mode"].source, told["number_mode"].value) == ("profile", "typed")
    assert (told["web_challenge_lifetime"].source) == "profile"
    assert (told["refresh_grace"].source, told["refresh_grace"].value) == ("profile", "0")
    assert (told["session_idle"].source, told["session_idle"].value) == ("default", "1800")
    assert told["smtp_url"].value == "non défini"


def test_settings_are_looked_for_by_name_and_description(console: FlaskClient) -> None:
    page = texts(console, "/parametres?q=OUTBOX")
    assert '<tr id="outbox_lease">' in page
    assert '<tr id="embedded_worker">' in page
    assert '<tr id="session_idle">' not in page
    assert "Aucun paramètre ne correspond" in texts(console, "/parametres?q=rien-de-tel")
