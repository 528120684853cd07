"""Results kept for years: a blob for each check, location and day, and the chain of seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    straggling = sa.text("started_us NOT BETWEEN received_us - 3600000000 AND received_us")
    op.create_index(
        "ix_results_straggling",
        "results",
        ["check_id", "received_us"],
        unique=False,
        sqlite_where=straggling,
        postgresql_where=straggling,
    )
    op.create_table(
        "day_blobs",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("results", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("check_id", "received_on", "location", name=op.f("pk_day_blobs")),
    )
    op.create_index("ix_day_blobs_day", "day_blobs", ["received_on", "check_id", "location"], unique=False)
    op.create_table(
        "seals",
        sa.Column("received_on", sa.Text(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("results", sa.BigInteger(), nullable=False),
        sa.Column("contracts", sa.BigInteger(), nullable=False),
        sa.Column("adjustments", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("keys_removed_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("results_removed_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("received_on", name=op.f("pk_seals")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("seals")
    op.drop_table("day_blobs")
    op.drop_index("ix_results_straggling", "results")
