"""Faults of the ID token (OpenID Connect Core 1.0, 3.1.3.7 and 3.1.3.8; RFC 8725)."""

from typing import Any

from idp.dev.callers import secret_of_request
from idp.dev.faults.carried import (
    Claims,
    expired,
    id_token_of,
    on_claims,
    on_token,
    removed,
    replaced,
    require,
    without_member,
)
from idp.dev.faults.chosen import (
    AgoParameters,
    AheadParameters,
    ClaimParameters,
    ValueParameters,
)
from idp.dev.faults.endpoints import CIBA_PUSH, TOKEN
from idp.dev.faults.fault import Answer, DoesNotFit, Family, Fault, Parameters
from idp.dev.faults.signed import (
    Opened,
    by_key_in_header,
    by_shared_secret,
    public_key_bytes,
    unsigned,
    with_broken_signature,
    with_header,
)
from idp.oauth.tokens.signing import Use
from idp.provider import Provider

_REFUSE = "Refuse the ID token, sign nobody in, and not call userinfo on its strength."


def _further_audience(_provider: Provider, claims: Claims, _chosen: Any) -> Claims:
    return claims | {"aud": [claims["aud"], "untrusted-service"]}


def _from_future(provider: Provider, claims: Claims, chosen: AheadParameters) -> Claims:
    issued = provider.clock.timestamp() + chosen.seconds
    return claims | {"iat": issued, "exp": issued + claims["exp"] - claims["iat"]}


def _old_authentication(provider: Provider, claims: Claims, chosen: AgoParameters) -> Claims:
    return claims | {"auth_time": provider.clock.timestamp() - chosen.seconds}


def _without_claim(provider: Provider, claims: Claims, chosen: ClaimParameters) -> Claims:
    return removed(chosen.claim)(provider, claims, chosen)


def _other_value(_provider: Provider, claims: Claims, chosen: ValueParameters) -> Claims:
    return claims | {require(claims, chosen.claim): chosen.value}


def _by_public_key(provider: Provider, _token: str, was: Opened) -> str:
    return by_shared_secret(was, public_key_bytes(provider, was))


def _by_client_secret(_provider: Provider, _token: str, was: Opened) -> str:
    secret = secret_of_request()
    if not secret:
        raise DoesNotFit
    return by_shared_secret(was, secret.encode())


def _unknown_kid(provider: Provider, _token: str, was: Opened) -> str:
    return with_header(provider, was, was.header | {"kid": "a-kid-that-was-never-published"})


def _no_kid(provider: Provider, _token: str, was: Opened) -> str:
    return with_header(provider, was, {k: v for k, v in was.header.items() if k != "kid"})


def _left_out(answer: Answer, _chosen: Parameters) -> Answer:
    return without_member(answer, "id_token")


_CORE = "OpenID Connect Core 1.0, 3.1.3.7"
_fault = Family("id_token", (TOKEN, CIBA_PUSH), alters=Use.ID_TOKEN).fault
_fault_of_request = Family("id_token", (TOKEN,), alters=Use.ID_TOKEN).fault

FAULTS = (
    _fault(
        "wrong_iss",
        "`iss` is `https://issuer.invalid`; the signature holds.",
        _REFUSE,
        f"{_CORE} (2); RFC 9700, 4.4",
        on_claims(id_token_of, replaced("iss", "https://issuer.invalid")),
    ),
    _fault(
        "wrong_aud",
        "`aud` is `another-service`.",
        _REFUSE,
        f"{_CORE} (3)",
        on_claims(id_token_of, replaced("aud", "another-service")),
    ),
    _fault(
        "further_aud",
        "`aud` is an array: the client, and `untrusted-service`.",
        "Refuse the ID token, for it trusts no other audience.",
        f"{_CORE} (3)",
        on_claims(id_token_of, _further_audience),
    ),
    _fault(
        "wrong_azp",
        "`azp` is `another-service`; `aud` is right.",
        "Refuse the ID token: it was issued to somebody else.",
        f"{_CORE} (5)",
        on_claims(id_token_of, replaced("azp", "another-service")),
    ),
    _fault(
        "wrong_nonce",
        "`nonce` is `a-nonce-of-another-request`; waits for a request that sent one.",
        _REFUSE,
        f"{_CORE} (11); RFC 9700, 4.5.3.2",
        on_claims(id_token_of, replaced("nonce", "a-nonce-of-another-request")),
    ),
    _fault(
        "missing_nonce",
        "There is no `nonce`, though the request sent one.",
        _REFUSE,
        f"{_CORE} (11)",
        on_claims(id_token_of, removed("nonce")),
    ),
    _fault(
        "wrong_at_hash",
        "`at_hash` is that of another access token.",
        "Refuse both tokens where it reads `at_hash`: the access token may have been exchanged.",
        "OpenID Connect Core 1.0, 3.1.3.8",
        on_claims(id_token_of, replaced("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")),
    ),
    _fault(
        "expired",
        "`exp` lies in the past, by an hour unless told otherwise; `iat` accordingly.",
        _REFUSE,
        f"{_CORE} (9)",
        on_claims(id_token_of, expired),
        parameters=AgoParameters,
    ),
    _fault(
        "from_future",
        "`iat` lies in the future, by a day unless told otherwise; `exp` accordingly.",
        "Refuse what is issued later than now, but for a small skew of the clocks.",
        f"{_CORE} (10); RFC 7519, 4.1.6",
        on_claims(id_token_of, _from_future),
        parameters=AheadParameters,
    ),
    _fault(
        "old_auth_time",
        "`auth_time` is older than the sign-in, by default an hour before now.",
        "Where it asked with `max_age`, refuse and ask for a new authentication.",
        f"{_CORE} (13)",
        on_claims(id_token_of, _old_authentication),
        parameters=AgoParameters,
    ),
    _fault(
        "wrong_sub",
        "`sub` is another person's; userinfo goes on saying the right one.",
        "Use nothing of userinfo, whose `sub` differs; after a refresh, end the session.",
        "OpenID Connect Core 1.0, 5.3.2 and 12.2",
        on_claims(id_token_of, replaced("sub", "somebody-else")),
    ),
    _fault(
        "missing_claim",
        "The claim of that name is missing.",
        "Refuse the ID token where the claim is required (`iss`, `sub`, `aud`, `exp`, `iat`), and "
        "do without it, never fail, where it is not.",
        "OpenID Connect Core 1.0, 2",
        on_claims(id_token_of, _without_claim),
        parameters=ClaimParameters,
    ),
    _fault(
        "wrong_claim",
        "The claim of that name holds another text, rightly signed.",
        "Accept no level of authentication (`acr`) and no means (`authMode`) but those that the "
        "service knows.",
        f"{_CORE} (12)",
        on_claims(id_token_of, _other_value),
        parameters=ValueParameters,
    ),
    _fault(
        "bad_signature",
        "One bit of the signature is flipped.",
        _REFUSE,
        f"{_CORE} (6); RFC 8725, 3.3",
        on_token(id_token_of, lambda _provider, token, _was: with_broken_signature(token)),
    ),
    _fault(
        "unsigned",
        "`alg` is `none`, and there is no signature.",
        _REFUSE,
        f"{_CORE} (7); RFC 8725, 3.1 and 3.2",
        on_token(id_token_of, lambda _provider, _token, was: unsigned(was)),
    ),
    _fault(
        "hs256_public_key",
        "Signed by HS256 with the provider's public key, in PEM, for a secret.",
        "Refuse every algorithm but the one it registered: the key of the provider is no secret.",
        f"{_CORE} (7); RFC 8725, 2.1 and 3.1",
        on_token(id_token_of, _by_public_key),
    ),
    _fault_of_request(
        "hs256_client_secret",
        "Signed by HS256 with the client's secret; waits for a request that sends the secret.",
        "Refuse every algorithm but the one it registered: whoever learns the secret would sign.",
        f"{_CORE} (7); RFC 8725, 3.1",
        on_token(id_token_of, _by_client_secret),
    ),
    _fault(
        "unknown_kid",
        "`kid` names a key that is not published; the signature is that of our key.",
        "Fetch the keys once more, not at each token, and refuse what is unknown after that.",
        "OpenID Connect Core 1.0, 10.1.1",
        on_token(id_token_of, _unknown_kid),
    ),
    _fault(
        "missing_kid",
        "There is no `kid`, though several keys are published; the signature holds.",
        "Refuse the ID token, or verify it with the published keys of its algorithm alone.",
        "OpenID Connect Core 1.0, 10.1",
        on_token(id_token_of, _no_kid),
    ),
    _fault(
        "key_in_header",
        "Signed by ES256 with a key that the header brings along as `jwk`.",
        "Trust the published keys alone, never one that a token brings.",
        "RFC 8725, 2.8 and 3.10; RFC 7515, 10.7",
        on_token(id_token_of, lambda _provider, _token, was: by_key_in_header(was)),
    ),
    Fault(
        "id_token_left_out",
        (TOKEN, CIBA_PUSH),
        "There is no ID token in the token response, though `openid` was asked for.",
        "Sign nobody in: who came is not known.",
        "OpenID Connect Core 1.0, 3.1.3.3 and 3.1.3.5",
        _left_out,
    ),
)
"""What can be wrong with who signed in."""
