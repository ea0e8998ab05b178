"""The authorization request: who is answered at all, and what is refused (design, section 2)."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from idp.oauth.authorization.authorize import (
    AuthorizationPageError,
    AuthorizationRedirectError,
    AuthorizationRequest,
    fail,
    succeed,
)
from idp.oauth.rules.checks import PARAMETERS
from idp.provider import Provider
from tests.oauth.helpers import (
    REDIRECT,
    VERIFIER,
    Service,
    add_client,
    advance,
    challenge_of,
    check,
    open_session,
    parameters,
)


@pytest.fixture(autouse=True)
def page(app: Flask) -> Iterator[None]:
    """Messages for people need a request's language."""
    with app.test_request_context():
        yield


def refused(provider: Provider, **changes: str | None) -> AuthorizationRedirectError:
    with pytest.raises(AuthorizationRedirectError) as caught:
        check(provider, parameters(**changes))
    assert caught.value.redirect_uri == REDIRECT
    return caught.value


@pytest.mark.parametrize("client_id", [None, "", "nobody", "service\n"])
def test_an_unknown_client_gets_a_page(service: Service, client_id: str | None) -> None:
    with pytest.raises(AuthorizationPageError) as caught:
        check(service.provider, parameters(client_id=client_id))
    assert caught.value.error == "invalid_client"


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        "https://evil.test/callback",
        REDIRECT + "/",
        REDIRECT + "?x=1",
        REDIRECT + "#f",
        REDIRECT.upper(),
        "https://service.test:443/callback",
        "https://service.test@evil.test/callback",
        "http://service.test/callback",
        "javascript:alert(1)",
        "https://[bad",
    ],
)
def test_an_address_that_is_not_registered_gets_a_page(service: Service, uri: str | None) -> None:
    """oidcc-ensure-registered-redirect-uri."""
    with pytest.raises(AuthorizationPageError):
        check(service.provider, parameters(redirect_uri=uri))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_repeated_client_or_address_gets_a_page(service: Service, name: str) -> None:
    sent = parameters()
    sent.add(name, sent[name])
    with pytest.raises(AuthorizationPageError):
        check(service.provider, sent)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:51234/cb", "http://[::1]:9/cb"])
def test_a_loopback_address_may_have_any_port(service: Service, uri: str) -> None:
    """RFC 8252, 7.3."""
    registered = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost:3000/cb"]
    add_client(service.provider, "native", redirect_uris=registered)
    assert check(service.provider, parameters("native", redirect_uri=uri)).redirect_uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:3001/cb",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/cb?x",
        "https://127.0.0.1:1/cb",
        "http://127.0.0.2:1/cb",
        "http://x@127.0.0.1:1/cb",
        "http://127.0.0.1:1/cb#",
        "http://[::1].evil.test/cb",
        "http://evil.test[::1]/cb",
        "http://[::1]:1evil.test/cb",
        "http://127.0.0.1:1\n1/cb",
        "http://127.0.0.1:1/c\nb",
        " http://127.0.0.1:1/cb",
        "http://127.0.0.1:123456/cb",
        "http://127.0.0.1\\@evil.test/cb",
    ],
)
def test_nothing_but_the_port_may_differ(service: Service, uri: str) -> None:
    registered = ["http://127.0.0.1/cb", "http://localhost:3000/cb", "http://[::1]/cb"]
    add_client(service.provider, "native", redirect_uris=registered)
    with pytest.raises(AuthorizationPageError):
        check(service.provider, parameters("native", redirect_uri=uri))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),  # oidcc-response-type-missing
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://service.test/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "²"}, "invalid_request"),
        ({"max_age": "1e9"}, "invalid_request"),
        ({"display": "hologram"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": '{"userinfo":[]}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":1}}'}, "invalid_request"),
        ({"claims": '{"id_token":{"acr":NaN}}'}, "invalid_request"),
        ({"claims": "[" * 4000}, "invalid_request"),
        ({"id_token_hint": "nonsense"}, "invalid_request"),
        ({"code_challenge": challenge_of(VERIFIER)}, "invalid_request"),
        (
            {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
            "invalid_request",
        ),
        ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"state": "s" * 5000}, "invalid_request"),
        ({"nonce": "n" * 5000}, "invalid_request"),
        (
            {"claims": '{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}'},
            "unmet_authentication_requirements",
        ),
        (
            {"claims": '{"id_token":{"authMode":{"essential":true,"value":"FAX"}}}'},
            "unmet_authentication_requirements",
        ),
    ],
)
def test_what_is_wrong_is_told_to_the_client(
    service: Service, changes: dict[str, str], error: str
) -> None:
    """oidcc-unsigned-request-object-…, oidcc-request-uri-unsigned-…: rejected as unsupported."""
    assert refused(service.provider, **changes).error == error


@pytest.mark.parametrize("name", sorted(PARAMETERS - {"client_id", "redirect_uri"}))
def test_a_repeated_parameter_is_refused(service: Service, name: str) -> None:
    """RFC 6749, 3.1."""
    sent = parameters()
    sent.setlist(name, ["1", "1"])
    with pytest.raises(AuthorizationRedirectError) as caught:
        check(service.provider, sent)
    assert caught.value.error == "invalid_request"


def test_pkce_is_required_of_strict_clients(service: Service) -> None:
    """Decision 10."""
    add_client(service.provider, "careful", profile="strict")
    with pytest.raises(AuthorizationRedirectError):
        check(service.provider, parameters("careful"))


def test_pkce_is_required_of_public_clients(service: Service) -> None:
    add_client(service.provider, "app", token_endpoint_auth_method="none")
    with pytest.raises(AuthorizationRedirectError):
        check(service.provider, parameters("app"))


def test_an_error_keeps_state_and_response_mode(service: Service) -> None:
    error = refused(service.provider, prompt="none login", response_mode="form_post")
    assert (error.state, error.response_mode) == ("s1", "form_post")


def test_unknown_and_ignored_parameters_do_not_disturb(service: Service) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds, -claims-locales, -ui-locales."""
    sent = parameters(extra="a", claims_locales="se", ui_locales="en fr", kc_idp_hint="idp")
    sent.add("extra", "b")
    assert check(service.provider, sent).ui_locales == "en fr"


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_display_is_accepted(service: Service, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup."""
    assert check(service.provider, parameters(display=display)).display == display


@pytest.mark.parametrize("acr", ["eidas1", "eidas3 0", None, ""])
def test_acr_values_are_a_wish(service: Service, acr: str | None) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds; decision 7."""
    assert check(service.provider, parameters(acr_values=acr))


def test_unknown_scopes_are_ignored(service: Service) -> None:
    sent = parameters(scope="openid scope_all identity rpps offline_access")
    assert check(service.provider, sent).scope == "openid scope_all"


def test_a_demanded_auth_mode_narrows_the_means(service: Service) -> None:
    """Decision 7."""
    claims = '{"id_token":{"authMode":{"essential":true,"value":"CARD"}}}'
    assert check(service.provider, parameters(claims=claims)).means == ["CARD"]
    add_client(service.provider, "cards", means=["CARD"])
    assert check(service.provider, parameters("cards")).means == ["CARD"]


def test_an_expired_id_token_still_hints(service: Service) -> None:
    """oidcc-id-token-hint."""
    token = service.sign_in()["id_token"]
    advance(service.provider, 4000)
    request = check(service.provider, parameters(id_token_hint=token, prompt="none"))
    assert request.hinted_sub == service.claims(token)["sub"]
    assert request.is_silent


def test_an_id_token_of_somebody_else_is_no_hint(service: Service) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint, at authorize."""
    header, payload, _signature = service.sign_in()["id_token"].split(".")
    assert refused(service.provider, id_token_hint=f"{header}.{payload}.AAAA")
    assert refused(service.provider, id_token_hint=service.sign_in()["access_token"])


def test_a_request_survives_being_kept(service: Service) -> None:
    request = check(service.provider, parameters(max_age="10000", prompt="login consent"))
    kept = json.loads(json.dumps(request.to_json()))
    assert AuthorizationRequest.from_json(kept) == request
    assert request.max_age == 10000


# -- answers -------------------------------------------------------------------------------------


def test_a_success_names_code_state_session_and_issuer(service: Service) -> None:
    """RFC 9207; pro-sante-connect section 2."""
    session = open_session(service.provider)
    answer = service.authorize(session)
    assert list(answer) == ["code", "session_state", "state", "iss"]
    assert answer["session_state"] == session.sid
    assert answer["iss"] == service.provider.settings.issuer


def test_the_registered_query_is_kept(service: Service) -> None:
    """oidcc-redirect-uri-query-OK."""
    uri = "https://service.test/cb?tenant=a%20b"
    add_client(service.provider, "tenant", redirect_uris=[uri])
    answer = service.as_client("tenant").authorize(redirect_uri=uri)
    assert answer["tenant"] == "a b"


def test_a_failure_names_error_state_and_issuer(service: Service) -> None:
    request = check(service.provider, parameters())
    response = fail(service.provider, request, "access_denied", "Non.")
    assert response.status_code == 303
    members = parse_qs(urlsplit(response.headers["Location"]).query)
    assert members == {
        "error": ["access_denied"],
        "error_description": ["Non."],
        "state": ["s1"],
        "iss": [service.provider.settings.issuer],
    }


def test_form_post_escapes_and_has_a_button(service: Service) -> None:
    """Decision 14; the Form Post plan."""
    state = '"><script>alert(1)</script>'
    request = check(service.provider, parameters(response_mode="form_post", state=state))
    session = open_session(service.provider)
    with service.app.test_request_context(), service.provider.store.begin() as db:
        response = succeed(service.provider, db, request, session, "MOBILE")
        protected = service.app.process_response(response)
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert f'<form method="post" action="{REDIRECT}"' in text
    assert "<script>alert" not in text
    assert 'name="code"' in text
    assert 'name="iss"' in text
    assert '<button class="primary" type="submit"' in text
    assert (
        "form-action 'self' https://service.test;" in protected.headers["Content-Security-Policy"]
    )


# -- anything ------------------------------------------------------------------------------------


def whither(provider: Provider, sent: MultiDict[str, str]) -> str | None:
    """Where the browser would be sent; nowhere for a page."""
    try:
        return check(provider, sent).redirect_uri
    except AuthorizationRedirectError as error:
        response = fail(provider, error, error.error, error.description)
        return response.headers.get("Location", error.redirect_uri)
    except AuthorizationPageError:
        return None


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_VALUES = st.one_of(
    _TEXT,
    st.sampled_from(
        ["code", "openid", "none", "login", "S256", "form_post", "{}", "service", REDIRECT]
    ),
    st.sampled_from(['{"id_token":{"sub":{"value":"x"}}}', '{"id_token":{"acr":{"values":1}}}']),
)


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    changes=st.dictionaries(
        st.one_of(st.sampled_from(sorted(PARAMETERS)), _TEXT),
        st.lists(_VALUES, max_size=2),
        max_size=6,
    )
)
def test_whatever_is_sent_nobody_is_sent_to_an_unregistered_address(
    service: Service, changes: dict[str, list[str]]
) -> None:
    sent: MultiDict[str, str] = parameters()
    for name, values in changes.items():
        sent.setlist(name, values)
    where = whither(service.provider, sent)
    assert where is None or where.startswith(REDIRECT)
    assert where is None or "\n" not in where
