"""Which tokens are exchanged, and which are not (RFC 8693, 2.1 and 2.2.2; decision 35)."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from idp.oauth.rules.certificate_thumbprint import thumbprint
from tests.exchange.helpers import API, MINE, OTHER, Exchange, refusal
from tests.oauth.helpers import add_client, advance, events

INVALID = (400, "invalid_request")


def foreign(claims: dict[str, Any]) -> str:
    """The same claims, signed by somebody else under the provider's `kid`."""
    key = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": "known"}, claims, key, ["RS256"])


def test_a_token_that_somebody_else_signed_is_refused(exchange: Exchange) -> None:
    claims = exchange.first.claims(exchange.first.sign_in()["access_token"])
    assert refusal(exchange.exchange(foreign(claims))) == INVALID


def test_a_token_without_signature_is_refused(exchange: Exchange) -> None:
    _, payload, _ = exchange.first.sign_in()["access_token"].split(".")
    none = f"eyJhbGciOiJub25lIn0.{payload}."
    assert refusal(exchange.exchange(none)) == INVALID


@pytest.mark.parametrize("text", ["x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9..", "é", "[" * 3000])
def test_what_is_no_token_is_refused(exchange: Exchange, text: str) -> None:
    assert refusal(exchange.exchange(text)) == INVALID


def test_a_token_that_lapsed_is_refused(exchange: Exchange) -> None:
    token = exchange.first.sign_in()["access_token"]
    exchange.advance(121)
    assert refusal(exchange.exchange(token)) == INVALID


def test_an_issuer_may_be_a_little_ahead_and_no_further(exchange: Exchange) -> None:
    skew = exchange.provider.settings.subject_skew.total_seconds()
    advance(exchange.first.provider, skew)
    token = exchange.first.sign_in()["access_token"]
    assert exchange.exchange(token).status_code == 200
    advance(exchange.first.provider, 1)
    ahead = exchange.first.sign_in()["access_token"]
    assert refusal(exchange.exchange(ahead)) == INVALID
    advance(exchange.provider, 1)
    assert exchange.exchange(ahead).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://another.test"}, id="issuer"),
        pytest.param({"typ": "ID"}, id="typ"),
        pytest.param({"typ": None}, id="no-typ"),
        pytest.param({"exp": None}, id="no-exp"),
        pytest.param({"exp": "tomorrow"}, id="exp-text"),
        pytest.param({"exp": True}, id="exp-truth"),
        pytest.param({"nbf": 99999999999}, id="future"),
        pytest.param({"azp": "another"}, id="azp"),
        pytest.param({"azp": None}, id="no-azp"),
        pytest.param({"azp": ["service"]}, id="azp-list"),
        pytest.param({"sub": None}, id="no-sub"),
        pytest.param({"sid": None}, id="no-sid"),
        pytest.param({"aud": "https://another.test"}, id="aud"),
        pytest.param({"aud": []}, id="aud-nobody"),
        pytest.param({"cnf": {"jkt": "a" * 43}}, id="dpop"),
        pytest.param({"cnf": {"x5t#S256": "a" * 43}}, id="certificate"),
        pytest.param({"cnf": {"x5t#S256": 1}}, id="certificate-number"),
        pytest.param({"cnf": "bound"}, id="cnf"),
        pytest.param({"act": "nobody"}, id="act"),
        pytest.param({"may_act": {"sub": "another"}}, id="may-act"),
        pytest.param({"may_act": {}}, id="may-act-nobody"),
        pytest.param({"may_act": {"role": "admin"}}, id="may-act-unknown"),
    ],
)
def test_a_token_of_the_issuer_that_is_not_for_this_is_refused(
    exchange: Exchange, changes: dict[str, Any]
) -> None:
    answer = exchange.exchange(exchange.forge(**changes))
    assert refusal(answer) == INVALID, answer.text
    assert "exchange:subject:refused" in events(exchange.provider)


def test_an_id_token_and_a_refresh_token_are_no_access_tokens(exchange: Exchange) -> None:
    signed_in = exchange.first.sign_in()
    for name in ("id_token", "refresh_token"):
        assert refusal(exchange.exchange(signed_in[name])) == INVALID


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"subject_token": None}, id="no-token"),
        pytest.param({"subject_token_type": None}, id="no-type"),
        pytest.param(
            {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, id="type"
        ),
        pytest.param({"subject_issuer": None}, id="no-issuer"),
        pytest.param({"subject_issuer": "another"}, id="issuer"),
        pytest.param(
            {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
            id="requested",
        ),
        pytest.param({"actor_token": "x"}, id="actor-without-type"),
        pytest.param(
            {"actor_token_type": "urn:ietf:params:oauth:token-type:access_token"},
            id="type-without-actor",
        ),
        pytest.param(
            {
                "actor_token": "x",
                "actor_token_type": "urn:ietf:params:oauth:token-type:access_token",
            },
            id="actor",
        ),
    ],
)
def test_a_request_that_is_not_whole_is_refused(
    exchange: Exchange, changes: dict[str, Any]
) -> None:
    token = exchange.first.sign_in()["access_token"]
    assert refusal(exchange.exchange(token, **changes)) == INVALID


def test_a_parameter_that_may_not_stands_twice(exchange: Exchange) -> None:
    """RFC 6749, 3.2; only `audience` and `resource` may (RFC 8693, 2.1)."""
    token = exchange.first.sign_in()["access_token"]
    assert refusal(exchange.exchange(token, subject_issuer=["psc", "psc"])) == INVALID
    assert exchange.exchange(token, audience=[API, "api-mesures"]).status_code == 200


def test_a_client_exchanges_the_tokens_of_its_own_clients_there_alone(exchange: Exchange) -> None:
    add_client(exchange.first.provider, "another-service")
    another = exchange.first.as_client("another-service").sign_in()["access_token"]
    assert refusal(exchange.exchange(another)) == INVALID
    exchange.client_id = "lecteur"
    assert refusal(exchange.exchange(exchange.first.sign_in()["access_token"])) == INVALID


def test_a_client_that_does_not_prove_who_it_is_gets_nothing(exchange: Exchange) -> None:
    token = exchange.first.sign_in()["access_token"]
    exchange.client_id = "nobody"
    assert refusal(exchange.exchange(token)) == (401, "invalid_client")


def test_nothing_else_is_granted_here(exchange: Exchange) -> None:
    for grant_type in ("authorization_code", "client_credentials", "password"):
        answer = exchange.post("token", {"grant_type": grant_type})
        assert refusal(answer) == (400, "unsupported_grant_type")


def test_nothing_is_exchanged_at_the_provider_itself(exchange: Exchange) -> None:
    """Decision 35: the exchange is a second issuer's."""
    token = exchange.first.sign_in()["access_token"]
    form = {
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": token,
    }
    assert refusal(exchange.first.post("token", form)) == (400, "unsupported_grant_type")


def test_without_keys_nothing_is_judged(exchange: Exchange) -> None:
    """Keys read too long ago verify nothing: one of them may have been withdrawn since."""
    exchange.advance(24 * 3600)
    token = exchange.first.sign_in()["access_token"]
    answer = exchange.exchange(token)
    assert refusal(answer) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"]
    exchange.read_keys()
    assert exchange.exchange(token).status_code == 200


def test_keys_are_kept_where_the_issuer_is_away(exchange: Exchange) -> None:
    exchange.server.away = True
    exchange.advance(301)
    exchange.read_keys()
    assert exchange.exchange(exchange.forge()).status_code == 200


def test_keys_read_too_long_ago_verify_nothing(exchange: Exchange) -> None:
    """It fails closed."""
    exchange.server.away = True
    exchange.advance(exchange.provider.settings.trusted_keys_limit.total_seconds() - 60)
    assert exchange.exchange(exchange.forge()).status_code == 200
    exchange.advance(60)
    assert refusal(exchange.exchange(exchange.forge())) == (503, "temporarily_unavailable")


def test_keys_are_read_again_in_time_and_no_sooner(exchange: Exchange) -> None:
    exchange.server.asked.clear()
    exchange.read_keys()
    assert exchange.server.asked == []
    exchange.advance(301)
    exchange.read_keys()
    assert [path.rpartition("/")[2] for path in exchange.server.asked] == ["certs"]


def test_a_bound_token_is_exchanged_for_its_holder_alone(exchange: Exchange) -> None:
    """RFC 8705, 3; the encoding of Pro Santé Connect's partners is read as well."""
    for named in (thumbprint(MINE), thumbprint(MINE, "base64_hex")):
        token = exchange.forge(cnf={"x5t#S256": named})
        exchange.certificate = OTHER
        assert refusal(exchange.exchange(token)) == INVALID
        exchange.certificate = MINE
        assert exchange.exchange(token).status_code == 200
