"""Alembic's entry point: migrations run on the connection that `idp.store.migrate` holds."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from idp.store.models import Base
from idp.store.types import Instant


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration names database types only: it must stay readable when our types move."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=plain_type,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
