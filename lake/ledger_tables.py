"""The tables of the ledger, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

run = Table(
    "run",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("started_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
    Column("status", String(16), nullable=False, comment="running, done, failed"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_no", Integer, primary_key=True, autoincrement=False, comment="upper half of its rows' ids"),
    Column("city", String(64), nullable=False),
    Column("feed", String(64), nullable=False),
    Column("period", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("digest", String(64), nullable=False, comment="SM3 over what its files hold and how they are read"),
    Column("mode", String(8), nullable=False),
    Column("extracted_at", DateTime, comment="Asia/Shanghai"),
    Column("state", String(16), nullable=False, comment="found, landed, cleaned, accepted, rejected, held, unchanged"),
    Column("reason", Text, nullable=False),
    Column("delivered", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("duplicates", BigInteger, nullable=False),
    Column("batch", String(64), comment="the cleaned batch that holds its rows"),
    Column("settled", Integer, comment="the live index that its rows joined; 0: they join anew"),
    Column("run_id", String(32), nullable=False),
    UniqueConstraint("city", "feed", "period", "sequence", "digest"),
)

cleaned_batch = Table(
    "cleaned_batch",
    metadata,
    Column("batch", String(64), primary_key=True),
    Column("rules", String(64), nullable=False, comment="digest of what its rows were judged by"),
)

check_result = Table(
    "check_result",
    metadata,
    Column("delivery_no", Integer, primary_key=True, autoincrement=False),
    Column("check_id", String(96), primary_key=True),
    Column("rows", BigInteger, nullable=False, comment="rows that the check found"),
)

decision = Table(
    "decision",
    metadata,
    Column("delivery_no", Integer, primary_key=True, autoincrement=False),
    Column("held_because", Text, nullable=False),
    Column("action", String(16), nullable=False, comment="release, refuse"),
    Column("because", Text, nullable=False),
    Column("decided_by", String(128), nullable=False),
    Column("decided_at", DateTime, nullable=False),
)

live_version = Table(
    "live_version",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("city", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("accepted", BigInteger, nullable=False),
    Column("live", BigInteger, nullable=False),
    Column("superseded", BigInteger, nullable=False),
    Column("deleted", BigInteger, nullable=False),
    Column("run_id", String(32), nullable=False),
)

link_version = Table(
    "link_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("whole", Boolean, nullable=False, comment="it needs no earlier version"),
    Column("counts", Text, nullable=False, comment="JSON"),
    Column("linked_at", DateTime, comment="by the machine's clock"),
    Column("run_id", String(32), nullable=False),
)

link_input = Table(
    "link_input",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("feed", String(64), primary_key=True),
    Column("city", String(64), primary_key=True),
    Column("live_version", Integer, nullable=False),
)

link_decision = Table(
    "link_decision",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="in their order, from 1"),
    Column("verdict", String(16), nullable=False, comment="same, different, unsure"),
    Column("l_own", String(20), nullable=False, comment="key of the institution's number, a number of 64 bits"),
    Column("l", String(20), nullable=False, comment="handle: key of own number, name and birth date"),
    Column("r_own", String(20), nullable=False),
    Column("r", String(20), nullable=False),
    Column("doubt", String(16), nullable=False, comment="id of the doubt that was decided on"),
    Column("kind", String(64), nullable=False, comment="its kind"),
    Column("probability", Float, comment="what the model gave it; empty where it was found by a rule"),
    Column("evidence", String(16), nullable=False, comment="digest of what spoke for and against it"),
    Column("because", Text, nullable=False),
    Column("decided_by", String(128), nullable=False),
    Column("decided_at", DateTime, nullable=False),
)

build = Table(
    "build",
    metadata,
    Column("build_no", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False, comment="of its inputs, models and arguments"),
    Column("models", String(64), nullable=False, comment="of models and contract alone"),
    Column("as_of", String(10), nullable=False),
    Column("link_version", Integer, nullable=False),
    Column("key_version", Integer, nullable=False, comment="of the key of person keys"),
    Column("built_at", DateTime, nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("counts", Text, nullable=False, comment="JSON"),
)

build_input = Table(
    "build_input",
    metadata,
    Column("build_no", Integer, primary_key=True, autoincrement=False),
    Column("feed", String(64), primary_key=True),
    Column("city", String(64), primary_key=True),
    Column("live_version", Integer, nullable=False),
)

build_extent = Table(
    "build_extent",
    metadata,
    Column("build_no", Integer, primary_key=True, autoincrement=False),
    Column("known_at", DateTime, nullable=False, comment="latest extraction of its deliveries, Asia/Shanghai"),
    Column("first_month", Date, nullable=False, comment="first day of the first month that they are about"),
)

step = Table(
    "step",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("step", String(96), primary_key=True),
    Column("read", BigInteger, nullable=False),
    Column("written", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
)

completeness = Table(
    "completeness",
    metadata,
    Column("delivery_no", Integer, primary_key=True, autoincrement=False),
    Column("column_name", String(64), primary_key=True),
    Column("rows", BigInteger, nullable=False, comment="sound rows, deletions not among them"),
    Column("filled", BigInteger, nullable=False, comment="of these, rows with a value"),
)

pull = Table(
    "pull",
    metadata,
    Column("pull_no", Integer, primary_key=True, autoincrement=False),
    Column("city", String(64), nullable=False),
    Column("feed", String(64), nullable=False),
    Column("period", String(16), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("digest", String(64), nullable=False, comment="of the delivery that it wrote"),
    Column("mode", String(8), nullable=False),
    Column("base", Integer, nullable=False, comment="the pull that it went on from, 0 where it read everything"),
    Column("rows", BigInteger, nullable=False),
    Column("extracted_at", DateTime, nullable=False, comment="Asia/Shanghai"),
    Column("watermark", DateTime, comment="newest updated_at read, never later than extracted_at"),
    UniqueConstraint("city", "feed", "period", "sequence"),
)

pull_day = Table(
    "pull_day",
    metadata,
    Column("pull_no", Integer, primary_key=True, autoincrement=False),
    Column("day", String(16), primary_key=True, comment="of updated_at; empty for rows without one"),
    Column("rows", BigInteger, nullable=False, comment="in the source at the pull's snapshot"),
    Column("seconds", BigInteger, nullable=False, comment="their updated_at summed, in seconds of the day"),
)

pull_outcome = Table(
    "pull_outcome",
    metadata,
    Column("city", String(64), primary_key=True),
    Column("feed", String(64), primary_key=True),
    Column("state", String(16), nullable=False, comment="landed, refused, nothing new, failed"),
    Column("reason", Text, nullable=False),
    Column("tried_at", DateTime, nullable=False, comment="by the machine's clock, like those below"),
    Column("done_at", DateTime, comment="the last that didn't fail"),
    Column("failing_since", DateTime, comment="the first of those that failed in a row; empty where the last didn't"),
)

judgement = Table(
    "judgement",
    metadata,
    Column("gate", String(16), primary_key=True, comment="delivery, build"),
    Column("subject", Integer, primary_key=True, autoincrement=False, comment="number of the delivery or build"),
    Column("expectation", String(96), primary_key=True),
    Column("state", String(16), nullable=False, comment="passed, warned, refused"),
    Column("judged", BigInteger, nullable=False, comment="figures that it judged"),
    Column("beyond", BigInteger, nullable=False, comment="figures beyond its limits"),
    Column("observed", Float, comment="the figure furthest out; empty where it has no bound"),
    Column("told", Text, nullable=False, comment="what lies beyond its limits; empty where nothing does"),
    Column("judged_at", DateTime, nullable=False),
)

swept = Table(
    "swept",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True, comment="kind of file, as `status` lists them"),
    Column("because", String(32), primary_key=True, comment="a rule of retention, or unreferenced"),
    Column("files", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("swept_at", DateTime, nullable=False),
)

code_version = Table(
    "code_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("link_version", Integer, nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("counts", Text, nullable=False, comment="JSON"),
    Column("issued_at", DateTime, nullable=False),
)

terminal = Table(
    "terminal",
    metadata,
    Column("terminal", String(64), primary_key=True),
    Column("org_code", String(22), nullable=False, comment="the institution that it stands in"),
    Column("public_key", String(64), nullable=False, comment="of its Ed25519 pair, hex"),
    Column("scenes", String(64), nullable=False, comment="codes of the set scene, joined with commas"),
    Column("static", Boolean, nullable=False, comment="it may decode static codes too"),
    Column("expires_on", Date, nullable=False, comment="the last day on which it may decode"),
    Column("added_by", String(128), nullable=False),
    Column("added_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)

used_code = Table(
    "used_code",
    metadata,
    Column("mark", String(64), primary_key=True, comment="keyed digest of card and validity of a dynamic code"),
    Column("until", DateTime, nullable=False, comment="end of its validity"),
)

revoked_code = Table(
    "revoked_code",
    metadata,
    Column("mark", String(32), primary_key=True, comment="keyed digest of the card"),
    Column("revoked_at", DateTime, nullable=False),
)

decoding = Table(
    "decoding",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("terminal", String(64), nullable=False, comment="as it called itself; empty where that is no name"),
    Column("org_code", String(22), nullable=False, comment="of a known terminal"),
    Column("scene", String(8), nullable=False),
    Column("kind", String(16), nullable=False, comment="static, dynamic; empty where it is no code"),
    Column("outcome", String(32), nullable=False, comment="allowed, or why not"),
    Column("mark", String(32), nullable=False, comment="keyed digest of the card, empty where none was read"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False, comment="of the access log's last line"),
    Column("mac", String(64), nullable=False, comment="its HMAC"),
)
