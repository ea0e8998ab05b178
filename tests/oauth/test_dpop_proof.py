"""DPoP proofs judged alone (RFC 9449, 4.3)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey

from idp.oauth.rules.dpop_proof import Expected, InvalidDPoPProof, Proof, check_proof
from idp.oauth.rules.target_uri import same_target
from tests.oauth.dpop import (
    ED25519_KEY,
    KEY,
    OTHER_KEY,
    RSA_KEY,
    TOKEN_ADDRESS,
    ath,
    claims_at,
    header_of,
    segment,
    signed,
)

NOW = 1_800_000_000.0
P384 = ECKey.generate_key("P-384")


def expected(access_token: str | None = None) -> Expected:
    return Expected(
        method="POST",
        addresses=(TOKEN_ADDRESS,),
        now=NOW,
        lifetime=timedelta(seconds=60),
        skew=timedelta(seconds=15),
        max_length=4096,
        access_token=access_token,
    )


def judge(text: str) -> Proof:
    return check_proof(text, expected())


def refused(text: str) -> str:
    with pytest.raises(InvalidDPoPProof) as caught:
        judge(text)
    return str(caught.value.description)


HEADERS: dict[str, dict[str, Any]] = {
    "typ": {"typ": "JWT"},
    "no typ": {"typ": None},
    "alg none": {"alg": "none"},
    "a symmetric alg": {"alg": "HS256"},
    "RS256": {"alg": "RS256"},
    "alg of another key type": {"alg": "PS256"},
    "alg that is no text": {"alg": ["ES256"]},
    "no jwk": {"jwk": None},
    "a jwk that is no object": {"jwk": "key"},
    "a private jwk": {"jwk": KEY.as_dict(private=True)},
    "a symmetric jwk": {"jwk": OctKey.generate_key(256).as_dict(private=True)},
    "another curve": {"jwk": P384.as_dict(private=False)},
    "another key than signed": {"jwk": OTHER_KEY.as_dict(private=False)},
    "a point off the curve": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}},
    "half a key": {"jwk": {"kty": "EC", "crv": "P-256", "x": "AQ"}},
    "numbers for a key": {"jwk": {"kty": "EC", "crv": "P-256", "x": 1, "y": 2}},
    "a critical header": {"crit": ["b64"], "b64": False},
}


@pytest.mark.parametrize("changes", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_is_not_of_a_proof_is_refused(changes: dict[str, Any]) -> None:
    """fapi2-security-profile-final-dpop-negative-tests."""
    assert refused(signed(header_of(**changes), claims_at(NOW)))


CLAIMS: dict[str, dict[str, Any]] = {
    "no jti": {"jti": None},
    "an empty jti": {"jti": ""},
    "a jti that is no text": {"jti": 7},
    "a long jti": {"jti": "j" * 257},
    "a jti with NUL": {"jti": "j\0"},
    "half a character": {"jti": "\ud800"},
    "no htm": {"htm": None},
    "another method": {"htm": "GET"},
    "the method in small letters": {"htm": "post"},
    "no htu": {"htu": None},
    "another address": {"htu": "http://localhost:8000/elsewhere"},
    "another host": {"htu": TOKEN_ADDRESS.replace("localhost", "evil.test")},
    "an address with a user": {"htu": TOKEN_ADDRESS.replace("//", "//user@")},
    "an address that cannot be read": {"htu": "http://[::1"},
    "no iat": {"iat": None},
    "an iat that is a text": {"iat": str(int(NOW))},
    "an iat that is a truth": {"iat": True},
    "an iat that is no number": {"iat": float("nan")},
    "too old": {"iat": int(NOW) - 61},
    "too far ahead": {"iat": int(NOW) + 16},
    "expired": {"exp": int(NOW) - 60},
    "not valid yet": {"nbf": int(NOW) + 60},
    "an exp that is a text": {"exp": "later"},
    "a nonce that is no text": {"nonce": 1},
}


@pytest.mark.parametrize("changes", CLAIMS.values(), ids=CLAIMS.keys())
def test_claims_that_are_not_of_this_request_are_refused(changes: dict[str, Any]) -> None:
    """fapi2-security-profile-final-dpop-negative-tests, …-check-dpop-proof-nbf-exp."""
    assert refused(signed(header_of(), claims_at(NOW, **changes)))


@pytest.mark.parametrize("claims", [[], "text", None, 1])
def test_claims_must_be_an_object(claims: Any) -> None:
    assert refused(signed(header_of(), claims))


def test_what_was_signed_cannot_be_changed() -> None:
    header, _claims, signature = signed(header_of(), claims_at(NOW)).split(".")
    fresh = signed(header_of(), claims_at(NOW)).split(".")[1]
    assert "signature" in refused(f"{header}.{fresh}.{signature}")


def test_a_symmetric_signature_by_the_public_key_is_refused() -> None:
    """RFC 8725, 3.1: the alg alone does not choose how a key is used."""
    secret = OctKey.import_key({"kty": "oct", "k": KEY.as_dict(private=False)["x"]})
    assert refused(signed(header_of(alg="HS256"), claims_at(NOW), secret, signer="HS256"))


@pytest.mark.parametrize("deep", ["[" * 2000, '{"alg":' * 400])
def test_nesting_that_exhausts_a_parser_is_refused(deep: str) -> None:
    assert refused(f"{segment(deep.encode())}.e30.AAAA")
    assert refused(f"e30.{segment(deep.encode())}.AAAA")


def test_a_proof_that_is_too_long_is_not_read() -> None:
    assert refused(signed(header_of(), claims_at(NOW, more="m" * 4096)))


def test_rsa_keys_of_odd_sizes_are_refused() -> None:
    small = RSA_KEY.as_dict(private=False) | {"n": segment(b"\xff" * 128)}
    header = header_of(alg="PS256", jwk=small)
    assert "size" in refused(signed(header, claims_at(NOW), RSA_KEY, signer="PS256"))
    costly = RSA_KEY.as_dict(private=False) | {"e": "A" * 300 + "AQAB"}
    header = header_of(alg="PS256", jwk=costly)
    assert "size" in refused(signed(header, claims_at(NOW), RSA_KEY, signer="PS256"))


def test_beside_an_access_token_its_digest_is_demanded() -> None:
    for changes in ({}, {"ath": ath("another")}, {"ath": 1}, {"ath": "\ud800"}):
        text = signed(header_of(), claims_at(NOW, **changes))
        with pytest.raises(InvalidDPoPProof, match="ath"):
            check_proof(text, expected("token"))
    assert check_proof(signed(header_of(), claims_at(NOW, ath=ath("token"))), expected("token"))


@pytest.mark.parametrize(
    ("key", "alg", "signer"),
    [
        (KEY, "ES256", "ES256"),
        (RSA_KEY, "PS256", "PS256"),
        (ED25519_KEY, "Ed25519", "Ed25519"),
        (ED25519_KEY, "EdDSA", "Ed25519"),
    ],
)
def test_a_good_proof_of_each_algorithm_names_its_key(key: Key, alg: str, signer: str) -> None:
    proof = judge(
        signed(header_of(key, alg=alg), claims_at(NOW, jti="j", nonce="n"), key, signer=signer)
    )
    assert proof == Proof(jkt=key.thumbprint(), jti="j", nonce="n")


@pytest.mark.parametrize("seconds", [-60, -10, 0, 10, 15])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    """…-ensure-dpopproof-with-iat-10seconds-before-succeeds, …-10seconds-after-succeeds."""
    assert judge(signed(header_of(), claims_at(NOW, iat=int(NOW) + seconds)))


def test_times_that_hold_may_stand_in_a_proof() -> None:
    """…-check-dpop-proof-nbf-exp."""
    times = {"nbf": int(NOW), "exp": int(NOW) + 60}
    assert judge(signed(header_of(), claims_at(NOW, **times)))


@pytest.mark.parametrize(
    "same",
    [
        "HTTPS://Idp.Test/a/token",
        "https://idp.test:443/a/token",
        "https://idp.test/%61/token",
        "https://idp.test/a/token?query#fragment",
    ],
)
def test_addresses_are_compared_normalised(same: str) -> None:
    """RFC 3986, 6.2.2 and 6.2.3."""
    assert same_target(same, "https://idp.test/a/token")


@pytest.mark.parametrize(
    "other",
    [
        "",
        "/a/token",
        "http://idp.test/a/token",
        "https://idp.test:8443/a/token",
        "https://idp.test/a/token/",
        "https://idp.test/A/token",
        "https://idp.test/a%2Ftoken",
        "https://idp.test/a/to\nken",
        "https://idp.test.evil.test/a/token",
        "https://evil@idp.test/a/token",
        "https://idp.test:port/a/token",
    ],
)
def test_another_address_is_another(other: str) -> None:
    assert not same_target(other, "https://idp.test/a/token")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["typ", "alg", "jwk", "crit", "jti", "htm", "htu", "iat", "exp", "nonce"])


@given(st.text() | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]+", fullmatch=True))
def test_no_text_is_a_fault_of_ours(text: str) -> None:
    assert refused(text)


@given(st.dictionaries(NAMES, JSON, min_size=1), st.dictionaries(NAMES, JSON, min_size=1))
def test_no_member_is_a_fault_of_ours(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """Whatever a member is, the answer is a proof or a refusal."""
    changes = {"exp": None, "nbf": None} | claims
    for text in (
        signed(header_of() | header, claims_at(NOW)),
        signed(header_of(), claims_at(NOW) | changes),
    ):
        try:
            assert isinstance(judge(text), Proof)
        except InvalidDPoPProof as error:
            assert error.description  # noqa: PT017 - either outcome is right; this one says why


@given(st.text())
def test_no_address_is_a_fault_of_ours(text: str) -> None:
    assert not same_target(text, TOKEN_ADDRESS)
