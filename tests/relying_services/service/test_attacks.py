"""What a stranger and a page in another tab try against what every service is made of."""

import base64
import json
from typing import Any

import pytest
from flask import Flask

from relying_services.service.app import service_of
from relying_services.service.settings import WrongSetting
from relying_services.service.store.trace import entries
from relying_services.service.trace import Actor
from tests.relying_services.service.conftest import Made
from tests.relying_services.signed_in import post, sign_in

PERSON = "899700990015"


@pytest.fixture
def service(made: Made) -> Flask:
    return made()


class Nameless:
    """A provider that names a person by nothing but `sub`, as it does to a pairwise client."""

    def authorize_access_token(self) -> dict[str, Any]:
        claims = {"sub": "of-this-service-alone", "sid": "one", "authMode": "MOBILE"}
        return {"userinfo": claims, "id_token": "of no meaning here"}

    def userinfo(self, *, token: dict[str, Any]) -> dict[str, Any]:
        return {"sub": token["userinfo"]["sub"]}


def test_attack_who_is_named_by_no_identifier_is_nobody(
    service: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decision 11: else all who are not named would be one person, with one account."""
    monkeypatch.setattr("relying_services.service.provider.psc", Nameless)
    browser = service.test_client()
    assert browser.get("/callback").status_code == 400
    assert browser.get("/elsewhere").status_code == 302
    with service_of(service).store.read() as db:
        assert entries(db) == []


def test_attack_a_link_does_not_put_its_text_on_our_page(service: Flask) -> None:
    """RFC 9700, 4.7: an error that answers no sign-in of this browser is not the provider's."""
    link = "/callback?error=Appelez+le+0800&error_description=Votre+compte+est+bloqu%C3%A9"
    for address in (link, f"{link}&state=made-up"):
        page = service.test_client().get(address)
        assert page.status_code == 400
        assert "mismatching_state" in page.text
        assert "0800" not in page.text
        assert "bloqué" not in page.text


def test_a_refusal_of_the_provider_is_told_to_the_browser_that_asked(service: Flask) -> None:
    """OpenID Connect Core 3.1.2.6; once: the state is used up."""
    browser = service.test_client()
    with browser.session_transaction() as kept:
        kept["_state_psc_asked"] = {"data": {"nonce": "n"}, "exp": 2**40}
    clients = service.extensions["authlib.integrations.flask_client"]
    # Who began a sign-in has read discovery.
    clients.create_client("psc").server_metadata["_loaded_at"] = 0
    assert "access_denied" in browser.get("/callback?error=access_denied&state=asked").text
    assert "mismatching_state" in browser.get("/callback?error=access_denied&state=asked").text


@pytest.mark.parametrize("address", ["/elsewhere?q=%00", "/else%00where", "/%00"])
def test_attack_a_text_that_a_database_cannot_keep_is_refused(service: Flask, address: str) -> None:
    """A NUL makes of a refusal an error that is nowhere traced, on PostgreSQL."""
    assert sign_in(service, PERSON).get(address).status_code == 400


def test_attack_a_form_with_a_text_that_a_database_cannot_keep_is_refused(service: Flask) -> None:
    browser = sign_in(service, PERSON)
    assert post(browser, "/act", note="a\0b").status_code == 400
    assert post(browser, "/act", **{"a\0b": "note"}).status_code == 400
    assert post(browser, "/act", note="ab").status_code == 200


@pytest.mark.parametrize("given", ["9" * 5_000, "-1", "²", ""])
def test_attack_a_choice_that_was_not_offered_is_refused(service: Flask, given: str) -> None:
    """CP-08."""
    assert post(sign_in(service, PERSON), "/activity", activity=given).status_code == 400


@pytest.mark.parametrize("kid", [["now"], {"now": 1}, 7, None])
def test_attack_a_logout_token_with_a_strange_header_is_refused(
    service: Flask, monkeypatch: pytest.MonkeyPatch, kid: object
) -> None:
    """Back-Channel Logout 1.0, 2.6: whoever reaches the address may post one."""

    class Provider:
        def fetch_jwk_set(self, *, force: bool) -> dict[str, Any]:
            del force
            return {"keys": []}

    monkeypatch.setattr("relying_services.service.provider.psc", Provider)
    header = {"alg": "RS256", "typ": "logout+jwt", "kid": kid}
    token = f"{_part(header)}.{_part({})}.{_part({})}"
    answer = service.test_client().post("/backchannel-logout", data={"logout_token": token})
    assert answer.status_code == 400


def test_settings_that_are_written_somewhere_tell_no_secret(service: Flask) -> None:
    """A traceback or a log line shows settings as Python does."""
    settings = service_of(service).settings
    assert settings.client_secret not in repr(settings)
    assert settings.database_url not in repr(settings)


@pytest.mark.parametrize(("is_taken", "status"), [(True, 200), (False, 302)])
def test_attack_a_session_by_password_ends_with_the_access_by_password(
    made: Made, is_taken: bool, status: int
) -> None:
    """EC-09: a service that takes no password any more takes none that was typed before."""
    service = made(sensitive=False, password_access=is_taken)
    browser = sign_in(service, PERSON, means="PASSWORD")
    assert browser.get("/elsewhere").status_code == status


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "127.0.0.1"), (1, "198.51.100.9"), (2, "203.0.113.7")]
)
def test_attack_a_network_address_is_not_what_a_stranger_says(
    made: Made, proxies: int, address: str
) -> None:
    """Decision 24: tries are counted by it, behind proxies as without; decision 4."""
    service = made(trusted_proxies=proxies)
    forwarded = {"X-Forwarded-For": "192.0.2.1, 203.0.113.7, 198.51.100.9"}
    browser = sign_in(service, PERSON)
    with browser.session_transaction() as kept:
        kept["csrf"] = "of-this-browser"
    browser.post("/logout", data={"csrf": "of-this-browser"}, headers=forwarded)
    with service_of(service).store.read() as db:
        assert entries(db)[0].address == address


def test_fewer_proxies_than_none_are_refused(made: Made) -> None:
    with pytest.raises(WrongSetting, match="trusted_proxies"):
        made(trusted_proxies=-1)


def test_attack_an_address_writes_no_text_into_the_trace(service: Flask) -> None:
    """EP-06: whoever makes an identifier up fills no page of the person acted for."""
    kept = service_of(service)
    with kept.store.begin() as db:
        kept.note(db, Actor(PERSON, "CARD"), "act:read", object="act:" + "x" * 50_000)
    with kept.store.read() as db:
        assert len(entries(db)[0].object) == 128


def _part(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
