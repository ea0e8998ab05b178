"""Convention and tariff zone of activities that bill."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ACTIVITIES = sa.table(
    "practice_activities",
    sa.column("department", sa.String()),
    sa.column("billing_number", sa.String()),
    sa.column("convention", sa.String()),
    sa.column("tariff_zone", sa.String()),
)


def upgrade() -> None:
    op.add_column("practice_activities", sa.Column("convention", sa.String(), nullable=True))
    op.add_column("practice_activities", sa.Column("tariff_zone", sa.String(), nullable=True))
    # What was recorded before had no terms: those that the CPAM records of most, by département.
    department = _ACTIVITIES.c.department
    zone = sa.case(
        (department.in_(["75", "69", "13"]), "10"),
        (department.like("97%") | department.like("98%"), "40"),
        else_="20",
    )
    op.execute(
        _ACTIVITIES.update()
        .where(_ACTIVITIES.c.billing_number.is_not(None))
        .values(convention="1", tariff_zone=zone)
    )


def downgrade() -> None:
    op.drop_column("practice_activities", "tariff_zone")
    op.drop_column("practice_activities", "convention")
