"""The simulated authorities of cards and relying services, and the list of revoked certificates."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from idp.store.models import CardAuthority, CardCertificate
from idp.store.statements import upsert, values_of

ROOT = "root"
PERSONS = "persons"
ORGANISATIONS = "organisations"


def find_authorities(db: Session) -> dict[str, CardAuthority]:
    """By name: root and cards' together or not at all, that of relying services at its need."""
    rows = db.scalars(select(CardAuthority).execution_options(populate_existing=True))
    return {row.name: row for row in rows}


def add_authority(db: Session, authority: CardAuthority) -> None:
    """Keep a new authority, unless another process made one meanwhile."""
    db.execute(
        upsert(db, CardAuthority)
        .values(values_of(authority))
        .on_conflict_do_nothing(index_elements=["name"])
    )


def raise_list_number(db: Session) -> None:
    """Number the list of revoked certificates anew: it has changed (RFC 5280, 5.2.3)."""
    db.execute(
        update(CardAuthority)
        .where(CardAuthority.name == PERSONS)
        .values(crl_number=CardAuthority.crl_number + 1)
        .execution_options(synchronize_session=False)
    )


def revoked_certificates(db: Session, *, ended_after: datetime) -> list[CardCertificate]:
    """What was revoked and ends later than that."""
    return list(
        db.scalars(
            select(CardCertificate)
            .where(CardCertificate.revoked_at.is_not(None), CardCertificate.ends_at > ended_after)
            .order_by(CardCertificate.ends_at, CardCertificate.serial)
            .execution_options(populate_existing=True)
        )
    )
