"""A change of registered contact is a high-risk act (decision 26)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.directory.contacts import ContactInvalid, PersonUnknown, declare_contact
from idp.directory.people import find_contact
from idp.provider import Provider
from idp.store.models import JournalEvent, OutboxMessage

WHO = "899700990015"


def recipients(provider: Provider) -> set[str]:
    with provider.store.read() as db:
        return set(db.scalars(select(OutboxMessage.recipient)))


@pytest.mark.parametrize(
    ("mobile", "email"),
    [
        ("12", None),
        ("06399800", None),
        (None, "nobody"),
        (None, "a@b\r\nBcc: c@d.test"),
        (None, "@b"),
    ],
)
def test_what_is_no_number_or_address_is_refused(
    provider: Provider, mobile: str | None, email: str | None
) -> None:
    with pytest.raises(ContactInvalid), provider.store.begin() as db:
        declare_contact(provider, db, WHO, mobile, email)
    assert recipients(provider) == set()


def test_nobody_has_no_contacts(provider: Provider) -> None:
    with pytest.raises(PersonUnknown), provider.store.begin() as db:
        declare_contact(provider, db, "899700991005", "0639980088", None)


def test_the_old_contacts_are_told_the_new_ones_are_not(both: Provider) -> None:
    with both.store.begin() as db:
        declare_contact(both, db, WHO, "06 39 98 00 88", "new@exemple.test")
    assert recipients(both) == {"+33639980001", "solene.margelle@exemple.test"}
    with both.store.read() as db:
        contact = find_contact(db, WHO)
    assert contact is not None
    assert (contact.mobile, contact.email) == ("+33639980088", "new@exemple.test")
    assert contact.previous_mobile == "+33639980001"


def test_a_simulation_holds_nothing(provider: Provider) -> None:
    with provider.store.begin() as db:
        assert declare_contact(provider, db, WHO, "0639980088", None).held_until is None


def test_a_real_database_holds_the_change(both: Provider) -> None:
    both.kind = "real"
    with both.store.begin() as db:
        contact = declare_contact(both, db, WHO, "0639980088", None)
    assert contact.held_until is not None
    assert timedelta(hours=71) < contact.held_until - both.clock.now() <= timedelta(hours=72)
    assert contact.email == "solene.margelle@exemple.test"


def test_a_second_change_while_held_tells_those_before_as_well(both: Provider) -> None:
    both.kind = "real"
    with both.store.begin() as db:
        declare_contact(both, db, WHO, "0639980088", None)
    with both.store.begin() as db:
        declare_contact(both, db, WHO, "0639980089", None)
    with both.store.read() as db:
        told = list(db.scalars(select(OutboxMessage.recipient)))
    assert told.count("+33639980001") == 2
    assert told.count("+33639980088") == 1


def test_the_journal_says_that_and_not_what(both: Provider) -> None:
    with both.store.begin() as db:
        declare_contact(both, db, WHO, "0639980088", None)
    with both.store.read() as db:
        row = db.scalars(
            select(JournalEvent).where(JournalEvent.event == "directory:contact:changed")
        ).one()
    assert row.data == {"mobile_changed": True, "email_changed": False}


def test_those_before_the_first_held_change_are_told_until_the_hold_ends(both: Provider) -> None:
    """Changing twice does not make an intruder's own contact the one that is warned."""
    both.kind = "real"
    for mobile, email in (("0639980088", "a@exemple.test"), ("0639980089", "b@exemple.test")):
        with both.store.begin() as db:
            declare_contact(both, db, WHO, mobile, email)
    with both.store.read() as db:
        contact = find_contact(db, WHO)
    assert contact is not None
    assert contact.previous_mobile == "+33639980001"
    assert contact.previous_email == "solene.margelle@exemple.test"


@pytest.mark.parametrize("email", ["a@b.test,c@d.test", "a@b.test;c@d.test", "x <a@b.test>"])
def test_one_contact_is_one_address(provider: Provider, email: str) -> None:
    with pytest.raises(ContactInvalid), provider.store.begin() as db:
        declare_contact(provider, db, WHO, None, email)
