"""The reference is what the code says."""

from inspect import get_annotations

import jsonschema_rs
import pytest

from idp.portal.history_words import OF_NOBODY
from relying_services.espacepro.matrix import MATRIX, SERVICES
from relying_services.service.settings import ServiceSettings
from tests.docs.reference import FOLDER, PAGES, events, http, services
from tests.docs.reference.bodies import BODIES
from tests.docs.test_service_settings_in_use import OF_SERVICES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_reference_is_the_one_the_code_generates(page: str) -> None:
    """Run `make docs` when this fails."""
    assert (FOLDER / page).read_text("utf-8") == PAGES[page]()


def test_every_page_of_the_reference_is_generated() -> None:
    assert {path.name for path in FOLDER.glob("*")} == set(PAGES)


DOCUMENTED = {
    f"{method.upper()} {told['servers'][0]['url']}{path}": (
        operation["requestBody"]["content"]["application/json"]["schema"],
        told["components"],
    )
    for told in map(http.read, ("openapi-dev.json", "openapi-control.json"))
    for method, path, operation in http.operations(told)
    if "requestBody" in operation
}


def test_every_address_that_takes_a_body_shows_one() -> None:
    """But the one that only a maker of cards can fill: keys and requests for certificates."""
    made_by_the_card = {"POST /dev/v1/ans/cards/{card_number}/personalisation"}
    assert set(BODIES) == set(DOCUMENTED) - made_by_the_card


@pytest.mark.parametrize("address", BODIES)
def test_a_body_that_is_shown_is_one_that_is_taken(address: str) -> None:
    schema, components = DOCUMENTED[address]
    validator = jsonschema_rs.validator_for({**schema, "components": components})
    assert [error.message for error in validator.iter_errors(BODIES[address])] == []


def test_every_event_that_names_nobody_is_explained() -> None:
    assert set(events.MEANINGS) == OF_NOBODY


@pytest.mark.parametrize("settings", [ServiceSettings, *OF_SERVICES.values()])
def test_every_setting_of_a_service_says_what_it_means(settings: type[ServiceSettings]) -> None:
    own = get_annotations(settings)
    assert set(own) - set(services.meanings_of(settings)) == set()


def test_every_level_of_the_matrix_stands_in_the_reference_under_its_status() -> None:
    """EP-03, EP-04: what is told of the delegation of services is what is enforced."""
    rows = {
        code: [cell.strip() for cell in line.split("|")[3:-1]]
        for line in services.page().splitlines()
        for code in SERVICES
        if f"(`{code}`)" in line
    }
    assert rows == {code: [levels.get(code, "") for levels in MATRIX.values()] for code in SERVICES}
