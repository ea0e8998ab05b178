"""Pairwise subjects in the browser (decision 11): hints name the person to their own client."""

from collections.abc import Iterator

import pytest
from flask import Flask

from idp import create_app
from idp.directory.people import account_of
from idp.oauth.tokens.signing import sign
from idp.psc.subject import subject_of
from idp.store.clients import find_client
from tests.conftest import make_settings, provider_of
from tests.signin.helpers import (
    PERSON,
    SOMEBODY_ELSE,
    authorize,
    live_sessions,
    returned,
    sign_in,
)


@pytest.fixture
def app(sqlite_url: str, master_key: str) -> Iterator[Flask]:
    app = create_app(make_settings(sqlite_url, master_key, sub_format="pairwise"))
    yield app
    provider_of(app).store.close()


def sub_of(app: Flask, national_id: str) -> str:
    """What the service is told of somebody."""
    provider = provider_of(app)
    with provider.store.begin() as db:
        account = account_of(db, national_id, provider.clock.now())
        client = find_client(db, "service")
        assert client is not None
        return subject_of(provider, client, account_id=account.account_id, national_id=national_id)


@pytest.mark.parametrize(
    ("hinted", "comes_back_with"), [(PERSON, "code"), (SOMEBODY_ELSE, "error")]
)
def test_a_hint_names_the_person_by_the_pairwise_subject(
    app: Flask, hinted: str, comes_back_with: str
) -> None:
    """OpenID Connect Core 3.1.2.1: another person's hint is `login_required` without a page."""
    provider, browser = provider_of(app), app.test_client()
    sub = sub_of(app, hinted)
    assert hinted not in sub
    sign_in(browser, provider)
    session = live_sessions(provider)[-1]
    claims = {
        "iss": provider.settings.issuer,
        "aud": "service",
        "sub": sub,
        "sid": session.sid,
        "typ": "ID",
        "exp": provider.clock.timestamp() - 3600,
    }
    for asked in (
        {"id_token_hint": sign(provider, claims)},
        {"claims": f'{{"id_token": {{"sub": {{"value": "{sub}"}}}}}}'},
    ):
        told = returned(authorize(browser, prompt="none", **asked))
        assert comes_back_with in told
        assert told.get("error") in {None, "login_required"}
