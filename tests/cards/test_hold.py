"""A card that its holder has not activated is on hold on the list of revoked certificates (CP-07).

So is it told from one in use by whoever reads a chip without asking the provider (SV-07).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from unittest import mock

import pytest
from cryptography import x509
from cryptography.x509 import ReasonFlags
from cryptography.x509.ocsp import OCSPCertStatus
from flask.testing import FlaskClient
from sqlalchemy import select

from idp import create_app
from idp.cards.opposition import oppose
from idp.cards.renewal import expire_cards, take_over
from idp.cards.states import CardState
from idp.cards.uses import revoke
from idp.provider import Provider, open_provider
from idp.store.cards import (
    certificates_of_card,
    find_card,
    release_certificates,
    revoke_certificates,
)
from idp.store.migrate import upgrade
from idp.store.models import CardCertificate
from idp.store.world import move_clock
from tests.architecture.test_migrations import go_back
from tests.cards.helpers import IssuedCard, Line, issued_card, make_card, order_card
from tests.cards.pki import ask, number_of, question, the_list
from tests.cards.rows import a_card, add, its_certificates
from tests.conftest import make_settings


@pytest.fixture
def on_postgresql(fresh_postgresql_url: str, master_key: str) -> Iterator[Provider]:
    """SQLite has one writer, and nothing to wait for in an order."""
    provider = open_provider(make_settings(fresh_postgresql_url, master_key))
    yield provider
    provider.store.close()


def browser_of(provider: Provider) -> FlaskClient:
    return create_app(provider.settings, provider=provider).test_client()


def reasons(provider: Provider, card: IssuedCard) -> list[ReasonFlags]:
    """Why each certificate of a card is listed, the one that authenticates first."""
    crl = the_list(browser_of(provider))
    entries = [
        crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        for certificate in (card.authentication, card.signature)
    ]
    return [
        entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
        for entry in entries
        if entry is not None
    ]


def kept(provider: Provider, card_number: str) -> set[tuple[datetime | None, str | None]]:
    """Since when and why the certificates of a card are revoked, as the database has it."""
    with provider.store.read() as db:
        rows = certificates_of_card(db, card_number)
    assert len(rows) == 2
    return {(row.revoked_at, row.revocation_reason) for row in rows}


def posted(provider: Provider, **columns: Any) -> Line:
    """A card that was made and is in the post."""
    return Line(provider, make_card(provider, order_card(provider, **columns)))


def test_a_card_in_the_post_is_on_hold_with_both_certificates(provider: Provider) -> None:
    """CP-07; RFC 5280, 5.3.1."""
    card = posted(provider).card
    assert reasons(provider, card) == [ReasonFlags.certificate_hold] * 2


def test_ocsp_says_that_it_is_revoked_for_the_time_being(
    provider: Provider, browser: FlaskClient
) -> None:
    """RFC 6960, 2.2: temporarily, which the reason tells."""
    card = issued_card(provider, state=CardState.RECUE_NON_ACTIVEE)
    told = ask(browser, question(card.signature, card.chain[0]))
    assert told.certificate_status is OCSPCertStatus.REVOKED
    assert told.revocation_reason is ReasonFlags.certificate_hold
    assert told.revocation_time_utc is not None


def test_an_activation_that_is_refused_leaves_the_hold(provider: Provider) -> None:
    """CP-07, attack: who holds the card and not its code."""
    line = posted(provider)
    line.card.authentication_key = line.card.signature_key
    assert line.activate().status_code == 403
    assert reasons(provider, line.card) == [ReasonFlags.certificate_hold] * 2


@pytest.mark.parametrize("state", [CardState.ACTIVE, CardState.BLOQUEE, CardState.EXPIREE])
def test_a_card_that_was_in_use_when_it_was_made_is_not_on_hold(
    provider: Provider, state: CardState
) -> None:
    """Handed over in use, as those of the sample people; also one that is blocked since."""
    assert reasons(provider, issued_card(provider, state=state)) == []


def test_activation_takes_it_off_the_list_at_once(both: Provider) -> None:
    """CP-07; RFC 5280, 5.2.3: the list is numbered anew at both changes."""
    other, browser = posted(both).card, browser_of(both)
    numbers = [number_of(the_list(browser))]
    line = posted(both)
    numbers.append(number_of(the_list(browser)))
    assert line.activate().status_code == 200
    numbers.append(number_of(the_list(browser)))
    # Above the bits of the time, which goes on by itself.
    assert [number >> 40 for number in numbers] == [2, 3, 4]
    assert reasons(both, line.card) == []
    assert reasons(both, other) == [ReasonFlags.certificate_hold] * 2
    told = ask(browser, question(line.card.signature, line.card.chain[0]))
    assert told.certificate_status is OCSPCertStatus.GOOD


def test_a_card_opposed_in_the_post_is_revoked_for_good_since_it_was_on_hold(
    both: Provider,
) -> None:
    """CP-13; ITU-T X.509: the date of the hold stays."""
    line = posted(both)
    number = line.card.card_number
    ((since, _),) = kept(both, number)
    with both.store.begin() as db:
        oppose(both, db, number, reason="vol")
    assert kept(both, number) == {(since, "keyCompromise")}
    assert line.activate().status_code == 409
    with both.store.begin() as db:
        assert release_certificates(db, number) == 0
        again = revoke_certificates(db, number, reason="superseded", now=both.clock.now())
        assert again == 0, "a card is revoked for its first reason"
    assert reasons(both, line.card) == [ReasonFlags.key_compromise] * 2


def test_a_card_replaced_before_it_was_activated_is_superseded(provider: Provider) -> None:
    """CP-11: its successor was activated first."""
    first = posted(provider).card
    with provider.store.begin() as db:
        row = find_card(db, first.card_number)
        assert row is not None
        row.state = CardState.RECUE_NON_ACTIVEE
    successor = add(provider, a_card(provider, renews=first.card_number))
    with provider.store.begin() as db:
        take_over(provider, db, successor)
    assert reasons(provider, first) == [ReasonFlags.superseded] * 2


def test_an_activation_and_the_opposition_of_the_card_before_wait_for_each_other_in_one_order(
    on_postgresql: Provider,
) -> None:
    """CP-11, CP-13: cards before the list's own row, so that neither holds what the other needs."""
    provider = on_postgresql
    old = posted(provider)
    assert old.activate().status_code == 200
    new = posted(provider, renews=old.card.card_number)
    both_hold_a_card = Barrier(2)

    def met(act: Callable[..., None]) -> Callable[..., None]:
        def wait_and_act(*given: Any) -> None:
            both_hold_a_card.wait(20)
            act(*given)

        return wait_and_act

    def opposed() -> None:
        with provider.store.begin() as db:
            oppose(provider, db, old.card.card_number, reason="perte")

    with (
        mock.patch("idp.cards.activation.take_over", met(take_over)),
        mock.patch("idp.cards.opposition.revoke", met(revoke)),
        ThreadPoolExecutor(1) as pool,
    ):
        opposition = pool.submit(opposed)
        assert new.activate().status_code == 200
        opposition.result(20)
    assert (old.row.state, new.row.state) == (CardState.OPPOSEE, CardState.ACTIVE)
    assert reasons(provider, old.card) == [ReasonFlags.key_compromise] * 2
    assert reasons(provider, new.card) == []


def test_a_card_that_ended_in_the_drawer_stays_on_hold(provider: Provider) -> None:
    """RFC 5280, 3.3: until one list after its end has said so."""
    line = posted(provider)
    with provider.store.begin() as db:
        move_clock(db, provider.settings.card_lifetime + timedelta(minutes=1))
    with provider.store.read() as db:
        provider.synchronise_clock(db)
    expire_cards(provider)
    assert line.row.state == CardState.EXPIREE
    assert reasons(provider, line.card) == [ReasonFlags.certificate_hold] * 2


def test_cards_from_before_are_on_hold_after_the_upgrade(both: Provider) -> None:
    """Migration 0009: not activated yet, and on no list until then; the way back as well."""
    arrived = both.clock.now() - timedelta(days=2)
    opposed_at = arrived + timedelta(days=1)
    states = {"9799000001": "expediee", "9799000002": "recue_non_activee", "9799000003": "active"}
    for number, state in states.items():
        add(both, a_card(both, card_number=number, state=state, state_at=arrived))
        add(both, *its_certificates(both, number))
    add(both, a_card(both, card_number="9799000004", state=CardState.OPPOSEE))
    for row in its_certificates(both, "9799000004"):
        row.revoked_at, row.revocation_reason = opposed_at, "keyCompromise"
        add(both, row)
    go_back(both.store, "0008")
    upgrade(both.store)
    on_hold = (arrived, "certificateHold")
    assert kept(both, "9799000001") == kept(both, "9799000002") == {on_hold}
    assert kept(both, "9799000003") == {(None, None)}
    assert kept(both, "9799000004") == {(opposed_at, "keyCompromise")}
    go_back(both.store, "0008")
    with both.store.read() as db:
        listed = select(CardCertificate.card_number).where(CardCertificate.revoked_at.is_not(None))
        assert set(db.scalars(listed)) == {"9799000004"}
    upgrade(both.store)
