"""Certificates of cards that are not activated yet: on hold, from the state they stand in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_HOLD = "certificateHold"
_CARDS = sa.table(
    "cards",
    sa.column("card_number", sa.String()),
    sa.column("state", sa.String()),
    # Copied as it is kept, whatever that is.
    sa.column("state_at"),
)
_CERTIFICATES = sa.table(
    "card_certificates",
    sa.column("card_number", sa.String()),
    sa.column("revoked_at"),
    sa.column("revocation_reason", sa.String()),
)
_AUTHORITIES = sa.table(
    "card_authorities", sa.column("name", sa.String()), sa.column("crl_number", sa.Integer())
)


def upgrade() -> None:
    since = (
        sa.select(_CARDS.c.state_at)
        .where(
            _CARDS.c.card_number == _CERTIFICATES.c.card_number,
            _CARDS.c.state.in_(["expediee", "recue_non_activee"]),
        )
        .scalar_subquery()
    )
    op.execute(
        _CERTIFICATES.update()
        .where(_CERTIFICATES.c.revoked_at.is_(None), since.is_not(None))
        .values(revoked_at=since, revocation_reason=_HOLD)
    )
    _number_anew()


def downgrade() -> None:
    op.execute(
        _CERTIFICATES.update()
        .where(_CERTIFICATES.c.revocation_reason == _HOLD)
        .values(revoked_at=None, revocation_reason=None)
    )
    _number_anew()


def _number_anew() -> None:
    """What the list says has changed (RFC 5280, 5.2.3)."""
    op.execute(
        _AUTHORITIES.update()
        .where(_AUTHORITIES.c.name == "persons")
        .values(crl_number=_AUTHORITIES.c.crl_number + 1)
    )
