"""A served reader: its address, its secret, its forms."""

import json
import re
from typing import Any

from werkzeug.test import Client, TestResponse

from wallet_sim.door import SECRET_HEADER

SECRET = "start-up-secret-of-the-reader"
ORIGIN = "http://localhost:8002"
HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def handle_in(page: str) -> str:
    return page.rpartition("/")[2]


def call(client: Client, name: str, members: dict[str, Any] | None = None) -> TestResponse:
    headers = {SECRET_HEADER: SECRET}
    path = f"/control/v1/{name}"
    if members is None:
        return client.get(path, base_url=ORIGIN, headers=headers)
    return client.post(path, base_url=ORIGIN, headers=headers, data=json.dumps(members))


def open_reader(client: Client, handle: str = "") -> str:
    """Type the secret where a link led, and give the token of the page's forms."""
    here = f"/reader?h={handle}" if handle else "/reader"
    assert "Secret de démarrage" in client.get(here, base_url=ORIGIN).text
    went = client.post("/login", base_url=ORIGIN, data={"secret": SECRET, "came_for": here})
    assert went.headers["Location"] == here
    page = client.get(here, base_url=ORIGIN)
    found = re.search(r'name="csrf_token" value="(\w+)"', page.text)
    assert found, page.text
    return found.group(1)


def press(client: Client, action: str, **form: str) -> TestResponse:
    return client.post(f"/reader/{action}", base_url=ORIGIN, data=form)
