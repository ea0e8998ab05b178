"""Assertions by each algorithm, and by the client's secret (OpenID Connect Core 9; RFC 7523)."""

import json
import secrets
from typing import Any

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey, Key, KeySet, OctKey, OKPKey, RSAKey

from idp.cli import main
from idp.keys.sealing import Sealer
from idp.oauth.clients.metadata import ClientMetadataRefused
from idp.oauth.clients.secrets import signing_key
from idp.provider import Provider
from idp.rewrapping import rewrap
from idp.store.clients import find_client
from tests.mtls.helpers import ALIAS
from tests.oauth.dpop import signed
from tests.oauth.helpers import PROTOCOL, Service, add_client

ISSUER = "http://localhost:8000/auth/realms/esante-wallet"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECRET = "secret-that-signs-" + "é" * 7
KEYS: dict[str, Key] = {
    "ES256": ECKey.generate_key("P-256"),
    "PS256": RSAKey.generate_key(2048),
    "RS256": RSAKey.generate_key(2048),
    "Ed25519": OKPKey.generate_key("Ed25519"),
}
KEYS["EdDSA"] = KEYS["Ed25519"]


def assertion(
    service: Service, key: Key, alg: str, *, named: str | None = None, **changes: Any
) -> str:
    """Signed by ``alg``, and saying that it is by ``named``."""
    now = int(service.provider.clock.timestamp())
    claims: dict[str, Any] = {"iss": service.client_id, "sub": service.client_id, "aud": ISSUER}
    claims |= {"iat": now, "exp": now + 60, "jti": secrets.token_urlsafe()} | changes
    signer = "Ed25519" if alg == "EdDSA" else alg
    return signed({"alg": named or alg}, claims, key, signer=signer)


def ask(service: Service, text: str, **form: str) -> int:
    sent = {"client_assertion": text, "client_assertion_type": ASSERTION_TYPE, "token": "t"}
    answer = service.http.post(f"{PROTOCOL}/token/introspect", data=sent | form)
    if answer.status_code != 200:
        assert answer.json["error"] == "invalid_client"
    return int(answer.status_code)


@pytest.fixture
def signer(service: Service) -> Service:
    jwks = KeySet([KEYS[name] for name in ("ES256", "PS256", "RS256", "Ed25519")])
    add_client(
        service.provider,
        "signer",
        token_endpoint_auth_method="private_key_jwt",
        jwks=jwks.as_dict(private=False),
    )
    return service.as_client("signer")


@pytest.fixture
def by_secret(service: Service) -> Service:
    add_client(
        service.provider,
        "by-secret",
        token_endpoint_auth_method="client_secret_jwt",
        client_secret=SECRET,
    )
    return service.as_client("by-secret")


# -- private_key_jwt -----------------------------------------------------------------------------


@pytest.mark.parametrize("alg", KEYS)
def test_each_algorithm_authenticates(signer: Service, alg: str) -> None:
    """RFC 9864: `EdDSA` is the older name of `Ed25519`."""
    assert ask(signer, assertion(signer, KEYS[alg], alg)) == 200


@pytest.mark.parametrize(
    ("alg", "named"), [("ES256", "PS256"), ("Ed25519", "ES256"), ("RS256", "PS256"), ("ES256", "x")]
)
def test_an_algorithm_that_did_not_sign_is_refused(signer: Service, alg: str, named: str) -> None:
    assert ask(signer, assertion(signer, KEYS[alg], alg, named=named)) == 401


@pytest.mark.parametrize("registered", ["PS256", "Ed25519", "EdDSA"])
def test_the_registered_algorithm_is_the_only_one(signer: Service, registered: str) -> None:
    """FAPI: fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails."""
    jwks = KeySet(list(KEYS.values())).as_dict(private=False)
    add_client(
        signer.provider,
        "strict",
        token_endpoint_auth_method="private_key_jwt",
        token_endpoint_auth_signing_alg=registered,
        jwks=jwks,
    )
    strict = signer.as_client("strict")
    assert ask(strict, assertion(strict, KEYS["RS256"], "RS256")) == 401
    assert ask(strict, assertion(strict, KEYS["ES256"], "ES256")) == 401
    assert ask(strict, assertion(strict, KEYS[registered], registered)) == 200


def test_the_alias_is_an_audience(signer: Service) -> None:
    """RFC 8705, 5: the endpoint has two addresses."""
    text = assertion(signer, KEYS["ES256"], "ES256", aud=f"{ALIAS}{PROTOCOL}/token")
    assert ask(signer, text) == 200
    text = assertion(signer, KEYS["ES256"], "ES256", aud=f"{ALIAS}/elsewhere")
    assert ask(signer, text) == 401


# -- client_secret_jwt ---------------------------------------------------------------------------


def test_the_secret_signs(by_secret: Service) -> None:
    key = OctKey.import_key(SECRET.encode())
    text = assertion(by_secret, key, "HS256")
    assert ask(by_secret, text) == 200
    assert ask(by_secret, text) == 401


def test_another_secret_or_algorithm_signs_nothing(by_secret: Service) -> None:
    other, key = OctKey.import_key(b"x" * 32), OctKey.import_key(SECRET.encode())
    assert ask(by_secret, assertion(by_secret, other, "HS256")) == 401
    assert ask(by_secret, assertion(by_secret, key, "HS512")) == 401
    assert ask(by_secret, assertion(by_secret, KEYS["ES256"], "ES256")) == 401


def test_a_public_key_is_no_secret(signer: Service) -> None:
    """RFC 8725, 3.1: what everybody knows of a key signs nothing."""
    public = KEYS["ES256"].as_dict(private=False)
    known = OctKey.import_key(json.dumps(public).encode())
    assert ask(signer, assertion(signer, known, "HS256")) == 401


def test_the_secret_goes_over_no_line(by_secret: Service) -> None:
    """It registered that it signs: the secret itself authenticates nobody."""
    form = {"client_id": "by-secret", "client_secret": SECRET, "token": "t"}
    answer = by_secret.http.post(f"{PROTOCOL}/token/introspect", data=form)
    assert answer.status_code == 401


def test_a_secret_sent_is_kept_by_its_digest_alone(service: Service, by_secret: Service) -> None:
    add_client(service.provider, "usual", client_secret=SECRET)
    usual = service.as_client("usual")
    with service.provider.store.read() as db:
        kept = {name: find_client(db, name) for name in ("usual", "by-secret")}
    assert kept["usual"] is not None
    assert kept["usual"].secret_sealed is None
    assert kept["by-secret"] is not None
    assert SECRET.encode() not in (kept["by-secret"].secret_sealed or b"")
    assert ask(usual, assertion(usual, OctKey.import_key(SECRET.encode()), "HS256")) == 401
    del by_secret


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": "s" * 31},
            "32 bytes",
        ),
        ({"token_endpoint_auth_signing_alg": "PS256"}, "assertions alone"),
        (
            {
                "token_endpoint_auth_method": "client_secret_jwt",
                "client_secret": SECRET,
                "token_endpoint_auth_signing_alg": "PS256",
            },
            "does not sign",
        ),
    ],
)
def test_what_cannot_sign_is_not_registered(
    provider: Provider, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(ClientMetadataRefused, match=said):
        add_client(provider, **values)


def test_registering_the_same_again_changes_nothing(by_secret: Service) -> None:
    def kept() -> bytes | None:
        with by_secret.provider.store.read() as db:
            row = find_client(db, "by-secret")
            assert row is not None
            return row.secret_sealed

    before = kept()
    method = {"token_endpoint_auth_method": "client_secret_jwt", "client_secret": SECRET}
    add_client(by_secret.provider, "by-secret", **method)
    assert kept() == before


def test_a_new_secret_is_the_one_that_signs(
    by_secret: Service, sqlite_url: str, master_key: str
) -> None:
    def change(secret: str) -> Any:
        command = ["client", "secret", "by-secret", "--secret", secret]
        environment = {"ECPS_MASTER_KEY": master_key}
        return CliRunner().invoke(main, [*command, "--database-url", sqlite_url], env=environment)

    assert "32 bytes" in change("short").output
    assert change("n" * 40).exit_code == 0
    old, new = OctKey.import_key(SECRET.encode()), OctKey.import_key(b"n" * 40)
    assert ask(by_secret, assertion(by_secret, old, "HS256")) == 401
    assert ask(by_secret, assertion(by_secret, new, "HS256")) == 200


def test_another_master_key_seals_it_anew(by_secret: Service) -> None:
    """Decision 23."""
    new = Sealer(b"n" * 32)
    with by_secret.provider.store.begin() as db:
        rewrap(db, by_secret.provider.sealer, new)
    with by_secret.provider.store.read() as db:
        row = find_client(db, "by-secret")
    assert row is not None
    key = signing_key(row, new)
    assert key is not None
    assert key.raw_value == SECRET.encode()
