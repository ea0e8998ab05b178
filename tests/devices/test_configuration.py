"""The signed configuration, and how phones follow a new key (decision 23)."""

from datetime import timedelta

from joserfc import jws
from joserfc.jwk import ECKey

from idp.devices.documents import policy
from idp.devices.proofs import decode_base64url
from idp.keys.rotation import rotate
from tests.conftest import make_settings
from tests.devices.helpers import Bench
from tests.devices.phone_driver import payload_of


def fetch(bench: Bench) -> str:
    response = bench.http.get("/wallet/v1/configuration")
    assert response.mimetype == "application/jose"
    assert "Set-Cookie" not in response.headers
    return response.get_data(as_text=True)


def test_the_configuration_is_signed_by_a_key_it_publishes(one: Bench) -> None:
    token = fetch(one)
    payload = payload_of(token)
    keys = {jwk["kid"]: jwk for jwk in payload["keys"]}
    key = one.provider.keyring.active("phone")
    verified = jws.deserialize_compact(token, ECKey.import_key(keys[key.kid]), ["ES256"])
    assert verified.headers()["typ"] == "ecps-configuration+jws"
    assert "d" not in keys[key.kid]
    assert len(decode_base64url(payload["vapid"])) == 65
    assert payload["issuer"] == one.provider.settings.issuer
    assert payload["policy"]["kdf"]["log2_n"] == 10


def test_a_new_key_comes_with_a_succession_by_the_old_one(one: Bench) -> None:
    provider = one.provider
    old = provider.keyring.active("phone")
    with provider.store.begin() as db:
        rotate(db, provider.sealer, provider.settings, provider.clock.now(), current=old)
    provider.keyring.forget()
    payload = payload_of(fetch(one))
    (succession,) = payload["successions"]
    public = ECKey.import_key(old.row.public_jwk)
    assert jws.deserialize_compact(succession, public, ["ES256"]).headers()["kid"] == old.kid
    one.advance(provider.settings.key_overlap + timedelta(seconds=1))
    later = payload_of(fetch(one))
    assert provider.keyring.active("phone").kid != old.kid
    assert provider.keyring.active("phone").kid in {jwk["kid"] for jwk in later["keys"]}


def test_a_policy_of_strict_asks_for_six_digits(one: Bench) -> None:
    strict = make_settings("sqlite://", "A" * 43, profile="strict")
    assert (policy(strict)["pin_min"], policy(strict)["pin_max"]) == (6, 8)
    assert policy(one.provider.settings)["pin_min"] == 4
