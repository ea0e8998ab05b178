"""What a client is issued is encrypted to the key that it registered, signed first."""

import json
from typing import Any

import pytest
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from idp.oauth.tokens.encryption import encrypt_to
from idp.oauth.tokens.signing import Use
from idp.store.clients import change_client, find_client
from tests.oauth.helpers import Service
from tests.signatures.helpers import (
    CONTENT,
    EC,
    ENCRYPTION,
    OKP,
    RSA,
    SIGNER,
    decrypted,
    header,
    key_for,
    public,
    verified,
    with_keys,
)


def replace_keys(service: Service, jwks: dict[str, Any] | None) -> None:
    with service.provider.store.begin() as db:
        assert change_client(db, "keys", jwks=jwks)


@pytest.mark.parametrize("jwks", [None, public(SIGNER), public(EC)])
def test_nothing_is_issued_in_the_clear_where_no_key_fits_any_more(
    service: Service, jwks: dict[str, Any] | None
) -> None:
    client = with_keys(service, id_token_encrypted_response_alg="RSA-OAEP-256")
    code = client.authorize()["code"]
    replace_keys(service, jwks)
    answer = client.exchange(code)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert "id_token" not in answer.json


def test_userinfo_is_not_told_in_the_clear_where_no_key_fits_any_more(service: Service) -> None:
    client = with_keys(service, userinfo_encrypted_response_alg="ECDH-ES")
    token = client.sign_in()["access_token"]
    replace_keys(service, public(RSA))
    answer = client.userinfo(token)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_client_metadata")
    assert "sub" not in answer.json


def test_another_key_opens_nothing(service: Service) -> None:
    client = with_keys(service, id_token_encrypted_response_alg="RSA-OAEP-256")
    token = client.sign_in()["id_token"]
    stranger = RSAKey.generate_key(2048, {"use": "enc"})
    with pytest.raises((JoseError, ValueError)):
        jwe.decrypt_compact(token, stranger, ["RSA-OAEP-256", "A128CBC-HS256"])


def test_what_was_altered_does_not_open(service: Service) -> None:
    client = with_keys(
        service,
        id_token_encrypted_response_alg="ECDH-ES",
        id_token_encrypted_response_enc="A256GCM",
    )
    parts = client.sign_in()["id_token"].split(".")
    for index in (0, 3, 4):
        altered = list(parts)
        middle = len(altered[index]) // 2
        other = "A" if altered[index][middle] != "A" else "B"
        altered[index] = altered[index][:middle] + other + altered[index][middle + 1 :]
        with pytest.raises((JoseError, ValueError)):
            jwe.decrypt_compact(".".join(altered), EC, ["ECDH-ES", "A256GCM"])


@pytest.mark.parametrize("enc", CONTENT)
@pytest.mark.parametrize("alg", ENCRYPTION)
def test_each_offered_encryption_opens_with_the_clients_key(
    service: Service, alg: str, enc: str
) -> None:
    """RFC 7516; the key is named by the `kid` that the client gave it."""
    client = with_keys(
        service, id_token_encrypted_response_alg=alg, id_token_encrypted_response_enc=enc
    )
    with service.provider.store.read() as db:
        row = find_client(db, "keys")
    assert row is not None
    text = encrypt_to(row, "a.b.c", Use.ID_TOKEN)
    assert decrypted(text, key_for(alg), alg, enc) == "a.b.c"
    assert (header(text)["kid"], header(text)["cty"]) == (key_for(alg).kid, "JWT")
    assert client.client_id == row.client_id


@pytest.mark.parametrize("signed", ["RS256", "PS256", "ES256"])
@pytest.mark.parametrize("alg", ["RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"])
def test_the_id_token_is_signed_then_encrypted(service: Service, alg: str, signed: str) -> None:
    """OpenID Connect Core 10.2; RFC 7519, 5.2. A128CBC-HS256 where no `enc` is registered."""
    client = with_keys(
        service, id_token_encrypted_response_alg=alg, id_token_signed_response_alg=signed
    )
    tokens = client.sign_in()
    for given in (tokens, client.refresh(tokens["refresh_token"]).json):
        inner = decrypted(given["id_token"], key_for(alg), alg, "A128CBC-HS256")
        assert verified(client, inner, signed)["aud"] == "keys"
    assert client.userinfo(tokens["access_token"]).content_type == "application/json"


def test_userinfo_is_signed_then_encrypted(service: Service) -> None:
    """OpenID Connect Core 5.3.2."""
    client = with_keys(
        service,
        userinfo_signed_response_alg="ES256",
        userinfo_encrypted_response_alg="ECDH-ES+A128KW",
        userinfo_encrypted_response_enc="A128GCM",
    )
    answer = client.userinfo(client.sign_in()["access_token"])
    assert answer.content_type == "application/jwt"
    inner = decrypted(answer.text, EC, "ECDH-ES+A128KW", "A128GCM")
    assert header(answer.text)["cty"] == "JWT"
    assert verified(client, inner, "ES256")["aud"] == "keys"


def test_userinfo_that_is_not_signed_is_encrypted_as_it_is(service: Service) -> None:
    """OpenID Connect Core 5.3.2: each of the two by its own registration."""
    client = with_keys(service, userinfo_encrypted_response_alg="RSA-OAEP")
    plain = service.userinfo(service.sign_in()["access_token"]).json
    answer = client.userinfo(client.sign_in()["access_token"])
    assert answer.content_type == "application/jwt"
    assert "cty" not in header(answer.text)
    claims = json.loads(decrypted(answer.text, RSA, "RSA-OAEP", "A128CBC-HS256"))
    assert claims["SubjectNameID"] == plain["SubjectNameID"]


@pytest.mark.parametrize(
    ("alg", "jwks", "expected"),
    [
        ("ECDH-ES", public(SIGNER, EC), EC),
        ("ECDH-ES", public(ECKey.generate_key("P-256", {"kid": "any"}), EC), EC),
        ("ECDH-ES", public(OKP), OKP),
    ],
    ids=["not-for-signatures", "named-before-unnamed", "x25519"],
)
def test_the_fitting_key_is_taken(
    service: Service, alg: str, jwks: dict[str, Any], expected: Any
) -> None:
    client = with_keys(service, jwks=jwks, id_token_encrypted_response_alg=alg)
    token = client.sign_in()["id_token"]
    assert header(token)["kid"] == expected.kid
    assert decrypted(token, expected, alg, "A128CBC-HS256")


def test_a_key_named_for_the_algorithm_goes_before_others(service: Service) -> None:
    named = RSAKey.generate_key(2048, {"kid": "named", "alg": "RSA-OAEP-256"})
    jwks = public(RSA, named)
    client = with_keys(service, jwks=jwks, id_token_encrypted_response_alg="RSA-OAEP-256")
    assert header(client.sign_in()["id_token"])["kid"] == "named"


def test_a_key_without_a_name_is_not_given_one(service: Service) -> None:
    key = RSA.as_dict(private=False)
    jwks = {"keys": [{name: value for name, value in key.items() if name != "kid"}]}
    client = with_keys(service, jwks=jwks, id_token_encrypted_response_alg="RSA-OAEP-256")
    assert "kid" not in header(client.sign_in()["id_token"])


def test_keys_may_change_at_any_time(service: Service) -> None:
    """What was issued before opens with the old key, what is issued now with the new one."""
    client = with_keys(service, id_token_encrypted_response_alg="RSA-OAEP-256")
    refresh_token = client.sign_in()["refresh_token"]
    fresh = RSAKey.generate_key(2048, {"kid": "fresh", "use": "enc"})
    replace_keys(service, public(fresh))
    token = client.refresh(refresh_token).json["id_token"]
    assert decrypted(token, fresh, "RSA-OAEP-256", "A128CBC-HS256")
