"""The login driver: what it does on each page, and how it tells what went wrong."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from werkzeug.test import Client as Browser

from tests.harness.plain_service import ORIGIN, PlainService, listening
from wallet_sim.harness.browser import AddressUnusable
from wallet_sim.harness.clients import Client
from wallet_sim.harness.errors import (
    HarnessError,
    LoginFailed,
    NoPerson,
    PageNotUsable,
    PersonCannotAnswer,
)
from wallet_sim.harness.phones import HeldPhone
from wallet_sim.harness.psc import Psc
from wallet_sim.harness.sites import ServiceUnknown, ServiceUnreachable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LOGIN = f"{ORIGIN}/login"
_ANOTHER = {"raisonSocialeSite": "CLINIQUE", "identifiantTechniqueDeLaStructure": "R99900000001"}


@pytest.fixture
def service(shared: Psc, plain: Client) -> Browser:
    return Browser(PlainService(shared, plain.client_id))


def test_a_refused_login_tells_what_page_phone_recorder_and_browser_did(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    phone.on_challenge("refuse")

    with pytest.raises(LoginFailed) as failed:
        shared.login(service, phone.person, at=LOGIN)

    assert failed.value.page == "signin/outcome.html"
    assert "Connexion non approuvée" in failed.value.said
    story = str(failed.value)
    assert "The phone did: refuse -> refused" in story
    assert "The recorder says:" in story
    assert "POST" in story
    assert "[signin/waiting.html]" in story
    assert "a-state-of-the-plain-service" not in story  # no value of a query


def test_a_request_that_nobody_answers_fails_at_once(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    phone.on_challenge("ignore")

    with pytest.raises(LoginFailed, match=r"no answer comes.*\n.*\n.*ignore -> ignored"):
        shared.login(service, phone.person, at=LOGIN)


def test_a_login_without_an_answer_tells_what_kept_the_phone_from_looking(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    phone.network("down")
    shared.phones.settle()  # it told so before the login
    try:
        with pytest.raises(LoginFailed, match=r"The phone did: .*no network"):
            shared.login(service, phone.person, at=LOGIN)
    finally:
        phone.network("up")
        shared.phones.settle()  # it answers what waited


def test_an_answer_that_is_still_to_come_is_told_with_its_time(
    shared: Psc, service: Browser
) -> None:
    phone = shared.phone(shared.person()).on_challenge("delay", seconds=600)
    with pytest.raises(LoginFailed, match=r"The phone did: .*answers at \d\d:\d\d:\d\d"):
        shared.login(service, phone.person, at=LOGIN, patience=0.1)


def test_what_a_service_did_wrong_in_an_earlier_sign_in_is_not_told(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    wrong = Browser(PlainService(shared, plain.client_id, origin="https://elsewhere.test"))
    with pytest.raises(LoginFailed, match="The recorder says: plain at authorize: 400") as failed:
        shared.login(wrong, phone.person, at=LOGIN)
    assert failed.value.url.startswith(f"{shared.base_url}/auth?")
    assert "a-state-of-the-plain-service" not in str(failed.value)

    phone.on_challenge("refuse")
    right = Browser(PlainService(shared, plain.client_id))
    with pytest.raises(LoginFailed, match="no request of the service was refused"):
        shared.login(right, phone.person, at=LOGIN)


def test_a_person_who_is_named_otherwise_is_told_of(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    for given in (phone, phone.person.national_id):
        with pytest.raises(NoPerson, match=r"phone\.person"):
            shared.login(service, given, at=LOGIN)  # type: ignore[arg-type]  # what is refused


def test_a_means_or_an_address_that_is_none_is_told_of(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    with pytest.raises(HarnessError, match="'CPS' is none: it is one of phone, card"):
        shared.login(service, phone.person, at=LOGIN, means="CPS")  # type: ignore[arg-type]  # so
    with pytest.raises(HarnessError, match="no whole address"):
        shared.login("localhost:1/login", phone.person)


def test_a_person_without_a_phone_is_told_of(shared: Psc, service: Browser) -> None:
    with pytest.raises(LoginFailed, match=r"psc\.phone\(person\) activates one"):
        shared.login(service, shared.person(), at=LOGIN)


def test_a_person_without_a_card_is_told_of(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    with pytest.raises(PersonCannotAnswer, match=r"psc\.card\(person\)"):
        shared.login(service, phone.person, at=LOGIN, means="card")


def test_a_card_that_was_never_ordered_cannot_be_made(shared: Psc) -> None:
    with pytest.raises(PersonCannotAnswer, match=r"psc\.person\(card=True\)"):
        shared.card(shared.person())


def test_an_identifier_that_is_none_fails_with_the_words_of_the_page(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    nobody = type(phone.person)("12", "", "", "", None, None, None)
    with pytest.raises(LoginFailed, match=r"refused the identifier.*\n.*chiffres"):
        shared.login(service, nobody, at=LOGIN)


def test_a_service_that_does_not_lead_to_the_provider_is_told_of(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    with pytest.raises(LoginFailed, match=r"never sent the browser.*psc\.discovery_url"):
        shared.login(service, phone.person, at=f"{ORIGIN}/elsewhere")


def test_a_redirect_uri_that_is_not_registered_ends_at_the_provider(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    other = Browser(PlainService(shared, plain.client_id, "https://other.test"))
    with pytest.raises(LoginFailed, match="ended at the provider") as failed:
        shared.login(other, phone.person, at="https://other.test/login")
    assert failed.value.page == "error.html"


def test_an_address_where_nobody_listens_is_told_of(shared: Psc, phone: HeldPhone) -> None:
    with pytest.raises(ServiceUnreachable, match="is http://localhost:1 up"):
        shared.login("http://localhost:1/login", phone.person)


@pytest.mark.parametrize("location", ["http://[", "my-app://back?code=1", "http://localhost:no/"])
def test_a_redirect_that_leads_nowhere_is_told_with_the_way(
    shared: Psc, phone: HeldPhone, location: str
) -> None:
    def lead_astray(_: "WSGIEnvironment", start: "StartResponse") -> list[bytes]:
        start("302 Found", [("Location", location)])
        return []

    astray = Browser(lead_astray)
    with pytest.raises(AddressUnusable, match=r"no address of a page(.|\n)*302"):
        shared.login(astray, phone.person, at=LOGIN)
    with pytest.raises(HarnessError):
        shared.login(location, phone.person)


def test_an_asynchronous_client_is_told_of(shared: Psc, phone: HeldPhone) -> None:
    with pytest.raises(ServiceUnknown, match="TestClient"):
        shared.login(httpx.AsyncClient(), phone.person)


def test_an_object_that_is_no_service_is_told_of(shared: Psc, phone: HeldPhone) -> None:
    with pytest.raises(ServiceUnknown, match=r"test client of Flask, Django.*builtins\.object"):
        shared.login(object(), phone.person)


def test_a_page_of_the_asynchronous_api_is_told_of(shared: Psc, phone: HeldPhone) -> None:
    page = type("Page", (), {"goto": None, "locator": None})
    page.__module__ = "playwright.async_api._generated"
    with pytest.raises(PageNotUsable, match="sync_api"):
        shared.login(page(), phone.person)


def test_who_gives_up_goes_back_to_the_service_which_is_told(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    for behaviour in ("not_me", "ignore"):
        phone.on_challenge(behaviour)
        login = shared.login(service, phone.person, at=LOGIN, gives_up=True)
        assert login.answer["error"] == "access_denied"
        assert login.answer["state"] == "a-state-of-the-plain-service"


def test_a_login_ends_at_the_service_with_its_page_and_cookies(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    login = shared.login(service, phone.person, at=LOGIN)

    assert login.ok
    assert login.url.startswith(f"{ORIGIN}/callback?")
    assert login.text.startswith("back by GET with ['code'")
    assert login.cookies == {"seen": "yes"}
    assert login.answer["code"] in login.url
    assert login.answer["code"] not in repr(login)


def test_the_notice_about_wrong_pins_is_passed_at_the_next_login(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    phone.on_challenge("wrong_pin", times=3)
    with pytest.raises(LoginFailed, match="3 PINs typed"):
        shared.login(service, phone.person, at=LOGIN)
    shared.clock.advance(hours=1)

    login = shared.login(service, phone.person, at=LOGIN)

    assert "signin/notice.html" in [step.page for step in login.steps]


def test_an_answer_by_form_post_is_carried_to_the_service(
    shared: Psc, plain: Client, phone: HeldPhone
) -> None:
    service = Browser(PlainService(shared, plain.client_id, response_mode="form_post"))
    login = shared.login(service, phone.person, at=LOGIN)
    assert login.text.startswith("back by POST with ['code'")
    assert login.answer["state"] == "a-state-of-the-plain-service"


def test_a_card_signs_in_with_its_code_and_no_other(
    shared: Psc, service: Browser, phone: HeldPhone
) -> None:
    card = shared.card(phone.person)
    right, card.code = card.code, "0000" if card.code != "0000" else "1111"
    with pytest.raises(LoginFailed, match="wrong_code"):
        shared.login(service, phone.person, at=LOGIN, means="card")
    card.code = right

    assert shared.login(service, phone.person, at=LOGIN, means="card").ok
    assert shared.sessions(phone.person)[0]["means"] == ["CARD"]


def test_the_activity_that_is_named_is_chosen_and_no_other(shared: Psc) -> None:
    chooser = shared.client("chooser", redirect_uris=[f"{ORIGIN}/callback"], selected_activity=True)
    usual = shared.person().activities[0]
    person = shared.person(activities=[usual, {**usual, **_ANOTHER}])
    shared.phone(person)
    service = Browser(PlainService(shared, chooser.client_id))

    with pytest.raises(LoginFailed, match="no activity 'of-somebody-else' is offered, but"):
        shared.login(service, person, at=LOGIN, activity="of-somebody-else")
    login = shared.login(service, person, at=LOGIN)

    assert "signin/activity.html" in [step.page for step in login.steps]


@pytest.fixture
def second(shared: Psc) -> Iterator[Browser]:
    client = shared.client("second", redirect_uris=[f"{ORIGIN}/callback"])
    yield Browser(PlainService(shared, client.client_id))
    shared.clients.remove(client)


def test_the_same_browser_enters_a_second_service_if_the_person_confirms(
    shared: Psc, service: Browser, second: Browser, phone: HeldPhone
) -> None:
    first = shared.login(service, phone.person, at=LOGIN)
    acted = len(phone.acted)

    refused = shared.login(second, phone.person, at=LOGIN, browser=first.browser, confirms=False)
    entered = shared.login(second, phone.person, at=LOGIN, browser=first.browser)

    assert refused.answer["error"] == "access_denied"
    assert "signin/confirm.html" in [step.page for step in entered.steps]
    assert "code" in entered.answer
    assert len(phone.acted) == acted


def test_another_browser_knows_nobody(shared: Psc, service: Browser, phone: HeldPhone) -> None:
    for _ in range(2):
        login = shared.login(service, phone.person, at=LOGIN)
        assert "signin/waiting.html" in [step.page for step in login.steps]


def test_services_that_listen_are_named_by_their_address_or_by_httpx(
    shared: Psc, phone: HeldPhone
) -> None:
    with listening(PlainService(shared, "far")) as early:
        origin = early
    port = int(origin.rpartition(":")[2])
    shared.client("far", redirect_uris=[f"{origin}/callback"])

    with listening(PlainService(shared, "far", origin), port), httpx.Client(base_url=origin) as far:
        assert shared.login(f"{origin}/login", phone.person).cookies == {"seen": "yes"}
        assert shared.login(far, phone.person).url.startswith(f"{origin}/callback")
