"""Seals count the events of planned work that they cover."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    planned = sa.Column("planned", sa.BigInteger(), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("seals", sa.Column("planned", sa.BigInteger(), nullable=False, server_default="0"))
        op.alter_column("seals", "planned", server_default=None)
    else:
        # A column that SQLite adds stands in the table's own text, unlike those of a fresh database.
        _again(planned, copy="INSERT INTO seals SELECT *, 0 FROM seals_before")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("seals", "planned")
    else:
        _again(
            copy="""INSERT INTO seals SELECT received_on, previous, digest, results, contracts, adjustments, sealed_at_us,
            keys_removed_at_us, results_removed_at_us FROM seals_before"""
        )


def _again(*more: sa.Column[int], copy: str) -> None:
    op.rename_table("seals", "seals_before")
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
        *more,
        sa.PrimaryKeyConstraint("received_on", name=op.f("pk_seals")),
        sqlite_with_rowid=False,
    )
    op.execute(copy)
    op.drop_table("seals_before")
