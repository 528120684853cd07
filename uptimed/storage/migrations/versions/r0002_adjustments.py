"""What people exclude, assert and revoke."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    position = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "adjustments",
        sa.Column("position", position, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("to_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("target", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('exclude', 'assert', 'revoke')", name=op.f("ck_adjustments_kind")),
        sa.CheckConstraint("state IN ('up', 'degraded', 'down')", name=op.f("ck_adjustments_state")),
        sa.CheckConstraint("(kind = 'assert') = (state IS NOT NULL)", name=op.f("ck_adjustments_assertion")),
        sa.CheckConstraint("(kind = 'revoke') = (target IS NOT NULL)", name=op.f("ck_adjustments_revocation")),
        sa.CheckConstraint("(kind = 'revoke') = (from_us IS NULL)", name=op.f("ck_adjustments_beginning")),
        sa.CheckConstraint("(kind = 'revoke') = (to_us IS NULL)", name=op.f("ck_adjustments_end")),
        sa.CheckConstraint("to_us > from_us", name=op.f("ck_adjustments_span")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_adjustments")),
        sa.UniqueConstraint("id", name=op.f("uq_adjustments_id")),
    )


def downgrade() -> None:
    op.drop_table("adjustments")
