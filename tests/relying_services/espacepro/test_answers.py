"""Sending and answering: by whom, when, and who is told."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest

from relying_services.espacepro.delegations import (
    Delegate,
    accept,
    by_invitation,
    drawn_up_by,
    of_delegate,
    of_delegator,
    own,
    refuse,
    revoke,
    send,
)
from relying_services.espacepro.errors import (
    DelegateDiffers,
    DelegationRefused,
    DraftOver,
    InvitationOver,
    InvitationUnknown,
    TooManyInvitations,
)
from relying_services.espacepro.store.accounts import account_at, account_of
from relying_services.espacepro.store.directory import forget_import
from relying_services.espacepro.store.models import DirectoryRow
from relying_services.service.errors import NotYours
from relying_services.service.store.database import Store
from relying_services.service.store.messages import messages_after
from tests.relying_services.espacepro.stage import (
    A_DAY,
    ACCOUNTANT,
    BOOKS,
    BRISELAME,
    BRISELAME_EMAIL,
    CPAM,
    EPINOY,
    FLAMBERGE,
    MARGELLE,
    NOW,
    SETTINGS,
    accepted,
    asked,
    drawn_up,
    errors_of,
    first_wish,
    sent,
    settings,
    told,
    wish,
)

FIFTEEN_DAYS = timedelta(days=15)
A_SECOND = timedelta(seconds=1)


def test_a_draft_is_told_to_nobody_and_listed_nowhere(store: Store) -> None:
    """EP-10."""
    with store.begin() as db:
        drawn_up(db)
        assert told(db) == []
        assert of_delegator(db, MARGELLE.id) == []
        assert of_delegate(db, BRISELAME.id) == []


def test_attack_a_draft_is_sent_by_its_author_alone(store: Store) -> None:
    with store.begin() as db:
        made = drawn_up(db)
        assert drawn_up_by(db, MARGELLE.id, made.id) is made
        for other in (EPINOY.id, BRISELAME.id, CPAM, ""):
            with pytest.raises(NotYours):
                drawn_up_by(db, other, made.id)
        with pytest.raises(NotYours):
            own(db, MARGELLE.id, made.id)
        with pytest.raises(NotYours):
            drawn_up_by(db, MARGELLE.id, "D-0000000000000000")


def test_a_draft_is_sent_once(either: Store) -> None:
    with either.begin() as db:
        made, _ = sent(db)
        with pytest.raises(DraftOver):
            send(db, NOW, SETTINGS, made)
        assert len(told(db)) == 1


def test_a_draft_that_waited_for_a_day_is_not_sent(either: Store) -> None:
    with either.begin() as db:
        made = drawn_up(db)
        with pytest.raises(DraftOver):
            send(db, NOW + A_DAY, SETTINGS, made)
        assert send(db, NOW + A_DAY - A_SECOND, SETTINGS, made)


def test_a_new_draft_replaces_the_one_that_was_not_sent(store: Store) -> None:
    with store.begin() as db:
        before, kept = drawn_up(db), drawn_up(db, delegator=EPINOY)
        after = drawn_up(db)
        with pytest.raises(NotYours):
            drawn_up_by(db, MARGELLE.id, before.id)
        assert drawn_up_by(db, MARGELLE.id, after.id)
        assert drawn_up_by(db, EPINOY.id, kept.id)


def test_one_author_sends_so_many_invitations_a_day(store: Store) -> None:
    few = settings(invitations_a_day=2)
    with store.begin() as db:
        for _ in range(2):
            send(db, NOW, few, drawn_up(db))
        with pytest.raises(TooManyInvitations):
            send(db, NOW, few, drawn_up(db))
        assert send(db, NOW, few, drawn_up(db, delegator=EPINOY))
        assert send(db, NOW + A_DAY, few, drawn_up(db, now=NOW + A_DAY))


def test_the_invitation_goes_to_the_agreed_address_with_its_link(store: Store) -> None:
    """EP-09."""
    with store.begin() as db:
        made, secret = sent(db)
        (mail,) = messages_after(db)
        assert (mail.kind, mail.recipient) == ("mail", BRISELAME_EMAIL)
        assert f"\nhttp://localhost:8009/invitations/{secret}\n" in mail.text
        assert "Du 15 juin 2026 au 21 juin 2026 inclus" in mail.text
        assert "jusqu’au 30 juin 2026 à 12\u00a0h\u00a000 :" in mail.text
        assert "Avis d’arrêt de travail, Prescription de transport" in mail.text
        assert by_invitation(db, NOW, secret) is made


def test_of_an_invitation_a_digest_alone_is_kept(store: Store) -> None:
    with store.begin() as db:
        made, secret = sent(db)
        kept = [str(getattr(made, column.key)) for column in made.__table__.columns]
        assert not any(secret in each for each in kept)


@pytest.mark.parametrize("secret", ["", "D-", "0" * 43, "'; DROP TABLE delegation; --"])
def test_attack_an_invitation_is_not_guessed(store: Store, secret: str) -> None:
    """EP-09: neither its identifier nor the digest that is kept opens it."""
    with store.begin() as db:
        made, _ = sent(db)
        for guess in (secret, made.id, made.invitation or ""):
            with pytest.raises(InvitationUnknown):
                by_invitation(db, NOW, guess)


def test_an_invitation_lapses_after_fifteen_days(either: Store) -> None:
    """Domain, 6."""
    with either.begin() as db:
        made, secret = sent(db, wish(ends_on=NOW.date() + 60 * A_DAY))
        assert by_invitation(db, NOW + FIFTEEN_DAYS - A_SECOND, secret)
        for answer in (accept, refuse):
            with pytest.raises(InvitationOver):
                answer(db, NOW + FIFTEEN_DAYS, made, BRISELAME)
        with pytest.raises(InvitationOver):
            by_invitation(db, NOW + FIFTEEN_DAYS, secret)


def test_an_invitation_is_over_with_the_last_day_of_its_delegation(either: Store) -> None:
    """EP-11: the last day is included, in Paris."""
    last_second = NOW.replace(hour=21, minute=59, second=59)
    with either.begin() as db:
        made, secret = sent(db, wish(ends_on=NOW.date()))
        assert by_invitation(db, last_second, secret)
        with pytest.raises(InvitationOver):
            by_invitation(db, last_second + A_SECOND, secret)
        with pytest.raises(InvitationOver):
            accept(db, last_second + A_SECOND, made, BRISELAME)
        accept(db, last_second, made, BRISELAME)


@pytest.mark.parametrize(
    "other", [FLAMBERGE, Delegate(MARGELLE.id, MARGELLE.name), ACCOUNTANT, Delegate("", "")]
)
def test_attack_an_invitation_is_answered_by_who_is_awaited_alone(
    store: Store, other: Delegate
) -> None:
    """EP-09: whoever has the link."""
    with store.begin() as db:
        made, _ = sent(db)
        for answer in (accept, refuse):
            with pytest.raises(DelegateDiffers):
                answer(db, NOW, made, other)
        assert made.state == "pending"


@pytest.mark.parametrize("other", [Delegate(MARGELLE.id, MARGELLE.name), Delegate("", "")])
def test_attack_nobody_and_the_delegator_do_not_pass_for_an_unknown_accountant(
    store: Store, other: Delegate
) -> None:
    """EP-09: no identifier is awaited, yet not just any is taken."""
    with store.begin() as db:
        made, _ = sent(db, wish(**BOOKS))
        with pytest.raises(DelegateDiffers):
            accept(db, NOW, made, other)


def test_an_invitation_is_answered_once(either: Store) -> None:
    """EP-10: of two answers at once, the first counts."""
    with either.begin() as db:
        first, _ = sent(db)
        accept(db, NOW, first, BRISELAME)
        second, _ = sent(db)
        refuse(db, NOW, second, BRISELAME)
        for made, state in ((first, "accepted"), (second, "refused")):
            for answer in (accept, refuse):
                with pytest.raises(InvitationOver):
                    answer(db, NOW, made, BRISELAME)
            assert made.state == state


def test_of_answers_at_once_one_counts(either: Store) -> None:
    """EP-10: each in a transaction of its own."""
    with either.begin() as db:
        made, secret = sent(db)

    def answer(_: int) -> str:
        try:
            with either.begin() as db:
                accept(db, NOW, by_invitation(db, NOW, secret), BRISELAME)
        except InvitationOver:
            return "over"
        return "accepted"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(answer, range(4)))
    assert answers == ["accepted", "over", "over", "over"]
    with either.read() as db:
        assert own(db, MARGELLE.id, made.id).state == "accepted"
        assert [subject for *_, subject in told(db)][1:] == ["Délégation acceptée"]


def test_attack_of_two_who_have_one_link_at_once_one_is_the_delegate(either: Store) -> None:
    """EP-08: an accountant whom nobody knows yet, and who else reads the same mail."""
    with either.begin() as db:
        made, secret = sent(db, wish(**BOOKS))

    def answer(number: int) -> str:
        try:
            with either.begin() as db:
                who = Delegate(f"account:{number}", f"Accountant {number}")
                accept(db, NOW, by_invitation(db, NOW, secret), who)
        except (InvitationOver, DelegateDiffers):
            return ""
        return f"account:{number}"

    with ThreadPoolExecutor(4) as pool:
        [only] = [each for each in pool.map(answer, range(4)) if each]
    with either.read() as db:
        assert own(db, MARGELLE.id, made.id).delegate_id == only
        assert [account_of(db, f"account:{each}") is not None for each in range(4)].count(True) == 1


def test_attack_an_acceptance_at_the_moment_of_the_revocation_opens_nothing(either: Store) -> None:
    """EP-17: whichever comes first, nothing stands afterwards."""
    for _ in range(5):
        with either.begin() as db:
            made, secret = sent(db)

        def answer(link: str = secret) -> None:
            with suppress(InvitationOver), either.begin() as db:
                accept(db, NOW, by_invitation(db, NOW, link), BRISELAME)

        def end(number: str = made.id) -> None:
            with either.begin() as db:
                revoke(db, NOW, own(db, MARGELLE.id, number), MARGELLE.id)

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(answer), pool.submit(end)]:
                done.result()
        with either.begin() as db:
            assert asked(db, made) == "revoked"


def test_an_answer_that_read_an_older_state_is_refused(either: Store) -> None:
    """EP-17: it was revoked in another transaction while the page was open."""
    with either.begin() as db:
        made, _ = sent(db)
    with either.begin() as db:
        revoke(db, NOW, own(db, MARGELLE.id, made.id), MARGELLE.id)
    assert made.state == "pending"
    with either.begin() as db, pytest.raises(InvitationOver):
        accept(db, NOW, db.merge(made, load=False), BRISELAME)


def test_a_withdrawn_invitation_opens_nothing(store: Store) -> None:
    """EP-17."""
    with store.begin() as db:
        made, secret = sent(db)
        revoke(db, NOW, made, MARGELLE.id)
        with pytest.raises(InvitationOver):
            by_invitation(db, NOW, secret)


def test_who_left_the_directory_accepts_nothing(store: Store) -> None:
    """EP-07: at each act, not at the creation alone; nor is accepted from who left it."""
    with store.begin() as db:
        made, _ = sent(db)
        books, _ = sent(db, wish(**BOOKS))
        db.delete(db.get_one(DirectoryRow, (1, BRISELAME.id, "10", "C", "SM54")))
        with pytest.raises(DelegationRefused, match="delegate_inactive"):
            accept(db, NOW, made, BRISELAME)
        forget_import(db, 1)
        with pytest.raises(DelegationRefused, match="delegator_inactive"):
            accept(db, NOW, books, ACCOUNTANT)


def test_the_first_acceptance_opens_the_one_account(either: Store) -> None:
    """EP-07, EP-08."""
    with either.begin() as db:
        made, _ = sent(db, first_wish(FLAMBERGE.id, "FLAMBERGE", "Hortense"))
        assert account_of(db, FLAMBERGE.id) is None
        accept(db, NOW, made, FLAMBERGE)
        opened = account_at(db, "premiere@exemple.test")
        assert opened is not None
        assert (opened.delegate_id, opened.opened_at) == (FLAMBERGE.id, NOW)
        again = accepted(db, wish(email="premiere@exemple.test"), FLAMBERGE, delegator=EPINOY)
        assert again.delegate_id == FLAMBERGE.id


def test_two_invitations_to_one_new_address_open_one_account(either: Store) -> None:
    """EP-08: two doctors named two people for an address; the first who accepts has it."""
    with either.begin() as db:
        first, _ = sent(db, first_wish(FLAMBERGE.id, "FLAMBERGE", "Hortense"))
        basile = first_wish("899700990072", "GIROFLAY", "Basile")
        second, _ = sent(db, basile, delegator=EPINOY)
        accept(db, NOW, first, FLAMBERGE)
    with either.begin() as db, pytest.raises(DelegateDiffers):
        accept(db, NOW, db.merge(second), Delegate("899700990072", "Basile GIROFLAY"))
    with either.read() as db:
        assert own(db, EPINOY.id, second.id).state == "pending"
        assert account_of(db, "899700990072") is None


def test_attack_an_accountant_with_an_account_does_not_answer_for_another_address(
    store: Store,
) -> None:
    """EP-09."""
    with store.begin() as db:
        accepted(db, wish(**BOOKS), ACCOUNTANT)
        other, _ = sent(db, wish(**(BOOKS | {"email": "autre@exemple.test"})))
        with pytest.raises(DelegateDiffers):
            accept(db, NOW, other, ACCOUNTANT)


def test_the_account_of_an_accountant_serves_all_doctors(store: Store) -> None:
    """EP-08."""
    with store.begin() as db:
        accepted(db, wish(**BOOKS), ACCOUNTANT)
        again = drawn_up(db, wish(**BOOKS), delegator=EPINOY)
        assert (again.delegate_id, again.delegate_name) == (ACCOUNTANT.id, ACCOUNTANT.name)
        assert errors_of(db, wish(email="firmin@exemple.test")) == ["rpps"]


def test_the_delegator_is_told_of_the_answer(store: Store) -> None:
    """EP-10: by mail, or by letter where no address is known."""
    with store.begin() as db:
        accepted(db)
        made, _ = sent(db, delegator=EPINOY)
        refuse(db, NOW, made, BRISELAME)
        assert told(db)[1::2] == [
            ("mail", MARGELLE.email, "Délégation acceptée"),
            ("letter", EPINOY.id, "Délégation refusée"),
        ]
