"""What is said of a closed period once and for all, revision by revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "published_records",
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_published_records_revision")),
        sa.PrimaryKeyConstraint("product", "period", "revision", name=op.f("pk_published_records")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("published_records")
