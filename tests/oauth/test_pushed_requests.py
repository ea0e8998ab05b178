"""Pushed authorization requests (RFC 9126): what is refused, and how often one is of use."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from idp import create_app
from idp.oauth.authorization.authorize import fail, succeed, validate
from idp.oauth.authorization.pushed_requests import REQUEST_URI_PREFIX, InvalidRequestURI
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from idp.store.clients import change_client
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
    challenge_of,
    events,
    open_session,
    parameters,
)

PAR = "ext/par/request"
ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PKCE = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


def push(service: Service, *, basic: bool = True, **changes: Any) -> Any:
    form = parameters(**({"client_id": service.client_id} | changes)).to_dict()
    return service.post(PAR, form, basic=basic)


def pushed(service: Service, **changes: Any) -> str:
    answer = push(service, **changes)
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return str(answer.json["request_uri"])


def open_auth(service: Service, request_uri: str, **changes: str) -> Any:
    query = {"client_id": service.client_id, "request_uri": request_uri} | changes
    return service.http.get("/auth", query_string=query)


def is_page_of_sign_in(answer: Any) -> bool:
    return answer.status_code == HTTPStatus.SEE_OTHER and "/signin/" in answer.headers["Location"]


def is_error_page(answer: Any) -> bool:
    return bool(
        answer.status_code == HTTPStatus.BAD_REQUEST
        and "Location" not in answer.headers
        and answer.mimetype == "text/html"
    )


def answer_with_code(service: Service, request_uri: str) -> Any:
    """What the browser is told once the person signed in."""
    provider = service.provider
    session = open_session(provider)
    given = parameters(service.client_id, request_uri=request_uri)
    with service.app.test_request_context(), provider.store.begin() as db:
        return succeed(provider, db, validate(provider, db, given), session, "MOBILE")


def code_in(response: Any) -> str:
    return str(parse_qs(urlsplit(response.headers["Location"]).query)["code"][0])


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_allowed(service: Service, method: str) -> None:
    """fapi2-security-profile-final-par-attempt-invalid-http-method."""
    answer = getattr(service.http, method)(f"{PROTOCOL}/{PAR}", headers=service.basic)
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("form", [{}, {"client_secret": "wrong"}, {"client_id": "nobody"}])
def test_a_client_that_is_not_authenticated_pushes_nothing(
    service: Service, form: dict[str, str]
) -> None:
    """RFC 9126, 2.1: authenticated as at the token endpoint, refused as there."""
    answer = push(service, basic=False, **form)
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert "oauth:client:refused" in events(service.provider)


def test_the_client_id_must_be_that_of_the_authenticated_client(service: Service) -> None:
    add_client(service.provider, "other")
    answer = push(service, client_id="other")
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")


def test_a_pushed_request_holds_no_request_uri(service: Service) -> None:
    """RFC 9126, 2.1.

    fapi2-security-profile-final-par-authorization-request-containing-request_uri-form-param.
    """
    for request_uri in (pushed(service), "https://service.test/request", ""):
        answer = push(service, request_uri=request_uri)
        assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": None}, "invalid_request"),
        ({"redirect_uri": "https://evil.test/callback"}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": VERIFIER}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"nonce": "n" * 5000}, "invalid_request"),
        ({"nonce": "n\0"}, "invalid_request"),
        ({"state": "\0"}, "invalid_request"),
    ],
)
def test_what_the_authorization_endpoint_refuses_is_refused(
    service: Service, changes: dict[str, Any], error: str
) -> None:
    """RFC 9126, 2.3: told as JSON, for nobody can be redirected.

    fapi2-security-profile-final-par-plain-pkce-rejected.
    """
    answer = push(service, **changes)
    assert (answer.status_code, answer.json["error"]) == (400, error)
    assert "request_uri" not in answer.json


def test_pkce_is_demanded_where_the_client_needs_it(service: Service) -> None:
    """fapi2-security-profile-final-par-ensure-pkce-required."""
    add_client(service.provider, "strict", profile="strict")
    strict = service.as_client("strict")
    assert push(strict).json["error"] == "invalid_request"
    assert pushed(strict, **PKCE)


def test_a_repeated_parameter_is_refused(service: Service) -> None:
    form = {"response_type": "code", "redirect_uri": REDIRECT, "scope": ["openid", "openid"]}
    answer = service.post(PAR, form)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


def test_a_body_beyond_the_limit_is_refused(service: Service) -> None:
    """RFC 9126, 2.3: 413."""
    answer = push(service, padding="x" * (service.provider.settings.max_body + 1))
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_parameters_in_the_address_are_not_read(service: Service) -> None:
    query = parameters().to_dict()
    answer = service.http.post(f"{PROTOCOL}/{PAR}", query_string=query, headers=service.basic)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


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
