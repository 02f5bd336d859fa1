"""The center's tables. One metadata for SQLite and PostgreSQL; the newest schema, of which Alembic's steps are the history."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)  # fmt: skip

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
    }
)  # fmt: skip

# SQLite gives rowid semantics only to a plain INTEGER
BigId = BigInteger().with_variant(Integer, "sqlite")
# moments are integers: milliseconds since 1970, UTC


meta = Table("meta", metadata, Column("k", String(64), primary_key=True), Column("v", Text, nullable=False))

# --- people who work here, and for whom ---

unit = Table(
    "unit", metadata,
    Column("unit_id", String(36), primary_key=True),
    Column("name", Text, nullable=False),
    Column("code", String(32), nullable=False, unique=True),
)  # fmt: skip

account = Table(
    "account", metadata,
    Column("account_id", String(36), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),  # sign-in name
    Column("person", Text, nullable=False),  # shown on screen
    Column("role", String(32), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("password_hash", Text, nullable=False),
    Column("active", Integer, nullable=False, server_default="1"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("locked_until_ms", BigInteger),
    CheckConstraint(
        "role IN ('unit_officer', 'first_reviewer', 'second_reviewer', 'administrator', 'auditor', 'venue')", name="role"
    ),
)  # fmt: skip

# --- tablets ---

enrol_code = Table(
    "enrol_code", metadata,
    Column("code_hash", LargeBinary, primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("site", Text, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("used_by", String(36)),
    Column("name", String(8)),  # the public characters of the code; NULL: given out before codes had a name
)  # fmt: skip

device = Table(
    "device", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("name", Text, nullable=False),
    Column("profile", String(16), nullable=False),
    Column("sign_key", Text, nullable=False),  # P-256 public key, PEM
    Column("seal_key", LargeBinary, nullable=False),  # X25519 public key, raw
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("disabled_ms", BigInteger),
    Column("seen_ms", BigInteger),
    Column("dev_epoch", String(36)),
    Column("high_seq", BigInteger, nullable=False, server_default="0"),
    Column("contiguous", BigInteger, nullable=False, server_default="0"),
    Column("alarm", Text),
)  # fmt: skip

# --- what the tablets sent ---

dedup = Table(
    "dedup", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("dev_epoch", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("op_id", String(36), nullable=False, unique=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("result", Text, nullable=False),  # JSON of sync.wire.OpResult
    Column("at_ms", BigInteger, nullable=False),
)  # fmt: skip

# what a tablet could not bring, or the center did not take: somebody here owns it until it is taken or settled (sync.md B.10)
dead_letter = Table(
    "dead_letter", metadata,
    Column("op_id", String(36), primary_key=True),
    Column("device_id", String(36), ForeignKey("device.device_id"), nullable=False),
    Column("dev_epoch", String(36), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False, server_default=""),
    Column("entity_id", String(64), nullable=False, server_default=""),
    Column("op", LargeBinary),  # JSON of sync.wire.Op, sealed body and all; NULL: its bytes are not here
    Column("receipt", String(16), nullable=False, server_default=""),
    Column("code", String(64), nullable=False),  # of the problem that says why
    Column("details", Text, nullable=False, server_default="{}"),  # JSON: the figures of its sentence
    Column("tries", Integer, nullable=False, server_default="1"),
    Column("since_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    Column("text", Text, nullable=False, server_default=""),
    CheckConstraint("state IN ('open', 'taken', 'done')", name="state"),
)  # fmt: skip
Index(
    "ix_dead_letter_open", dead_letter.c.since_ms,
    sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
)  # fmt: skip

application = Table(
    "application", metadata,
    Column("application_id", String(36), primary_key=True),
    Column("receipt", String(16), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit_id", String(36), ForeignKey("unit.unit_id")),
    Column("device_id", String(36), ForeignKey("device.device_id")),
    Column("idbx", LargeBinary, nullable=False),  # HMAC of the normalised identity number (sync.md B.1)
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded, for comparison
    Column("body", Text, nullable=False),  # JSON of sync.wire.ApplicationBody as last accepted
    Column("verdict", Text, nullable=False),  # JSON, computed here from the body by the rule of submitted_on
    Column("outcome", String(16), nullable=False),
    Column("flags", Text, nullable=False, server_default="[]"),  # JSON list: possible_duplicate, clock_doubt, verdict_differs …
    Column("submitted_on", Date, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("first_reviewer", String(36), ForeignKey("account.account_id")),
    Column("first_ms", BigInteger),
    Column("second_reviewer", String(36), ForeignKey("account.account_id")),
    Column("second_ms", BigInteger),
    Column("card_seq", BigInteger),  # of a reissue, correction or reprint: the card it is about, when that is one of ours
)  # fmt: skip
Index("ix_application_card", application.c.card_seq)
Index("ix_application_queue", application.c.state, application.c.received_ms)
Index("ix_application_idbx", application.c.idbx)

application_photo = Table(
    "application_photo", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("slot", String(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sealed_sha256", LargeBinary, nullable=False),
    Column("clear_sha256", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),  # awaited | stored | opened | refused
    Column("problem", String(64)),
    CheckConstraint("state IN ('awaited', 'stored', 'opened', 'refused')", name="state"),
)  # fmt: skip
Index("ix_application_photo_sealed", application_photo.c.sealed_sha256)
Index(
    "ix_application_photo_to_open", application_photo.c.application_id,
    sqlite_where=text("state = 'stored'"), postgresql_where=text("state = 'stored'"),
)  # fmt: skip

# which tablet has named which sealed file in an accepted operation: it may send that file, and ask about it (sync.md B.4)
blob_ref = Table(
    "blob_ref", metadata,
    Column("device_id", String(36), ForeignKey("device.device_id"), primary_key=True),
    Column("sha256", LargeBinary, primary_key=True),
)  # fmt: skip

history = Table(
    "history", metadata,
    Column("history_id", BigId, primary_key=True, autoincrement=True),
    Column("application_id", String(36), ForeignKey("application.application_id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),  # account or device id, or 'center'
    Column("move", String(32), nullable=False),  # submitted, completed, approved, returned, amended, refused, issued, printed …
    Column("reasons", Text, nullable=False, server_default="[]"),  # JSON list of reason codes
    Column("text", Text, nullable=False, server_default=""),
    Column("rev", Integer, nullable=False),
)  # fmt: skip
Index("ix_history_application", history.c.application_id, history.c.history_id)

blob = Table(
    "blob", metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
)  # fmt: skip

upload = Table(
    "upload", metadata,
    Column("upload_id", String(36), primary_key=True),
    Column("device_id", String(36), ForeignKey("device.device_id"), nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    UniqueConstraint("device_id", "sha256"),
)  # fmt: skip

# --- what goes back: in commit order (sync.md B.5) ---

feed = Table(
    "feed", metadata,
    Column("lsn", BigId, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("device_id", String(36)),  # NULL: to every device
    Column("body", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ix_feed_device", feed.c.device_id, feed.c.lsn)

# --- cards ---

card = Table(
    "card", metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # issue number of the token (credential.md C.2)
    Column("number", String(8), nullable=False),
    Column("roc_year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    # a correction keeps the number: 1 for the card first issued under it, then 2, 3 …
    Column("edition", Integer, nullable=False, server_default="1"),
    Column("application_id", String(36), ForeignKey("application.application_id")),
    Column("idbx", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("approved_on", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("counted_until", Date),  # last service day used for this card (A4)
    Column("status", String(16), nullable=False),
    Column("lookup_hash", LargeBinary, nullable=False, unique=True),  # SHA-256 of W
    Column("secret_box", LargeBinary, nullable=False),  # W and S under the server's data key
    Column("portrait_sha256", LargeBinary, nullable=False),
    Column("sheet_sha256", LargeBinary),  # the printed sheet, by content address
    Column("issued_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("ended_why", Text),
    CheckConstraint("status IN ('live', 'suspended', 'revoked', 'replaced')", name="status"),
    UniqueConstraint("roc_year", "serial", "edition"),
)  # fmt: skip
# at most one live card a person (sync.md B.7)
Index(
    "uq_card_live", card.c.idbx, unique=True,
    sqlite_where=text("status IN ('live', 'suspended')"), postgresql_where=text("status IN ('live', 'suspended')"),
)  # fmt: skip

# and at most one of a number
Index(
    "uq_card_live_number", card.c.number, unique=True,
    sqlite_where=text("status IN ('live', 'suspended')"), postgresql_where=text("status IN ('live', 'suspended')"),
)  # fmt: skip

# append-only: what became of a card since it was issued (R39, A22)
card_event = Table(
    "card_event", metadata,
    Column("event_id", BigId, primary_key=True, autoincrement=True),
    Column("seq", BigInteger, ForeignKey("card.seq"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),  # account or device id
    Column("what", String(16), nullable=False),  # issued, printed, reprinted, suspended, live, revoked, replaced
    Column("reason", String(32), nullable=False, server_default=""),  # code of why it was printed again, or of a ground
    Column("text", Text, nullable=False, server_default=""),
    CheckConstraint(
        "what IN ('issued', 'printed', 'reprinted', 'suspended', 'live', 'revoked', 'replaced')", name="what"
    ),
)  # fmt: skip
Index("ix_card_event_card", card_event.c.seq, card_event.c.event_id)

# append-only: every signature ever made (credential.md C.5)
issue_log = Table(
    "issue_log", metadata,
    Column("entry", BigId, primary_key=True, autoincrement=True),
    Column("seq", BigInteger, nullable=False),
    Column("kid", Integer, nullable=False),
    Column("token_sha256", LargeBinary, nullable=False),
    Column("by_account", String(36), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)  # fmt: skip

# --- backups, and what the processes of one center count together ---

# up to which seq of a tablet's log everything, photographs too, lies in a verified backup on another machine (sync.md B.5)
durable = Table(
    "durable", metadata,
    Column("device_id", String(36), primary_key=True),
    Column("dev_epoch", String(36), primary_key=True),
    Column("through", BigInteger, nullable=False),
)  # fmt: skip

backup = Table(
    "backup", metadata,
    Column("backup_id", String(36), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),  # the moment whose state it holds
    Column("elsewhere", Integer, nullable=False),  # it lies on another machine: what it holds is durable
    Column("row_count", BigInteger, nullable=False),
    Column("file_count", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)  # fmt: skip

# how often an address has asked lately; the address itself is not kept
asked = Table(
    "asked", metadata,
    Column("who", LargeBinary, primary_key=True),
    Column("left_milli", BigInteger, nullable=False),  # thousandths of a request that are left
    Column("at_ms", BigInteger, nullable=False),
)  # fmt: skip

# --- what a person here has to decide (sync.md B.6, B.7) ---

# what an application said, revision by revision: a later change is compared with the one it was made on
application_body = Table(
    "application_body", metadata,
    Column("application_id", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("rev", Integer, primary_key=True),
    Column("body", Text, nullable=False),
    Column("device_id", String(36)),  # who said so; NULL: a reviewer's choice between two
)  # fmt: skip

# a change that was not taken in as it came: somebody else had changed the same, or a reviewer had acted already
proposal = Table(
    "proposal", metadata,
    Column("op_id", String(36), primary_key=True),
    Column("application_id", String(36), ForeignKey("application.application_id"), nullable=False),
    Column("device_id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),  # propose | request, as sync.merge says
    Column("base_rev", Integer),
    Column("body", Text, nullable=False),
    Column("clashes", Text, nullable=False, server_default="[]"),  # JSON list of field names
    Column("state", String(16), nullable=False, server_default="open"),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    CheckConstraint("state IN ('open', 'taken', 'part', 'kept', 'overtaken')", name="state"),
)  # fmt: skip
Index("ix_proposal_application", proposal.c.application_id)
Index(
    "ix_proposal_open", proposal.c.at_ms,
    sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"),
)  # fmt: skip

proposal_photo = Table(
    "proposal_photo", metadata,
    Column("op_id", String(36), ForeignKey("proposal.op_id"), primary_key=True),
    Column("slot", String(16), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sealed_sha256", LargeBinary, nullable=False),
    Column("clear_sha256", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),  # as in application_photo
    Column("problem", String(64)),
    CheckConstraint("state IN ('awaited', 'stored', 'opened', 'refused')", name="state"),
)  # fmt: skip
Index("ix_proposal_photo_sealed", proposal_photo.c.sealed_sha256)

# two applications that may be one person's: a pair once, the lower id first
twin = Table(
    "twin", metadata,
    Column("low", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("high", String(36), ForeignKey("application.application_id"), primary_key=True),
    Column("why", String(16), nullable=False),  # same: one number; alike: one unseen slip away, and one name
    Column("state", String(16), nullable=False, server_default="open"),
    Column("at_ms", BigInteger, nullable=False),
    Column("by_account", String(36)),
    Column("decided_ms", BigInteger),
    CheckConstraint("why IN ('same', 'alike')", name="why"),
    CheckConstraint("state IN ('open', 'merged', 'different', 'refused', 'over')", name="state"),
)  # fmt: skip
Index("ix_twin_high", twin.c.high)
Index("ix_twin_open", twin.c.at_ms, sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'"))

# --- people and places ---

# one row a person, from the first application on: what a list shows of them; their service is read from the applications
person = Table(
    "person", metadata,
    Column("person_id", String(36), primary_key=True),
    Column("idbx", LargeBinary, nullable=False, unique=True),  # as in application
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),  # folded, for searching
    Column("masked_number", Text, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)  # fmt: skip
Index("ix_person_since", person.c.since_ms, person.c.person_id)
Index("ix_application_unit", application.c.unit_id, application.c.idbx)

# where the card opens a gate (R48)
venue = Table(
    "venue", metadata,
    Column("code", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("city", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("accepted_form", String(16), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("listed", Integer, nullable=False, server_default="1"),
    Column("changed_ms", BigInteger, nullable=False),
    CheckConstraint("kind IN ('scenic_area', 'recreation', 'culture_education')", name="kind"),
    CheckConstraint("accepted_form IN ('paper', 'digital', 'both', 'unknown')", name="accepted_form"),
)  # fmt: skip
