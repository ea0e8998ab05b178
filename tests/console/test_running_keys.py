"""The provider's keys on the console: shown, published where, renewed by two."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from idp.audit.events import Event
from idp.console.acts.act import ActImpossible
from idp.console.running.acts import ROTATE
from idp.keys.purposes import PURPOSES
from idp.provider import Provider
from idp.store.keys import all_keys
from tests.console.helpers import colleague, error_in, events, later, post
from tests.console.running_helpers import simultaneously, texts

RENEW = "/cles/tokens/renouvellement"


def kids(provider: Provider, purpose: str = "tokens") -> list[str]:
    with provider.store.read() as db:
        return [key.kid for key in all_keys(db) if key.purpose == purpose]


def test_there_is_no_key_for_what_nothing_uses(console: FlaskClient) -> None:
    assert console.get("/cles/autre/renouvellement").status_code == 404


def test_no_private_half_is_shown(console: FlaskClient, provider: Provider) -> None:
    page = texts(console, "/cles")
    with provider.store.read() as db:
        rows = all_keys(db)
    for row in rows:
        opened = provider.keyring.find([row.purpose], row.kid)
        assert opened is not None
        assert row.kid in page
        assert str(opened.key.as_dict(private=True)["d"]) not in page


def test_every_purpose_is_shown_with_where_it_is_published(console: FlaskClient) -> None:
    page = texts(console, "/cles")
    assert page.count("/cles/") == len(PURPOSES)
    assert page.count("/protocol/openid-connect/certs") == 5
    assert page.count("/wallet/v1/configuration") == 2
    assert page.count("Elle n’est publiée nulle part.") == 1


@pytest.mark.parametrize("role", ["reader", "support", "registrar"])
def test_only_an_administrator_renews_a_key(manned: Provider, manned_app: Flask, role: str) -> None:
    one = colleague(manned_app, manned, "lea", role)
    assert one.post(RENEW, page="/cles").status_code == 403
    assert "renouvellement" not in texts(one.browser, "/cles")
    assert len(kids(manned)) == 1


def test_two_operators_agree_on_a_renewal(manned: Provider, manned_app: Flask) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    refused = one.post(RENEW, reason="")
    assert refused.status_code == 400
    assert "Dites pourquoi" in error_in(refused)
    waiting = one.post(RENEW, reason="Rotation annuelle.").location
    assert len(kids(manned)) == 1
    other = colleague(manned_app, manned, "marc", "administrator")
    assert "Une clé suivante est publiée aussitôt" in texts(other.browser, waiting)
    other.post(f"{waiting}/accord", page=waiting)
    assert len(kids(manned)) == 2
    [rotated] = events(manned, Event.KEY_ROTATED)
    assert rotated.data["purpose"] == "tokens"


def test_a_renewed_key_is_followed_through_its_life(
    console: FlaskClient, provider: Provider
) -> None:
    assert post(console, RENEW).location == "/cles?fait=keys.rotate"
    page = texts(console, "/cles")
    assert "suivante" in page
    assert RENEW not in page
    provider.keyring.forget()
    old, new = kids(provider)
    assert provider.keyring.active("tokens").kid == old
    provider.clock.synchronise(provider.settings.key_overlap + timedelta(seconds=1))
    assert provider.keyring.active("tokens").kid == new


def test_a_key_whose_successor_waits_is_not_renewed(
    console: FlaskClient, provider: Provider
) -> None:
    post(console, RENEW)
    again = post(console, RENEW)
    assert again.status_code == 409
    assert "déjà publiée" in error_in(again)
    assert len(kids(provider)) == 2


def test_simultaneous_renewals_make_one_successor(both: Provider) -> None:
    both.keyring.active("vapid")

    def renew() -> bool:
        with both.store.begin() as db:
            try:
                ROTATE.carry_out(both, db, "vapid", {})
            except ActImpossible:
                return False
        return True

    assert sorted(map(bool, simultaneously(renew, 3))) == [False, False, True]
    assert len(kids(both, "vapid")) == 2


def test_keys_about_to_retire_are_told(manned: Provider, manned_app: Flask) -> None:
    one = colleague(manned_app, manned, "claire", "administrator")
    with manned.store.begin() as db:
        ROTATE.carry_out(manned, db, "vapid", {})
    assert "se retire bientôt" not in texts(one.browser, "/")
    later(manned, seconds=manned.settings.key_overlap.total_seconds() + 1)
    one.enter()
    assert "1 clé de signature se retire bientôt" in texts(one.browser, "/")
