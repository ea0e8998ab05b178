"""A device let in by card: the pages of the sign-in are the ordinary ones (docs/cards.md 4)."""

import pytest
from flask.testing import FlaskClient

from idp.settings import Settings
from tests.cards.helpers import HOLDER, issued_card
from tests.conftest import make_settings
from tests.device_flow.helpers import Device, add_device_client
from tests.signin.card.helpers import LISTENER, back, show
from tests.signin.helpers import post, token_in


@pytest.fixture
def settings(sqlite_url: str, master_key: str) -> Settings:
    return make_settings(sqlite_url, master_key, card_base_url=LISTENER)


def test_a_device_that_takes_the_card_alone_is_let_in_by_card(
    browser: FlaskClient, device: Device
) -> None:
    """Decision 7."""
    add_device_client(device.provider, means=["CARD"])
    codes, card = device.codes(), issued_card(device.provider, HOLDER)
    page = post(browser, "/device", user_code=codes["user_code"]).headers["Location"]
    shown = show(device.service.app.test_client(use_cookies=False), page, card.der)
    assert browser.get(back(shown)).headers["Location"] == page
    confirm = browser.get(page)
    assert codes["user_code"] in confirm.text
    sid = confirm.text.split('name="sid" value="')[1].split('"')[0]
    form = {"csrf_token": token_in(confirm), "sid": sid, "answer": "confirm"}
    done = browser.post(f"{page}/confirm", data=form)
    assert done.headers["Location"].endswith("/device/done")
    tokens = device.poll(codes["device_code"]).json
    assert device.service.claims(tokens["access_token"])["acr"] == "eidas3"
    assert device.service.claims(tokens["id_token"])["authMode"] == "CARD"
