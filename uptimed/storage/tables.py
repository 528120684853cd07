"""
The tables, once for both databases. Plural names, instants as BIGINT microseconds since 1970 (`_us`), limits as CHECK constraints.

JSON is kept as text that we write ourselves (ASCII, so that NUL and lone surrogates cannot upset PostgreSQL). `check` is a reserved
word of SQL, hence `check_id`. Whoever changes a table here writes the migration too; a test compares the two.

Tables that are looked into by key alone are WITHOUT ROWID on SQLite: one B-tree instead of two for every insert.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

# SQLite counts by itself only an INTEGER PRIMARY KEY.
_Position = BigInteger().with_variant(Integer, "sqlite")


def _moment(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable, primary_key=primary_key, autoincrement=False)


def _text(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable, primary_key=primary_key)


def _position() -> Column[int]:
    """Order of insertion."""
    return Column("position", _Position, primary_key=True, autoincrement=True)


first_seen = Table(
    "first_seen",
    metadata,
    _text("kind", primary_key=True),
    _text("id", primary_key=True),
    _moment("at_us"),
    CheckConstraint("kind IN ('product', 'component', 'check')", name="kind"),
    sqlite_with_rowid=False,
)

config_versions = Table(
    "config_versions", metadata, _moment("from_us", primary_key=True), _text("version"), sqlite_with_rowid=False
)

renames = Table(
    "renames",
    metadata,
    _text("old", primary_key=True),
    # The name of now: a chain of renames is kept short.
    _text("new"),
    _moment("at_us"),
    Index("ix_renames_new", "new"),
    sqlite_with_rowid=False,
)

contracts = Table(
    "contracts",
    metadata,
    _moment("from_us", primary_key=True),
    _text("digest"),
    # Canonical text: it is sealed and handed to auditors.
    _text("document"),
    sqlite_with_rowid=False,
)

# What another monitor watched before the first version; its results are rows of `results` like any other.
imports = Table(
    "imports",
    metadata,
    _text("check_id", primary_key=True),
    _text("location"),
    _moment("from_us"),
    _text("rules"),
    sqlite_with_rowid=False,
)

# Nearly every result is received within the hour. The others are few, and the only ones that must be looked for by their receipt.
# (`received_us` is ours; a sum with a worker's instant could leave the 64 bits and would be refused by PostgreSQL.)
STRAGGLING = text("started_us NOT BETWEEN received_us - 3600000000 AND received_us")

results = Table(
    "results",
    metadata,
    _text("check_id", primary_key=True),
    _moment("started_us", primary_key=True),
    _text("id", primary_key=True),
    # In the key only because PostgreSQL wants the partitioning column in every unique key.
    _moment("received_us", primary_key=True),
    _moment("ended_us"),
    _text("location"),
    Column("epoch", BigInteger, nullable=False),
    _text("verdict"),
    _text("reason"),
    _text("detail"),
    Column("took_us", BigInteger, nullable=False),
    Column("lag_us", BigInteger, nullable=False),
    _text("config_version"),
    _text("phases"),
    _text("evidence"),
    _text("notes"),
    _text("rejection", nullable=True),
    # A rejected result is kept as it came, whatever it says.
    CheckConstraint("rejection IS NOT NULL OR verdict IN ('up', 'degraded', 'down', 'unknown')", name="verdict"),
    CheckConstraint("rejection IS NOT NULL OR ended_us >= started_us", name="span"),
    Index("ix_results_straggling", "check_id", "received_us", sqlite_where=STRAGGLING, postgresql_where=STRAGGLING),
    sqlite_with_rowid=False,
    postgresql_partition_by="RANGE (received_us)",
)

result_keys = Table(
    "result_keys",
    metadata,
    _text("id", primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    _moment("received_us"),
    sqlite_with_rowid=False,
)

# With a row id: rows are tens of kilobytes, and both keys are walked without them.
day_blobs = Table(
    "day_blobs",
    metadata,
    _text("check_id", primary_key=True),
    # The UTC day of receipt, 2026-03-01.
    _text("received_on", primary_key=True),
    _text("location", primary_key=True),
    Column("results", BigInteger, nullable=False),
    # SHA-256 of the body; how it was deflated does not matter.
    Column("digest", LargeBinary, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    Index("ix_day_blobs_day", "received_on", "check_id", "location"),
)

seals = Table(
    "seals",
    metadata,
    _text("received_on", primary_key=True),
    Column("previous", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("results", BigInteger, nullable=False),
    # How many of each, in the order of writing, this seal and all before it cover.
    Column("contracts", BigInteger, nullable=False),
    Column("adjustments", BigInteger, nullable=False),
    _moment("sealed_at_us"),
    # How far housekeeping has come since; no part of what is sealed.
    _moment("keys_removed_at_us", nullable=True),
    _moment("results_removed_at_us", nullable=True),
    # Counted like the two above; it came later.
    Column("planned", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

runs = Table(
    "runs",
    metadata,
    _text("check_id", primary_key=True),
    _text("location", primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    _moment("chain_us", primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    _text("verdict"),
    _moment("first_start_us"),
    _moment("first_end_us"),
    _moment("last_start_us"),
    _moment("last_end_us"),
    Column("count", BigInteger, nullable=False),
    CheckConstraint("verdict IN ('up', 'degraded', 'down')", name="verdict"),
    CheckConstraint("count >= 1 AND last_start_us >= first_start_us", name="span"),
    sqlite_with_rowid=False,
)

segments = Table(
    "segments",
    metadata,
    _text("check_id", primary_key=True),
    _moment("from_us", primary_key=True),
    _moment("to_us"),
    Column("point", SmallInteger, nullable=False),
    Column("best", SmallInteger, nullable=False),
    Column("worst", SmallInteger, nullable=False),
    CheckConstraint("to_us > from_us", name="span"),
    CheckConstraint(
        "best BETWEEN 0 AND 2 AND worst BETWEEN best AND 2 AND (point = 3 OR point BETWEEN best AND worst)", name="states"
    ),
    sqlite_with_rowid=False,
)

outages = Table(
    "outages",
    metadata,
    _text("id", primary_key=True),
    _text("component"),
    _moment("began_at_us"),
    _moment("ended_at_us", nullable=True),
    _moment("last_good_us", nullable=True),
    _moment("first_bad_us"),
    _moment("last_bad_us"),
    _moment("first_good_us", nullable=True),
    _text("checks"),
    _moment("confirmed_at_us"),
    _text("incident", nullable=True),
    _text("reason"),
    _text("locations"),
    CheckConstraint("ended_at_us IS NULL OR ended_at_us >= began_at_us", name="span"),
    Index("ix_outages_component", "component", "began_at_us"),
    Index("ix_outages_incident", "incident"),
)

incidents = Table(
    "incidents",
    metadata,
    _text("id", primary_key=True),
    _text("product"),
    _text("components"),
    _text("severity"),
    _text("stage"),
    _text("title"),
    Column("automatic", Boolean, nullable=False),
    _moment("began_at_us"),
    _moment("opened_at_us"),
    _moment("ended_at_us", nullable=True),
    _moment("respond_by_us", nullable=True),
    _moment("responded_at_us", nullable=True),
    _moment("acknowledged_at_us", nullable=True),
    _text("acknowledged_by"),
    _moment("resolved_at_us", nullable=True),
    _moment("resolution_proposed_at_us", nullable=True),
    Column("reopened", Integer, nullable=False),
    CheckConstraint("severity IN ('minor', 'medium', 'severe', 'critical')", name="severity"),
    Index("ix_incidents_resolved", "resolved_at_us"),
)

updates = Table(
    "updates",
    metadata,
    _position(),
    Column("id", Text, nullable=False, unique=True),
    _text("incident"),
    _moment("at_us"),
    _text("stage"),
    _text("text"),
    _text("author"),
    Column("public", Boolean, nullable=False),
    _text("states"),
    Index("ix_updates_incident", "incident", "at_us"),
)

adjustments = Table(
    "adjustments",
    metadata,
    _position(),
    Column("id", Text, nullable=False, unique=True),
    _text("scope"),
    _moment("at_us"),
    _text("author"),
    _text("reason"),
    _text("kind"),
    _text("clause"),
    _moment("from_us", nullable=True),
    _moment("to_us", nullable=True),
    _text("state", nullable=True),
    _text("target", nullable=True),
    CheckConstraint("kind IN ('exclude', 'assert', 'revoke')", name="kind"),
    CheckConstraint("state IN ('up', 'degraded', 'down')", name="state"),
    CheckConstraint("(kind = 'assert') = (state IS NOT NULL)", name="assertion"),
    CheckConstraint("(kind = 'revoke') = (target IS NOT NULL)", name="revocation"),
    CheckConstraint("(kind = 'revoke') = (from_us IS NULL)", name="beginning"),
    CheckConstraint("(kind = 'revoke') = (to_us IS NULL)", name="end"),
    CheckConstraint("to_us > from_us", name="span"),
)

maintenance_events = Table(
    "maintenance_events",
    metadata,
    _position(),
    Column("id", Text, nullable=False, unique=True),
    _text("of_window"),
    _text("kind"),
    _moment("at_us"),
    _text("author"),
    _text("scope"),
    _moment("from_us", nullable=True),
    _moment("to_us", nullable=True),
    _text("title"),
    _text("words"),
    _text("rule"),
    _text("timezone"),
    CheckConstraint("kind IN ('scheduled', 'extended', 'finished', 'cancelled')", name="kind"),
    CheckConstraint("(kind IN ('scheduled', 'extended')) = (from_us IS NOT NULL)", name="beginning"),
    CheckConstraint("(kind IN ('scheduled', 'extended')) = (to_us IS NOT NULL)", name="end"),
    CheckConstraint("to_us > from_us", name="span"),
)

# How each rule stands that people are told about: nobody is told twice because of a restart.
alerts = Table(
    "alerts",
    metadata,
    _text("subject", primary_key=True),
    _text("rule", primary_key=True),
    Column("firing", Boolean, nullable=False),
    _moment("since_us"),
    _moment("told_at_us", nullable=True),
    sqlite_with_rowid=False,
)

published_records = Table(
    "published_records",
    metadata,
    _text("product", primary_key=True),
    _text("period", primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    _moment("published_at_us"),
    # SHA-256 of the document, which is canonical text: both are handed to auditors.
    _text("digest"),
    _text("document"),
    CheckConstraint("revision >= 1", name="revision"),
    sqlite_with_rowid=False,
)

_UNSETTLED = text("state IN ('pending', 'sending')")

outbox = Table(
    "outbox",
    metadata,
    _position(),
    Column("id", Text, nullable=False, unique=True),
    _text("channel"),
    _text("kind"),
    _text("incident", nullable=True),
    _text("payload"),
    _text("language"),
    _moment("created_at_us"),
    _moment("due_at_us"),
    _text("state"),
    Column("attempts", Integer, nullable=False),
    _moment("next_attempt_us"),
    _moment("lease_until_us", nullable=True),
    Column("possible_repeat", Boolean, nullable=False),
    _text("last_error"),
    _moment("sent_at_us", nullable=True),
    # Set while a sending is under way: it may still succeed, but it is not tried again.
    _moment("cancelled_at_us", nullable=True),
    CheckConstraint("state IN ('pending', 'sending', 'sent', 'given_up', 'cancelled')", name="state"),
    CheckConstraint("(state = 'sending') = (lease_until_us IS NOT NULL)", name="lease"),
    Index("ix_outbox_unsettled", "channel", "incident", "due_at_us", sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED),
    Index("ix_outbox_incident", "incident"),
)

deliveries = Table(
    "deliveries",
    metadata,
    _text("message", primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    _text("channel"),
    _moment("claimed_at_us"),
    # NULL: the process died between claiming and noting the outcome; the receiver may have had the message.
    _moment("settled_at_us", nullable=True),
    _text("outcome", nullable=True),
    _text("detail"),
    CheckConstraint("outcome IN ('sent', 'retry', 'gave_up')", name="outcome"),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    _position(),
    _moment("at_us"),
    _text("who"),
    _text("what"),
    _text("subject"),
    _text("detail"),
)
