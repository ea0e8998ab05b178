"""Contacts of correspondence: declared at the Order, never released (EC-02, EC-25)."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from idp.directory.contacts import ContactInvalid, declare_contact
from idp.directory.people import find_contact
from idp.provider import Provider
from idp.psc.claims import userinfo
from idp.psc.vintages import VINTAGES
from idp.store.models import JournalEvent, OutboxMessage
from tests.registration.helpers import person_of, practise, registered

MOBILE, EMAIL = "+33639980077", "ada.privee@exemple.test"


def declare(provider: Provider, who: str, mobile: str | None, email: str | None = None) -> None:
    with provider.store.begin() as db:
        declare_contact(provider, db, who, mobile, email)


def told_to(provider: Provider) -> list[str]:
    with provider.store.read() as db:
        return sorted(db.scalars(select(OutboxMessage.recipient)))


def test_the_first_declaration_is_no_change(both: Provider) -> None:
    """EC-02: nobody is to be warned, nothing held."""
    who = registered(both)
    both.kind = "real"
    declare(both, who, MOBILE, EMAIL)
    with both.store.read() as db:
        contact = find_contact(db, who)
    assert contact is not None
    assert (contact.mobile, contact.held_until) == (MOBILE, None)
    assert told_to(both) == []


def test_a_change_of_number_is_a_new_binding(both: Provider) -> None:
    """EC-02, decision 26: the old contacts are told, and a real database holds it for 72 hours."""
    who = registered(both)
    declare(both, who, MOBILE, EMAIL)
    both.kind = "real"
    declare(both, who, "06 39 98 00 78")
    with both.store.read() as db:
        contact = find_contact(db, who)
    assert contact is not None
    assert contact.held_until is not None
    assert contact.held_until - contact.declared_at == timedelta(hours=72)
    assert contact.previous_mobile == MOBILE
    assert told_to(both) == sorted([MOBILE, EMAIL])


@pytest.mark.parametrize("email", ["ada@medecin.mssante.fr", "ada@MSSANTE.FR"])
def test_an_mssante_address_is_no_contact(provider: Provider, email: str) -> None:
    """EC-25: not suited."""
    who = registered(provider)
    with pytest.raises(ContactInvalid, match="MSSanté"):
        declare(provider, who, MOBILE, email)
    declare(provider, who, MOBILE, "ada@mssante.fr.exemple.test")


def test_contacts_are_in_no_claim_and_in_no_journal(both: Provider) -> None:
    """EC-25: private, whatever vintage a service asks for; nor is the date of birth."""
    who = registered(both)
    declare(both, who, MOBILE, EMAIL)
    number = practise(both, who).activity.billing_number
    assert number is not None
    person = person_of(both, who)
    for vintage in VINTAGES:
        claims = userinfo(person, sub="s", auth_mode="CARD", vintage=vintage)
        said = json.dumps(claims)
        assert "CABINET D'ESSAI" in said
        for private in (MOBILE, "639980077", EMAIL, "12/04/1990", number):
            assert private not in said
    with both.store.read() as db:
        journal = json.dumps([row.data for row in db.scalars(select(JournalEvent))])
    for private in (MOBILE, EMAIL, "12/04/1990", number):
        assert private not in journal
