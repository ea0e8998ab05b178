"""Every page: its policy holds, axe-core finds nothing, a narrow screen shows it whole.

Criteria of the RGAA 4.1 that a program can judge; light and dark.
"""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.callback import Callback, running_callback
from tests.e2e.conftest import Open
from tests.e2e.demonstration import PERSON, PIN, Demonstration, running_demonstration
from tests.e2e.meanwhile import come_back, send_and_hold, tell
from tests.signin.helpers import NOBODY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demonstration]:
    folder: Path = tmp_path_factory.mktemp("pages")
    with running_demonstration(folder) as running:
        yield running


@pytest.fixture(scope="module")
def callback(demonstration: Demonstration) -> Iterator[Callback]:
    with running_callback(demonstration) as listening:
        yield listening


def ask_phone(page: Page, request: str, button: str = "button.primary") -> str:
    page.goto(request)
    page.fill("[name=national_id]", PERSON)
    page.click(button)
    return page.locator("#challenge-number").inner_text()


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("home", "/", 200),
        ("home-english", "/?lang=en", 200),
        ("accessibility", "/accessibilite", 200),
        ("help", "/aide", 200),
        ("help-english", "/aide?lang=en", 200),
        ("signed-out", "/deconnexion", 200),
        ("error-unknown-client", "/auth?client_id=nobody&response_type=code", 400),
        ("error-not-found", "/nothing-here", 404),
        ("error-gone", "/signin/never-existed", 410),
        ("error-method", "/signin/never-existed/confirm", 405),
        ("error-malformed", "/auth?client_id=%00", 400),
        ("error-logout", "/deconnexion?post_logout_redirect_uri=http://evil.test/", 400),
    ],
)
def test_a_page_that_needs_no_sign_in(
    demonstration: Demonstration, open_browser: Open, name: str, path: str, status: int
) -> None:
    page, onlooker = open_browser()
    answer = page.goto(demonstration.provider.base_url + path)
    assert answer is not None
    assert answer.status == status
    onlooker.check(name)


def test_the_pages_of_a_sign_in(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    page.goto(callback.request(demonstration))
    onlooker.check("identifier")
    page.get_by_role("link", name="Carte CPS").click()
    expect(page.get_by_role("button", name="Utiliser ma carte CPS")).to_be_visible()
    onlooker.check("identifier-card")
    page.get_by_role("link", name="Application e-CPS").click()
    page.click("nav a[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    onlooker.check("identifier-english")
    page.click("nav a[lang=fr]")
    page.fill("[name=national_id]", "99700990015")
    page.click("button.primary")
    expect(page.locator("[name=national_id]")).to_have_attribute("aria-invalid", "true")
    onlooker.check("identifier-error")
    page.fill("[name=national_id]", PERSON)
    page.click("button.primary")
    expect(page.locator("#challenge-number")).to_be_visible()
    onlooker.check("waiting")
    page.click("#resend")
    expect(page.locator("#resent")).to_be_focused()
    onlooker.check("waiting-resent")
    page.click("nav a[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    onlooker.check("waiting-english")


def test_an_identifier_is_remembered_and_forgotten(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    page.goto(callback.request(demonstration))
    page.fill("[name=national_id]", NOBODY)
    page.check("[name=remember]")
    page.click("button.primary")
    page.click("#cancel")
    expect(page.locator("[name=national_id]")).to_have_value(NOBODY)
    onlooker.check("identifier-remembered")
    page.click("#forget")
    expect(page.locator("[name=national_id]")).to_have_value("")
    onlooker.check("identifier-forgotten")


def test_a_shared_workstation_is_chosen_for_the_whole_sign_in(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    page.goto(callback.request(demonstration))
    page.check("[name=public_workstation]")
    page.fill("[name=national_id]", NOBODY)
    page.click("button.primary")
    page.click("#cancel")
    expect(page.locator("#public-workstation")).to_be_visible()
    onlooker.check("identifier-shared-workstation")


def test_the_waiting_page_can_be_stopped_where_no_script_runs(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    """RGAA 13.1."""
    page, _onlooker = open_browser(java_script_enabled=False)
    page.goto(callback.request(demonstration))
    page.fill("[name=national_id]", NOBODY)
    page.click("button.primary")
    page.get_by_role("link", name="Suspendre l’actualisation").click()
    expect(page.get_by_role("link", name="Actualiser maintenant et reprendre")).to_be_visible()
    assert page.locator("meta[http-equiv=refresh]").count() == 0
    page.get_by_role("link", name="Actualiser maintenant et reprendre").click()
    expect(page.get_by_role("link", name="Suspendre l’actualisation")).to_be_visible()
    page.click("#cancel")
    expect(page.locator("[name=national_id]")).to_be_visible()


def test_a_form_of_another_site_is_refused_by_a_page(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    page.goto(callback.request(demonstration))
    page.evaluate("document.querySelector('[name=csrf_token]').value = 'made up'")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Accès refusé")
    onlooker.check("error-foreign-form")


def test_a_request_nobody_answered_has_expired(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    """Decision 8: 60 s; the page finds out by itself."""
    page, onlooker = open_browser()
    ask_phone(page, callback.request(demonstration))
    demonstration.provider.move_clock(61)
    expect(page.locator("h1")).to_have_text("La demande a expiré")
    onlooker.check("outcome-expired")
    page.click("button.quiet")
    page.wait_for_url(f"{callback.url}?**")
    assert callback.answers[-1][1]["error"] == "access_denied"


def test_what_a_button_brings_is_shown_though_the_page_learns_meanwhile_of_an_answer(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    ask_phone(page, callback.request(demonstration))
    held = send_and_hold(page, "Annuler", "**/restart")
    tell(page, "**/status", {"state": "approved"})
    held.pop().continue_()
    expect(page.locator("[name=national_id]")).to_be_visible()
    onlooker.check_silence()


def test_a_waiting_page_that_is_shown_anew_after_its_button_goes_on(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, _onlooker = open_browser()
    ask_phone(page, callback.request(demonstration))
    come_back(page)
    send_and_hold(page, "Annuler", "**/restart")
    with page.expect_request(lambda asked: asked.is_navigation_request() and asked.method == "GET"):
        tell(page, "**/status", {"state": "approved"})
    page.close()
    demonstration.phone.do("refuse", reason="cancelled")


@pytest.mark.parametrize(
    ("reason", "title"),
    [("cancelled", "Connexion non approuvée"), ("unknown_trigger", "Connexion refusée")],
)
def test_a_refusal_on_the_phone_is_told(
    demonstration: Demonstration,
    callback: Callback,
    open_browser: Open,
    reason: str,
    title: str,
) -> None:
    page, onlooker = open_browser()
    ask_phone(page, callback.request(demonstration))
    demonstration.phone.do("refuse", reason=reason)
    expect(page.locator("h1")).to_have_text(title)
    onlooker.check(f"outcome-{reason}")


def test_the_phone_itself_brings_its_browser_back(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    """Decision 25: approval alone finishes nothing without the phone's secret."""
    page, onlooker = open_browser()
    number = ask_phone(page, callback.request(demonstration), "[name=same_device]")
    onlooker.check("waiting-same-device")
    told = demonstration.phone.do("approve", pin=PIN, number=number)
    expect(page.locator("h1")).to_have_text("Terminer la connexion")
    onlooker.check("complete")
    page.fill("#completion", "guessed")
    page.click("button[type=submit] >> nth=0")
    expect(page.locator("#completion")).to_have_attribute("aria-invalid", "true")
    onlooker.check("complete-error")
    page.fill("#completion", told["completion"])
    page.click("button[type=submit] >> nth=0")
    page.wait_for_url(f"{callback.url}?**")
    assert callback.answers[-1][1]["code"]
    page.goto(f"{demonstration.provider.base_url}/deconnexion")
    expect(page.locator("button.primary")).to_be_visible()
    onlooker.check("signout")
    page.click("button.primary")
    expect(page.locator("h1")).to_have_text("Vous êtes déconnecté")
    onlooker.check_silence()


def test_wrong_pins_since_last_time_are_told_first(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    """Decision 19."""
    page, onlooker = open_browser()
    ask_phone(page, callback.request(demonstration))
    options = demonstration.phone.request()["document"]["number"]["options"]
    wrong = {"pin": "975310", "number": options[0]}
    assert demonstration.phone.refusal("approve", **wrong) == "wrong_pin"
    page.click("button.quiet")
    demonstration.phone.approve(ask_phone(page, callback.request(demonstration)))
    expect(page.locator("[role=alert]")).to_contain_text("1 code e-CPS erroné")
    onlooker.check("notice")
    page.click("button.primary")
    page.wait_for_url(f"{callback.url}?**")
    onlooker.check_silence()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_form_post_brings_the_code_in_a_form(
    demonstration: Demonstration, callback: Callback, open_browser: Open, scripts: bool
) -> None:
    """OAuth 2.0 Form Post Response Mode; decision 14: a button where no script runs."""
    page, onlooker = open_browser(java_script_enabled=scripts)
    number = ask_phone(page, callback.request(demonstration, response_mode="form_post"))
    demonstration.phone.approve(number)
    if not scripts:
        page.wait_for_selector("#continue")
        page.click("#continue")
    page.wait_for_url(callback.url)
    method, answer = callback.answers[-1]
    assert method == "POST"
    assert answer["state"] == "the-state"
    assert answer["iss"] == demonstration.provider.issuer
    redeemed = httpx.post(
        f"{demonstration.provider.issuer}/protocol/openid-connect/token",
        data={
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": callback.url,
        },
        auth=("rappel", callback.secret),
        trust_env=False,
    )
    assert redeemed.json()["token_type"] == "Bearer"
    onlooker.check_silence()


def test_the_button_of_form_post(
    demonstration: Demonstration, callback: Callback, open_browser: Open
) -> None:
    page, onlooker = open_browser()
    # The script that would send the form at once is kept away, so that the page can be looked at.
    page.route("**/form-post.js*", lambda route: route.fulfill(body=""))
    demonstration.phone.approve(
        ask_phone(page, callback.request(demonstration, response_mode="form_post"))
    )
    expect(page.locator("#continue")).to_be_visible()
    onlooker.check("form-post")


def test_the_pages_of_the_service_and_of_the_phone(
    demonstration: Demonstration, open_browser: Open
) -> None:
    """After the clock was moved back to the machine's, which is the service's."""
    page, onlooker = open_browser()
    clock = f"{demonstration.provider.base_url}/dev/v1/clock"
    told = httpx.get(clock, headers=demonstration.provider.dev_headers, trust_env=False).json()
    demonstration.provider.move_clock(-told["offset"])
    demonstration.phone.refuse_all()  # what had expired, and waits again at this hour
    page.goto(demonstration.service)
    onlooker.check("service-home")
    page.goto(f"{demonstration.service}/callback?error=access_denied")
    onlooker.check("service-error")
    number = ask_phone(page, f"{demonstration.service}/login")
    screen, watcher = open_browser()
    screen.goto(demonstration.phone.url)
    watcher.check("phone-login")
    screen.fill("#secret", demonstration.phone.secret)
    screen.get_by_role("button", name="Ouvrir").click()
    expect(screen.locator("#request")).to_be_visible()
    watcher.check("phone-alone-request")
    screen.fill("[name=pin]", PIN)
    screen.check(f"input[value='{number}']")
    screen.click("text=Approuver")
    expect(screen.locator("h1")).to_have_text("Demande approuvée")
    page.wait_for_url(f"{demonstration.service}/")
    expect(page.locator("#national-id")).to_have_text(PERSON)
    onlooker.check("service-signed-in")
    page.click("#logout")
    page.wait_for_url(f"{demonstration.service}/signed-out**")
    onlooker.check("service-signed-out")
