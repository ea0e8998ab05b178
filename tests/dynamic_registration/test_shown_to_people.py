"""What people are shown of a service: its logo, from us, and links (Registration 1.0, 2)."""

from http import HTTPStatus
from typing import Any

import pytest

from idp.provider import Provider
from tests.dynamic_registration.helpers import PNG, Developer, Site, fetch
from tests.signin.helpers import begin

PAGES = {
    "client_uri": "https://service.test/",
    "policy_uri": "https://service.test/policy?a=1&b=2",
    "tos_uri": "https://service.test/tos",
}


def logo_of(developer: Developer, client_id: str) -> Any:
    return developer.http.get(f"/clients/{client_id}/logo")


def page_of(developer: Developer, client: dict[str, Any]) -> str:
    address = begin(
        developer.http, client_id=client["client_id"], redirect_uri=client["redirect_uris"][0]
    )
    return str(developer.http.get(address).text)


@pytest.mark.parametrize("client_id", ["nobody", "%2e%2e", "a/b", "x" * 300])
def test_there_is_no_logo_of_nobody(developer: Developer, client_id: str) -> None:
    assert logo_of(developer, client_id).status_code == HTTPStatus.NOT_FOUND


def test_a_logo_that_is_not_held_is_not_served(
    tester: Developer, provider: Provider, site: Site
) -> None:
    client = tester.registered(logo_uri=site.publish("/logo", b"<svg/>", "image/png"))
    assert logo_of(tester, client["client_id"]).status_code == HTTPStatus.NOT_FOUND
    fetch(provider)
    assert logo_of(tester, client["client_id"]).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (b"GIF89a" + bytes(9), "image/gif"),
        (b"RIFF\x08\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_a_logo_is_served_by_us_as_what_it_is(
    tester: Developer, provider: Provider, site: Site, body: bytes, media_type: str
) -> None:
    """oidcc-registration-logo-uri: the browser asks the service for nothing."""
    told = "image/gif" if media_type == "image/png" else "image/png"
    client = tester.registered(logo_uri=site.publish("/logo", body, told))
    fetch(provider)
    answer = logo_of(tester, client["client_id"])
    assert (answer.status_code, answer.data) == (HTTPStatus.OK, body)
    assert answer.content_type == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = page_of(tester, client)
    assert f'src="/clients/{client["client_id"]}/logo"' in page
    assert site.url("/logo") not in page


def test_pages_of_the_service_are_linked_to(developer: Developer) -> None:
    """oidcc-registration-policy-uri, oidcc-registration-tos-uri."""
    page = page_of(developer, developer.registered(**PAGES))
    for name, address in PAGES.items():
        element = f'id="{name.replace("_", "-")}" href="{address.replace("&", "&amp;")}"'
        assert f'<a {element} target="_blank" rel="noopener noreferrer">' in page


def test_a_service_without_any_shows_none(developer: Developer) -> None:
    page = page_of(developer, developer.registered())
    assert "service-logo" not in page
    assert 'class="about"' not in page
