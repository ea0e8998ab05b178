"""The reference is what the code says."""

import jsonschema_rs
import pytest

from idp.portal.history_words import OF_NOBODY
from tests.docs.reference import FOLDER, PAGES, events, http
from tests.docs.reference.bodies import BODIES


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
