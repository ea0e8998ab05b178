"""EspacePro in a real browser: delegating, accepting, acting, its trace, the back office."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from relying_services.clock import Clock
from relying_services.espacepro import create_app
from relying_services.espacepro.sample import import_sample
from relying_services.service.app import service_of
from relying_services.service.store.messages import messages_after
from tests.e2e.conftest import Open
from tests.e2e.service_place import ServicePlace, serving_service
from tests.relying_services.espacepro.pages import (
    MON_COMPTE,
    SICK_LEAVE,
    acting,
    browser,
    drawn,
    given,
)
from tests.relying_services.espacepro.stage import (
    AGENT,
    BRISELAME,
    BRISELAME_EMAIL,
    MARGELLE,
    NOW,
    SECRETARY,
    TODAY,
    settings,
)
from tests.relying_services.signed_in import post


@pytest.fixture
def place(tmp_path: Path, open_browser: Open) -> Iterator[ServicePlace]:
    clock = Clock()
    clock.move(NOW - clock.now())
    url = f"sqlite:///{tmp_path / 'espacepro.db'}"
    app = create_app(settings(database_url=url, mon_compte_url=MON_COMPTE), clock)
    import_sample(service_of(app).store, clock)
    with serving_service(app, open_browser) as served:
        yield served


def test_a_delegation_is_drawn_up_read_again_and_sent(place: ServicePlace) -> None:
    """EP-01, EP-02, RGAA 11.12: each missing field has its own error."""
    page, onlooker = place.open(browser(place.app, MARGELLE))
    place.visit(page, "/")
    onlooker.check("espacepro-home")
    place.visit(page, "/mon-compte")
    onlooker.check("espacepro-account")
    place.visit(page, "/mon-compte/delegations/new")
    onlooker.check("espacepro-delegation-new")
    page.evaluate("document.querySelector('.card form').noValidate = true")
    page.locator(".card button[type=submit]").first.click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    onlooker.check("espacepro-delegation-error")
    page.locator("[name=email]").fill(BRISELAME_EMAIL)
    page.locator("[name=status][value=remplacant]").check()
    page.locator("[name=services][value=aat]").check()
    page.locator("[name=starts_on]").fill(TODAY.isoformat())
    page.locator("[name=ends_on]").fill(TODAY.isoformat())
    page.locator(".card button[type=submit]").first.click()
    expect(page.locator("form[action$=envoi]")).to_be_visible()
    onlooker.check("espacepro-delegation-recap")
    page.locator("form[action$=envoi] button").click()
    onlooker.check("espacepro-delegation")
    place.visit(page, "/mon-compte/delegations")
    onlooker.check("espacepro-delegations")
    page.get_by_role("table").get_by_role("link").first.click()
    page.goto(page.url + "/revocation")
    onlooker.check("espacepro-delegation-ending")


def test_a_session_by_phone_is_sent_to_the_card(place: ServicePlace) -> None:
    """EP-01: and told why."""
    page, onlooker = place.open(browser(place.app, MARGELLE, means="MOBILE"))
    place.visit(page, "/mon-compte/delegations/new")
    onlooker.check("espacepro-card")


def test_an_invitation_is_answered_and_each_page_says_for_whom_one_acts(
    place: ServicePlace,
) -> None:
    """EP-05, EP-10: the banner stands on the page of the act as well."""
    page, onlooker = place.open_browser()
    place.visit(page, "/")
    onlooker.check("espacepro-front")
    doctor = browser(place.app, MARGELLE)
    fields = {"email": BRISELAME_EMAIL, "status": "remplacant", "services": ["aat"]}
    days = {"starts_on": TODAY.isoformat(), "ends_on": TODAY.isoformat()}
    recap = post(doctor, "/mon-compte/delegations", **fields, **days).location
    assert recap is not None
    post(doctor, recap.replace("recapitulatif", "envoi"))
    page, onlooker = place.open(browser(place.app, BRISELAME))
    place.visit(page, _invitation(place))
    onlooker.check("espacepro-invitation")
    page.locator("#accept").click()
    onlooker.check("espacepro-received")
    page.get_by_role("button", name="Agir pour").first.click()
    banner = "Vous agissez en qualité de remplaçant de Solène MARGELLE."
    expect(page.locator("#acting-as")).to_have_text(banner)
    onlooker.check("espacepro-acting")
    place.visit(page, "/services/aat")
    expect(page.locator("#acting-as")).to_have_text(banner)
    onlooker.check("espacepro-teleservice")


def test_an_act_is_read_again_and_its_trace_is_read_by_the_delegator(place: ServicePlace) -> None:
    """EP-06: what was refused stands there beside what was done."""
    substitute = acting(place.app, given(place.app))
    address = drawn(substitute, "aat", **SICK_LEAVE)
    substitute.get("/services/dmt")
    page, onlooker = place.open(substitute)
    place.visit(page, address)
    onlooker.check("espacepro-act")
    page, onlooker = place.open(browser(place.app, MARGELLE))
    place.visit(page, "/mon-compte/traces")
    expect(page.get_by_text("service_outside").first).to_be_visible()
    onlooker.check("espacepro-traces")


def test_an_agent_of_the_cpam_delegates_for_a_doctor(place: ServicePlace) -> None:
    """EP-13."""
    page, onlooker = place.open(browser(place.app, AGENT))
    place.visit(page, "/cpam")
    onlooker.check("espacepro-cpam")
    place.visit(page, "/cpam/new")
    onlooker.check("espacepro-cpam-new")
    page.locator("[name=delegator]").fill(MARGELLE.id)
    page.locator("[name=email]").fill(str(SECRETARY["email"]))
    page.locator("[name=services][value=dmt]").check()
    page.locator("[name=starts_on]").fill(TODAY.isoformat())
    page.locator("[name=ends_on]").fill("2040-12-31")
    for name in ("rpps", "family_name", "given_name"):
        page.locator(f"[name={name}]").fill(str(SECRETARY[name]))
    page.locator(".card form button[type=submit]").first.click()
    expect(page.locator("form[action$=envoi]")).to_be_visible()
    onlooker.check("espacepro-cpam-recap")
    page.locator("form[action$=envoi] button").click()
    page.get_by_role("table").get_by_role("link").first.click()
    onlooker.check("espacepro-cpam-ending")


def _invitation(place: ServicePlace) -> str:
    """Its path, from the mail."""
    with service_of(place.app).store.read() as db:
        texts = [each.text for each in messages_after(db) if "/invitations/" in each.text]
    return "/invitations/" + texts[-1].split("/invitations/")[1].split()[0]
