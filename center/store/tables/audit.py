"""Who saw and who changed what: entries that are only added, each bound to those before it, and the places where old ones were cut
off. Triggers of the database itself refuse to change or delete them.
"""

from __future__ import annotations

from sqlalchemy import DDL, BigInteger, CheckConstraint, Column, Index, LargeBinary, String, Table, Text, event

from center.store.tables.base import BigId, metadata

# done: changes; seen: who looked at whose data; door: signing in and out. Each stream is a chain and is kept for its own time
STREAMS = ("done", "seen", "door")

audit = Table(
    "audit", metadata,
    Column("entry", BigId, primary_key=True, autoincrement=True),
    Column("stream", String(8), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),  # account or device id, name of a key, `center`, `command`
    Column("unit_id", String(36), nullable=False, server_default=""),  # the unit acted for
    Column("act", String(32), nullable=False),
    Column("entity_kind", String(16), nullable=False, server_default=""),
    Column("entity", String(64), nullable=False, server_default=""),
    # JSON: [[field, before, after], …]; of a personal value its digest under the server's own key, never the value
    Column("fields", Text, nullable=False, server_default="[]"),
    Column("link", LargeBinary, nullable=False),  # binds the entry to those before it (store.audit)
    CheckConstraint("stream IN ('done', 'seen', 'door')", name="stream"),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_audit_stream", audit.c.stream, audit.c.entry)
Index("ix_audit_actor", audit.c.actor, audit.c.entry)
Index("ix_audit_entity", audit.c.entity, audit.c.entry)
Index("ix_audit_at", audit.c.at_ms)
Index("ix_audit_act", audit.c.act, audit.c.entry)

# what somebody looked at, durable before it is shown; gathered into the chain by the worker
audit_seen = Table(
    "audit_seen", metadata,
    Column("seen_id", BigId, primary_key=True, autoincrement=True),
    Column("stream", String(8), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("unit_id", String(36), nullable=False, server_default=""),
    Column("act", String(32), nullable=False),
    Column("entity_kind", String(16), nullable=False, server_default=""),
    Column("entity", String(64), nullable=False, server_default=""),
    Column("fields", Text, nullable=False, server_default="[]"),
)  # fmt: skip

# the beginning of a stream is no more: how far, how many, and the link that what stands goes on from
audit_cut = Table(
    "audit_cut", metadata,
    Column("cut_id", BigId, primary_key=True, autoincrement=True),
    Column("stream", String(8), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("upto", BigInteger, nullable=False),  # the last entry that went
    Column("many", BigInteger, nullable=False),
    Column("link", LargeBinary, nullable=False),
)  # fmt: skip

_KEPT = "an audit entry stays as it is"

# statements that no name may be spelled into: they are the same on every center
SQLITE_GUARDS = (
    f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN OLD.entry > "  # noqa: S608 (our own words)
    "(SELECT coalesce(max(upto), 0) FROM audit_cut WHERE audit_cut.stream = OLD.stream) "
    f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"CREATE TRIGGER audit_cut_no_update BEFORE UPDATE ON audit_cut BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
    f"CREATE TRIGGER audit_cut_no_delete BEFORE DELETE ON audit_cut BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END",
)
POSTGRESQL_GUARDS = (
    f"CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$",
    "CREATE FUNCTION audit_stays_unless_cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 (our own words)
    "IF OLD.entry > (SELECT coalesce(max(upto), 0) FROM audit_cut WHERE audit_cut.stream = OLD.stream) THEN "
    f"RAISE EXCEPTION '{_KEPT}'; END IF; RETURN OLD; END $$",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays_unless_cut()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_cut_no_change BEFORE UPDATE OR DELETE ON audit_cut FOR EACH ROW "
    "EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_cut_no_truncate BEFORE TRUNCATE ON audit_cut FOR EACH STATEMENT "
    "EXECUTE FUNCTION audit_stays()",
)
GUARDS = {"sqlite": SQLITE_GUARDS, "postgresql": POSTGRESQL_GUARDS}
for _dialect, _statements in GUARDS.items():
    for _statement in _statements:  # after the second of the two tables that they speak of
        event.listen(audit_cut, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
