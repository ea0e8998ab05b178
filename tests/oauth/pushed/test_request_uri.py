"""The address of a pushed request: who may use it, when, and once (RFC 9126, 4 and 7)."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.oauth.authorization.authorize import succeed, validate
from idp.oauth.authorization.pushed_requests import REQUEST_URI_PREFIX, InvalidRequestURI
from idp.store.clients import change_client
from tests.oauth.helpers import (
    REDIRECT,
    Service,
    add_client,
    advance,
    events,
    open_session,
    parameters,
)
from tests.oauth.pushed.helpers import (
    answer_with_code,
    code_in,
    is_error_page,
    is_page_of_sign_in,
    open_auth,
    push,
    pushed,
)


@pytest.mark.parametrize("handle", ["", "unknown", "é", "\x00", "x" * 5000])
def test_an_unknown_request_uri_is_an_error_page(service: Service, handle: str) -> None:
    """RFC 9101, 7: `invalid_request_uri`; the client's address is not known."""
    assert is_error_page(open_auth(service, REQUEST_URI_PREFIX + handle))


def test_another_client_cannot_use_it(service: Service) -> None:
    """fapi2-security-profile-final-par-attempt-to-use-request_uri-for-different-client."""
    add_client(service.provider, "other")
    request_uri = pushed(service)
    assert is_error_page(open_auth(service.as_client("other"), request_uri))
    assert is_error_page(open_auth(service.as_client("other"), request_uri, **parameters("other")))
    assert is_page_of_sign_in(open_auth(service, request_uri))


@pytest.mark.parametrize("client_id", ["", "nobody"])
def test_the_client_must_be_named_with_it(service: Service, client_id: str) -> None:
    """RFC 9101, 5: `client_id` is required beside `request_uri`."""
    assert is_error_page(open_auth(service, pushed(service), client_id=client_id))


def test_a_late_request_uri_is_an_error_page(service: Service) -> None:
    """Decision 8: 60 s. fapi2-security-profile-final-par-attempt-to-use-expired-request_uri."""
    request_uri = pushed(service)
    advance(service.provider, 59)
    assert is_page_of_sign_in(open_auth(service, request_uri))
    advance(service.provider, 2)
    assert is_error_page(open_auth(service, request_uri))


def test_a_used_request_uri_is_an_error_page(service: Service) -> None:
    """fapi2-security-profile-final-par-attempt-reuse-request_uri."""
    request_uri = pushed(service)
    assert code_in(answer_with_code(service, request_uri))
    assert is_error_page(open_auth(service, request_uri))
    with pytest.raises(InvalidRequestURI) as caught:
        answer_with_code(service, request_uri)
    assert caught.value.error == "invalid_request_uri"


def test_of_two_pages_of_one_request_a_single_one_gives_a_code(service: Service) -> None:
    """Both were opened before either was answered."""
    provider, request_uri = service.provider, pushed(service)
    session = open_session(provider)
    given = parameters(request_uri=request_uri)
    with service.app.test_request_context():
        with provider.store.begin() as db:
            first, second = validate(provider, db, given), validate(provider, db, given)
            succeed(provider, db, first, session, "MOBILE")
        with provider.store.begin() as db, pytest.raises(InvalidRequestURI):
            succeed(provider, db, second, session, "MOBILE")
    assert events(provider).count("oauth:code:issued") == 1


def test_several_request_uris_are_refused(service: Service) -> None:
    first, second = pushed(service), pushed(service)
    for given in ([first, second], [first, first], ["https://service.test/r", first]):
        query = {"client_id": "service", "request_uri": given}
        assert is_error_page(service.http.get("/auth", query_string=query))


def test_an_address_no_longer_registered_is_not_answered(service: Service) -> None:
    request_uri = pushed(service)
    with service.provider.store.begin() as db:
        change_client(db, "service", redirect_uris=["https://service.test/new"])
    assert is_error_page(open_auth(service, request_uri))


def test_a_disabled_client_pushes_and_opens_nothing(service: Service) -> None:
    request_uri = pushed(service)
    with service.provider.store.begin() as db:
        change_client(db, "service", disabled_at=service.provider.clock.now())
    assert is_error_page(open_auth(service, request_uri))
    assert push(service).status_code == HTTPStatus.UNAUTHORIZED


def test_an_address_of_the_clients_own_is_not_fetched(service: Service) -> None:
    """Decision 40; `request_uri_parameter_supported` is false."""
    answer = service.http.get(
        "/auth", query_string=parameters(request_uri="https://service.test/r").to_dict()
    )
    assert "error=request_uri_not_supported" in answer.headers["Location"]


def test_a_client_that_must_push_is_refused_otherwise(service: Service) -> None:
    """RFC 9126, 6.

    fapi2-security-profile-final-ensure-unsigned-authorization-request-without-using-par-fails.
    """
    add_client(service.provider, "pusher", require_pushed_authorization_requests=True)
    pusher = service.as_client("pusher")
    answer = service.http.get("/auth", query_string=parameters("pusher").to_dict())
    refusal = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert answer.headers["Location"].startswith(REDIRECT)
    assert (refusal["error"], refusal["state"]) == (["invalid_request"], ["s1"])
    assert is_page_of_sign_in(open_auth(pusher, pushed(pusher)))
