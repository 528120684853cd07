"""Names of old: what had another one before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "renames",
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("old", name=op.f("pk_renames")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_renames_new", "renames", ["new"])


def downgrade() -> None:
    op.drop_table("renames")
