"""Opposition ends at once what lives by a card (CP-13, decision 32)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from idp.cards.approvals import ApprovalGone, approve, take_approval
from idp.cards.judge import AcceptedCard
from idp.cards.opposition import OppositionReason, oppose
from idp.cards.register import TransitionRefused
from idp.cards.states import FINAL, CardState
from idp.cards.uses import CARD_OPPOSED
from idp.provider import Provider
from idp.store.models import (
    BrowserSession,
    CardApproval,
    CardAuthority,
    CardCertificate,
    Device,
    Grant,
    OutboxMessage,
    Pairing,
)
from tests.cards.rows import (
    CARD,
    a_card,
    a_grant,
    a_pairing,
    a_phone,
    a_session,
    add,
    all_of,
    an_approval,
    events,
    its_certificates,
    the_card,
)


def opposed(provider: Provider, **values: Any) -> None:
    with provider.store.begin() as db:
        oppose(provider, db, CARD, **({"reason": "perte"} | values))


def test_an_opposed_card_is_not_opposed_again_and_that_is_recorded(both: Provider) -> None:
    """CP-13: final; the first reason stands."""
    add(both, a_card(both))
    opposed(both, reason="vol")
    with both.store.begin() as db, pytest.raises(TransitionRefused):
        oppose(both, db, CARD, reason="perte")
    assert the_card(both).opposition_reason == "vol"
    (refused,) = events(both, "cards:transition:refused")
    assert refused.data["state"] == CardState.OPPOSEE


@pytest.mark.parametrize("state", sorted(FINAL))
def test_a_card_that_is_over_is_not_opposed(provider: Provider, state: CardState) -> None:
    add(provider, a_card(provider, state=state))
    with provider.store.begin() as db, pytest.raises(TransitionRefused):
        oppose(provider, db, CARD, reason="perte")
    assert the_card(provider).state == state


def test_a_reason_that_is_none_changes_nothing(provider: Provider) -> None:
    add(provider, a_card(provider), an_approval(provider))
    with pytest.raises(ValueError, match="oubli"), provider.store.begin() as db:
        oppose(provider, db, CARD, reason="oubli")
    assert the_card(provider).state == CardState.ACTIVE
    assert len(all_of(provider, CardApproval)) == 1


@pytest.mark.parametrize("state", sorted(set(CardState) - FINAL))
def test_a_card_may_be_opposed_wherever_it_is(provider: Provider, state: CardState) -> None:
    """CP-13: also one that is lost in the post."""
    add(provider, a_card(provider, state=state))
    opposed(provider, reason="vol")
    card = the_card(provider)
    assert (card.state, card.opposition_reason) == (CardState.OPPOSEE, "vol")
    assert card.opposed_at is not None


@pytest.mark.parametrize(
    ("reason", "revoked_as"),
    [
        ("perte", "keyCompromise"),
        ("vol", "keyCompromise"),
        ("dysfonctionnement", "superseded"),
        ("radiation", "cessationOfOperation"),
        ("deces", "cessationOfOperation"),
        ("cessation", "cessationOfOperation"),
    ],
)
def test_both_certificates_are_revoked_for_every_reason(
    both: Provider, reason: str, revoked_as: str
) -> None:
    """CP-13; domain 5: opposition implies revocation."""
    add(both, a_card(both), *its_certificates(both))
    opposed(both, reason=reason)
    certificates = all_of(both, CardCertificate)
    assert {row.revocation_reason for row in certificates} == {revoked_as}
    assert all(row.revoked_at is not None for row in certificates)
    assert reason in set(OppositionReason)


def test_sessions_opened_with_it_end_with_their_grants_and_no_others(both: Provider) -> None:
    """Decision 32, attack 42: refresh tokens live by the grant."""
    ours, other_card = a_session(both), a_session(both, card_number="9799000002")
    phone_only = a_session(both, card_number=None, means={"MOBILE": 1})
    sessions = [ours, other_card, phone_only]
    add(both, a_card(both), *sessions, *(a_grant(both, one) for one in sessions))
    opposed(both)
    assert {row.sid for row in all_of(both, BrowserSession) if row.ended_at} == {ours.sid}
    assert {row.sid for row in all_of(both, Grant) if row.revoked_at} == {ours.sid}
    (ended,) = events(both, "signin:session:ended")
    assert ended.sid == ours.sid


def test_what_it_was_accepted_for_and_what_it_was_pairing_are_dropped(both: Provider) -> None:
    """Decision 32."""
    kept = a_pairing(both, card_number="9799000002")
    done = a_pairing(both, state="active")
    under_way = [a_pairing(both, state=state) for state in ("shown", "scanned", "confirmed")]
    add(both, a_card(both), an_approval(both), kept, done, *under_way)
    opposed(both)
    assert all_of(both, CardApproval) == []
    dead = {row.pairing_id: row.end_reason for row in all_of(both, Pairing) if row.state == "dead"}
    assert dead == {row.pairing_id: CARD_OPPOSED for row in under_way}


def test_phones_paired_since_it_was_lost_are_suspended_and_earlier_ones_are_not(
    both: Provider,
) -> None:
    """Decision 32."""
    now = both.clock.now()
    lost = now - timedelta(hours=5)
    before = a_phone(both, created_at=lost - timedelta(hours=1))
    since = a_phone(both, created_at=lost + timedelta(hours=1))
    blocked = a_phone(both, created_at=lost, state="blocked")
    by_mail = a_phone(both, created_at=now, paired_card=None)
    add(both, a_card(both), before, since, blocked, by_mail)
    opposed(both, reason="vol", lost_since=lost)
    suspended = {row.device_id for row in all_of(both, Device) if row.state == "suspended"}
    assert suspended == {since.device_id, blocked.device_id}
    assert {row.state_reason for row in all_of(both, Device) if row.state == "suspended"} == {
        CARD_OPPOSED
    }
    assert the_card(both).lost_since == lost


def test_the_sessions_of_a_phone_that_it_paired_since_end_too(provider: Provider) -> None:
    """Decision 32."""
    phone = a_phone(provider)
    session = a_session(provider, card_number=None, device_id=phone.device_id)
    add(provider, a_card(provider), phone, session, a_grant(provider, session))
    opposed(provider, lost_since=provider.clock.now() - timedelta(days=1))
    assert all_of(provider, BrowserSession)[0].ended_at is not None
    assert all_of(provider, Grant)[0].revoked_at is not None


def test_a_loss_without_a_time_suspends_no_phone(provider: Provider) -> None:
    """Decision 32: since the declared time, and no other."""
    add(
        provider,
        a_card(provider),
        a_phone(provider, created_at=provider.clock.now() - timedelta(seconds=1)),
    )
    opposed(provider)
    assert [row.state for row in all_of(provider, Device)] == ["active"]


def test_the_registered_contacts_are_told(provider: Provider) -> None:
    """CP-13."""
    add(provider, a_card(provider))
    opposed(provider)
    assert sorted(row.kind for row in all_of(provider, OutboxMessage)) == ["mail", "sms"]


def test_who_opposed_it_and_why_is_in_the_journal(provider: Provider) -> None:
    add(provider, a_card(provider))
    opposed(provider, reason="vol", actor="CPAM")
    (moved,) = events(provider, "cards:card:moved")
    assert (moved.actor, moved.data["reason"], moved.data["act"]) == ("CPAM", "vol", "oppose")


def test_the_list_of_revoked_certificates_gets_another_number_once(both: Provider) -> None:
    """RFC 5280, 5.2.3."""
    authority = CardAuthority(
        name="persons", certificate=b"", private_sealed=b"", created_at=both.clock.now()
    )
    add(both, authority, a_card(both), *its_certificates(both))
    opposed(both)
    with both.store.begin() as db, pytest.raises(TransitionRefused):
        oppose(both, db, CARD, reason="perte")
    assert [row.crl_number for row in all_of(both, CardAuthority)] == [2]


def test_a_sign_in_that_is_finished_at_the_same_moment_ends_too(both: Provider) -> None:
    """Decision 32: the opposition waits for the card, and finds the session."""
    interaction, session = b"i" * 32, a_session(both)
    card = add(both, a_card(both))
    accepted = AcceptedCard(card, card.national_id, card.family)
    with both.store.begin() as db:
        completion = approve(both, db, accepted, interaction)
    with ThreadPoolExecutor(1) as pool:
        with both.store.begin() as db:
            take_approval(both, db, completion, interaction)
            opposition = pool.submit(opposed, both)
            db.add(session)
            db.flush()
        opposition.result(20)
    assert all_of(both, BrowserSession)[0].ended_at is not None


def test_an_approval_that_is_spent_after_the_opposition_opens_nothing(both: Provider) -> None:
    """Decision 32."""
    interaction = b"i" * 32
    card = add(both, a_card(both))
    with both.store.begin() as db:
        completion = approve(
            both, db, AcceptedCard(card, card.national_id, card.family), interaction
        )
    opposed(both)
    with both.store.begin() as db, pytest.raises(ApprovalGone):
        take_approval(both, db, completion, interaction)
