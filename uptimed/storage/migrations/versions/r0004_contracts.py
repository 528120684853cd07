"""What was promised and watched, from when: the versions of the contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contracts",
        sa.Column("from_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("from_us", name=op.f("pk_contracts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("contracts")
