"""Each algorithm that discovery names is really used or taken, and a client registers no other."""

import json
from typing import Any

import pytest
from joserfc import jwe, jws

from idp.oauth.clients.metadata import ClientMetadataRefused, read_metadata
from tests.ciba.helpers import signed_members
from tests.conformance.metadata.helpers import DOCUMENT, every_client, recipient_of, signer_of
from tests.oauth.dpop import claims_at, header_of, signed
from tests.oauth.helpers import PROTOCOL, REDIRECT, Service, add_client, parameters
from tests.signatures.helpers import decrypted, header, published, verified
from tests.signatures.test_response_jwt import granted_to, response_of

ISSUED = ("id_token", "userinfo", "authorization")
SIGNED = [(use, a) for use in ISSUED for a in DOCUMENT[f"{use}_signing_alg_values_supported"]]
USUAL_ENC = "A128CBC-HS256"


def encryptions(use: str) -> list[tuple[str, str]]:
    """Each algorithm once, and each content encryption once."""
    algorithms = DOCUMENT[f"{use}_encryption_alg_values_supported"]
    contents = DOCUMENT[f"{use}_encryption_enc_values_supported"]
    return [(alg, USUAL_ENC) for alg in algorithms] + [(algorithms[-1], enc) for enc in contents]


ENCRYPTED = sorted({(use, alg, enc) for use in ISSUED for alg, enc in encryptions(use)})
REQUESTS_ENCRYPTED = sorted(set(encryptions("request_object")))
REGISTERED = {
    "id_token_signing_alg_values_supported": "id_token_signed_response_alg",
    "id_token_encryption_alg_values_supported": "id_token_encrypted_response_alg",
    "userinfo_signing_alg_values_supported": "userinfo_signed_response_alg",
    "userinfo_encryption_alg_values_supported": "userinfo_encrypted_response_alg",
    "authorization_signing_alg_values_supported": "authorization_signed_response_alg",
    "authorization_encryption_alg_values_supported": "authorization_encrypted_response_alg",
    "request_object_signing_alg_values_supported": "request_object_signing_alg",
    "request_object_encryption_alg_values_supported": "request_object_encryption_alg",
    "token_endpoint_auth_signing_alg_values_supported": "token_endpoint_auth_signing_alg",
    "backchannel_authentication_request_signing_alg_values_supported": (
        "backchannel_authentication_request_signing_alg"
    ),
}
"""The member by which a client registers one of the values."""
UNKNOWN = ["none", "HS384", "RS512", "ES512", "RSA1_5", "dir", "A256KW"]


def registered(service: Service, **metadata: Any) -> Service:
    add_client(service.provider, **every_client(client_id="asking", **metadata))
    asking = service.as_client("asking")
    asking.secret = every_client()["client_secret"]
    return asking


def issued(client: Service, use: str) -> str:
    """What the client is issued for a use."""
    if use == "authorization":
        return response_of(granted_to(client, response_mode="jwt"))
    tokens = client.sign_in()
    if use == "id_token":
        return str(tokens["id_token"])
    return str(client.userinfo(tokens["access_token"]).text)


@pytest.mark.parametrize(("use", "alg"), SIGNED)
def test_each_signature_advertised_is_made(service: Service, use: str, alg: str) -> None:
    client = registered(service, **{f"{use}_signed_response_alg": alg})
    assert verified(client, issued(client, use), alg)["aud"] == "asking"


@pytest.mark.parametrize(("use", "alg", "enc"), ENCRYPTED)
def test_each_encryption_advertised_is_made(service: Service, use: str, alg: str, enc: str) -> None:
    client = registered(
        service,
        **{
            f"{use}_signed_response_alg": "RS256",
            f"{use}_encrypted_response_alg": alg,
            f"{use}_encrypted_response_enc": enc,
        },
    )
    inner = decrypted(issued(client, use), recipient_of(alg), alg, enc)
    assert verified(client, inner, "RS256")["aud"] == "asking"


@pytest.mark.parametrize(
    "alg",
    DOCUMENT["id_token_signing_alg_values_supported"],
)
def test_each_signature_advertised_has_its_published_key(service: Service, alg: str) -> None:
    assert [key for key in published(service) if (key["use"], key["alg"]) == ("sig", alg)]


def request_object(service: Service, alg: str) -> str:
    now = service.provider.clock.timestamp()
    asked = parameters("asking").to_dict()
    claims = asked | {"iss": "asking", "aud": DOCUMENT["issuer"], "nbf": now, "exp": now + 300}
    key = signer_of(alg)
    named = {"alg": alg} | ({} if alg.startswith("HS") else {"kid": key.kid})
    return signed(named, claims, key, signer=alg)


OTHER_REQUESTS = ["HS256", "RS384", "ES384", "Ed25519"]


@pytest.mark.parametrize(
    "alg", [*DOCUMENT["request_object_signing_alg_values_supported"], *OTHER_REQUESTS]
)
def test_a_request_is_signed_by_an_advertised_algorithm_alone(service: Service, alg: str) -> None:
    client = registered(service)
    answer = client.post("ext/par/request", {"request": request_object(client, alg)})
    advertised = alg in DOCUMENT["request_object_signing_alg_values_supported"]
    assert answer.status_code == (201 if advertised else 400), answer.text


@pytest.mark.parametrize(("alg", "enc"), REQUESTS_ENCRYPTED)
def test_each_encryption_of_requests_advertised_is_read(
    service: Service, alg: str, enc: str
) -> None:
    client = registered(service)
    (found,) = (key for key in published(client) if (key["use"], key["alg"]) == ("enc", alg))
    text = jwe.encrypt_compact(
        {"alg": alg, "enc": enc, "kid": found["kid"], "cty": "JWT"},
        request_object(client, "ES256"),
        type(recipient_of(alg)).import_key(found),
        [alg, enc],
    )
    answer = client.post("ext/par/request", {"request": text})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "alg", DOCUMENT["backchannel_authentication_request_signing_alg_values_supported"]
)
def test_each_signature_of_ciba_requests_advertised_is_read(service: Service, alg: str) -> None:
    client = registered(service, backchannel_authentication_request_signing_alg=alg)
    key = signer_of(alg)
    claims = signed_members(service.provider, iss="asking")
    text = signed({"alg": alg, "kid": key.kid}, claims, key, signer=alg)
    answer = client.post("ext/ciba/auth", {"request": text})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("alg", [*DOCUMENT["dpop_signing_alg_values_supported"], "RS256", "ES384"])
def test_a_proof_is_signed_by_an_advertised_algorithm_alone(service: Service, alg: str) -> None:
    client = registered(service)
    key = signer_of(alg)
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    form |= {"code": client.authorize()["code"]}
    claims = claims_at(service.provider.clock.timestamp())
    headers = client.basic | {"DPoP": signed(header_of(key, alg=alg), claims, key, signer=alg)}
    answer = client.http.post(f"{PROTOCOL}/token", data=form, headers=headers)
    if alg in DOCUMENT["dpop_signing_alg_values_supported"]:
        assert answer.json["token_type"] == "DPoP", answer.text
    else:
        assert answer.json["error"] == "invalid_dpop_proof"


@pytest.mark.parametrize("member", REGISTERED)
def test_a_client_registers_an_advertised_algorithm_alone(member: str) -> None:
    name = REGISTERED[member]
    fitting = {"client_id": "asking", "redirect_uris": [REDIRECT]} | every_client()
    if member.startswith("token_endpoint"):
        fitting |= {"token_endpoint_auth_method": "private_key_jwt", "client_secret": None}
    for value in DOCUMENT[member]:
        if value == "HS256":
            continue  # of client_secret_jwt alone, which needs no choice
        assert getattr(read_metadata(fitting | {name: value}), name) == value
    for value in UNKNOWN:
        if value not in DOCUMENT[member]:
            with pytest.raises(ClientMetadataRefused):
                read_metadata(fitting | {name: value})


def test_every_algorithm_member_of_the_document_is_tested() -> None:
    """A member to come must be asked for here, or be of client authentication."""
    named = {n for n in DOCUMENT if n.endswith(("_alg_values_supported", "_enc_values_supported"))}
    enc = {name.replace("_alg_", "_enc_") for name in REGISTERED if "encryption" in name}
    elsewhere = {name for name in named if "_endpoint_auth_" in name}
    assert named - elsewhere - {"dpop_signing_alg_values_supported"} <= REGISTERED.keys() | enc


def test_userinfo_is_plain_where_nothing_is_registered(service: Service) -> None:
    client = registered(service)
    text = issued(client, "userinfo")
    assert json.loads(text)["sub"]
    token = issued(client, "id_token")
    assert header(token)["alg"] == jws.extract_compact(token.encode()).headers()["alg"] == "RS256"
