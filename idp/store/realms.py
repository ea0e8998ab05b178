"""Schemas of PostgreSQL, one for each issuer made on demand.

The comment of a schema is written last: it says that the issuer is whole, and which one it is.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

_LOCK = 0x65435252


def hold_realms(db: Session) -> None:
    """Wait until nobody else makes or drops one; held until the transaction ends."""
    db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def schema_marks(db: Session, prefix: str) -> dict[str, str | None]:
    """The schemas whose name begins so, each with its mark; none where it is not whole."""
    rows = db.execute(
        text(
            "SELECT nspname, obj_description(oid, 'pg_namespace') AS mark FROM pg_namespace"
            " WHERE starts_with(nspname, :prefix)"
        ),
        {"prefix": prefix},
    )
    return {row.nspname: row.mark for row in rows}


def schema_mark(db: Session, schema: str) -> str | None:
    """The mark of a schema, where it is there and whole."""
    found: str | None = db.scalar(
        text(
            "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = :schema"
        ),
        {"schema": schema},
    )
    return found


def create_schema(db: Session, schema: str) -> None:
    """Make an empty one."""
    db.execute(text(f"CREATE SCHEMA {_quoted(db, schema)}"))


def mark_schema(db: Session, schema: str, mark: str) -> None:
    """Say that it is whole; the mark is letters, digits, hyphens and underscores."""
    db.execute(text(f"COMMENT ON SCHEMA {_quoted(db, schema)} IS '{mark}'"))


def drop_schema(db: Session, schema: str) -> None:
    """Drop it with all that is in it."""
    db.execute(text(f"DROP SCHEMA IF EXISTS {_quoted(db, schema)} CASCADE"))


def _quoted(db: Session, name: str) -> str:
    return db.get_bind().dialect.identifier_preparer.quote_identifier(name)
