"""Whom a request is about (OpenID Connect CIBA Core 1.0, 7.1 and 13)."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from idp import create_app
from idp.outbox.expiry import delete_expired
from idp.provider import Provider
from tests.ciba.helpers import (
    OTHER_SIGNER,
    SIGNER,
    CibaService,
    add_ciba_client,
    challenges,
    public_keys,
    service,
    sign,
)
from tests.conftest import make_settings, provider_of
from tests.oauth.helpers import PERSON, advance, open_session


@pytest.fixture
def asking(app: Flask, provider: Provider) -> CibaService:
    """A client with keys, which takes people by the browser, too."""
    add_ciba_client(provider, jwks=public_keys(SIGNER))
    return service(app)


@pytest.fixture
def pairwise(sqlite_url: str, master_key: str) -> Iterator[CibaService]:
    app = create_app(make_settings(sqlite_url, master_key, sub_format="pairwise"))
    add_ciba_client(provider_of(app))
    yield service(app)
    provider_of(app).store.close()


def ask_by(asking: CibaService, **hint: Any) -> Any:
    return asking.ask(login_hint=None, **hint)


def refused(answer: Any, error: str = "invalid_request") -> None:
    assert (answer.status_code, answer.json["error"]) == (400, error), answer.text


def hint_token(provider: Provider, **changes: Any) -> dict[str, Any]:
    now = int(provider.clock.now().timestamp())
    claims = {
        "iss": "ciba",
        "aud": provider.settings.issuer,
        "exp": now + 300,
        "sub_id": {"format": "opaque", "id": PERSON},
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


@pytest.mark.parametrize("typed", [PERSON, "8 997 009 900 15", "8.99700990015"])
def test_an_identifier_is_read_as_people_type_it(
    asking: CibaService, provider: Provider, typed: str
) -> None:
    assert asking.ask(login_hint=typed).status_code == 200
    assert challenges(provider)[0].national_id == PERSON


def test_an_identifier_of_a_structure_is_one(asking: CibaService, provider: Provider) -> None:
    """Pro Santé Connect: `500…/CPAT…`."""
    typed = "500000001815646/CPAT00045"
    assert asking.ask(login_hint=typed).status_code == 200
    assert challenges(provider)[0].national_id == typed


def test_an_id_token_names_its_person(asking: CibaService, provider: Provider) -> None:
    hint = asking.sign_in()["id_token"]
    assert ask_by(asking, id_token_hint=hint).status_code == 200
    assert challenges(provider)[0].national_id == PERSON


def test_an_expired_id_token_still_does_for_a_while(
    asking: CibaService, provider: Provider
) -> None:
    hint = asking.sign_in()["id_token"]
    age = provider.settings.ciba_hint_age.total_seconds()
    advance(provider, age - 10)
    assert ask_by(asking, id_token_hint=hint).status_code == 200
    advance(provider, 20)
    refused(ask_by(asking, id_token_hint=hint))


def test_an_id_token_of_another_client_is_refused(
    app: Flask, asking: CibaService, provider: Provider
) -> None:
    add_ciba_client(provider, "other")
    hint = service(app, "other").sign_in()["id_token"]
    refused(ask_by(asking, id_token_hint=hint))


@pytest.mark.parametrize("member", ["access_token", "refresh_token"])
def test_another_token_of_ours_is_no_hint(asking: CibaService, member: str) -> None:
    """RFC 8725, 3.12."""
    refused(ask_by(asking, id_token_hint=asking.sign_in()[member]))


@pytest.mark.parametrize("hint", ["x", "e.e.e", "a.b.c.d.e"])
def test_what_is_no_token_is_no_hint(asking: CibaService, hint: str) -> None:
    refused(ask_by(asking, id_token_hint=hint))
    refused(ask_by(asking, login_hint_token=hint))


def test_an_id_token_signed_by_somebody_else_is_refused(
    asking: CibaService, provider: Provider
) -> None:
    claims = asking.claims(asking.sign_in()["id_token"])
    refused(ask_by(asking, id_token_hint=sign(claims, alg="RS256")))
    del provider


def test_a_pairwise_subject_is_known_by_its_session(pairwise: CibaService) -> None:
    """Decision 11: such a token does not hold the identifier; its answer does not either."""
    hint = pairwise.sign_in(open_session(pairwise.provider))["id_token"]
    assert PERSON not in str(pairwise.claims(hint))
    answer = ask_by(pairwise, id_token_hint=hint)
    assert answer.status_code == 200, answer.text
    assert challenges(pairwise.provider)[0].national_id == PERSON


def test_a_pairwise_subject_of_a_forgotten_session_is_unknown(pairwise: CibaService) -> None:
    provider = pairwise.provider
    hint = pairwise.sign_in(open_session(provider))["id_token"]
    advance(provider, provider.settings.session_lifetime.total_seconds() + 1)
    delete_expired(provider)
    refused(ask_by(pairwise, id_token_hint=hint), "unknown_user_id")


def test_a_hint_token_names_its_person(asking: CibaService, provider: Provider) -> None:
    text = sign(hint_token(provider), typ="login-hint+jwt")
    assert ask_by(asking, login_hint_token=text).status_code == 200
    assert challenges(provider)[0].national_id == PERSON


def test_a_hint_token_too_old_has_its_own_error(asking: CibaService, provider: Provider) -> None:
    """CIBA Core 13."""
    text = sign(hint_token(provider), typ="login-hint+jwt")
    advance(provider, 331)
    refused(ask_by(asking, login_hint_token=text), "expired_login_hint_token")


BAD: dict[str, dict[str, Any]] = {
    "of another client": {"iss": "other"},
    "for another issuer": {"aud": "https://other.test"},
    "for nobody": {"aud": None},
    "without end": {"exp": None},
    "with an end that is no number": {"exp": "soon"},
    "for years": {"exp": 4_000_000_000},
    "for ever": {"exp": float("inf")},
    "until no moment": {"exp": float("nan")},
    "with an end that is a truth": {"exp": True},
    "without subject": {"sub_id": None},
    "subject no object": {"sub_id": PERSON},
    "subject of another format": {"sub_id": {"format": "email", "email": "a@b.test"}},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD.keys())
def test_a_hint_token_that_does_not_hold_is_refused(
    asking: CibaService, provider: Provider, changes: dict[str, Any]
) -> None:
    text = sign(hint_token(provider, **changes), typ="login-hint+jwt")
    refused(ask_by(asking, login_hint_token=text))


@pytest.mark.parametrize("subject", ["toto", None, 7, ["8"]])
def test_a_hint_token_that_names_no_identifier_is_unknown(
    asking: CibaService, provider: Provider, subject: Any
) -> None:
    claims = hint_token(provider, sub_id={"format": "opaque", "id": subject})
    text = sign(claims, typ="login-hint+jwt")
    refused(ask_by(asking, login_hint_token=text), "unknown_user_id")


def test_a_hint_token_is_no_other_jwt(asking: CibaService, provider: Provider) -> None:
    """RFC 8725, 3.11: the type is demanded."""
    for typ in (None, "JWT", "oauth-authz-req+jwt"):
        refused(ask_by(asking, login_hint_token=sign(hint_token(provider), typ=typ)))


def test_a_hint_token_by_an_unregistered_key_is_refused(
    asking: CibaService, provider: Provider
) -> None:
    text = sign(hint_token(provider), key=OTHER_SIGNER, alg="ES256", typ="login-hint+jwt")
    refused(ask_by(asking, login_hint_token=text))


def test_a_client_without_keys_has_no_hint_tokens(app: Flask, provider: Provider) -> None:
    add_ciba_client(provider, "keyless")
    text = sign(hint_token(provider, iss="keyless"), typ="login-hint+jwt")
    refused(ask_by(service(app, "keyless"), login_hint_token=text))
