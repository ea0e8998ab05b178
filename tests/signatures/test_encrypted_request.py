"""Encrypted request objects (RFC 9101, 6.1): at the authorization endpoint, and pushed."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from joserfc.util import json_b64encode, urlsafe_b64encode

from idp.keys.rotation import rotate
from idp.oauth.authorization.request_decryption import decrypted
from tests.oauth.helpers import REDIRECT, Service, advance, parameters
from tests.signatures.helpers import CONTENT, SIGNER, published, with_keys

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
OURS = ["RSA-OAEP-256", "ECDH-ES"]
ENC = "A256GCM"


@pytest.fixture
def signer(service: Service) -> Service:
    return with_keys(service, "signer")


def our_key(service: Service, alg: str) -> Any:
    """The published key that is meant for an algorithm."""
    found = [key for key in published(service) if (key["use"], key["alg"]) == ("enc", alg)]
    return KeySet.import_key_set({"keys": [found[-1]]}).keys[0]


def signed(service: Service, **changes: Any) -> str:
    now = service.provider.clock.timestamp()
    members = {
        **parameters(service.client_id, prompt="none").to_dict(),
        "iss": service.client_id,
        "aud": ISSUER,
        "exp": now + 300,
        "nbf": now,
    }
    return jwt.encode({"alg": "ES256", "kid": "signer"}, members | changes, SIGNER, ["ES256"])


def encrypted(text: str, key: Any, alg: str = "RSA-OAEP-256", enc: str = ENC, **header: Any) -> str:
    named = {"alg": alg, "enc": enc, "cty": "JWT", "kid": key.kid} | header
    kept = {name: value for name, value in named.items() if value is not None}
    more = [kept["zip"]] if "zip" in kept else []
    return jwe.encrypt_compact(kept, text, key, [alg, enc, *more])


def ask(service: Service, request: str, **beside: str) -> Any:
    outside = {"client_id": service.client_id, "request": request, "redirect_uri": REDIRECT}
    return service.http.get("/auth", query_string=outside | beside)


def push(service: Service, request: str) -> Any:
    return service.post("ext/par/request", {"request": request})


def told(answer: Any) -> dict[str, str]:
    assert answer.headers["Location"].startswith(REDIRECT), answer.headers
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def assert_refused(service: Service, request: str) -> None:
    """Both ways, and always in the same words: no answer says what was decrypted."""
    answer = told(ask(service, request, state="outer"))
    assert (answer["error"], answer["state"]) == ("invalid_request_object", "outer")
    refused = push(service, request)
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_request_object")
    same = push(service, "v.w.x.y.z").json["error_description"]
    assert (answer["error_description"], refused.json["error_description"]) == (same, same)


def accepted(service: Service, request: str) -> bool:
    """Whether what was asked inside was answered."""
    return told(ask(service, request, state="outer")) == {
        "error": "login_required",
        "state": "s1",
        "iss": ISSUER,
    }


@pytest.mark.parametrize("text", ["a.b.c.d.e", "....x", "e30....x", "é.é.é.é.é", "W10.e.e.e.e"])
def test_what_is_no_jwe_is_refused(signer: Service, text: str) -> None:
    assert_refused(signer, text)


@pytest.mark.parametrize("alg", ["RSA1_5", "RSA-OAEP", "dir", "none", "A256KW", "ECDH-ES+A256KW"])
def test_an_algorithm_that_is_not_offered_is_refused(signer: Service, alg: str) -> None:
    """RFC 8725, 3.2: nothing is decrypted by RSA1_5, whoever asks for it."""
    head, *rest = encrypted(signed(signer), our_key(signer, "RSA-OAEP-256")).split(".")
    del head
    forged = json_b64encode({"alg": alg, "enc": ENC}).decode()
    assert_refused(signer, ".".join((forged, *rest)))


@pytest.mark.filterwarnings("ignore")  # the library advises against it, too
def test_a_real_one_by_rsa1_5_is_refused(signer: Service) -> None:
    key = RSAKey.import_key(our_key(signer, "RSA-OAEP-256").as_pem(private=False))
    request = jwe.encrypt_compact(
        {"alg": "RSA1_5", "enc": ENC}, signed(signer), key, ["RSA1_5", ENC]
    )
    assert_refused(signer, request)


def test_what_is_compressed_is_refused(signer: Service) -> None:
    """RFC 8725, 3.6: little text could become much."""
    key = our_key(signer, "RSA-OAEP-256")
    assert_refused(signer, encrypted(signed(signer), key, zip="DEF"))


@pytest.mark.parametrize("alg", OURS)
def test_a_key_that_is_not_ours_is_refused(signer: Service, alg: str) -> None:
    stranger: Any = RSAKey.generate_key(2048) if alg.startswith("RSA") else None
    stranger = stranger or ECKey.generate_key("P-256")
    for kid in (None, "unknown", our_key(signer, alg).kid):
        assert_refused(signer, encrypted(signed(signer), stranger, alg, kid=kid))


def test_the_key_of_another_algorithm_or_purpose_is_refused(signer: Service) -> None:
    """One key, one algorithm."""
    request = encrypted(signed(signer), our_key(signer, "RSA-OAEP-256"), kid="x")
    for kid in (key["kid"] for key in published(signer)):
        head, *rest = request.split(".")
        del head
        forged = json_b64encode({"alg": "RSA-OAEP-256", "enc": ENC, "kid": kid}).decode()
        assert_refused(signer, ".".join((forged, *rest)))


def test_what_is_not_signed_inside_is_refused(signer: Service) -> None:
    """RFC 9101, 6.1: anybody can encrypt to us."""
    key = our_key(signer, "ECDH-ES")
    claims = json.dumps({"client_id": "signer", "iss": "signer", "aud": ISSUER})
    unsigned = signed(signer).rpartition(".")[0] + "."
    twice = encrypted(signed(signer), key, "ECDH-ES")
    for inside in (claims, unsigned, "", "é", twice):
        assert_refused(signer, encrypted(inside, key, "ECDH-ES"))


def test_what_another_signed_inside_is_refused(signer: Service) -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "signer"})
    request = jwt.encode({"alg": "ES256"}, {"iss": "signer"}, stranger, ["ES256"])
    assert_refused(signer, encrypted(request, our_key(signer, "ECDH-ES"), "ECDH-ES"))


@pytest.mark.parametrize("part", range(5))
def test_what_was_altered_is_refused(signer: Service, part: int) -> None:
    parts = encrypted(signed(signer), our_key(signer, "RSA-OAEP-256")).split(".")
    middle = len(parts[part]) // 2
    other = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + other + parts[part][middle + 1 :]
    assert_refused(signer, ".".join(parts))


def test_one_that_is_too_long_is_refused_unread(signer: Service) -> None:
    """A limit of its own, larger than that of other parameters."""
    longest = signer.provider.settings.request_object_max_length
    key = our_key(signer, "ECDH-ES")
    long = encrypted(signed(signer, login_hint="x" * longest), key, "ECDH-ES")
    assert len(long) > longest
    assert told(ask(signer, long))["error"] == "invalid_request"
    assert push(signer, long).json["error"] == "invalid_request"
    padded = encrypted(signed(signer, unknown="x" * 5000), key, "ECDH-ES")
    assert len(padded) > signer.provider.settings.max_parameter
    assert accepted(signer, padded)


def test_a_client_without_keys_is_told_that_it_cannot(service: Service) -> None:
    request = encrypted(signed(service), our_key(service, "ECDH-ES"), "ECDH-ES")
    assert told(ask(service, request, **parameters()))["error"] == "request_not_supported"


@pytest.mark.parametrize("header", [{"epk": 1}, {"epk": {}}, {"epk": {"kty": "oct", "k": "e"}}])
def test_a_strange_ephemeral_key_is_refused(signer: Service, header: dict[str, Any]) -> None:
    kid = our_key(signer, "ECDH-ES").kid
    head = json_b64encode({"alg": "ECDH-ES", "enc": ENC, "kid": kid} | header).decode()
    assert_refused(signer, f"{head}..e30e30e30e30e30.e30.e30e30")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
_HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(OURS) | _JSON, "enc": st.sampled_from(CONTENT) | _JSON},
    optional=dict.fromkeys(("kid", "epk", "apu", "apv", "zip", "crit", "typ", "b64"), _JSON),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(header=_HEADERS | _JSON, parts=st.lists(st.binary(max_size=40), min_size=4, max_size=4))
def test_whatever_is_sent_is_read_to_an_end(
    signer: Service, header: Any, parts: list[bytes]
) -> None:
    """No input of a client ends in an error of ours."""
    text = ".".join(
        [json_b64encode(header).decode(), *(urlsafe_b64encode(p).decode() for p in parts)]
    )
    assert decrypted(signer.provider, text) is None


@pytest.mark.parametrize("enc", CONTENT)
@pytest.mark.parametrize("alg", OURS)
def test_each_offered_encryption_is_opened(signer: Service, alg: str, enc: str) -> None:
    request = encrypted(signed(signer), our_key(signer, alg), alg, enc)
    assert accepted(signer, request)
    pushed = push(signer, request)
    assert pushed.status_code == HTTPStatus.CREATED
    query = {"client_id": "signer", "request_uri": pushed.json["request_uri"]}
    answer = told(signer.http.get("/auth", query_string=query))
    assert (answer["error"], answer["state"]) == ("login_required", "s1")


@pytest.mark.parametrize("alg", OURS)
def test_the_key_need_not_be_named(signer: Service, alg: str) -> None:
    assert accepted(signer, encrypted(signed(signer), our_key(signer, alg), alg, kid=None))


def test_a_client_that_must_sign_may_encrypt(service: Service) -> None:
    must = with_keys(
        service,
        "must",
        require_signed_request_object=True,
        request_object_encryption_alg="ECDH-ES",
        request_object_encryption_enc=ENC,
    )
    assert accepted(must, encrypted(signed(must), our_key(must, "ECDH-ES"), "ECDH-ES"))


@pytest.mark.parametrize(
    ("alg", "purpose"), [("RSA-OAEP-256", "encryption"), ("ECDH-ES", "encryption-ecdh")]
)
def test_a_rotation_overlaps(signer: Service, alg: str, purpose: str) -> None:
    """What was encrypted to the old key is opened for another overlap, and then no more.

    oidcc-server-rotate-keys.
    """
    provider = signer.provider
    old, current = our_key(signer, alg), provider.keyring.active(purpose)
    with provider.store.begin() as db:
        row = rotate(db, provider.sealer, provider.settings, provider.clock.now(), current=current)
    assert row.endorsement is None
    provider.keyring.forget()
    kids = [key["kid"] for key in published(signer) if key["alg"] == alg]
    assert kids == [old.kid, row.kid]
    assert accepted(signer, encrypted(signed(signer), our_key(signer, alg), alg))
    assert accepted(signer, encrypted(signed(signer), old, alg, kid=None))
    advance(provider, provider.settings.key_overlap.total_seconds() + 1)
    kids = [key["kid"] for key in published(signer) if key["alg"] == alg]
    assert kids == [row.kid]
    assert accepted(signer, encrypted(signed(signer), old, alg))
    advance(provider, provider.settings.key_overlap.total_seconds())
    assert_refused(signer, encrypted(signed(signer), old, alg))
    assert accepted(signer, encrypted(signed(signer), our_key(signer, alg), alg))
