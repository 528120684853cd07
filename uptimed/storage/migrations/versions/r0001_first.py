"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _configured()
    _record()
    _judgement()
    _people()
    _messages()
    if op.get_bind().dialect.name == "postgresql":
        # The months' partitions are made at every start (`uptimed.storage.partitions`).
        op.execute("CREATE TABLE results_default PARTITION OF results DEFAULT")


def downgrade() -> None:
    for table in (
        "deliveries",
        "outbox",
        "audit",
        "updates",
        "incidents",
        "outages",
        "segments",
        "runs",
        "result_keys",
        "results",
        "config_versions",
        "first_seen",
    ):
        op.drop_table(table)


def _configured() -> None:
    op.create_table(
        "first_seen",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint("kind IN ('product', 'component', 'check')", name=op.f("ck_first_seen_kind")),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_first_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "config_versions",
        sa.Column("from_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("from_us", name=op.f("pk_config_versions")),
        sqlite_with_rowid=False,
    )


def _record() -> None:
    op.create_table(
        "results",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("took_us", sa.BigInteger(), nullable=False),
        sa.Column("lag_us", sa.BigInteger(), nullable=False),
        sa.Column("config_version", sa.Text(), nullable=False),
        sa.Column("phases", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("rejection", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "rejection IS NOT NULL OR verdict IN ('up', 'degraded', 'down', 'unknown')", name=op.f("ck_results_verdict")
        ),
        sa.CheckConstraint("rejection IS NOT NULL OR ended_us >= started_us", name=op.f("ck_results_span")),
        sa.PrimaryKeyConstraint("check_id", "started_us", "id", "received_us", name=op.f("pk_results")),
        postgresql_partition_by="RANGE (received_us)",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "result_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_keys")),
        sqlite_with_rowid=False,
    )


def _judgement() -> None:
    op.create_table(
        "runs",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("first_start_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_end_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_start_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_end_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("verdict IN ('up', 'degraded', 'down')", name=op.f("ck_runs_verdict")),
        sa.CheckConstraint("count >= 1 AND last_start_us >= first_start_us", name=op.f("ck_runs_span")),
        sa.PrimaryKeyConstraint("check_id", "location", "epoch", "chain_us", "position", name=op.f("pk_runs")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "segments",
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point", sa.SmallInteger(), nullable=False),
        sa.Column("best", sa.SmallInteger(), nullable=False),
        sa.Column("worst", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "best BETWEEN 0 AND 2 AND worst BETWEEN best AND 2 AND (point = 3 OR point BETWEEN best AND worst)",
            name=op.f("ck_segments_states"),
        ),
        sa.CheckConstraint("to_us > from_us", name=op.f("ck_segments_span")),
        sa.PrimaryKeyConstraint("check_id", "from_us", name=op.f("pk_segments")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "outages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("began_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("last_good_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("first_bad_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_bad_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_good_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.Column("confirmed_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("locations", sa.Text(), nullable=False),
        sa.CheckConstraint("ended_at_us IS NULL OR ended_at_us >= began_at_us", name=op.f("ck_outages_span")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index("ix_outages_component", "outages", ["component", "began_at_us"], unique=False)
    op.create_index("ix_outages_incident", "outages", ["incident"], unique=False)


def _people() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("components", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("began_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ended_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("respond_by_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("responded_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("acknowledged_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("resolved_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("resolution_proposed_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.CheckConstraint("severity IN ('minor', 'medium', 'severe', 'critical')", name=op.f("ck_incidents_severity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_resolved", "incidents", ["resolved_at_us"], unique=False)
    op.create_table(
        "updates",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("states", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_updates")),
        sa.UniqueConstraint("id", name=op.f("uq_updates_id")),
    )
    op.create_index("ix_updates_incident", "updates", ["incident", "at_us"], unique=False)
    op.create_table(
        "audit",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit")),
    )


def _messages() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lease_until_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("possible_repeat", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("cancelled_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'given_up', 'cancelled')", name=op.f("ck_outbox_state")),
        sa.CheckConstraint("(state = 'sending') = (lease_until_us IS NOT NULL)", name=op.f("ck_outbox_lease")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_incident", "outbox", ["incident"], unique=False)
    op.create_index(
        "ix_outbox_unsettled",
        "outbox",
        ["channel", "incident", "due_at_us"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'sending')"),
        postgresql_where=sa.text("state IN ('pending', 'sending')"),
    )
    op.create_table(
        "deliveries",
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("claimed_at_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settled_at_us", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('sent', 'retry', 'gave_up')", name=op.f("ck_deliveries_outcome")),
        sa.PrimaryKeyConstraint("message", "attempt", name=op.f("pk_deliveries")),
        sqlite_with_rowid=False,
    )
