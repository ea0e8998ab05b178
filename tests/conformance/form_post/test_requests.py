"""Form post certification plan: modules about what a request may say, and how it is refused."""

from flask.testing import FlaskClient
from joserfc import jwt

from idp.provider import Provider
from tests.conformance.form_post.helpers import FORM_POST, SignedIn, id_token, told
from tests.oauth.helpers import REDIRECT, Service
from tests.signatures.helpers import SIGNER, with_keys
from tests.signin.helpers import authorize, request_of

UNSIGNED = "eyJhbGciOiJub25lIn0.e30."


def test_without_a_response_type_the_form_says_so(service: Service, browser: FlaskClient) -> None:
    """form_post-oidcc-response-type-missing"""
    members = told(authorize(browser, response_mode=FORM_POST, response_type=""))
    assert (members["error"], members["state"]) == ("invalid_request", "the-state")
    assert members["iss"] == service.provider.settings.issuer


def test_an_unknown_parameter_is_ignored(service: Service, signed_in: SignedIn) -> None:
    """form_post-oidcc-ensure-request-with-unknown-parameter-succeeds"""
    assert id_token(service, told(signed_in.ask(extra="foobar")))["sub"]


def test_nothing_is_posted_to_an_address_that_is_not_registered(
    service: Service, browser: FlaskClient
) -> None:
    """form_post-oidcc-ensure-registered-redirect-uri"""
    del service
    elsewhere = "https://elsewhere.test/callback"
    answer = authorize(browser, response_mode=FORM_POST, redirect_uri=elsewhere)
    assert answer.status_code == 400
    assert elsewhere not in answer.text


def test_a_request_uri_that_is_not_registered_is_refused_by_form(
    service: Service, browser: FlaskClient
) -> None:
    """form_post-oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported"""
    del service
    address = "https://service.test/request.jwt"
    members = told(authorize(browser, response_mode=FORM_POST, request_uri=address))
    assert members["error"] in {"request_uri_not_supported", "invalid_request_uri"}


def test_an_unsigned_request_object_is_refused_by_form(
    service: Service, browser: FlaskClient
) -> None:
    """form_post-oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported"""
    del service
    members = told(authorize(browser, response_mode=FORM_POST, request=UNSIGNED))
    assert members["error"] in {"request_not_supported", "invalid_request_object"}


def test_the_address_of_a_request_object_counts(
    service: Service, signed_in: SignedIn, provider: Provider
) -> None:
    """form_post-oidcc-ensure-request-object-with-redirect-uri"""
    other = f"{REDIRECT}/other"
    signer = with_keys(service, "signer", redirect_uris=[REDIRECT, other])
    now = provider.clock.timestamp()
    members = {
        **request_of(client_id="signer", redirect_uri=other, response_mode=FORM_POST),
        "iss": "signer",
        "aud": provider.settings.issuer,
        "nbf": now,
        "exp": now + 300,
    }
    request = jwt.encode({"alg": "ES256", "kid": SIGNER.kid}, members, SIGNER, ["ES256"])
    answer = told(signed_in.ask(client_id="signer", request=request), other)
    assert id_token(signer, answer, redirect_uri=other)["aud"] == "signer"
