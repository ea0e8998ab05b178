"""An unmodified relying service in C: Apache's `mod_auth_openidc`, as Debian ships it.

It discovers by `wallet-openid-configuration`, asks with PKCE, state and nonce, redeems, verifies
the ID token with the published keys and compares userinfo's `sub`; the page behind it is reached
only then.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import quote

import pytest

from idp.cli.demo_browser import Browser, Page
from tests.e2e.demonstration import PERSON, Demonstration, running_demonstration, wait_for
from tests.interop.apache import MODULES, PROGRAM, Apache, running_apache
from tests.ports import free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    if PROGRAM is None or not (MODULES / "mod_auth_openidc.so").exists():
        pytest.skip("Apache and mod_auth_openidc are missing: `make test` installs them")
    with running_demonstration(tmp_path_factory.mktemp("provider"), services=0) as running:
        yield running


@pytest.fixture(scope="module", params=["authz_header", "post_param"])
def apache(
    demonstration: Demonstration,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Apache]:
    """The site, which shows the access token to userinfo in a header or in a form."""
    port = free_port()
    site = f"http://localhost:{port}"
    client_id = f"apache-{request.param}"
    secret = demonstration.add_client(
        client_id,
        *("--redirect-uri", f"{site}/protected/redirect_uri"),
        *("--post-logout-redirect-uri", f"{site}/out", "--development"),
        *("--backchannel-logout-uri", f"{site}/protected/redirect_uri?logout=backchannel"),
    )
    with running_apache(
        tmp_path_factory.mktemp("apache"),
        port=port,
        issuer=demonstration.provider.issuer,
        client=(client_id, secret),
        method=request.param,
    ) as running:
        yield running


@pytest.fixture
def browser() -> Iterator[Browser]:
    opened = Browser()
    yield opened
    opened.close()


def sign_in(demonstration: Demonstration, apache: Apache, browser: Browser) -> Page:
    """Sign in by the phone at the protected page; gives where the browser ends."""
    page = browser.visit(f"{apache.url}/protected/page")
    form = page.form_with("national_id")
    assert form is not None, page.heading
    page = browser.submit(page, form, national_id=PERSON)
    demonstration.phone.approve(page.texts["challenge-number"])
    return browser.visit(page.url)


def test_a_code_of_nobodys_request_opens_nothing(apache: Apache, browser: Browser) -> None:
    page = browser.visit(f"{apache.url}/protected/redirect_uri?code=x&state=y")
    assert page.status != HTTPStatus.OK
    assert apache.application.requests == []


def test_the_page_is_reached_with_the_persons_claims(
    demonstration: Demonstration, apache: Apache, browser: Browser
) -> None:
    page = sign_in(demonstration, apache, browser)
    assert (page.url, page.heading) == (f"{apache.url}/protected/page", "/protected/page")
    brought = apache.application.requests[-1]
    assert brought["Oidc-Claim-Subjectnameid"] == PERSON
    assert brought["Oidc-Claim-Sub"].endswith(f":{PERSON}")
    assert brought["Oidc-Claim-Acr"] == "eidas1"
    assert brought["Oidc-Claim-Iss"] == demonstration.provider.issuer
    (practice,) = json.loads(brought["Oidc-Claim-Subjectrefpro"])["exercices"]
    assert practice["codeProfession"] == "10"


def test_the_person_signs_out_of_both(
    demonstration: Demonstration, apache: Apache, browser: Browser
) -> None:
    """RP-initiated logout, by the module's own address: one question fewer with the ID token."""
    sign_in(demonstration, apache, browser)
    page = browser.visit(f"{apache.url}/protected/redirect_uri?logout={quote(apache.url)}/out")
    assert (page.url, page.heading) == (f"{apache.url}/out", "/out")
    assert browser.visit(f"{apache.url}/protected/page").form_with("national_id") is not None


def test_the_module_believes_our_logout_token(
    demonstration: Demonstration, apache: Apache, browser: Browser
) -> None:
    """Back-Channel Logout 1.0, 2.6: without it the module would go on serving the page."""
    sign_in(demonstration, apache, browser)
    page = browser.visit(f"{demonstration.provider.issuer}/protocol/openid-connect/logout")
    (form,) = page.forms
    browser.submit(page, form)
    wait_for(
        "the logout token",
        lambda: browser.visit(f"{apache.url}/protected/page").form_with("national_id"),
    )
