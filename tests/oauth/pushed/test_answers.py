"""Pushed requests that are taken, from the endpoint to the code (RFC 9126)."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from idp import create_app
from idp.oauth.authorization.authorize import fail, succeed, validate
from idp.oauth.authorization.pushed_requests import REQUEST_URI_PREFIX, InvalidRequestURI
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.models import PushedRequest
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import (
    PERSON,
    PROTOCOL,
    REDIRECT,
    SECRET,
    VERIFIER,
    Service,
    add_client,
    advance,
    open_session,
    parameters,
)
from tests.oauth.pushed.helpers import (
    ASSERTION_TYPE,
    ISSUER,
    PAR,
    PKCE,
    answer_with_code,
    code_in,
    is_error_page,
    is_page_of_sign_in,
    open_auth,
    push,
    pushed,
)


def test_the_answer_names_a_fresh_address_and_its_life(service: Service) -> None:
    """RFC 9126, 2.2; kept by no cache."""
    answer = push(service)
    assert answer.status_code == HTTPStatus.CREATED
    assert set(answer.json) == {"request_uri", "expires_in"}
    assert answer.json["expires_in"] == 60
    assert "no-store" in answer.headers["Cache-Control"]
    handle = answer.json["request_uri"].removeprefix(REQUEST_URI_PREFIX)
    assert len(handle) == 43
    assert pushed(service) != answer.json["request_uri"]


def test_the_address_is_kept_as_a_digest(service: Service) -> None:
    """Decision of the design: random secrets are stored as SHA-256."""
    request_uri = pushed(service)
    with service.provider.store.read() as db:
        (row,) = db.query(PushedRequest).all()
    assert len(row.request_uri_hash) == 32
    assert request_uri.removeprefix(REQUEST_URI_PREFIX) not in str(row.request)


def test_the_life_is_a_setting(sqlite_url: str, master_key: str) -> None:
    app = create_app(make_settings(sqlite_url, master_key, par_lifetime=300))
    provider = provider_of(app)
    add_client(provider)
    assert push(Service(app, provider)).json["expires_in"] == 300
    provider.store.close()


def test_its_page_may_be_opened_again_before_it_is_answered(service: Service) -> None:
    """fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds."""
    request_uri = pushed(service)
    first, second = open_auth(service, request_uri), open_auth(service, request_uri)
    assert is_page_of_sign_in(first)
    assert is_page_of_sign_in(second)
    for _ in range(2):
        assert service.http.get(first.headers["Location"]).status_code == HTTPStatus.OK
    assert code_in(answer_with_code(service, request_uri))


def test_a_person_may_take_longer_than_the_request_lives(service: Service) -> None:
    provider, request_uri = service.provider, pushed(service)
    with service.app.test_request_context(), provider.store.begin() as db:
        asked = validate(provider, db, parameters(request_uri=request_uri))
    advance(provider, 600)
    delete_expired(provider)
    with service.app.test_request_context(), provider.store.begin() as db:
        assert code_in(succeed(provider, db, asked, open_session(provider), "MOBILE"))


def test_what_stands_beside_it_is_ignored(service: Service) -> None:
    """RFC 9126, 4, RFC 9101, 5.

    fapi2-security-profile-final-par-without-duplicate-parameters: nothing need stand there.
    """
    request_uri = pushed(service, state="pushed", scope="openid")
    given = parameters(
        request_uri=request_uri,
        state="other",
        scope="openid scope_all email",
        redirect_uri="https://evil.test/callback",
        response_mode="form_post",
        request="x",
        nonce="other",
    )
    given.add("state", "twice")
    provider = service.provider
    with service.app.test_request_context(), provider.store.read() as db:
        asked = validate(provider, db, given)
    assert (asked.state, asked.scope, asked.nonce) == ("pushed", "openid", "n1")
    assert (asked.redirect_uri, asked.response_mode) == (REDIRECT, "query")


def test_the_whole_walk(service: Service) -> None:
    """fapi2-security-profile-final-happy-flow: pushed, answered, exchanged with its verifier."""
    response = answer_with_code(service, pushed(service, **PKCE))
    assert parse_qs(urlsplit(response.headers["Location"]).query)["state"] == ["s1"]
    refused = service.exchange(code_in(response), code_verifier="w" * 43)
    assert refused.json["error"] == "invalid_grant"
    answer = service.exchange(
        code_in(answer_with_code(service, pushed(service, **PKCE))), code_verifier=VERIFIER
    )
    assert service.claims(answer.json["id_token"])["nonce"] == "n1"


def test_no_client_id_is_needed_beside_a_header(service: Service) -> None:
    """The authenticated client is the client of the request."""
    assert is_page_of_sign_in(open_auth(service, pushed(service, client_id=None)))


def test_every_method_of_the_token_endpoint_authenticates(service: Service) -> None:
    """RFC 9126, 2, which also names the endpoint as an audience of assertions."""
    provider = service.provider
    add_client(provider, "poster", token_endpoint_auth_method="client_secret_post")
    add_client(provider, "public", token_endpoint_auth_method="none")
    key = ECKey.generate_key("P-256")
    keys = KeySet([key]).as_dict(private=False)
    add_client(provider, "signer", token_endpoint_auth_method="private_key_jwt", jwks=keys)
    poster = service.as_client("poster")
    assert push(poster, basic=False, client_secret=SECRET).status_code == HTTPStatus.CREATED
    public = service.as_client("public")
    assert push(public, basic=False).json["error"] == "invalid_request"  # without PKCE
    assert push(public, basic=False, **PKCE).status_code == HTTPStatus.CREATED
    signer, now = service.as_client("signer"), int(provider.clock.now().timestamp())
    for number, audience in enumerate((ISSUER, f"{ISSUER}/protocol/openid-connect/{PAR}")):
        claims = {"iss": "signer", "sub": "signer", "aud": audience, "exp": now + 60}
        assertion = jwt.encode({"alg": "ES256"}, claims | {"jti": f"j{number}"}, key)
        signed = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
        assert push(signer, basic=False, **signed).status_code == HTTPStatus.CREATED
        assert push(signer, basic=False, **signed).status_code == HTTPStatus.UNAUTHORIZED


def test_posted_and_at_the_alias_it_is_the_same(service: Service) -> None:
    """Core 3.1.2.1: GET and POST; decision 4: the second address."""
    request_uri = pushed(service)
    form = {"client_id": "service", "request_uri": request_uri}
    assert is_page_of_sign_in(service.http.post("/auth", data=form))
    assert is_page_of_sign_in(service.http.post(f"{PROTOCOL}/auth", data=form))
    assert is_page_of_sign_in(service.http.get(f"{PROTOCOL}/auth", query_string=form))
    assert code_in(answer_with_code(service, request_uri))
    assert is_error_page(service.http.post("/auth", data=form))
    assert is_error_page(service.http.post(f"{PROTOCOL}/auth", data=form))


def test_a_pushed_form_post_answers_by_form(service: Service) -> None:
    response = answer_with_code(service, pushed(service, response_mode="form_post"))
    assert b'name="code"' in response.data


def test_a_silent_request_is_answered_with_its_error(service: Service) -> None:
    answer = open_auth(service, pushed(service, prompt="none"))
    assert "error=login_required" in answer.headers["Location"]


def test_a_refusal_goes_to_the_pushed_address(service: Service) -> None:
    provider, given = service.provider, parameters(request_uri=pushed(service))
    with service.app.test_request_context(), provider.store.read() as db:
        response = fail(provider, validate(provider, db, given), "access_denied")
    assert response.headers["Location"].startswith(f"{REDIRECT}?error=access_denied")


def test_lapsed_rows_are_deleted(both: Provider) -> None:
    """Once no page that they opened can be answered."""
    app = create_app(both.settings, provider=both)
    add_client(both)
    pushed(Service(app, both))
    wait = both.settings.par_lifetime + both.settings.interaction_lifetime
    advance(both, wait.total_seconds() - 1)
    delete_expired(both)
    with both.store.read() as db:
        assert db.query(PushedRequest).count() == 1
    advance(both, 2)
    delete_expired(both)
    with both.store.read() as db:
        assert db.query(PushedRequest).count() == 0


def test_threads_that_answer_at_once_give_one_code(both: Provider) -> None:
    """Single use is one conditional statement (design, 5), on both databases."""
    app = create_app(both.settings, provider=both)
    add_client(both)
    service = Service(app, both)
    for _ in range(3):
        request_uri = pushed(service)
        session = open_session(both, national_id=PERSON)
        given = parameters(request_uri=request_uri)
        with app.test_request_context(), both.store.read() as db:
            asked = validate(both, db, given)

        def answer(_: int, app: Flask = app, asked: Any = asked, session: Any = session) -> bool:
            with app.test_request_context():
                try:
                    with both.store.begin() as db:
                        succeed(both, db, asked, session, "MOBILE")
                except InvalidRequestURI:
                    return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(answer, range(4))) == [False, False, False, True]
