"""What a person may take away: what is held about them, as one JSON document.

Every member is named here, one by one: a secret, a key or a digest that is added to a table does
not slip into the export by itself. Contacts are masked, as everywhere: who sits at an open
session must not learn where to intercept the person's codes; the Order holds them in full.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.audit.events import Event
from idp.directory.masking import masked_email, masked_mobile
from idp.directory.people import find_contact
from idp.portal.history_pages import events_of_kind, shown_events
from idp.portal.history_words import SENTENCES
from idp.portal.phone_pages import phones_of
from idp.portal.session_pages import shown_sessions
from idp.portal.visitors import Visitor
from idp.provider import Provider
from idp.security_keys.lifecycle import list_keys
from idp.security_keys.parties import PERSON, Holder
from idp.store.account import events_of_person
from idp.store.holdings import cards_of_holders
from idp.store.models import Card, Contact, Device, SecurityKey
from idp.store.registration import practice_of_person
from idp.store.user_codes import find_user_code


def export_of(provider: Provider, db: Session, visitor: Visitor) -> dict[str, Any]:
    """The whole document; every instant is UTC (RFC 3339)."""
    person, identifiers = visitor.person, visitor.identifiers(db)
    code = find_user_code(db, person.national_id)
    return {
        "exported_at": _at(provider.clock.now()),
        "identity": {
            "national_id": person.national_id,
            "former_identifiers": identifiers[1:],
            "family_name": person.family_name,
            "given_name": person.given_name,
            "civilite": person.civilite,
            "other_ids": person.other_ids,
            "exercices": person.exercices,
        },
        "contacts": masked_contact(find_contact(db, person.national_id)),
        "activities": [
            {
                "profession": one.profession,
                "state": one.state,
                "details": one.details,
                "department": one.department,
                "billing_number": one.billing_number,
                "convention": one.convention,
                "tariff_zone": one.tariff_zone,
                "declared_at": _at(one.declared_at),
                "ended_at": _at(one.ended_at),
            }
            for each in identifiers
            for one in practice_of_person(db, each)
        ],
        "phones": [_phone(device) for device in phones_of(db, visitor)],
        "cards": [_card(card) for card in cards_of_holders(db, identifiers)],
        "security_keys": [_key(key) for key in list_keys(db, Holder(PERSON, person.national_id))],
        "software_code_set_at": _at(code.set_at) if code else None,
        "sessions": _sessions(provider, db, visitor),
        "history": _history(provider, db, identifiers),
    }


def masked_contact(contact: Contact | None) -> dict[str, str]:
    """Contacts as they may be shown (EC-02): enough to recognise them."""
    if contact is None:
        return {"mobile": "", "email": ""}
    return {"mobile": masked_mobile(contact.mobile), "email": masked_email(contact.email)}


def _phone(device: Device) -> dict[str, Any]:
    return {
        "name": device.name,
        "state": device.state,
        "state_reason": device.state_reason,
        "activated_by_card": device.paired_card,
        "created_at": _at(device.created_at),
        "expires_at": _at(device.expires_at),
        "last_seen_at": _at(device.last_seen_at),
        "ended_at": _at(device.ended_at),
        "wrong_codes_in_its_life": device.lifetime_failures,
        "has_revocation_code": device.revocation_hash is not None,
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "number": card.card_number,
        "family": card.family,
        "profession": card.profession,
        "state": card.state,
        "ordered_at": _at(card.ordered_at),
        "starts_at": _at(card.starts_at),
        "ends_at": _at(card.ends_at),
        "opposed_at": _at(card.opposed_at),
        "opposition_reason": card.opposition_reason,
        "lost_since": _at(card.lost_since),
    }


def _key(key: SecurityKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "state": key.state,
        "model": key.aaguid,
        "backed_up": key.backed_up,
        "created_at": _at(key.created_at),
        "last_used_at": _at(key.last_used_at),
    }


def _sessions(provider: Provider, db: Session, visitor: Visitor) -> list[dict[str, Any]]:
    return [
        {
            "browser": shown.browser,
            "place": shown.place,
            "public_workstation": shown.session.public_workstation,
            "means": sorted(shown.session.means),
            "created_at": _at(shown.session.created_at),
            "last_activity_at": _at(shown.session.last_activity_at),
            "services": [
                {"name": one.name, "since": _at(one.since), "received": one.received}
                for one in shown.services
            ],
        }
        for shown in shown_sessions(provider, db, visitor)
    ]


def _history(provider: Provider, db: Session, identifiers: Sequence[str]) -> dict[str, Any]:
    most = provider.settings.portal_export_events
    rows = events_of_person(db, identifiers, events=events_of_kind(""), limit=most + 1)
    events = [
        {
            "at": _at(shown.row.at),
            "event": shown.row.event,
            "text": str(SENTENCES[Event(shown.row.event)].text),
            "outcome": shown.row.outcome,
            "service": shown.service,
            "place": shown.place,
        }
        for shown in shown_events(provider, db, rows[:most])
    ]
    return {"complete": len(rows) <= most, "events": events}


def _at(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
