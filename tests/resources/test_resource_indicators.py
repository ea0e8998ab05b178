"""Where access tokens are for: `resource` (RFC 8707)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.oauth.authorization.authorize import AuthorizationRedirectError
from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from idp.oauth.clients.registered import DEVICE_CODE
from idp.oauth.rules.resource_indicators import is_resource
from idp.provider import Provider
from idp.store.models import DeviceAuthorization, Grant
from tests.oauth.helpers import REDIRECT, Service, add_client, check, parameters
from tests.signin.helpers import all_of

RECORDS = "https://dossier.test/api"
IMAGES = "urn:ans:imagerie"
FOREIGN = "https://elsewhere.test/api"
SIGNER = ECKey.generate_key("P-256")


@pytest.fixture
def service(app: Flask, provider: Provider) -> Service:
    add_client(provider, resources=[RECORDS, IMAGES])
    return Service(app, provider)


def asked(*resources: str, **changes: Any) -> Any:
    given = parameters(**changes)
    given.setlist("resource", list(resources))
    return given


def tokens(service: Service, *resources: str, **redeemed: Any) -> Any:
    """The answer of the token endpoint; the authorization request names these resources."""
    code = service.authorize(resource=list(resources) or None)["code"]
    return service.exchange(code, **redeemed)


def audience(service: Service, answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return service.claims(answer.json["access_token"]).get("aud")


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "relative",
        "/path",
        "https:",
        "https://a.test/#f",
        "https://a.test/#",
        "ht tp://a",
        "a\n:b",
    ],
)
def test_what_is_no_absolute_uri_without_fragment_is_no_resource(uri: str) -> None:
    """RFC 8707, 2."""
    assert not is_resource(uri)
    with pytest.raises(ClientMetadataRefused, match="8707"):
        read_metadata(
            {
                "client_id": "x",
                "client_secret": "s",
                "redirect_uris": [REDIRECT],
                "resources": [uri],
            }
        )


@pytest.mark.parametrize("resources", [(FOREIGN,), (RECORDS, FOREIGN), ("relative",)])
def test_a_resource_that_is_not_registered_is_refused_at_the_authorization_endpoint(
    service: Service, resources: tuple[str, ...]
) -> None:
    with pytest.raises(AuthorizationRedirectError) as refused:
        check(service.provider, asked(*resources))
    assert refused.value.error == "invalid_target"


def test_the_browser_brings_the_refusal_to_the_client(service: Service) -> None:
    answer = service.http.get("/auth", query_string=asked(FOREIGN))
    told = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert told["error"] == ["invalid_target"]
    assert told["state"] == ["s1"]


def test_a_pushed_request_is_held_to_the_same(service: Service) -> None:
    """RFC 9126, 2.1."""
    form = parameters().to_dict() | {"resource": [RECORDS, FOREIGN]}
    assert service.post("ext/par/request", form).json["error"] == "invalid_target"
    form["resource"] = [RECORDS, IMAGES]
    assert service.post("ext/par/request", form).status_code == 201


def test_every_other_parameter_still_stands_once(service: Service) -> None:
    form = parameters().to_dict() | {"resource": [RECORDS, IMAGES], "scope": ["openid", "profile"]}
    assert service.post("ext/par/request", form).json["error"] == "invalid_request"


@pytest.mark.parametrize(("sent", "is_valid"), [([RECORDS, IMAGES], True), ([FOREIGN], False)])
def test_a_request_object_names_one_or_several(
    service: Service, sent: list[str], is_valid: bool
) -> None:
    """RFC 8707, 2.1 with RFC 9101: a text or a list of texts."""
    keys = {"keys": [SIGNER.as_dict(private=False) | {"alg": "ES256"}]}
    add_client(service.provider, jwks=keys, resources=[RECORDS, IMAGES])
    claims = parameters().to_dict() | {
        "iss": "service",
        "aud": service.provider.settings.issuer,
        "exp": service.provider.clock.timestamp() + 60,
        "resource": sent if is_valid else sent[0],
    }
    signed = jwt.encode({"alg": "ES256"}, claims, SIGNER, ["ES256"])
    given = parameters(request=signed)
    if is_valid:
        assert check(service.provider, given).resources == sent
        return
    with pytest.raises(AuthorizationRedirectError, match="invalid_target"):
        check(service.provider, given)


def test_a_token_without_resource_names_no_audience(service: Service) -> None:
    """As Pro Santé Connect's."""
    answer = tokens(service)
    assert audience(service, answer) is None
    assert service.userinfo(answer.json["access_token"]).status_code == 200


def test_the_audience_is_what_was_granted(service: Service) -> None:
    assert audience(service, tokens(service, RECORDS)) == RECORDS
    assert audience(service, tokens(service, RECORDS, IMAGES, RECORDS)) == [RECORDS, IMAGES]
    assert all_of(service.provider, Grant)[1].resources == [RECORDS, IMAGES]


def test_the_token_endpoint_narrows(service: Service) -> None:
    """RFC 8707, 2.2."""
    assert audience(service, tokens(service, RECORDS, IMAGES, resource=IMAGES)) == IMAGES


@pytest.mark.parametrize("granted", [(), (RECORDS,)])
def test_the_token_endpoint_never_widens(service: Service, granted: tuple[str, ...]) -> None:
    """Also where nothing was named: then the grant is for this provider alone; the code stays
    unspent."""
    code = service.authorize(resource=list(granted) or None)["code"]
    assert service.exchange(code, resource=IMAGES).json["error"] == "invalid_target"
    assert service.exchange(code).status_code == 200


def test_a_refresh_narrows_for_once(service: Service) -> None:
    first = tokens(service, RECORDS, IMAGES).json
    narrow = service.refresh(first["refresh_token"], resource=RECORDS)
    assert audience(service, narrow) == RECORDS
    whole = service.refresh(narrow.json["refresh_token"])
    assert audience(service, whole) == [RECORDS, IMAGES]
    wide = service.refresh(whole.json["refresh_token"], resource=FOREIGN)
    assert wide.json["error"] == "invalid_target"


def test_our_userinfo_takes_no_token_for_others(service: Service) -> None:
    for_others = tokens(service, RECORDS).json["access_token"]
    refused = service.userinfo(for_others)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    own = service.provider.settings.issuer
    for_both = tokens(service, RECORDS, own)
    assert audience(service, for_both) == [RECORDS, own]
    assert service.userinfo(for_both.json["access_token"]).status_code == 200


def test_introspection_tells_the_audience(service: Service) -> None:
    """RFC 7662, 2.2."""
    told = service.introspect(tokens(service, RECORDS).json["access_token"])
    assert (told["active"], told["aud"]) == (True, RECORDS)


def test_the_id_token_stays_the_clients(service: Service) -> None:
    answer = tokens(service, RECORDS).json
    assert service.claims(answer["id_token"])["aud"] == "service"


def test_a_device_names_resources_too(service: Service) -> None:
    """RFC 8707, 2 with RFC 8628."""
    add_client(service.provider, grant_types=[DEVICE_CODE], redirect_uris=[], resources=[RECORDS])
    form = {"scope": "openid", "resource": [FOREIGN]}
    assert service.post("auth/device", form).json["error"] == "invalid_target"
    form["resource"] = [RECORDS, service.provider.settings.issuer]
    assert service.post("auth/device", form).status_code == 200
    (row,) = all_of(service.provider, DeviceAuthorization)
    assert row.resources == form["resource"]
