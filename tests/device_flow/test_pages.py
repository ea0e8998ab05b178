"""The person brings the code, compares it, signs in and decides (RFC 8628, 3.3, 5.1 and 5.4)."""

import pytest
from flask import Flask

from idp.keys.sealing import sha256
from idp.store.clients import change_client
from idp.store.device_authorizations import deny_device
from idp.store.models import Grant, Interaction
from tests.device_flow.helpers import NAME, Device, Person, add_device_client
from tests.oauth.helpers import PERSON, REDIRECT, add_client, advance, events
from tests.signin.helpers import all_of, live_sessions, sign_in

WRONG = "BBBB-BBBB"


def test_a_link_alone_begins_nothing_and_tells_nothing(device: Device, person: Person) -> None:
    """RFC 8628, 3.3.1: the code of `verification_uri_complete` is shown to be compared."""
    code = device.codes()["user_code"]
    for shown in (code, WRONG):
        page = person.browser.get("/device", query_string={"user_code": shown})
        assert page.status_code == 200
        assert f'value="{shown}"' in page.text
        assert "Comparez" in page.text
    assert all_of(device.provider, Interaction) == []


def test_what_stands_in_a_link_is_not_written_to_the_page(person: Person) -> None:
    page = person.browser.get("/device", query_string={"user_code": '"><script>x</script>'})
    assert "script>x" not in page.text


def test_another_site_cannot_bring_a_code(device: Device, person: Person) -> None:
    """RFC 8628, 5.4: the form is of our own page, in this browser."""
    code = device.codes()["user_code"]
    assert person.browser.post("/device", data={"user_code": code}).status_code == 403
    assert all_of(device.provider, Interaction) == []


@pytest.mark.parametrize("typed", ["", "BCDF", "AEIO-UAEI", "1234-5678"])
def test_what_is_no_code_is_told_with_an_example(person: Person, typed: str) -> None:
    page = person.bring(typed)
    assert page.status_code == 400
    assert "exemple BCDF-GHJK" in page.text


def test_a_wrong_code_a_lapsed_one_and_a_refused_one_read_alike(
    device: Device, person: Person
) -> None:
    lapsed, refused = device.codes()["user_code"], device.codes()
    with device.provider.store.begin() as db:
        digest = sha256(refused["device_code"])
        assert deny_device(db, digest, now=device.provider.clock.now())
    pages = [person.bring(code) for code in (WRONG, refused["user_code"])]
    advance(device.provider, 601)
    pages.append(person.bring(lapsed))
    assert {page.status_code for page in pages} == {400}
    assert all("ou il a expiré" in page.text for page in pages)


def test_attempts_from_an_address_are_limited(app: Flask, device: Device, person: Person) -> None:
    """RFC 8628, 5.1: past the limit even the right code is not read; another browser is no way
    around it, and a window later all is well."""
    code = device.codes()["user_code"]
    for _ in range(device.provider.settings.device_codes_typed):
        assert person.bring(WRONG).status_code == 400
    other = Person(app.test_client(), person.phone)
    for refused in (person.bring(WRONG), person.bring(code), other.bring(code)):
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "60"
    assert events(device.provider).count("signin:code:throttled") == 1
    advance(device.provider, 61)
    assert person.bring(code).status_code == 303


def test_attempts_in_a_session_are_limited_apart_from_strangers(
    app: Flask, device: Device, person: Person
) -> None:
    """Decision 24: who is signed in is not kept out by strangers behind the same address."""
    person.approve(device.codes()["user_code"])
    stranger = Person(app.test_client(), person.phone)
    limit = device.provider.settings.device_codes_typed
    for _ in range(limit + 1):
        stranger.bring(WRONG)
    assert stranger.bring(WRONG).status_code == 429
    for _ in range(limit):
        assert person.bring(WRONG).status_code == 400
    assert person.bring(WRONG).status_code == 429


def test_the_page_of_a_code_belongs_to_one_browser(
    app: Flask, device: Device, person: Person
) -> None:
    """Attack 31."""
    page = person.page_for(device.codes()["user_code"])
    assert app.test_client().get(page).status_code == 403


def test_a_live_session_still_confirms_each_device(device: Device, person: Person) -> None:
    """RFC 8628, 5.4: never approved at once, though the service was let in before."""
    person.approve(device.codes()["user_code"])
    again = device.codes()
    page = person.page_for(again["user_code"])
    shown = person.browser.get(page)
    assert shown.status_code == 200
    assert again["user_code"] in shown.text
    assert device.error(again["device_code"]) == "authorization_pending"


def test_the_confirmation_shows_code_service_person_and_warning(
    device: Device, person: Person
) -> None:
    codes = device.codes()
    page = person.page_for(codes["user_code"].lower().replace("-", " "))
    assert NAME in person.browser.get(page).text
    person.sign_in(page)
    shown = person.browser.get(page).text
    for part in (codes["user_code"], NAME, PERSON, "Si quelqu’un vous l’a envoyé, rejetez"):
        assert part in shown


def test_a_code_in_an_interaction_is_sealed(device: Device, person: Person) -> None:
    codes = device.codes()
    person.page_for(codes["user_code"])
    (interaction,) = all_of(device.provider, Interaction)
    assert codes["user_code"].replace("-", "") not in str(interaction.request)


def test_giving_up_on_the_way_refuses_the_device(device: Device, person: Person) -> None:
    codes = device.codes()
    page = person.page_for(codes["user_code"])
    end = person.post(page, "/abandon")
    assert end.headers["Location"].endswith("/device/refused")
    assert "Rien n’a été transmis" in person.browser.get("/device/refused").text
    assert device.error(codes["device_code"]) == "access_denied"


def test_a_code_that_lapsed_on_the_way_is_told_and_grants_nothing(
    device: Device, person: Person
) -> None:
    codes = device.codes()
    page = person.page_for(codes["user_code"])
    person.sign_in(page)
    advance(device.provider, 601)
    late = person.decide(page)
    assert late.status_code == 410
    assert "demandez un nouveau code" in late.text
    assert all_of(device.provider, Grant) == []


def test_of_two_pages_of_one_code_one_decides(app: Flask, device: Device, person: Person) -> None:
    codes = device.codes()
    first, second = (person.page_for(codes["user_code"]) for _ in range(2))
    person.sign_in(first)
    person.decide(first)
    assert person.decide(second).status_code == 410
    assert len(all_of(device.provider, Grant)) == 1


def test_a_client_disabled_meanwhile_opens_no_page(device: Device, person: Person) -> None:
    code = device.codes()["user_code"]
    with device.provider.store.begin() as db:
        change_client(db, "device", disabled_at=device.provider.clock.now())
    assert person.bring(code).status_code == 400


def test_a_client_that_demands_the_card_is_not_satisfied_by_the_phone(
    device: Device, person: Person
) -> None:
    """Decision 7: means are those of the client, by whichever way it asks."""
    add_device_client(device.provider, "card-only", means=["CARD"])
    add_client(device.provider, "phone-too")
    codes = Device(device.service.as_client("card-only")).codes()
    sign_in(person.browser, device.provider, client_id="phone-too", redirect_uri=REDIRECT)
    page = person.page_for(codes["user_code"])
    shown = person.browser.get(page).text
    assert 'name="sid"' not in shown
    assert 'name="national_id"' not in shown


def test_the_end_page_is_the_same_for_everybody(person: Person) -> None:
    assert "Retournez à votre appareil" in person.browser.get("/device/done").text
    assert person.browser.get("/device/else").status_code == 404


def test_a_refusal_keeps_the_session(device: Device, person: Person) -> None:
    page = person.page_for(device.codes()["user_code"])
    person.sign_in(page)
    person.decide(page, "reject")
    assert len(live_sessions(device.provider)) == 1


def test_a_shared_workstation_keeps_nothing_of_who_signed_a_device_in(
    device: Device, person: Person
) -> None:
    """The device takes the tokens: the browser in which the code was typed is owed no session."""
    codes = device.codes()
    page = person.page_for(codes["user_code"])
    assert 'name="public_workstation"' in person.browser.get(page).text
    person.sign_in(page, public_workstation="1")
    assert person.decide(page).headers["Location"].endswith("/device/done")
    assert person.browser.get_cookie("ecps_session") is None
    assert device.poll(codes["device_code"]).status_code == 200
    assert 'name="sid"' not in person.browser.get(person.page_for(device.codes()["user_code"])).text
