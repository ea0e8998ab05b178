"""Where the forms of our pages may lead: CSP `form-action`."""

import pytest

from relying_services.service.form_targets import form_action
from tests.relying_services.service.conftest import Made

ISSUER = "https://auth.example/realms/x"
PAGES = {
    "authorization_endpoint": "https://wallet.example/auth",
    "end_session_endpoint": f"{ISSUER}/logout",
}
TOLD = {"token_endpoint": "https://elsewhere.example/token"}


@pytest.mark.parametrize(
    ("issuer", "metadata", "targets"),
    [
        pytest.param(ISSUER, {}, {"https:"}, id="not-read"),
        pytest.param("http://localhost:8000/realms/x", {}, {"http:"}, id="not-read-on-a-desk"),
        pytest.param(
            ISSUER, PAGES | TOLD, {"https://auth.example", "https://wallet.example"}, id="read"
        ),
        pytest.param(
            "https://other.example/realms/x",
            PAGES,
            {"https://auth.example", "https://wallet.example", "https://other.example"},
            id="three-hosts",
        ),
    ],
)
def test_forms_lead_to_this_service_and_to_the_pages_of_the_provider(
    issuer: str, metadata: dict[str, str], targets: set[str]
) -> None:
    """Chromium holds redirects to it: of a sign-out, of a form after the cut (decision 4)."""
    name, own, *others = form_action(issuer, metadata).split()
    assert (name, own, set(others)) == ("form-action", "'self'", targets)


def test_a_page_asks_the_provider_nothing_to_say_where_its_forms_lead(made: Made) -> None:
    """Nobody answers at this issuer: the page is served all the same, errors too."""
    browser = made().test_client()
    for address in ("/signed-out", "/nowhere", "/cut"):
        policy = browser.get(address).headers["Content-Security-Policy"]
        assert policy.endswith("; form-action 'self' http:")
