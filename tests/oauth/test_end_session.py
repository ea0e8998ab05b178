"""Logout requests (OpenID Connect RP-Initiated Logout 1.0)."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from idp.keys.rotation import rotate
from idp.oauth.end_session import LogoutPageError, LogoutRequest, validate_logout
from tests.oauth.helpers import Service, add_client, advance, open_session

BYE = "https://service.test/bye"


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def ask(service: Service, **sent: str) -> LogoutRequest:
    with service.provider.store.read() as db:
        return validate_logout(service.provider, db, MultiDict(sent))


def refused(service: Service, **sent: str) -> str:
    with pytest.raises(LogoutPageError) as caught:
        ask(service, **sent)
    assert caught.value.message
    return caught.value.error


@pytest.mark.parametrize("uri", [BYE + "?x=1", BYE + "/", "https://evil.test/"])
def test_an_address_that_is_not_registered_is_refused(service: Service, uri: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri, -query-added-to-…."""
    token = service.sign_in()["id_token"]
    assert refused(service, id_token_hint=token, post_logout_redirect_uri=uri)


def test_a_hint_that_is_not_ours_is_refused(service: Service) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint, -bad-id-token-hint."""
    header, payload, signature = service.sign_in()["id_token"].split(".")
    unsigned = f"eyJhbGciOiJub25lIn0.{payload}."
    for hint in ("x", f"{header}.{payload}.AAAA", unsigned, f"{header}.e30.{signature}"):
        assert refused(service, id_token_hint=hint, post_logout_redirect_uri=BYE)


def test_an_address_without_a_client_is_refused(service: Service) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint."""
    assert refused(service, post_logout_redirect_uri=BYE, state="s")


def test_a_client_that_does_not_fit_the_hint_is_refused(service: Service) -> None:
    add_client(service.provider, "other")
    token = service.sign_in()["id_token"]
    assert refused(service, id_token_hint=token, client_id="other")


def test_repeated_parameters_are_refused(service: Service) -> None:
    with pytest.raises(LogoutPageError), service.provider.store.read() as db:
        validate_logout(service.provider, db, MultiDict([("state", "a"), ("state", "b")]))


def test_without_a_hint_the_person_is_asked(service: Service) -> None:
    """oidcc-rp-initiated-logout-no-params, -only-state."""
    for sent in ({}, {"state": "s"}):
        asked = ask(service, **sent)
        assert asked.needs_confirmation
        assert asked.redirect_uri is None


def test_a_known_client_without_a_hint_is_returned_to_after_the_question(service: Service) -> None:
    asked = ask(service, client_id="service", post_logout_redirect_uri=BYE)
    assert (asked.needs_confirmation, asked.redirect_uri) == (True, BYE)


def test_a_hint_returns_to_the_client_with_state(service: Service) -> None:
    """oidcc-rp-initiated-logout, -no-state."""
    session = open_session(service.provider)
    token = service.sign_in(session)["id_token"]
    advance(service.provider, 3600)
    asked = ask(service, id_token_hint=token, post_logout_redirect_uri=BYE, state="a&b")
    assert asked.redirect_uri == f"{BYE}?state=a%26b"
    assert (asked.sid, asked.client_id, asked.needs_confirmation) == (session.sid, "service", False)
    assert ask(service, id_token_hint=token, post_logout_redirect_uri=BYE).redirect_uri == BYE


def test_a_hint_alone_names_the_session_to_end(service: Service) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri; server to server."""
    session = open_session(service.provider)
    asked = ask(service, id_token_hint=service.sign_in(session)["id_token"])
    assert (asked.sid, asked.redirect_uri) == (session.sid, None)


def test_a_key_rotated_meanwhile_does_not_undo_a_hint(service: Service) -> None:
    """An ID token is a hint as long as its session lives, also after its key stopped signing."""
    provider = service.provider
    hint = service.sign_in()["id_token"]
    with provider.store.begin() as db:
        current, now = provider.keyring.active("tokens"), provider.clock.now()
        rotate(db, provider.sealer, provider.settings, now, current=current)
    provider.keyring.forget()
    advance(provider, provider.settings.session_lifetime.total_seconds() - 60)
    assert not ask(service, id_token_hint=hint).needs_confirmation
