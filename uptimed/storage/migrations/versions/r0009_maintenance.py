"""What people schedule, extend, finish and cancel."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "maintenance_events",
        sa.Column("position", position, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("of_window", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("to_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('scheduled', 'extended', 'finished', 'cancelled')", name=op.f("ck_maintenance_events_kind")),
        sa.CheckConstraint(
            "(kind IN ('scheduled', 'extended')) = (from_us IS NOT NULL)", name=op.f("ck_maintenance_events_beginning")
        ),
        sa.CheckConstraint("(kind IN ('scheduled', 'extended')) = (to_us IS NOT NULL)", name=op.f("ck_maintenance_events_end")),
        sa.CheckConstraint("to_us > from_us", name=op.f("ck_maintenance_events_span")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_maintenance_events")),
        sa.UniqueConstraint("id", name=op.f("uq_maintenance_events_id")),
    )


def downgrade() -> None:
    op.drop_table("maintenance_events")
