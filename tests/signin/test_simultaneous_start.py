"""One page, its form posted by several hands at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask.testing import FlaskClient

from idp import create_app
from idp.provider import Provider
from idp.store.models import Challenge
from tests.signin.helpers import PERSON, add_client, all_of, begin, interactions, token_in

HANDS = 4


@pytest.fixture
def service() -> None:
    """Replaces the folder's fixture: these tests bring their own application."""


def test_a_form_posted_at_once_asks_the_phone_once(both: Provider) -> None:
    """A second request on the phone would show a number that no page shows."""
    add_client(both)
    app = create_app(both.settings, provider=both)
    first = app.test_client()
    page = begin(first)
    fields = {"csrf_token": token_in(first.get(page)), "national_id": PERSON}
    cookie = first.get_cookie("ecps_browser")
    assert cookie is not None
    hands: list[FlaskClient] = [app.test_client() for _ in range(HANDS)]
    for hand in hands:
        hand.set_cookie("ecps_browser", cookie.value)
    together = Barrier(HANDS)

    def post(hand: FlaskClient) -> str:
        together.wait(60)
        return hand.post(page, data=fields).headers["Location"]

    with ThreadPoolExecutor(HANDS) as threads:
        assert list(threads.map(post, hands)) == [page] * HANDS
    (interaction,) = interactions(both)
    assert [row.challenge_id for row in all_of(both, Challenge)] == [interaction.challenge_id]
