"""The configuration for the public conformance suite names what is here."""

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from idp.psc.addresses import USERINFO
from idp.settings import REALM_PATH

ROOT = Path(__file__).parents[2]
CONFIGURATION = json.loads((ROOT / "docs" / "conformance-suite.json").read_text("utf-8"))
PAGES = "".join(
    page.read_text("utf-8") for page in (ROOT / "templates" / "idp" / "signin").glob("*.html")
)


def test_its_addresses_are_the_providers() -> None:
    discovery = urlsplit(CONFIGURATION["server"]["discoveryUrl"]).path
    assert discovery == f"{REALM_PATH}/.well-known/openid-configuration"
    assert urlsplit(CONFIGURATION["resource"]["resourceUrl"]).path == REALM_PATH + USERINFO


def test_what_it_types_and_presses_is_on_the_pages() -> None:
    own = {
        (command[1], command[2])
        for page in CONFIGURATION["browser"]
        for task in page["tasks"]
        for command in task["commands"]
        if command[0] in {"text", "click"}
    }
    assert own == {
        ("id", "national_id"),
        ("css", "button.primary"),
        ("css", "button[value=confirm]"),
    }
    for markup in ('id="national_id"', '<button class="primary"', 'name="answer" value="confirm"'):
        assert re.search(re.escape(markup), PAGES), markup
