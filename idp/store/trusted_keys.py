"""The keys of trusted issuers, as last fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from idp.store.models import TrustedKeys
from idp.store.statements import run, upsert


def find_trusted_keys(db: Session, name: str) -> TrustedKeys | None:
    """The keys of an issuer, unless none were ever fetched."""
    return db.get(TrustedKeys, name)


def keep_trusted_keys(db: Session, name: str, jwks: dict[str, Any], *, now: datetime) -> None:
    """Put an issuer's keys in the place of those known before."""
    insert = upsert(db, TrustedKeys)
    kept = insert.on_conflict_do_update(
        index_elements=[TrustedKeys.name],
        set_={"jwks": insert.excluded.jwks, "fetched_at": insert.excluded.fetched_at},
    )
    run(db, kept, {"name": name, "jwks": jwks, "fetched_at": now})
