"""No data of another by guessing an identifier: every address of the account (MA-10).

The addresses are found from the application itself.
"""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from relying_services.mon_compte import KIND, views_access, views_invitation
from relying_services.mon_compte.store.base import Base
from relying_services.service.app import service_of
from tests.relying_services.mon_compte.conftest import Made
from tests.relying_services.mon_compte.identifiers import BY_SECRET, LISTS, MADE, UNKNOWN
from tests.relying_services.mon_compte.rows import OTHER, OWNER, refusals
from tests.relying_services.signed_in import post, sign_in

OF_THE_KIT = {"design"}
"""Endpoints with an argument that names a file, not a row."""


def rules() -> list[Rule]:
    """The addresses of the account that have an identifier."""
    bare = Flask("bare", static_folder=None)
    for blueprint in (*KIND.blueprints, views_access.bp, views_invitation.bp):
        bare.register_blueprint(blueprint)
    return [rule for rule in bare.url_map.iter_rules() if rule.arguments]


def asked() -> list[tuple[str, str, str]]:
    """Endpoint, address and method of each of them."""
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    return [
        (rule.endpoint, rule.rule, method)
        for rule in rules()
        if rule.endpoint not in BY_SECRET
        for method in sorted((rule.methods or set()) & methods)
    ]


def ask(app: Flask, address: str, method: str, number: int) -> TestResponse:
    """The owner asks for a row by its number, with a form of their own browser."""
    browser = sign_in(app, OWNER)
    filled = re.sub(r"<[^>]*>", str(number), address)
    return browser.get(filled) if method == "GET" else post(browser, filled)


def without_chance(page: TestResponse) -> str:
    """A page without what differs at each request."""
    return re.sub(r'name="csrf" value="[^"]*"', "", page.text)


def everything_of(app: Flask, owner: str) -> list[Any]:
    """All rows of an owner, as they stand."""
    with service_of(app).store.read() as db:
        return [
            row
            for table in Base.metadata.sorted_tables
            if "owner" in table.columns
            for row in db.execute(
                text(f"SELECT * FROM {table.name} WHERE owner = :owner"),
                {"owner": owner},
            ).all()
        ]


def test_every_address_with_an_identifier_is_attacked_here(made: Made, service_url: str) -> None:
    """MA-10: a new address without an attack fails."""
    app = made(service_url, password_access=True)
    found = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments}
    assert found - OF_THE_KIT == {rule.endpoint for rule in rules()} == set(MADE) | BY_SECRET


@pytest.mark.parametrize(("endpoint", "address", "method"), asked())
def test_an_own_row_is_reached(account: Flask, endpoint: str, address: str, method: str) -> None:
    """MA-10: what is refused below is refused for whose it is, and for nothing else."""
    assert ask(account, address, method, MADE[endpoint](account, OWNER)).status_code in {200, 303}


@pytest.mark.parametrize(("endpoint", "address", "method"), asked())
def test_attack_the_row_of_another_is_as_if_it_did_not_exist(
    account: Flask, endpoint: str, address: str, method: str
) -> None:
    """MA-10: the same answer, byte by byte, for foreign and unknown; nothing of it changes."""
    foreign = MADE[endpoint](account, OTHER)
    before = everything_of(account, OTHER)
    assert before
    to_foreign = ask(account, address, method, foreign)
    to_unknown = ask(account, address, method, UNKNOWN)
    assert to_foreign.status_code == to_unknown.status_code == 404
    assert without_chance(to_foreign) == without_chance(to_unknown)
    assert OTHER not in to_foreign.text
    assert everything_of(account, OTHER) == before
    assert [each[2] for each in refusals(account)] == ["not_found", "not_found"]


@pytest.mark.parametrize(("endpoint", "address", "method"), asked())
def test_attack_nothing_is_reached_without_a_session(
    account: Flask, endpoint: str, address: str, method: str
) -> None:
    """MA-10."""
    filled = re.sub(r"<[^>]*>", str(MADE[endpoint](account, OWNER)), address)
    before = everything_of(account, OWNER)
    stranger = account.test_client()
    answer = stranger.get(filled) if method == "GET" else post(stranger, filled)
    assert answer.location == "/login"
    assert everything_of(account, OWNER) == before


@pytest.mark.parametrize("number", [10**18, 2**63, 10**40])
def test_attack_a_number_larger_than_any_row_is_not_found(account: Flask, number: int) -> None:
    """MA-10: it reaches no database, which could not hold it."""
    for _endpoint, address, method in asked():
        assert ask(account, address, method, number).status_code == 404


@pytest.mark.parametrize("address", list(LISTS))
def test_attack_a_list_does_not_go_on_behind_the_row_of_another(
    account: Flask, address: str
) -> None:
    """MA-10: the place in a list is an identifier as well."""
    foreign = LISTS[address](account, OTHER)
    browser = sign_in(account, OWNER)
    to_foreign = browser.get(f"{address}?apres={foreign}")
    to_unknown = browser.get(f"{address}?apres={UNKNOWN}")
    assert to_foreign.status_code == to_unknown.status_code == 404
    assert without_chance(to_foreign) == without_chance(to_unknown)


def test_attack_no_page_shows_anything_of_another(account: Flask) -> None:
    """MA-10: every page without an identifier, for somebody who owns nothing.

    Whom somebody may act for is EspacePro's to tell.
    """
    for make in set(MADE.values()):
        make(account, OTHER)
    addresses = [
        rule.rule
        for rule in account.url_map.iter_rules()
        if not rule.arguments
        and rule.endpoint.split(".")[0] not in {"sign_in", "delegated"}
        and "GET" in (rule.methods or ())
    ]
    assert set(LISTS) < set(addresses)
    for address in addresses:
        page = sign_in(account, OWNER).get(address)
        assert page.status_code == 200, address
        assert OTHER not in page.text, address
        assert f"99{OTHER[-7:]}" not in page.text, address
