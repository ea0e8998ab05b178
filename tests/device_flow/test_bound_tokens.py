"""Devices that prove a key, or who they are by an assertion (RFC 9449; RFC 7523)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from idp.oauth.clients.registered import DEVICE_CODE
from tests.device_flow.helpers import Device, Person, add_device_client
from tests.oauth.dpop import KEY, OTHER_KEY, post, proof, refresh

SIGNER = ECKey.generate_key("P-256")
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def poll(device: Device, code: str, sent: str | None, *, basic: bool = True) -> Any:
    form = {"grant_type": DEVICE_CODE, "device_code": code}
    return post(device.service, form, sent, basic=basic)


def test_a_device_that_must_prove_a_key_gets_nothing_without(
    device: Device, person: Person
) -> None:
    """RFC 9449, 5.2: the code is not spent by the attempt."""
    add_device_client(device.provider, dpop_bound_access_tokens=True)
    codes = device.codes()
    person.approve(codes["user_code"])
    assert poll(device, codes["device_code"], None).json["error"] == "invalid_dpop_proof"
    answer = poll(device, codes["device_code"], proof(device.provider))
    assert answer.json["token_type"] == "DPoP"
    claims = device.service.claims(answer.json["access_token"])
    assert claims["cnf"] == {"jkt": KEY.thumbprint()}


def test_a_demand_for_a_nonce_costs_a_device_one_more_question(
    device: Device, person: Person
) -> None:
    """RFC 9449, 8: asked again at once, it is not told to slow down."""
    add_device_client(device.provider, dpop_nonce_required=True)
    codes = device.codes()
    person.approve(codes["user_code"])
    refused = poll(device, codes["device_code"], proof(device.provider))
    assert refused.json["error"] == "use_dpop_nonce"
    sent = proof(device.provider, nonce=refused.headers["DPoP-Nonce"])
    assert poll(device, codes["device_code"], sent).status_code == 200


def test_the_refresh_tokens_of_a_public_device_are_bound(device: Device, person: Person) -> None:
    """RFC 9449, 5."""
    add_device_client(device.provider, "public", token_endpoint_auth_method="none")
    public = Device(device.service.as_client("public"))
    form = {"client_id": "public", "scope": "openid"}
    codes = public.service.post("auth/device", form, basic=False).json
    person.approve(codes["user_code"])
    tokens = poll(public, codes["device_code"], proof(device.provider), basic=False).json
    stolen = refresh(
        public.service, tokens["refresh_token"], proof(device.provider, OTHER_KEY), basic=False
    )
    assert stolen.json["error"] == "invalid_grant"


@pytest.mark.parametrize(("audience", "status"), [("auth/device", 200), ("elsewhere", 401)])
def test_an_assertion_may_name_the_endpoint_it_is_sent_to(
    device: Device, audience: str, status: int
) -> None:
    """RFC 8628, 3.1, with RFC 7523, 3."""
    keys = {"keys": [SIGNER.as_dict(private=False) | {"alg": "ES256"}]}
    add_device_client(
        device.provider, "signer", token_endpoint_auth_method="private_key_jwt", jwks=keys
    )
    now = device.provider.clock.timestamp()
    address = f"{device.provider.settings.issuer}/protocol/openid-connect/{audience}"
    claims = {"iss": "signer", "sub": "signer", "aud": address, "jti": audience, "exp": now + 60}
    form = {
        "scope": "openid",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": jwt.encode({"alg": "ES256"}, claims, SIGNER, ["ES256"]),
    }
    assert device.service.post("auth/device", form, basic=False).status_code == status
