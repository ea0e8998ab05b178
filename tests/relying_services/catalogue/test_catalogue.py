"""The catalogue: which services there are, and the policy that each enforces."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from relying_services.catalogue import KIND, CatalogueSettings, create_app
from relying_services.catalogue.entries import CATALOGUE, Entry
from relying_services.registrations import REGISTRATIONS
from relying_services.service.app import make_app, service_of
from relying_services.service.service import Kind
from relying_services.service.settings import (
    SensitiveTakesNoPassword,
    ServiceSettings,
    WrongSetting,
)
from tests.relying_services.registered import registered
from tests.relying_services.signed_in import sign_in
from wallet_sim.harness.psc import Psc

ENTRIES = {each.registration.client_id: each for group in CATALOGUE for each in group.entries}
SETTINGS = {
    "messaging": "MessagingSettings",
    "regulation": "RegulationSettings",
    "oncology": "OncologySettings",
    "mon_compte": "MonCompteSettings",
    "espacepro": "EspaceProSettings",
    "billing": "BillingSettings",
}

NEEDED = {"billing": {"reader_secret": "of the reader", "authority_file": "persons.crt"}}


@pytest.fixture(autouse=True)
def standing_time() -> None:
    """The provider runs in a process of its own, in real time."""


def made(folder: Path, **more: Any) -> Flask:
    given = {
        "issuer": "http://localhost:1",
        "client_id": "catalogue",
        "client_secret": "secret",
        "base_url": "http://localhost:9108",
    }
    url = f"sqlite:///{folder / 'catalogue.db'}"
    return create_app(CatalogueSettings(database_url=url, **(given | more)))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = made(tmp_path)
    yield app
    service_of(app).store.close()


def row_of(page: str, client_id: str) -> str:
    found = re.search(rf'<tr id="{client_id}">(.*?)</tr>', page, re.DOTALL)
    assert found, page
    return found[1]


def test_every_service_is_in_the_catalogue_with_its_policy(app: Flask) -> None:
    """EC-08: the services that seed texts name, without signing in."""
    page = app.test_client().get("/").text
    assert set(ENTRIES) == {each.client_id for each in REGISTRATIONS} - {"catalogue"}
    for name, entry in ENTRIES.items():
        row = row_of(page, name)
        assert f'href="http://localhost:{9100 + entry.registration.offset}/"' in row
        assert ("application e-CPS" in row) is ("MOBILE" in entry.means)
        assert (">sensible<" in row) is entry.is_sensitive
        assert ("mot de passe" in row) is (name == "mon_compte")
        assert entry.own_access is None or not entry.is_sensitive
        assert ("sans navigateur" in row) is entry.registration.ciba
    for group in ("Assurance Maladie", "Messageries médicales", "Mon espace santé"):
        assert group in page


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_what_the_catalogue_tells_is_what_the_service_enforces(name: str) -> None:
    """EC-08, EC-09, EP-16: means and sensitivity are those of the service's own settings."""
    kind = getattr(import_module(f"relying_services.{name}"), SETTINGS[name])
    given = {
        "issuer": "issuer",
        "client_id": name,
        "client_secret": "secret",
        "base_url": "http://localhost",
        "database_url": "sqlite://",
    }
    settings: ServiceSettings = kind(**given, **NEEDED.get(name, {}))
    entry: Entry = ENTRIES[name]
    assert (settings.sensitive, settings.means) == (entry.is_sensitive, entry.means)


def test_a_sensitive_service_does_not_start_with_passwords(tmp_path: Path) -> None:
    """EC-09: compulsory since 2023-01-01 for sensitive services."""
    with pytest.raises(SensitiveTakesNoPassword, match="catalogue is sensitive"):
        made(tmp_path, password_access=True)
    with pytest.raises(SensitiveTakesNoPassword):
        make_app(
            Kind("any", KIND.title, KIND.home, ()),
            ServiceSettings("issuer", "any", "s", "http://x", "sqlite://", password_access=True),
        )
    app = made(tmp_path, password_access=True, sensitive=False)
    assert app.test_client().get("/").status_code == 200
    service_of(app).store.close()


@pytest.mark.parametrize(
    ("means", "opens"), [("CARD", True), ("MOBILE", False)], ids=["card", "phone"]
)
def test_who_is_signed_in_sees_what_opens(app: Flask, means: str, opens: bool) -> None:
    """EP-16: messaging and billing take the card alone."""
    page = sign_in(app, "899700990015", means=means).get("/").text
    assert ("un autre moyen" not in row_of(page, "messaging")) is opens
    assert ">ouvert<" in row_of(page, "regulation")


def test_a_service_elsewhere_is_linked_where_it_is(tmp_path: Path) -> None:
    app = made(
        tmp_path,
        base_url="https://services.exemple.test",
        addresses={"messaging": "https://messagerie.exemple.test"},
    )
    page = app.test_client().get("/").text
    assert 'href="https://messagerie.exemple.test/"' in row_of(page, "messaging")
    assert "href" not in row_of(page, "regulation")
    service_of(app).store.close()


def test_a_person_signs_in_to_the_catalogue(psc: Psc, tmp_path: Path) -> None:
    """EC-08: by the same identity as everywhere."""
    app = made(tmp_path, **registered(psc, "catalogue"))
    person = psc.person()
    psc.phone(person)
    login = psc.login(app.test_client(), person, at="/mon-acces")
    assert "Vous êtes connecté par : application e-CPS." in login.text
    service_of(app).store.close()


@pytest.mark.parametrize(
    ("name", "setting"),
    [("messaging", "letters_a_day"), ("regulation", "most_taken"), ("oncology", "quorum")],
)
def test_a_service_does_not_start_with_a_limit_of_nothing(name: str, setting: str) -> None:
    kind = getattr(import_module(f"relying_services.{name}"), SETTINGS[name])
    with pytest.raises(WrongSetting, match=f"{setting} must be 1 or more"):
        kind("issuer", name, "secret", "http://localhost", "sqlite://", **{setting: 0})
