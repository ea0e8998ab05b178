"""A page without a test fails the build: every template is looked at, in states that exist."""

from collections import Counter

import pytest

from tests.docs.looked_at import PAGE, render
from tests.e2e import pages

COMPONENTS = "design/components.html"
"""No page itself: a gallery shows them."""


def test_every_page_is_looked_at() -> None:
    listed = {page for page, states in pages.listed().items() if states}
    assert pages.pages() - listed == set()


def test_no_page_is_listed_that_does_not_exist() -> None:
    assert set(pages.listed()) - pages.pages() == {COMPONENTS}


def test_every_listed_state_is_looked_at_by_a_test() -> None:
    looks = list(pages.looks())
    states = [state for names in pages.listed().values() for state in names]
    assert [state for state in states if not any(look.look_at(state) for look in looks)] == []


def test_every_state_that_a_test_writes_is_listed() -> None:
    listed = {state for names in pages.listed().values() for state in names}
    assert [name for look in pages.looks() for name in look.written if name not in listed] == []


def test_no_two_states_share_a_name() -> None:
    names = Counter(state for states in pages.listed().values() for state in states)
    assert [name for name, count in names.items() if count > 1] == []
    written = Counter(name for look in pages.looks() for name in look.written)
    assert [name for name, count in written.items() if count > 1] == []


@pytest.mark.parametrize("template", ["idp/signin/waiting.html", ""])
def test_a_state_on_another_page_is_refused(template: str) -> None:
    with pytest.raises(AssertionError, match="identifier"):
        pages.check_listed("identifier", template)
    with pytest.raises(AssertionError, match="unheard-of"):
        pages.check_listed("unheard-of", "idp/signin/identifier.html")


def test_the_table_of_pages_is_the_list() -> None:
    assert PAGE.read_text("utf-8") == render(), "run `make docs`"
